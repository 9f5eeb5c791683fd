"""The tracks on which an act moves after its adoption: opinions, visto, enforceability, publication.

What is said of an act is known where the act is: in its own stream, and in that of each CUP. What was
done to it by other acts is another track (act_effects.py).
Source: DOMAIN section 4.2; D.Lgs. 267/2000 (TUEL) arts. 49, 124, 134, 151, 183.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, Self

from ledger.domain.albo import Publication
from ledger.domain.altered import altered
from ledger.domain.identifiers import PersonRef

BY_VOTE: Final = "tuel-134-4"  # the rule of what is enforceable at once


@dataclass(frozen=True, kw_only=True)
class Endorsement:
    """A visto di regolarità contabile (TUEL art. 183 c. 7)."""

    index: int
    given_on: date
    by_person: PersonRef
    actor: str


@dataclass(frozen=True, kw_only=True)
class Enforceability:
    """The day from which an act has force, and the dated rule that says so."""

    index: int
    effective_on: date
    rule_id: str


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A visto that was refused."""

    index: int
    refused_on: date
    by_person: PersonRef
    cause: str


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """An opinion on a proposal (TUEL art. 49)."""

    kind: Literal["tecnica", "contabile"]
    by_person: PersonRef
    outcome: Literal["favorevole", "contrario", "con-condizioni"]
    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class Votes:
    """Votes for, of how many members of the organ (TUEL art. 134 c. 4)."""

    for_: int
    members: int


@dataclass(frozen=True, kw_only=True)
class Tracks:
    """What was said of an act after its adoption, in order of the log."""

    opinions: tuple[Opinion, ...] = ()
    endorsements: tuple[Endorsement, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    majority: Votes | None = None
    enforceability: Enforceability | None = None
    publications: tuple[Publication, ...] = ()

    @property
    def endorsed_on(self) -> date | None:
        """Return the day of the first visto by its legal date, None without any."""
        return min((visto.given_on for visto in self.endorsements), default=None)

    def enforceability_on(self, day: date) -> str:
        """Return the state of the track of enforceability on that day."""
        found = self.enforceability
        if found is None or found.effective_on > day:
            return "non-esecutiva"
        return "immediatamente-eseguibile" if found.rule_id == BY_VOTE else "esecutiva"

    def publication_on(self, day: date) -> str:
        """Return the state of the track of publication on that day."""
        term = self.term_met_on(day)
        return term.state_on(day) if term is not None else "non-pubblicata"

    def term_met_on(self, day: date) -> Publication | None:
        """Return the term at the albo that a fact of that day is about.

        Of those that had begun, the newest that had not ended, else the newest; before any had begun,
        the first that begins. What order they were recorded in means nothing.
        """
        terms = sorted(self.publications, key=lambda one: (one.from_, one.index))
        begun = [one for one in terms if one.from_ <= day]
        running = [one for one in begun if not one.is_ended_by(day)]
        met = running or begun or terms[:1]
        return met[-1] if met else None

    def endorsed(self, endorsement: Endorsement) -> Self:
        """Return the same with one more visto."""
        return altered(self, endorsements=(*self.endorsements, endorsement))

    def published(self, publication: Publication) -> Self:
        """Return the same with one more term at the albo."""
        return altered(self, publications=(*self.publications, publication))

    def with_term(self, changed: Publication) -> Self:
        """Return the same with that term at the albo in its new form."""
        terms = tuple(changed if one.index == changed.index else one for one in self.publications)
        return altered(self, publications=terms)
