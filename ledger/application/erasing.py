"""Carrying out an erasure: what a recorded event erases is destroyed in the vault.

    receipt = sequencer.submit(candidate)            content-erased/1 is recorded and proven
    carry_out(candidate, receipt, vault)             key, salt, digest and ciphertext are gone

In this order, so that nothing is gone that no event says; cut off in between, the vault still has what
the log says to be erased, which `pista fsck` tells (`erased-object-present`). Sending the same envelope
again gives its first receipt and finishes the work. The bytes of an erased envelope stay in the
journal; no view, state or package shows them.

Source: design FORMATS section 5.
"""

from __future__ import annotations

import base64
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from ledger.application.judge import submitted
from ledger.errors import Absent, PistaError, StorageError

if TYPE_CHECKING:
    from ledger.journal.batch import Candidate, Receipt
    from ledger.vault.vault import Vault

ERASURE: Final = "content-erased/1"


def carry_out(candidate: Candidate, receipt: Receipt, vault: Vault) -> Receipt:
    """Return the receipt of a recorded event, once what it erases is destroyed.

    Raises:
        StorageError: `erasure-unfinished`, when the vault could not; the event stays recorded.
    """
    event = submitted(candidate).event
    for commit in event.data.commits if event.type.name == ERASURE else ():
        try:
            with suppress(Absent):
                vault.erase(base64.b64decode(commit))
        except (OSError, StorageError) as error:
            raise StorageError(
                "erasure-unfinished",
                f"La cancellazione {event.id} è registrata (n. {receipt.index}), ma un contenuto è"
                f" ancora nel deposito: {error}. Rimediare, poi inviare di nuovo la stessa"
                " registrazione: la completa.",
            ) from error
    return receipt


def try_out(
    candidate: Candidate, outcome: Receipt | PistaError, vault: Vault
) -> Receipt | PistaError:
    """Return the outcome of one of several, or the error of an erasure that is not finished."""
    if isinstance(outcome, PistaError):
        return outcome
    try:
        return carry_out(candidate, outcome, vault)
    except StorageError as error:
        return error
