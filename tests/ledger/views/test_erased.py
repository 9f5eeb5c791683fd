"""An event whose envelope was erased is in no view and in no history, though its bytes are there."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from ledger.records import encode_digest, load_law
from ledger.signing.envelope import parse
from ledger.views.replay import read_history, replay
from ledger.views.runner import Runner
from tests.ledger.application.door_kit import CUP, ORIGIN, grant
from tests.ledger.application.door_story import phase

if TYPE_CHECKING:
    from tests.ledger.application.door_kit import House
    from tests.ledger.views.conftest import OpenViews

LAW = load_law()


def erase_last(house: House) -> tuple[int, int]:
    """Erase the last event of the CUP; return its leaf and that of the erasure."""
    grant(house, "ospite", "dpo")
    grant(house, "ragioneria", "segretario")
    gone = house.journal.stream_indexes(f"cup/{CUP}")[-1]
    digest = encode_digest(parse(house.journal.envelope(gone)).digest)
    named = [{"index": gone, "digest": digest}]
    asked = {"request": "r-1", "received_on": "2026-03-02", "ground": "revoca", "envelopes": named}
    house.write("ospite", "request-erasure/2", asked, role="dpo")
    beside = {"role": "segretario", "occurred_on": "2026-03-02", "cup": CUP}
    approval = house.write("ragioneria", "approve-erasure/1", {"request": "r-1"}, **beside)
    data = {"commits": [], "legal_basis": "court-order", "approval": approval.event_id}
    told = {"role": "dpo", "occurred_on": "2026-03-02"}
    erasure = house.write("ospite", "erase-content/1", {**data, "envelopes": named}, **told)
    return gone, erasure.index


@pytest.mark.parametrize("batch", [1, 1000], ids=["event by event", "all at once"])
def test_the_timeline_says_that_it_was_erased_and_not_what_it_said(
    house: House, open_store: OpenViews, batch: int
) -> None:
    gone, at = erase_last(house)
    views = Runner(house.journal, open_store(ORIGIN), LAW, batch=batch)
    views.catch_up()
    store = open_store(ORIGIN)
    (line,) = [row for row in store.timeline(f"cup/{CUP}") if row.index == gone]
    assert line.sentence == f"Registrazione cancellata secondo legge (n. {at})"
    told = store.timeline(f"cup/{CUP}")
    views.rebuild()
    assert store.timeline(f"cup/{CUP}") == told
    row = store.intervention(CUP)
    assert row is not None
    assert row.phase == "PROGETTAZIONE"


def test_history_and_replay_leave_it_out_also_of_what_was_known_before(house: House) -> None:
    name, data, beside = phase("ESECUZIONE", "2026-03-01")
    house.write("rup", name, data, **beside)
    before = house.journal.size
    gone, at = erase_last(house)
    for size in (None, before):
        assert gone not in {
            event.index for event in read_history(house.journal, f"cup/{CUP}", size)
        }
    seen = replay(house.journal, CUP, LAW, as_of=date(2026, 3, 2), known_at=before).state
    assert seen.phase is not None
    assert seen.phase.phase == "AFFIDAMENTO"
    assert at in {event.index for event in read_history(house.journal, f"cup/{CUP}")}
