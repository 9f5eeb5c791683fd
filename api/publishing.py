"""Publishing the log of a home: tiles and checkpoint in its public folder, with its witnesses.

    outcome = publish_head(reading)
    adopt_policy(reading, data)             a file of trust that is in force is put in use

A note that the key of the log signed, and that is no head of it, is kept in the outbox: there every
proof is asked before an old store is believed (kept_proofs.py), and backups hold it.

    outbox/contradiction-1291-<8 digits>.checkpoint

Source: design FORMATS sections 3 and 5; ledger/transparency/publication.py.
"""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from api.app import log_signer
from api.client.book import write_whole
from api.client.exchange import Exchange
from api.client.witnesses import HTTPWitnesses
from api.local_witnesses import LocalWitnesses
from api.machine import now
from api.publication_mark import write_attempt
from ledger.errors import Frozen, Refused, StorageError
from ledger.journal.checkpoint import parse_checkpoint
from ledger.journal.note import format_vkey, parse_note
from ledger.journal.policy import QuorumMissing, parse_policy
from ledger.journal.proofs import LogProof, format_proof
from ledger.transparency.kept_checkpoints import KeptCheckpoints
from ledger.transparency.publication import Parts, add_signatures, publish
from ledger.transparency.static_log import StaticLog

if TYPE_CHECKING:
    from pathlib import Path

    from api.app import Reading
    from api.home import Home
    from ledger.journal.batch import Receipt
    from ledger.journal.policy import Policy
    from ledger.transparency.asking import Ask
    from ledger.transparency.publication import Outcome
    from ledger.transparency.static_log import Told

HEARTBEAT: Final = timedelta(hours=24)  # a head is cosigned anew at least so often

_EXCHANGE_SECONDS: Final = 10.0  # each question to a witness
_WITNESS_SECONDS: Final = 20.0  # all questions to all of them, which are asked at once
_NAME_DIGITS: Final = 8
_CONTRADICTION: Final = "contradiction"


def publish_head(reading: Reading, ask: Ask | None = None, told: Told | None = None) -> Outcome:
    """Publish the newest head, or leave it waiting for its witnesses; the outcome is remembered.

    Without `ask` witnesses are asked over the network.

    Raises:
        Refused: `policy-not-in-force`.
        PistaError: as `publication.publish`.
    """
    reading.evidence.policies.check_in_force()
    with ExitStack() as stack:
        if ask is None:
            exchange = stack.enter_context(Exchange(_EXCHANGE_SECONDS))
            ask = LocalWitnesses(reading.home.path, HTTPWitnesses(exchange))
        outcome = publish(_parts(reading), ask, _WITNESS_SECONDS, told)
    for one in outcome.said:
        if one.proof:
            _keep_contradiction(reading.home, one.proof)
    write_attempt(reading.home.path, outcome, now())
    return outcome


def add_carried(reading: Reading, note: bytes) -> Outcome:
    """Take the signatures of a note that a witness gave without a server.

    Raises:
        Refused: `policy-not-in-force`.
        Frozen: when our key signed it and it is no head of the ledger: it is kept as a proof.
        PistaError: as `publication.add_signatures`.
    """
    reading.evidence.policies.check_in_force()
    try:
        return add_signatures(_parts(reading), note)
    except Frozen as error:
        if error.code in {"published-ahead", "published-forked"}:
            _keep_contradiction(reading.home, note)
        raise


def _parts(reading: Reading) -> Parts:
    folder = reading.home.public_log
    return Parts(
        journal=reading.journal,
        static=StaticLog(folder),
        kept=KeptCheckpoints(folder),
        policy=reading.evidence.policy,
        sign=reading.evidence.signed,
        now=lambda: now().timestamp(),
    )


def quorum_lacks(reading: Reading, note: bytes) -> str:
    """Return why a note has not the quorum of the policy in use, "" when it has.

    Raises:
        NotVerified: when the log did not sign it.
    """
    try:
        parse_policy(reading.evidence.policy).verify_checkpoint(note)
    except QuorumMissing as missing:
        return missing.sentence
    return ""


def proven_under(reading: Reading, receipt: Receipt, size: int) -> Receipt:
    """Return a receipt with its proof under the head of `size` leaves, as it is published.

    Raises:
        IndexError: when that head does not cover it.
        PistaError: as `JournalEvidence.checkpoint`.
    """
    note = reading.evidence.checkpoint(size)
    path = tuple(reading.evidence.inclusion(receipt.index, size))
    proof = format_proof(LogProof(receipt.index, path, note))
    return replace(receipt, proof=proof, checkpoint=note)


def adopt_policy(reading: Reading, data: bytes, *, by_hand: bool = False) -> tuple[str, bool]:
    """Put a file of trust in place when it is in force; return its SHA-256 and whether it is.

    With `by_hand` the signatures of witnesses without an address are carried here by somebody.

    Raises:
        Unreadable: `policy-unreadable`.
        Refused: as `check_adoptable`.
        StorageError: when the disk refuses (`policy-not-written`).
    """
    log_key = log_signer(reading.home, reading.settings.origin).vkey
    check_adoptable(parse_policy(data), log_key, by_hand=by_hand)
    is_in_force = reading.evidence.policies.put_in_use(data)
    return hashlib.sha256(data).hexdigest(), is_in_force


def check_adoptable(policy: Policy, log_key: str, *, by_hand: bool = False) -> None:
    """Return when a log could publish under a policy, which names its key and enough witnesses.

    Raises:
        Refused: `policy-of-another-log`, `witness-address-malformed`, `quorum-unreachable`.
    """
    if log_key not in [format_vkey(log.key) for log in policy.logs]:
        raise Refused(
            "policy-of-another-log",
            f"Il file di fiducia non nomina la chiave di questo registro: {log_key}",
            remedy="aggiungere la riga `log` con quella chiave",
        )
    for one in policy.witnesses:
        if one.url and not one.url.startswith(("https://", "http://")):
            raise Refused(
                "witness-address-malformed",
                f"L'indirizzo del testimone {one.name} non comincia con https:// o http://.",
                item=one.url,
            )
    asked = frozenset(one.name for one in policy.witnesses if by_hand or one.url)
    if not policy.is_quorum(asked):
        raise Refused(
            "quorum-unreachable",
            f"I testimoni che hanno un indirizzo non bastano al quorum {policy.quorum!r}: nessun punto"
            " di controllo sarebbe pubblicato da sé.",
            remedy="scrivere l'indirizzo dopo la chiave di ogni testimone; con --by-hand le loro firme"
            " si portano qui con `pista checkpoint add`",
        )


def contradictions(home: Home) -> list[Path]:
    """Return the notes of other heads that the key of the log signed, as far as witnesses showed."""
    return sorted(home.outbox.glob(f"{_CONTRADICTION}-*.checkpoint"))


def _keep_contradiction(home: Home, note: bytes) -> None:
    text = parse_note(note).text
    digits = hashlib.sha256(text.encode()).hexdigest()[:_NAME_DIGITS]
    size = parse_checkpoint(text).size
    path = home.outbox / f"{_CONTRADICTION}-{size}-{digits}.checkpoint"
    try:
        write_whole(path, note)
    except OSError as error:
        raise StorageError(
            "publication-failed",
            f"{path} non si può scrivere ({error.strerror}): controllare spazio e permessi.",
        ) from error
