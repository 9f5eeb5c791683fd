"""How an event type is declared: once, beside its data, in one place.

    @event("phase-entered/1", ask="enter-phase/1", italian="Avvio fase",
           says="Avviata la fase {phase}", streams=(own_cup, named_act), by=("rup", "dirigente"),
           refusals=(...), findings=("igrue-046",))
    @dataclass(frozen=True, kw_only=True)
    class PhaseEntered(Fact):
        phase: Phase
        act: ActKey | None = None

        def evolve(self, dossier, event):
            return ...

A type that needs other fields gets a new version; the old class stays, names its successor and says
what its data are in the newest form (`newest`), so that rules and state know one form only.

The declaration gives the stored name with its version, the command that asks for it, the streams it
joins, the roles whose keys may sign it, the refusals that guard it and the findings it may raise;
`evolve` says what it changes. Everything else (parsing, JSON Schema, XSD, the catalogue of commands,
authority, the order of refusals) is derived from it. Source: DOMAIN sections 9 and 11.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar, Literal, TypeVar, get_args

from ledger.domain.events.streams import BESIDE, BUSINESS, OF_LEDGER, own_cup, sources
from ledger.domain.files import FileName
from ledger.domain.joins import Asked, Streams, Surroundings
from ledger.domain.money import EUR
from ledger.domain.registration import Registration, Selector
from ledger.domain.shapes import Record, shape_of

if TYPE_CHECKING:
    from ledger.domain.dossier import Dossier
    from ledger.domain.event import Event
    from ledger.domain.law import Law
    from ledger.domain.rules.refusal import Rule
    from ledger.domain.situation import Situation

Role = Literal[
    "istruttore",
    "rup",
    "dirigente",
    "finanziario",
    "verificatore",
    "segretario",
    "pubblicatore",
    "dpo",
    "delegato",
    "auditor",
    "amministratore",
    "importatore",
]
Missing = Iterable[
    tuple[str, str]
]  # what is not there, in Italian, and the command that records it
Parts = tuple[str, list[EUR | None], EUR | None]  # what, its parts in cents, the whole
LEDGER_FAMILIES = frozenset({"ledger", "governance"})
Period = tuple[date | None, date | None]  # first and last day of what has two, None where open
EVERY_ROLE_BUT_IMPORTER: tuple[Role, ...] = tuple(
    role for role in get_args(Role) if role != "importatore"
)


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Base of the data of every event about an intervention; its three fields may be in any."""

    declared: ClassVar["EventType"]
    holds_for_every_day: ClassVar[bool] = False  # also for legal days before its own (ex tunc)
    registers: ClassVar[bool] = False  # whether it brings an intervention into the record
    asks_every_stream: ClassVar[bool] = False  # rules look at all its streams, not at CUPs alone
    identifies: ClassVar[bool] = False  # changes by what the interventions on the CUP are chosen
    of_whole_cup: ClassVar[bool] = False  # of each intervention on the CUP, and need not choose one
    of_joint: ClassVar[bool] = False  # of the interventions that have what it names (`holds`)
    keys_of_intervention: ClassVar[bool] = False  # its keys are free for others on the CUP

    intervention: Selector | None = None
    note: str | None = None
    docs: tuple[FileName, ...] = ()

    def evolve(self, dossier: "Dossier", event: "Event") -> "Dossier":  # noqa: ARG002
        """Return the dossier after this event; by itself an event changes nothing."""
        return dossier

    @property
    def erased_places(self) -> frozenset[int]:
        """Return the leaves whose envelopes it erases, so that their events leave the state."""
        return frozenset()

    def newest(self) -> "Fact":
        """Return the same in the newest version of its type; of most types there is one only."""
        return self

    def completed(self, law: "Law") -> "Fact":  # noqa: ARG002
        """Return the same with what the tables of law add to a request before it is signed."""
        return self

    def natural_keys(self, dossier: "Dossier") -> Iterable[str]:  # noqa: ARG002
        """Return the natural keys it would claim a second time (refusal duplicate-key)."""
        return ()

    def claimed(self, whole: "Dossier", mine: "Iterable[Dossier]") -> Iterable[str]:
        """Return the natural keys that are claimed: on the CUP, or by the interventions it is about."""
        among = mine if self.keys_of_intervention else whole.each
        return [key for dossier in among for key in self.natural_keys(dossier)]

    def identified(self, dossier: "Dossier", event: "Event") -> tuple[Registration, ...]:
        """Return the interventions on the CUP after the event, as they are chosen from then on."""
        raise NotImplementedError(event.type.name)

    def unchanged(self, dossier: "Dossier", event: "Event") -> str | None:  # noqa: ARG002
        """Return what would stay as it is (refusal nothing-changed), None when it changes."""
        return None

    def unchanged_elsewhere(self, event: "Event", situation: "Situation") -> Iterable[str]:  # noqa: ARG002
        """Return what would stay as it is in the ledger itself, or in its files of open data."""
        return ()

    def missing_elsewhere(self, situation: "Situation") -> "Missing":  # noqa: ARG002
        """Return the references that the ledger itself, or its files of open data, do not hold."""
        return ()

    def named_events(self) -> "Missing":
        """Return the ids of events that must be in its streams, with what is recorded instead."""
        return ()

    def holds(self, dossier: "Dossier") -> bool:
        """Return whether an intervention has what the event is about, such as a joint contract."""
        raise NotImplementedError(dossier.stream)

    def missing_among(self, dossiers: "Collection[Dossier]") -> "Missing":  # noqa: ARG002
        """Return the references that none of the interventions holds that it is about."""
        return ()

    def missing(self, dossier: "Dossier") -> "Missing":  # noqa: ARG002
        """Return the references that the stream does not hold (refusal reference-unknown)."""
        return ()

    def lasts(self, day: date) -> "Period":  # noqa: ARG002
        """Return first and last day of what begins on the legal date, or has its own `period`."""
        period: Period = getattr(self, "period", (None, None))
        return period

    def begun(self, dossier: "Dossier") -> Iterable[tuple[str, date]]:  # noqa: ARG002
        """Return what it ends or takes from, each with the day on which that began."""
        return ()

    def closed(self, dossier: "Dossier") -> Iterable[str]:  # noqa: ARG002
        """Return the references that have ended (refusal reference-closed)."""
        return ()

    def closed_on(self, dossier: "Dossier", day: date) -> Iterable[str]:  # noqa: ARG002
        """Return the references that had ended on the legal day; what came before is told late."""
        return self.closed(dossier)


