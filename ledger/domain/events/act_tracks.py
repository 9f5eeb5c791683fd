"""What gives an act its force: opinions, visto, enforceability.

Source: DOMAIN sections 4.2, 4.3 and 9.3.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.act_tracks import (
    BY_VOTE,
    Endorsement,
    Enforceability,
    Opinion,
    Refusal,
    Votes,
)
from ledger.domain.altered import altered
from ledger.domain.event import Event
from ledger.domain.events.acts import OfAct, Said
from ledger.domain.events.declaration import event
from ledger.domain.events.streams import cups_of_act, named_act
from ledger.domain.files import FileName
from ledger.domain.identifiers import PersonRef
from ledger.domain.rules.acts import (
    act_unknown,
    act_without_effect,
    before_adoption,
    endorsement_by_same_key,
)
from ledger.domain.rules.enforceability import (
    already_enforceable,
    enforceable_too_early,
    immediate_only_deliberazione,
    immediate_without_majority,
    opinion_of_another_role,
    rule_not_applicable,
    rule_of_another_role,
    rule_unknown,
    visto_missing,
)
from ledger.domain.taken import taken


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
class EndorsementGiven(OfAct):
    """The visto that attests financial cover (TUEL arts. 147-bis, 183 c. 7)."""

    by_person: PersonRef
    commitments: tuple[str, ...] = ()
    doc: FileName | None = None

    def changed(self, act: Said, event: Event) -> Said:
        """Add the visto to the act."""
        visto = Endorsement(
            index=event.index, given_on=event.day, by_person=self.by_person, actor=event.actor
        )
        return act.endorsed(visto)


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
class EnforceabilityAcquired(OfAct):
    """The day from which the act has force; `rule_id` is the dated rule that says so."""

    effective_on: date
    rule_id: str

    def changed(self, act: Said, event: Event) -> Said:
        """Set the enforceability of the act."""
        acquired = Enforceability(
            index=event.index, effective_on=self.effective_on, rule_id=self.rule_id
        )
        return altered(act, enforceability=acquired)


@event(
    "opinion-given/1",
    ask="give-opinion/1",
    italian="Parere art. 49",
    says="Parere di regolarità {kind} sull'atto {act}: {outcome}",
    streams=(named_act, cups_of_act),
    by=("rup", "dirigente", "finanziario"),
    refusals=(opinion_of_another_role, act_unknown),
)
@dataclass(frozen=True, kw_only=True)
class OpinionGiven(OfAct):
    """A technical or accounting opinion on a proposal to Giunta or Consiglio (TUEL art. 49)."""

    kind: Literal["tecnica", "contabile"]
    by_person: PersonRef
    outcome: Literal["favorevole", "contrario", "con-condizioni"]

    def changed(self, act: Said, event: Event) -> Said:
        """Add the opinion to the act."""
        opinion = taken(Opinion, self, event)
        return altered(act, opinions=(*act.opinions, opinion))


@event(
    "endorsement-refused/1",
    ask="refuse-endorsement/1",
    italian="Visto negato",
    says="Negato il visto sull'atto {act}: {cause}",
    streams=(named_act, cups_of_act),
    by=("finanziario",),
    refusals=(act_unknown, before_adoption),
)
@dataclass(frozen=True, kw_only=True)
class EndorsementRefused(OfAct):
    """The visto that was not given; one given later counts."""

    by_person: PersonRef
    cause: str
    doc: FileName | None = None

    def changed(self, act: Said, event: Event) -> Said:
        """Note the refusal."""
        refused = taken(Refusal, self, event, refused_on=event.day)
        return altered(act, refusals=(*act.refusals, refused))


@event(
    "immediate-enforceability-declared/1",
    ask="declare-immediate-enforceability/1",
    italian="Immediata eseguibilità",
    says="L'atto {act} è immediatamente eseguibile",
    streams=(named_act, cups_of_act),
    by=("rup", "dirigente", "segretario"),
    refusals=(
        act_unknown,
        already_enforceable,
        act_without_effect,
        before_adoption,
        immediate_only_deliberazione,
        immediate_without_majority,
    ),
)
@dataclass(frozen=True, kw_only=True)
class ImmediateEnforceabilityDeclared(OfAct):
    """The separate vote of the majority of the members (TUEL art. 134 c. 4)."""

    votes: Votes

    def changed(self, act: Said, event: Event) -> Said:
        """Set the enforceability of the act."""
        acquired = Enforceability(index=event.index, effective_on=event.day, rule_id=BY_VOTE)
        return altered(act, enforceability=acquired, majority=self.votes)
