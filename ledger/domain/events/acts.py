"""Acts: determine and deliberazioni registered, visto, enforceability, publication.

Source: DOMAIN sections 4 and 9.3.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from ledger.domain.acts import (
    Act,
    CigAbsence,
    DeliberazioneSubtype,
    DeterminaSubtype,
    Endorsement,
    Enforceability,
    Link,
    Organ,
    Publication,
)
from ledger.domain.documents import Document
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import Fact, Period, event
from ledger.domain.events.streams import cups_of_act, linked_cups, named_act, own_act
from ledger.domain.files import FileName
from ledger.domain.identifiers import CIG, IPA, ActKey, ActNumber, PersonRef, RegisterSlug
from ledger.domain.money import EUR
from ledger.domain.rules.acts import (
    act_already_registered,
    act_unknown,
    act_without_cup,
    act_without_effect,
    before_adoption,
    cig_and_absence,
    cup_not_linked,
    dates_reversed,
    endorsement_by_same_key,
    link_repeated,
    publication_too_short,
    shares_sum,
)
from ledger.domain.rules.enforceability import (
    already_enforceable,
    enforceable_too_early,
    rule_not_applicable,
    rule_of_another_role,
    rule_unknown,
    visto_missing,
)
from ledger.domain.rules.funding import amount_not_positive

ACT_REFUSALS = (
    act_already_registered,
    amount_not_positive,
    shares_sum,
    cup_not_linked,
    link_repeated,
    act_without_cup,
    cig_and_absence,
)
ACT_FINDINGS = (
    "cup-missing-in-text",
    "cup-wrong-in-document",
    "cig-missing",
    "act-registered-late",
    "act-year-mismatch",
    "publication-missing",
)


@dataclass(frozen=True, kw_only=True)
class Numbered:
    """A number with its day, as in a proposal or in the protocollo."""

    number: str
    on: date


@dataclass(frozen=True, kw_only=True)
class ActRegistered(Fact):
    """The fields that every act has (DOMAIN 9.3); `links` names each CUP and its share."""

    register: RegisterSlug
    year: int
    number: ActNumber
    adopted_on: date
    subject: str
    office: str
    signatory: PersonRef
    links: tuple[Link, ...]
    cup_in_text: Literal["si", "no", "errato"]
    file: FileName
    ipa: IPA | None = None
    proposal: Numbered | None = None
    sector_number: str | None = None
    protocollo: Numbered | None = None
    numbered_on: date | None = None
    amount: EUR | None = None
    cigs: tuple[CIG, ...] = ()
    cig_absence: CigAbsence | None = None
    procedure: str | None = None
    chapters: tuple[str, ...] = ()
    rup: PersonRef | None = None
    public_subject: str | None = None
    void: bool = False
    form: str | None = None

    def key(self, body: str) -> ActKey:
        """Return (IPA, register, year, number); the IPA is the body's own unless given."""
        return ActKey.parse(f"{self.ipa or body}/{self.register}/{self.year}/{self.number}")

    def act(self, event: Event) -> Act:
        """Return the act as it is on its registration."""
        raise NotImplementedError(event.type.name)

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the act, and its file among the documents of each CUP."""
        act = self.act(event)
        after = dossier.with_act(act)
        ref = event.object_named(self.file)
        if ref is None or dossier.cup is None:
            return after
        document = Document(
            name=self.file,
            kind="atto",
            title=self.subject,
            act=act.key,
            commit=ref.commit,
            size_bytes=ref.size_bytes,
            media_type=ref.media_type,
            on=event.day,
            index=event.index,
        )
        return replace(after, documents=after.documents.attached(document))


def _act_key_of(event: Event) -> ActKey:
    """Return the key in the name of the act stream that the registration claims."""
    name = next(name for name in event.streams if name.startswith("act/"))
    return ActKey.parse(name[len("act/") :])


@event(
    "determina-registered/1",
    ask="register-determina/1",
    italian="Registrazione determina",
    says="Registrata la determina n. {number}/{year} del {adopted_on}: {subject}",
    streams=(own_act, linked_cups),
    by=("rup", "dirigente"),
    dated_by="adopted_on",
    refusals=ACT_REFUSALS,
    findings=(*ACT_FINDINGS, "visto-missing-late"),
)
@dataclass(frozen=True, kw_only=True)
class DeterminaRegistered(ActRegistered):
    """A determination of a manager (TUEL arts. 107, 183)."""

    subtype: DeterminaSubtype

    def act(self, event: Event) -> Act:
        """Return the determina."""
        return Act(kind="determina", subtype=self.subtype, **_act_fields(self, event))


@event(
    "deliberazione-registered/1",
    ask="register-deliberazione/1",
    italian="Registrazione deliberazione",
    says="Registrata la deliberazione di {organ} n. {number}/{year} del {adopted_on}: {subject}",
    streams=(own_act, linked_cups),
    by=("rup", "dirigente", "segretario"),
    dated_by="adopted_on",
    refusals=ACT_REFUSALS,
    findings=ACT_FINDINGS,
)
@dataclass(frozen=True, kw_only=True)
class DeliberazioneRegistered(ActRegistered):
    """A resolution of Giunta, Consiglio or commissario (TUEL arts. 42, 48)."""

    organ: Organ
    subtype: DeliberazioneSubtype
    votes: str | None = None

    def act(self, event: Event) -> Act:
        """Return the deliberazione."""
        fields = _act_fields(self, event)
        return Act(kind="deliberazione", subtype=self.subtype, organ=self.organ, **fields)


def _act_fields(data: ActRegistered, event: Event) -> dict[str, Any]:
    """Return the members of Act that every registration gives."""
    return {
        "key": _act_key_of(event),
        "adopted_on": data.adopted_on,
        "subject": data.subject,
        "office": data.office,
        "signatory": data.signatory,
        "file": data.file,
        "cup_in_text": data.cup_in_text,
        "links": data.links,
        "index": event.index,
        "actor": event.actor,
        "days_late": event.days_late,
        "amount": data.amount,
        "cigs": data.cigs,
        "cig_absence": data.cig_absence,
        "proposal_number": data.proposal.number if data.proposal else None,
        "void": data.void,
    }


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
        return dossier.with_act(replace(act, enforceability=acquired))


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
