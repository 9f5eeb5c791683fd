"""A record in memory, for tests that say: given these facts, when this is asked, then this.

    world = World()
    world.given(registered(), phase("PROGETTAZIONE", "2022-06-01"))
    world.when(phase("AFFIDAMENTO", "2022-09-01"))            an Event, recorded
    world.when(completed("COLLAUDO", "2024-05-02"))           a Refused, nothing recorded
    world.dossier(CUP, as_of="2022-07-01").phases.current()

A request is what people and programs send (ledger.application.requests); four members are of the
test alone: `signed_by` (the key; by default one that bears the name of the role and holds it alone),
`received` (the day of receipt), `files` (the attached files; by default all that the data name) and
`sizes` (of files, in bytes; by default 1,000).
The n-th recorded event has the id `event_id(n)`, counted from 0. The body is the Comune di Lecce.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, get_args

from ledger.application.requests import parse_request
from ledger.domain.decide import judge, propose
from ledger.domain.division import divided
from ledger.domain.event import ObjectRef
from ledger.domain.events.declaration import Role
from ledger.domain.events.governance import Adoption
from ledger.domain.evolve import fold
from ledger.domain.joins import Placed
from ledger.domain.law import AdoptedRow
from ledger.domain.pieces import STREAMS_LIMIT
from ledger.domain.rules.common import file_names
from ledger.domain.rules.findings import findings
from ledger.domain.situation import Situation
from ledger.domain.statement import state
from ledger.errors import Refused
from ledger.records import load_law

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ledger.domain.commands.command import Command
    from ledger.domain.dossier import Dossier
    from ledger.domain.event import Event
    from ledger.domain.law import Law
    from ledger.domain.rules.finding import Finding
    from ledger.domain.statement import InterventionState

Request = dict[str, Any]

BODY = "c_e506"
CUP = "C81C22001220006"
OTHER_CUP = "C81F22001230006"
TODAY = "2026-09-01"
ROOT = "ab" * 32
ALL_ROLES = "tuttofare"
EVERY_ROLE = frozenset(get_args(Role))
OF_THE_TEST = ("signed_by", "received", "files", "sizes")


def event_id(number: int) -> str:
    """Return the id of the n-th recorded event, from 0."""
    return f"01981f6e-0000-7000-8000-{number:012d}"


def commit_of(number: int, name: str) -> str:
    """Return the commitment of a file of the n-th recorded event; no two are the same."""
    return commit_in(event_id(number), name)


def commit_in(event: str, name: str) -> str:
    """Return the commitment of a file of the event of that id."""
    return base64.b64encode(hashlib.sha256(f"{event} {name}".encode()).digest()).decode()


def digest_of(number: int) -> str:
    """Return the digest of the envelope of the n-th recorded event."""
    return base64.b64encode(hashlib.sha256(event_id(number).encode()).digest()).decode()


@dataclass
class World:
    """A record that grows by what is accepted; it is the Record of its Situation."""

    today: str = TODAY
    law: Law = field(default_factory=load_law)
    events: list[Event] = field(default_factory=list)
    limit: int = STREAMS_LIMIT

    def given(self, *requests: Request) -> World:
        """Record facts that must be accepted."""
        for request in requests:
            answer = self.when(request)
            assert not isinstance(answer, Refused), (request["command"], str(answer), request)
        return self

    def when(self, request: Request) -> Event | Refused:
        """Return the event, now recorded, or the refusal, with nothing recorded.

        What concerns more than `limit` streams is recorded in pieces, of which this is the first.
        """
        before = len(self.events)
        try:
            for command, more_follows in self._commands(request):
                self._record(request, command, more_follows=more_follows)
        except Refused as refused:
            self._forget(before)
            return refused
        return self.events[before]

    def _commands(self, request: Request) -> list[tuple[Command, bool]]:
        """Return the commands of a request, each with whether others follow it."""
        name = self._name_of_piece
        command, situation = self._command(request), self.situation(request)
        commands = divided(command, situation, name=name, limit=self.limit)
        return [(one, one is not commands[-1]) for one in commands]

    def _name_of_piece(self, _: str, number: int) -> str:
        return event_id(len(self.events) + number - 1)

    def _record(self, request: Request, command: Command, *, more_follows: bool) -> None:
        situation = replace(self.situation(request), more_follows=more_follows)
        event = self._event(request, command, situation)
        judge(event, situation)
        self.events.append(event)

    def _forget(self, before: int) -> None:
        """Forget the events after the first `before`."""
        del self.events[before:]

    def proposed(self, request: Request) -> Event:
        """Return the event of a request as it would be at this place.

        Raises:
            Refused: when the request has not the form of its kind.
        """
        return self._event(request, self._command(request), self.situation(request))

    def _event(self, request: Request, command: Command, situation: Situation) -> Event:
        return propose(
            command,
            situation,
            actor=_key(request),
            now=_receipt(request.get("received", self.today)),
            index=len(self.events),
        )

    def situation(self, request: Request) -> Situation:
        """Return the situation in which the signer of a request acts."""
        key = _key(request)
        return Situation(
            body=BODY,
            today=date.fromisoformat(request.get("received", self.today)),
            roles=EVERY_ROLE if key.startswith(ALL_ROLES) else frozenset({key}),
            law=self.law_now(),
            record=self,
        )

    def _command(self, request: Request) -> Command:
        """Return the command as it is read: no text of it is the same object as one of the tests."""
        asked = {name: value for name, value in request.items() if name not in OF_THE_TEST}
        sent = json.loads(json.dumps(asked))
        command = parse_request({"id": event_id(len(self.events)), **sent})
        if not command.type.with_files:
            return command
        names = request.get("files", tuple(file_names(command.type.shape, command.data)))
        sizes = request.get("sizes", {})
        objects = [
            ObjectRef(name, commit_in(command.id, name), sizes.get(name, 1_000), "application/pdf")
            for name in names
        ]
        return parse_request({"id": event_id(len(self.events)), **sent}, objects)

    def law_now(self) -> Law:
        """Return the law with what was adopted here, at once: one administrator is enough."""
        adopted = (event for event in self.events if isinstance(event.data, Adoption))
        rows = (
            AdoptedRow(row=e.data.row(e.index), index=e.index, force_at=e.index) for e in adopted
        )
        return replace(self.law, adopted=tuple(rows))

    def root_at(self, size: int) -> str | None:
        """Return a root, the same for all trees of this record."""
        return ROOT if 0 < size <= len(self.events) else None

    def dossier(self, name: str = CUP, *, as_of: str | None = None) -> Dossier:
        """Return the dossier of a stream, of a CUP by its code alone; on a legal day, or now."""
        stream = name if "/" in name else f"cup/{name}"
        day = date.fromisoformat(as_of) if as_of else None
        return fold(stream, self.history(stream), as_of=day)

    def known_at(self, number: int, name: str = CUP) -> Dossier:
        """Return the dossier of a CUP as it was known when `number` events were recorded."""
        return fold(f"cup/{name}", self.history(f"cup/{name}", number))

    def act(self, key: str, cup: str = CUP) -> Any:  # noqa: ANN401  an Act, tests read its members
        """Return an act as the dossier of a CUP has it."""
        return self.dossier(cup).acts[key]

    def state(self, cup: str = CUP, as_of: str = TODAY) -> InterventionState:
        """Return the state of a CUP on a legal day."""
        return state(
            self.dossier(cup, as_of=as_of),
            as_of=date.fromisoformat(as_of),
            known_at=len(self.events),
            known_at_time=None,
            law=self.law_now(),
        )

    def findings(self, cup: str = CUP, as_of: str = TODAY) -> tuple[Finding, ...]:
        """Return the findings of a CUP on a legal day."""
        day = date.fromisoformat(as_of)
        return findings(self.dossier(cup, as_of=as_of), day, self.law_now())

    def history(self, stream: str, number: int | None = None) -> Sequence[Event]:
        """Return the events of a stream, of the first `number` recorded or of all."""
        return [event for event in self.events[:number] if stream in event.streams]

    def naming(self, commits: Collection[str]) -> Sequence[Event]:
        """Return the events that name one of these contents."""
        return [e for e in self.events if any(ref.commit in commits for ref in e.objects)]

    def placed(self, index: int) -> Placed | None:
        """Return what is recorded at a place, with the digest that `digest_of` gives it."""
        if not 0 <= index < len(self.events):
            return None
        event = self.events[index]
        return Placed(event.streams, digest_of(index), event)

    def event(self, event_id: str) -> Event | None:
        """Return the recorded event of that id."""
        return next((event for event in self.events if event.id == event_id), None)


def _key(request: Request) -> str:
    """Return the name of the key, read anew."""
    key = request.get("signed_by") or request.get("role") or "nessuno"
    return str(json.loads(json.dumps(key)))


def _receipt(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(10), tzinfo=UTC)
