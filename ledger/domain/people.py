"""People: who held which role of the law, from when, by which act.

A person is an opaque reference (`p_...`); the name lives in the vault. A nomination is of a person;
the authority of a key (`role-granted`) is another thing. Source: DOMAIN sections 9.2 and 11.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.altered import altered
from ledger.domain.files import FileName
from ledger.domain.identifiers import ActKey, PersonRef
from ledger.domain.keys import OperatorKey, ProcedureKey

LegalRole = Literal[
    "rup",
    "dirigente",
    "responsabile-procedimento",
    "dec",
    "dl",
    "collaudatore",
    "commissario",
    "personale-interno",
    "rtd",
    "responsabile-finanziario",
    "segretario",
    "rpct",
    "dpo",
    "rappresentante-legale",
]


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """A nomination; `from_` and `to` are both included."""

    person: PersonRef
    role: LegalRole
    from_: date
    to: date | None = None
    act: ActKey | None = None
    procedure: str | None = None
    interim: bool = False
    index: int
    ended_index: int | None = None

    def in_force(self, day: date) -> bool:
        """Return whether the nomination covers that day."""
        return self.from_ <= day and (self.to is None or day <= self.to)

    def overlaps(self, other: "Assignment") -> bool:
        """Return whether the two have a day in common."""
        starts_before_end = other.to is None or self.from_ <= other.to
        ends_after_start = self.to is None or other.from_ <= self.to
        return starts_before_end and ends_after_start


@dataclass(frozen=True, kw_only=True)
class SoDException:
    """Two roles of keys that one person may hold, by an act, over days both included."""

    roles: tuple[str, ...]
    person: PersonRef
    cause: str
    act: ActKey
    from_: date
    to: date | None = None
    index: int

    def in_force(self, day: date) -> bool:
        """Return whether it covers that legal day."""
        return self.from_ <= day and (self.to is None or day <= self.to)


@dataclass(frozen=True, kw_only=True)
class ConflictTerms:
    """A declaration on conflicts of interest of a person in a role (L. 241/1990 art. 6-bis)."""

    person: PersonRef
    role: LegalRole
    outcome: Literal["assente", "potenziale", "presente"]
    declared_on: date
    doc: FileName
    procedure: ProcedureKey | None = None


@dataclass(frozen=True, kw_only=True)
class ConflictDeclaration(ConflictTerms):
    """A declaration as recorded."""

    index: int


@dataclass(frozen=True, kw_only=True)
class AbstentionTerms:
    """A person who abstains from a matter, and who takes the place."""

    person: PersonRef
    matter: str
    doc: FileName | None = None
    replaced_by: PersonRef | None = None


@dataclass(frozen=True, kw_only=True)
class Abstention(AbstentionTerms):
    """An abstention as recorded."""

    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class OwnerTerms:
    """The beneficial owners of an operator, and how they were found (Reg. (EU) 2021/241 art. 22)."""

    op: OperatorKey
    persons: tuple[PersonRef, ...]
    method: Literal["registro", "dichiarazione", "visura"]
    identified_on: date
    doc: FileName
    subcontractor: bool = False
    procedure: ProcedureKey | None = None


@dataclass(frozen=True, kw_only=True)
class BeneficialOwner(OwnerTerms):
    """Owners as recorded."""

    index: int


@dataclass(frozen=True)
class People:
    """All nominations, declarations and exceptions to the separation of duties, in order of the log."""

    assignments: tuple[Assignment, ...] = ()
    exceptions: tuple[SoDException, ...] = ()
    conflicts: tuple[ConflictDeclaration, ...] = ()
    abstentions: tuple[Abstention, ...] = ()
    owners: tuple[BeneficialOwner, ...] = ()

    def assigned(self, assignment: Assignment) -> "People":
        """Return the people with one more nomination."""
        return altered(self, assignments=(*self.assignments, assignment))

    def open(self, person: str, role: str) -> Assignment | None:
        """Return the nomination of a person in a role that has not been ended."""
        return next(
            (
                found
                for found in reversed(self.assignments)
                if found.person == person and found.role == role and found.ended_index is None
            ),
            None,
        )

    def open_on(self, person: str, role: str, day: date) -> Assignment | None:
        """Return the newest open nomination that had begun on a day; without any, the newest."""
        begun = altered(self, assignments=tuple(a for a in self.assignments if a.from_ <= day))
        return begun.open(person, role) or self.open(person, role)

    def ended(self, person: str, role: str, to: date, index: int) -> "People":
        """Return the people with the nomination ended that had begun by then."""
        target = self.open_on(person, role, to)
        after = tuple(
            altered(found, to=to, ended_index=index) if found is target else found
            for found in self.assignments
        )
        return altered(self, assignments=after)