@dataclass(frozen=True, kw_only=True)
class CUPFact(Fact):
    """Base of what changes an intervention; in the stream of an act that it names it changes nothing."""

    def evolve(self, dossier: "Dossier", event: "Event") -> "Dossier":
        """Return the dossier after this event."""
        return dossier if dossier.cup is None else self.told(dossier, event)

    def told(self, dossier: "Dossier", event: "Event") -> "Dossier":
        """Return the dossier of a CUP after this event."""
        raise NotImplementedError(event.type.name)


@dataclass(frozen=True, slots=True)
class EventType:
    """One row of the catalogue.

    `says` is the sentence of a recorded event, a format string over its data; `dated_by` names the
    field that is the legal date; `correctable` whether `error-corrected` may withdraw it;
    `succeeded_by` the newer version, when there is one: then it is read and no more recorded.
    `with_files` whether its envelope may name objects.
    """

    name: str
    command: str
    italian: str
    says: str
    data: type
    streams: tuple[Streams, ...]
    by: tuple[str, ...]
    refusals: tuple["Rule", ...]
    findings: tuple[str, ...]
    dated_by: str | None
    correctable: bool
    corrects_others: bool
    with_files: bool
    family: str
    succeeded_by: str | None = None

    @property
    def shape(self) -> Record:
        """Return the shape of the data."""
        return shape_of(self.data)

    @property
    def is_ledger(self) -> bool:
        """Return whether it concerns keys or the ledger and no intervention."""
        return self.family in LEDGER_FAMILIES

    @property
    def stream_kinds(self) -> tuple[str, ...]:
        """Return how the names of the streams that it may join begin."""
        if self.is_ledger:
            return OF_LEDGER
        about = BUSINESS if self.concerns_cups else ()
        return (*about, *(name for find in self.streams for name in BESIDE.get(find, ())))

    @property
    def concerns_one_cup(self) -> bool:
        """Return whether it is a fact of one intervention, named in its data or beside it."""
        return own_cup in self.streams

    @property
    def concerns_cups(self) -> bool:
        """Return whether it is about interventions: not of the ledger, nor a file of open data."""
        return not self.is_ledger and self.streams != (sources,)

    def joins(self, asked: Asked, around: Surroundings) -> tuple[str, ...]:
        """Return the names of the streams the event joins, sorted and unique."""
        return tuple(sorted({name for find in self.streams for name in find(asked, around)}))


_declared: dict[str, EventType] = {}
_asked: dict[str, EventType] = {}

D = TypeVar("D")


def event(  # noqa: PLR0913  the columns of the table
    name: str,
    *,
    ask: str,
    italian: str,
    says: str,
    streams: tuple[Streams, ...],
    by: tuple[Role, ...],
    refusals: tuple["Rule", ...] = (),
    findings: tuple[str, ...] = (),
    dated_by: str | None = None,
    correctable: bool = True,
    corrects_others: bool = False,
    succeeded_by: str | None = None,
    with_files: bool = True,
) -> Callable[[type[D]], type[D]]:
    """Declare the decorated data class as an event type; names are claimed once."""

    def declare(cls: type[D]) -> type[D]:
        if name in _declared or ask in _asked:
            message = f"declared twice: {name} ({ask})"
            raise ValueError(message)
        family = cls.__module__.rsplit(".", 1)[-1]
        declared = EventType(
            name=name,
            command=ask,
            italian=italian,
            says=says,
            data=cls,
            streams=streams,
            by=by,
            refusals=refusals,
            findings=findings,
            dated_by=dated_by,
            correctable=correctable,
            corrects_others=corrects_others,
            with_files=with_files,
            family=family,
            succeeded_by=succeeded_by,
        )
        cls.declared = declared  # type: ignore[attr-defined]  # every decorated class is a Fact
        _declared[name] = declared
        _asked[ask] = declared
        return cls

    return declare


def declared_types() -> Mapping[str, EventType]:
    """Return the types declared so far by stored name; events.catalogue has imported them all."""
    return _declared


def asked_types() -> Mapping[str, EventType]:
    """Return the types declared so far by the name of their command."""
    return _asked
