"""Time stamps over heads of the ledger of the tests, by an authority of fixed keys.

evidence = stamped(built, 30, 46, 64)                each head at its own time, 5 seconds later
evidence = stamped(built, 64, at=EARLY)              at another time
package = write(evidence, tmp_path)                  the package of the CUP, unpacked
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from exporters.package import write_folder
from ledger.journal.leaf import EventLeaf, parse_leaf
from ledger.records import load_law
from ledger.signing.timestamp_token import kept_form
from ledger.signing.timestamp_trust import parse_tsa_trust
from tests.time_authority import Authority, answer, authority, ec_key, pem, recipe

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from ledger.signing.timestamp_trust import TSATrust
    from tests.exporters.journal_evidence import JournalEvidence
    from tests.exporters.ledger_fixture import Built

TOWN = authority(ec_key(1))
OTHER = authority(ec_key(5), seed=50)
# The issuer as the anchor, so that the one certificate in a token is the one it is bound to.
TRUST = parse_tsa_trust(pem(TOWN.issuer))
SOON = timedelta(seconds=5)


def head_time(evidence: JournalEvidence, size: int) -> datetime:
    """Return when the last event of a head was received."""
    leaf = parse_leaf(evidence.leaf(size - 2))
    assert isinstance(leaf, EventLeaf)
    return leaf.received_at


def token(
    evidence: JournalEvidence,
    size: int,
    by: Authority = TOWN,
    **how: Any,  # noqa: ANN401  any field of a recipe
) -> bytes:
    """Return a token over the note of a head."""
    at = (head_time(evidence, size) + SOON).replace(microsecond=0)
    plain = {"at": at, "certificates": (by.certificate,), "serial": size}
    return kept_form(answer(by, evidence.checkpoint(size), recipe(**{**plain, **how})))


def stamped(
    built: Built,
    *sizes: int,
    by: Authority = TOWN,
    **how: Any,  # noqa: ANN401  any field of a recipe
) -> JournalEvidence:
    """Return what exporters read, with tokens over these heads."""
    tokens = {size: token(built.evidence, size, by, **how) for size in sizes}
    return replace(built.evidence, stamps=tokens)


def write(evidence: JournalEvidence, folder: Path, cup: str, size: int | None = None) -> Path:
    """Write the package of a CUP into a folder and return its path."""
    folder.mkdir(exist_ok=True)
    return write_folder(evidence, [cup], folder, law=load_law(), size=size).path


def trust_in(by: Authority) -> TSATrust:
    """Return the trust of a reader who knows an authority."""
    return parse_tsa_trust(pem(by.issuer))
