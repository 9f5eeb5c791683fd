"""Whatever is in a stream is folded: what lacks what it names changes nothing, and nothing breaks.

A correction may take away what later events rest on, a stream may hold an act by its key alone, and an
erased registration leaves a gap: the fold goes on.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from ledger.domain.dossier import Dossier
from ledger.domain.event import NO_DAY, Event, ObjectRef
from ledger.domain.events.catalogue import event_types
from ledger.domain.evolve import evolve, fold
from ledger.domain.rules.common import file_names
from ledger.domain.statement import state
from ledger.records import load_law
from tests.ledger.domain.plain_values import full
from tests.ledger.domain.worlds import CUP, event_id

if TYPE_CHECKING:
    from ledger.domain.events.declaration import EventType

AT = datetime(2026, 9, 1, 10, tzinfo=UTC)
DAY = date(2024, 2, 29)
LAW = load_law()
TYPES = event_types()
STREAMS = (f"cup/{CUP}", "act/c_e506/registro-generale/2023/100", "sys/log")


def event_of(declared: EventType, *, with_files: bool) -> Event:
    """Return an event with every member of its data, alone in its streams."""
    data = declared.shape.parse(full(declared.shape))
    names = file_names(declared.shape, data) if with_files else ()
    return Event(
        id=event_id(0),
        type=declared,
        streams=STREAMS,
        actor="a" * 26,
        role=declared.by[0] if declared.by else None,
        occurred_on=None if declared.is_ledger else DAY,
        claimed_at=AT,
        data=data,
        reason=None,
        corrects=(),
        objects=tuple(ObjectRef(str(n), "c2FsdGVk", 9, "text/plain") for n in names),
        index=4,
        received_at=AT,
    )


@pytest.mark.parametrize("with_files", [True, False], ids=["with files", "without"])
@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("name", TYPES)
def test_an_event_alone_in_a_stream_is_folded(name: str, stream: str, with_files: bool) -> None:  # noqa: FBT001  a case
    event = event_of(TYPES[name], with_files=with_files)
    once = evolve(Dossier(stream), event)
    assert once == fold(stream, [event])
    assert (once.count, once.last_index) == (1, 4)


@pytest.mark.parametrize("name", TYPES)
def test_the_state_of_a_stream_with_one_event_is_told(name: str) -> None:
    dossier = fold(f"cup/{CUP}", [event_of(TYPES[name], with_files=True)])
    told = state(dossier, as_of=DAY, known_at=5, known_at_time=AT, law=LAW)
    assert told.registrations == 1


def test_an_event_of_the_ledger_has_no_legal_day() -> None:
    event = event_of(TYPES["policy-adopted/1"], with_files=False)
    with pytest.raises(ValueError, match=NO_DAY):
        _ = event.day
