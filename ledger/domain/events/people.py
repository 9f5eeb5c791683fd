"""People: roles of the law assigned and ended. Source: DOMAIN sections 9.2 and 11."""

from dataclasses import dataclass
from datetime import date

from ledger.domain.altered import altered
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import Fact, Missing, Period, Role, event
from ledger.domain.events.streams import cup_or_log, named_act, own_cup
from ledger.domain.identifiers import ActKey, PersonRef
from ledger.domain.people import Assignment, LegalRole, SoDException
from ledger.domain.rules.acts import act_unknown, act_without_effect, dates_reversed
from ledger.domain.rules.interventions import nothing_changed, reference_unknown
from ledger.domain.rules.people import ended_before_begun
from ledger.domain.rules.separation import exception_of_others, exception_of_two
from ledger.domain.taken import taken

SIGNERS: tuple[Role, ...] = ("rup", "dirigente", "segretario", "delegato")


@event(
    "role-assigned/1",
    ask="assign-role/1",
    italian="Nomina",
    says="Nomina a {role} dal {from_}",
    streams=(own_cup, named_act),
    by=SIGNERS,
    dated_by="from",
    refusals=(act_unknown, nothing_changed, dates_reversed, act_without_effect),
    findings=("role-without-act", "role-retroactive", "rup-overlap", "incompatible-roles"),
)
@dataclass(frozen=True, kw_only=True)
class RoleAssigned(Fact):
    """The nomination of a person; `role-granted` gives authority to a key and is another thing."""

    person: PersonRef
    role: LegalRole
    from_: date
    act: ActKey | None = None
    to: date | None = None
    procedure: str | None = None
    interim: bool = False

    @property
    def period(self) -> Period:
        """Return the first and the last day of the nomination."""
        return self.from_, self.to

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the nomination when the same one stands, for the same procedure."""
        mine = (self.person, self.role, self.from_, self.to, self.procedure)
        stand = (
            (found.person, found.role, found.from_, found.to, found.procedure)
            for found in dossier.people.assignments
        )
        return f"la nomina a {self.role}" if mine in stand else None

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the nomination; in the stream of its act it changes nothing."""
        if dossier.cup is None:
            return dossier
        assignment = Assignment(
            person=self.person,
            role=self.role,
            from_=self.from_,
            to=self.to,
            act=self.act,
            procedure=self.procedure,
            interim=self.interim,
            index=event.index,
        )
        return altered(dossier, people=dossier.people.assigned(assignment))


@event(
    "role-ended/1",
    ask="end-role/1",
    italian="Cessazione",
    says="Cessazione da {role} dal {to}: {cause}",
    streams=(own_cup, named_act),
    by=SIGNERS,
    dated_by="to",
    refusals=(act_unknown, reference_unknown, ended_before_begun),
)
@dataclass(frozen=True, kw_only=True)
class RoleEnded(Fact):
    """The end of a nomination, `to` included."""

    person: PersonRef
    role: LegalRole
    to: date
    cause: str
    act: ActKey | None = None

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the nomination when none of this person is open."""
        if dossier.people.open(self.person, self.role) is None:
            yield f"la nomina a {self.role}", "assign-role/1"

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """End the nomination."""
        people = dossier.people.ended(self.person, self.role, self.to, event.index)
        return altered(dossier, people=people)


@event(
    "sod-exception-declared/1",
    ask="declare-sod-exception/1",
    italian="Deroga alla separazione delle funzioni",
    says="Deroga alla separazione delle funzioni dal {from_}: {cause}",
    streams=(cup_or_log, named_act),
    by=("segretario", "delegato"),
    dated_by="from",
    refusals=(
        act_unknown,
        dates_reversed,
        act_without_effect,
        exception_of_two,
        exception_of_others,
    ),
)
@dataclass(frozen=True, kw_only=True)
class SoDExceptionDeclared(Fact):
    """One person holds two roles that are kept apart, in a small body, by an act, for some days.

    On one CUP, or in `sys/log` for all of them. Source: DOMAIN section 11, small bodies.
    """

    roles: tuple[Role, ...]
    person: PersonRef
    cause: str
    act: ActKey
    from_: date
    to: date | None = None

    @property
    def period(self) -> Period:
        """Return the first and the last day of the exception."""
        return self.from_, self.to

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the exception; in the stream of its act it changes nothing."""
        if dossier.stream.startswith("act/"):
            return dossier
        people = dossier.people
        excepted = (*people.exceptions, taken(SoDException, self, event))
        return altered(dossier, people=altered(people, exceptions=excepted))
