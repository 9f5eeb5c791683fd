"""Deciding one command: on a CUP of 2,000 events of many types, against one of 20.

A decision is what the judge does at the place of append: the event is proposed and judged on the
dossiers of its streams, and folded into them once, to be seen whether it can be. Eleven commands are
decided, one after the other, and none is kept, so that every turn finds the same record. The records
are made of the same commands, in cycles: a service, a determina with its visto, force and publication,
commitment, invoice, liquidation and payment, two rows of a checklist. They are followed by Histories
over a store on disk, as those of an event that was accepted and not stored yet.
"""

from __future__ import annotations

import itertools
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ledger.domain.decide import judge
from ledger.journal.journal import Journal
from ledger.journal.sqlite import SQLiteRecorder
from ledger.views.histories import Histories
from tests.bench.harness import Line, at_most, timed
from tests.exporters.ledger_writer import ORIGIN
from tests.ledger.domain.facts import (
    answered,
    determina,
    enforceable,
    funded,
    live,
    opened,
    published,
    registered,
    service,
    visto,
)
from tests.ledger.domain.facts_money import committed, invoiced, liquidated, paid, reduced, storno
from tests.ledger.domain.worlds import CUP, World

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path

    from ledger.domain.dossier import Dossier
    from ledger.domain.event import Event
    from ledger.domain.law import Law
    from ledger.journal.recorder import JournalRecorder
    from tests.bench.harness import Arm
    from tests.ledger.domain.worlds import Request

LARGE: Final = 2_000
SMALL: Final = 20
TURNS: Final = 8
OPENING: Final = 3  # requests before the first cycle


@dataclass
class Followed(World):
    """A record that Histories follows, as that of the judge at the place of append."""

    histories: Histories = field(kw_only=True)

    def law_now(self) -> Law:
        """Return the law of the program: nothing is adopted here."""
        return self.law

    def dossier(self, name: str = CUP, *, as_of: str | None = None) -> Dossier:  # noqa: ARG002  of now
        """Return the dossier of a stream."""
        return self.histories.dossier(name)

    def history(self, stream: str, number: int | None = None) -> Sequence[Event]:
        """Return the events of a stream."""
        return self.histories.history(stream)[:number]

    def event(self, event_id: str) -> Event | None:
        """Return the event of that id."""
        return self.histories.event(event_id)

    def decided(self, request: Request) -> Event:
        """Return the event of a request, judged and folded, and keep nothing.

        Raises:
            Refused: when it may not be recorded.
        """
        event = self.proposed(request)
        judge(event, self.situation(request))
        self.histories.rehearse(event)
        return event

    def grown(self, events: int) -> Followed:
        """Record until there are so many events."""
        for request in itertools.islice(history(), events):
            event = self.decided(request)
            self.events.append(event)
            self.histories.accept(event)
        return self


def history() -> Iterator[Request]:
    """Yield the requests of a CUP without end."""
    yield registered()
    yield funded("90000000.00")
    yield opened(on="2022-02-02")
    for turn in itertools.count(1):
        yield from cycle(turn)


def cycle(turn: int) -> Iterator[Request]:
    """Yield the requests of one turn: a service and its act, with what is spent on it."""
    act, key = f"c_e506/registro-generale/2023/{turn}", f"c_e506/2023/{turn}"
    on_it = {"commitment": key, "liquidation": f"liq-{turn}", "invoice": f"{turn:011}"}
    yield service(f"s{turn:02}", funded=False)
    yield determina(str(turn))
    yield visto(act)
    yield enforceable(act)
    yield published(act)
    yield committed("100.00", key, act=act)
    yield invoiced("60.00", on_it["invoice"])
    yield liquidated("60.00", on_it["liquidation"], act=act, commitment=key)
    yield paid("60.00", key, **on_it)
    yield live(f"s{turn:02}")
    yield answered(row=f"{turn}.1")
    yield answered(row=f"{turn}.2")


def commands(turns: int) -> list[Request]:
    """Return what is decided after so many whole turns: eleven commands, none of which needs another."""
    act, key = f"c_e506/registro-generale/2023/{turns}", f"c_e506/2023/{turns}"
    turn = turns + 2  # of the one after it something may be recorded
    return [
        service(f"s{turn:02}", funded=False),
        determina(str(turn)),
        visto(act),
        reduced("1.00", commitment=key),
        storno("1.00", key),
        published(act),
        committed("100.00", f"c_e506/2023/{turn}", act=act),
        invoiced("60.00", f"{turn:011}"),
        liquidated("5.00", f"liq-{turn}", act=act, commitment=key),
        paid("5.00", f"c_e506/2023/{turn}", commitment=key, liquidation=f"liq-{turns}"),
        answered(row=f"{turn}.1"),
    ]


def lines(folder: Path) -> Generator[Line, None, None]:
    """Yield the line; the stores are in the folder."""
    with (
        closing(SQLiteRecorder(folder / "large.sqlite", ORIGIN, create=True)) as large,
        closing(SQLiteRecorder(folder / "small.sqlite", ORIGIN, create=True)) as small,
    ):
        measure = timed(_arm(large, LARGE), _arm(small, SMALL), TURNS, units=len(commands(1)))
        name = f"decide one command, on a CUP of {LARGE:,} events"
        yield Line(name, f"the same on one of {SMALL}", measure, at_most(3))


def _arm(recorder: JournalRecorder, events: int) -> Arm:
    """Return the arm that decides on a record of so many events."""
    place = Followed(histories=Histories(Journal(recorder))).grown(events)
    requests = commands((events - OPENING) // len(list(cycle(1))))

    def decide() -> None:
        for request in requests:
            place.decided(request)

    return lambda: decide
