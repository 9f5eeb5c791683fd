"""An act as the exported state shows it, on one legal day and for one CUP.

Five numbers: proposal, sector, general register (in the key), protocollo, albo. Seven dates: proposal,
adoption, visto, numbering, enforceability, publication from and to. Four tracks: adoption,
enforceability, publication, effect. Source: DOMAIN sections 4.1 and 4.2.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ledger.domain.act_effects import ActEffect, Effects, effect_on, standing, text_in_force
from ledger.domain.act_tracks import Opinion, Refusal, Tracks, Votes
from ledger.domain.acts import Act, ActKind, Link
from ledger.domain.albo import PublicationStatement, state_publication
from ledger.domain.documents import Numbered, SignatureReport
from ledger.domain.files import FileName
from ledger.domain.identifiers import CIG, CUP, ActKey, PersonRef
from ledger.domain.keys import ProcedureKey
from ledger.domain.law import Law
from ledger.domain.money import EUR
from ledger.domain.taken import taken_over


@dataclass(frozen=True, kw_only=True)
class ActStatement:
    """An act as the exported state shows it, on one day and for one CUP."""

    key: ActKey
    kind: ActKind
    subtype: str
    organ: str | None = None
    issuer: str | None = None
    adopted_on: date
    subject: str
    public_subject: str | None = None
    office: str
    signatory: PersonRef
    file: FileName
    amount: EUR | None = None
    share: EUR | None = None
    links: tuple[Link, ...]
    links_total: int | None = None
    continued: tuple[Link, ...] = ()
    moved_from: tuple[CUP, ...] = ()
    cigs: tuple[CIG, ...] = ()
    cig_absence: str | None = None
    procedure: ProcedureKey | None = None
    chapters: tuple[str, ...] = ()
    rup: PersonRef | None = None
    form: str | None = None
    cup_in_text: str
    proposal: Numbered | None = None
    sector_number: str | None = None
    protocollo: Numbered | None = None
    numbered_on: date | None = None
    signature_report: SignatureReport | None = None
    adoption: str
    enforceability: str
    effective_on: date | None = None
    rule_id: str | None = None
    publication: str
    published_from: date | None = None
    published_to: date | None = None
    albo_number: str | None = None
    publications: tuple[PublicationStatement, ...] = ()
    effect: str
    text_in_force: ActKey | None = None
    effects: tuple[ActEffect, ...] = ()
    affects: tuple[ActKey, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    votes: str | None = None
    majority: Votes | None = None
    endorsed_on: date | None = None
    refusals: tuple[Refusal, ...] = ()
    index: int
    days_late: int


@dataclass(frozen=True, kw_only=True)
class LinkedAct(Tracks):
    """An act that was linked to the CUP after its registration, known here by its key and share.

    What is said of it is known since the link. `relinked_to` is the CUP to which it was moved from here,
    as linked by mistake.
    """

    act: ActKey
    share: EUR | None = None
    cause: str
    relinked_from: str | None = None
    relinked_to: CUP | None = None
    on: date
    index: int

    @property
    def stays(self) -> bool:
        """Return whether it is linked here, and was not moved away."""
        return self.relinked_to is None


@dataclass(frozen=True, kw_only=True)
class LinkedActStatement:
    """A linked act as the exported state shows it: of its tracks, what was told here since the link."""

    act: ActKey
    share: EUR | None = None
    cause: str
    relinked_from: str | None = None
    relinked_to: CUP | None = None
    endorsed_on: date | None = None
    enforceability: str | None = None
    effective_on: date | None = None
    rule_id: str | None = None
    publication: str | None = None
    published_from: date | None = None
    published_to: date | None = None
    albo_number: str | None = None
    effect: str | None = None
    effects: tuple[ActEffect, ...] = ()
    text_in_force: ActKey | None = None
    on: date
    index: int


def state_linked(
    linked: Iterable[LinkedAct], day: date, effects: Effects
) -> tuple[LinkedActStatement, ...]:
    """Return what is known of the linked acts on a day, in order of the log."""
    return tuple(_state_linked_act(one, day, effects) for one in linked)


def _state_linked_act(linked: LinkedAct, day: date, effects: Effects) -> LinkedActStatement:
    done, last = standing(effects, linked.act), linked.term_met_on(day)
    force, text = linked.enforceability, text_in_force(effects, linked.act, day)
    return taken_over(
        LinkedActStatement,
        linked,
        endorsed_on=linked.endorsed_on,
        enforceability=linked.enforceability_on(day) if force else None,
        effective_on=force.effective_on if force else None,
        rule_id=force.rule_id if force else None,
        publication=last.state_on(day) if last else None,
        published_from=last.from_ if last else None,
        published_to=last.to if last else None,
        albo_number=last.albo_number if last else None,
        effect=effect_on(effects, linked.act, day, is_void=False) if done else None,
        effects=tuple(done),
        text_in_force=ActKey.parse(text) if text != linked.act else None,
    )


def state_act(act: Act, share: EUR | None, day: date, effects: Effects, law: Law) -> ActStatement:
    """Return the act as it stands on a day, with the share of the amount that is asked for."""
    last = act.term_met_on(day)
    text = text_in_force(effects, act.key, day)
    return taken_over(
        ActStatement,
        act,
        share=share,
        adoption="numerata" if act.numbered_on is None or act.numbered_on <= day else "adottata",
        enforceability=act.enforceability_on(day),
        effective_on=act.enforceability.effective_on if act.enforceability else None,
        rule_id=act.enforceability.rule_id if act.enforceability else None,
        publication=act.publication_on(day),
        published_from=last.from_ if last else None,
        published_to=last.to if last else None,
        albo_number=last.albo_number if last else None,
        publications=tuple(state_publication(term, act.kind, law) for term in act.publications),
        effect=effect_on(effects, act.key, day, is_void=act.void),
        effects=tuple(standing(effects, act.key)),
        text_in_force=ActKey.parse(text) if text != act.key else None,
        endorsed_on=act.endorsed_on,
    )
