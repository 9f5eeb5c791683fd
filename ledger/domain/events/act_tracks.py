"""What happens to an act after it is registered: visto, enforceability, publication.

Source: DOMAIN sections 4.2, 4.3 and 9.3.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.acts import (
    Endorsement,
    Enforceability,
    Publication,
)
from ledger.domain.altered import altered
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import Fact, Period, event
from ledger.domain.events.streams import cups_of_act, named_act
from ledger.domain.files import FileName
from ledger.domain.identifiers import ActKey, PersonRef
from ledger.domain.rules.acts import (
    act_unknown,
    act_without_effect,
    before_adoption,
    dates_reversed,
    endorsement_by_same_key,
    publication_too_short,
)
from ledger.domain.rules.enforceability import (
    already_enforceable,
    enforceable_too_early,
    rule_not_applicable,
    rule_of_another_role,
    rule_unknown,
    visto_missing,
)


@event(
    "endorsement-given/1",
    ask="give-endorsement/1",
    italian="Visto di regolarità contabile",
    says="Visto di regolarità contabile sull'atto {act}",
    streams=(named_act, cups_of_act),
    by=("finanziario",),
    refusals=(act_unknown, endorsement_by_same_key, act_without_effect, before_adoption),
    findings=("endorsement-by-signatory",),
)
@dataclass(frozen=True, kw_only=True)
class EndorsementGiven(Fact):
    """The visto that attests financial cover (TUEL arts. 147-bis, 183 c. 7)."""

    act: ActKey
    by_person: PersonRef
    commitments: tuple[str, ...] = ()
    doc: FileName | None = None

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the visto to the act."""
        act = dossier.acts.get(self.act)
        if act is None:
            return dossier
        visto = Endorsement(
            index=event.index, given_on=event.day, by_person=self.by_person, actor=event.actor
        )
        return dossier.with_act(act.endorsed(visto))


@event(
    "enforceability-acquired/1",
    ask="record-enforceability/1",
    italian="Esecutività",
    says="L'atto {act} è esecutivo dal {effective_on} ({rule_id})",
    streams=(named_act, cups_of_act),
    by=("finanziario", "segretario", "dirigente"),
    dated_by="effective_on",
    refusals=(
        rule_of_another_role,
        act_unknown,
        rule_unknown,
        rule_not_applicable,
        already_enforceable,
        act_without_effect,
        before_adoption,
        visto_missing,
        enforceable_too_early,
    ),
    findings=("enforceability-by-policy",),
)
@dataclass(frozen=True, kw_only=True)
class EnforceabilityAcquired(Fact):
    """The day from which the act has force; `rule_id` is the dated rule that says so."""

    act: ActKey
    effective_on: date
    rule_id: str

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Set the enforceability of the act."""
        act = dossier.acts.get(self.act)
        if act is None:
            return dossier
        acquired = Enforceability(
            index=event.index, effective_on=self.effective_on, rule_id=self.rule_id
        )
        return dossier.with_act(altered(act, enforceability=acquired))


@event(
    "act-published/1",
    ask="publish-act/1",
    italian="Pubblicazione all'albo",
    says="Atto {act} all'albo pretorio dal {from_} al {to}",
    streams=(named_act, cups_of_act),
    by=("pubblicatore", "segretario"),
    dated_by="from",
    refusals=(act_unknown, dates_reversed, before_adoption, publication_too_short),
    findings=("publication-late",),
)
@dataclass(frozen=True, kw_only=True)
class ActPublished(Fact):
    """A term at the albo pretorio, both days included (TUEL art. 124; L. 69/2009 art. 32)."""

    act: ActKey
    albo_number: str
    from_: date
    to: date
    version: Literal["integrale", "omissis"]
    url: str | None = None
    file: FileName | None = None

    @property
    def period(self) -> Period:
        """Return the first and the last day of the term."""
        return self.from_, self.to

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the term to the act."""
        act = dossier.acts.get(self.act)
        if act is None:
            return dossier
        term = Publication(
            index=event.index,
            albo_number=self.albo_number,
            from_=self.from_,
            to=self.to,
            version=self.version,
        )
        return dossier.with_act(act.published(term))
