"""Publication at the albo: begun, extended or interrupted, completed, withdrawn.

Source: DOMAIN sections 4.2, 4.3 and 9.3; TUEL art. 124; L. 69/2009 art. 32.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.acts import Act
from ledger.domain.albo import Interval, Publication, Version, Withdrawal
from ledger.domain.altered import altered
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.acts import OfAct, Said
from ledger.domain.events.declaration import Missing, Period, Role, event
from ledger.domain.events.streams import cups_of_act, named_act
from ledger.domain.files import FileName
from ledger.domain.rules.acts import (
    act_unknown,
    before_adoption,
    dates_reversed,
    publication_too_short,
)
from ledger.domain.rules.interventions import reference_closed, reference_unknown
from ledger.domain.taken import taken

SIGNERS: tuple[Role, ...] = ("pubblicatore", "segretario")


@event(
    "act-published/1",
    ask="publish-act/1",
    italian="Pubblicazione all'albo",
    says="Atto {act} all'albo pretorio dal {from_} al {to}",
    streams=(named_act, cups_of_act),
    by=SIGNERS,
    dated_by="from",
    refusals=(act_unknown, dates_reversed, before_adoption, publication_too_short),
    findings=("publication-late",),
)
@dataclass(frozen=True, kw_only=True)
class ActPublished(OfAct):
    """A term at the albo pretorio, both days included (TUEL art. 124; L. 69/2009 art. 32)."""

    albo_number: str
    from_: date
    to: date
    version: Version
    url: str | None = None
    file: FileName | None = None

    @property
    def period(self) -> Period:
        """Return the first and the last day of the term."""
        return self.from_, self.to

    def planned(self, act: Act, event: Event) -> Publication | None:  # noqa: ARG002
        """Return the term as it is planned."""
        return taken(Publication, self, event)

    def changed(self, act: Said, event: Event) -> Said:
        """Add the term to the act."""
        return act.published(taken(Publication, self, event))


@dataclass(frozen=True, kw_only=True)
class OnPublication(OfAct):
    """What is said of a publication of an act: of the term that its legal day met."""

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the publication when there is none."""
        act = dossier.acts.get(self.act)
        if act is not None and not act.publications:
            yield f"una pubblicazione dell'atto {self.act}", "publish-act/1"

    def closed_on(self, dossier: Dossier, day: date) -> Iterator[str]:
        """Yield the publication when it was completed or withdrawn: a term ends once."""
        act = dossier.acts.get(self.act)
        term = act.term_met_on(day) if act is not None else None
        if term is not None and self.comes_too_late(term, day):
            yield f"la pubblicazione dell'atto {self.act}"

    def comes_too_late(self, term: Publication, day: date) -> bool:  # noqa: ARG002
        """Return whether the end of a term, on record, leaves no place for this."""
        return term.ended_on is not None

    def ended(self, publication: Publication, event: Event) -> Publication:
        """Return the publication after this event."""
        raise NotImplementedError(event.type.name)

    def changed(self, act: Said, event: Event) -> Said:
        """Put the term in its new form; without any the event was refused."""
        term = act.term_met_on(event.day)
        return act if term is None else act.with_term(self.ended(term, event))


@event(
    "publication-extended/1",
    ask="extend-publication/1",
    italian="Proroga o interruzione",
    says="Pubblicazione dell'atto {act} fino al {to} ({cause})",
    streams=(named_act, cups_of_act),
    by=SIGNERS,
    refusals=(
        act_unknown,
        reference_unknown,
        reference_closed,
        dates_reversed,
        publication_too_short,
    ),
)
@dataclass(frozen=True, kw_only=True)
class PublicationExtended(OnPublication):
    """A longer term; of an interruption, the days on which the act was not there."""

    to: date
    cause: Literal["proroga", "interruzione"]
    interrupted: Interval | None = None

    @property
    def period(self) -> Period:
        """Return the days of the interruption."""
        return (self.interrupted.from_, self.interrupted.to) if self.interrupted else (None, None)

    def comes_too_late(self, term: Publication, day: date) -> bool:
        """Return whether the term had ended by then; what was extended before is told late."""
        return term.is_ended_by(day)

    def planned(self, act: Act, event: Event) -> Publication | None:
        """Return the term as it is planned now."""
        term = act.term_met_on(event.day)
        return self.ended(term, event) if term is not None else None

    def ended(self, publication: Publication, event: Event) -> Publication:  # noqa: ARG002
        """Return the publication with its new end and the interruption."""
        more = (self.interrupted,) if self.interrupted else ()
        interruptions = (*publication.interruptions, *more)
        return altered(publication, to=self.to, interruptions=interruptions)


@event(
    "publication-completed/1",
    ask="complete-publication/1",
    italian="Defissione",
    says="Defissione dell'atto {act}",
    streams=(named_act, cups_of_act),
    by=SIGNERS,
    refusals=(act_unknown, reference_unknown, reference_closed, dates_reversed, before_adoption),
)
@dataclass(frozen=True, kw_only=True)
class PublicationCompleted(OnPublication):
    """The end of the term, with its evidence; the legal date is the day of the defissione."""

    evidence: FileName | None = None

    def begun(self, dossier: Dossier) -> Iterator[tuple[str, date]]:
        """Yield the publications that it may end with the first day of the first of them."""
        act = dossier.acts.get(self.act)
        if act is not None and act.publications:
            first = min(term.from_ for term in act.publications)
            yield f"la pubblicazione dell'atto {self.act}", first

    def ended(self, publication: Publication, event: Event) -> Publication:
        """Return the publication with its end."""
        return altered(publication, completed_on=event.day)


@event(
    "publication-withdrawn/1",
    ask="withdraw-publication/1",
    italian="Ritiro",
    says="Ritirata la pubblicazione dell'atto {act}: {cause}",
    streams=(named_act, cups_of_act),
    by=SIGNERS,
    refusals=(act_unknown, reference_unknown, reference_closed, before_adoption),
)
@dataclass(frozen=True, kw_only=True)
class PublicationWithdrawn(OnPublication):
    """A publication taken away before its end, on a legal basis."""

    cause: str
    legal_basis: str
    replaced_by: str | None = None

    def ended(self, publication: Publication, event: Event) -> Publication:
        """Return the publication with its withdrawal."""
        return altered(publication, withdrawal=taken(Withdrawal, self, event))
