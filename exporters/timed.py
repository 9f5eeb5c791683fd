"""The entries that times are computed from, read from leaves and envelopes: one way for both sides.

The exporter reads them from the ledger, the verifier from the package; both hand them to times.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters.times import Entry
from ledger.domain.days import parse_date
from ledger.errors import ShapeError
from ledger.journal.leaf import EventLeaf, parse_leaf
from ledger.signing.envelope import parse

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from exporters.evidence import Evidence
    from ledger.signing.envelope import Envelope


def entry_of(index: int, leaf: EventLeaf, envelope: Envelope | None) -> Entry:
    """Return the entry of a registration, of whose envelope nothing is known when it is absent."""
    if envelope is None:
        return Entry(index, leaf.received_at)
    return Entry(
        index,
        leaf.received_at,
        envelope.basis.size,
        envelope.claimed_at,
        _day(envelope.occurred_on),
        envelope.type,
    )


def entries_of(evidence: Evidence, leaves: Iterable[int], shown: Iterable[int]) -> list[Entry]:
    """Return the entries of the event leaves among those of a package; `shown` have their envelope.

    Raises:
        Unreadable: when a leaf or an envelope breaks its grammar.
    """
    with_envelope = frozenset(shown)
    found = []
    for index in leaves:
        leaf = parse_leaf(evidence.leaf(index))
        if isinstance(leaf, EventLeaf):
            raw = evidence.envelope(index) if index in with_envelope else b""
            found.append(entry_of(index, leaf, parse(raw) if raw else None))
    return found


def _day(text: str | None) -> date | None:
    """Return a legal date; None for one that is no day, which step 12 tells."""
    try:
        return None if text is None else parse_date(text)
    except ShapeError:
        return None
