"""DNSH regime and checklists. Source: DOMAIN sections 7.1 and 9.7."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ledger.domain.altered import altered
from ledger.domain.compliance import (
    Answer,
    Checklist,
    Edition,
    Outcome,
    Regime,
    RegimeStatement,
    Review,
    RowAnswer,
    Stage,
)
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import Fact, Missing, event
from ledger.domain.events.streams import own_cup
from ledger.domain.files import FileName
from ledger.domain.identifiers import ShortId
from ledger.domain.rules.checklists import (
    answer_without_comment,
    answers_pending,
    checklist_not_signed,
    exemption_without_rule,
    level_not_allowed,
    remedy_missing,
    review_without_comment,
    self_review,
)
from ledger.domain.rules.interventions import (
    duplicate_key,
    nothing_changed,
    reference_closed,
    reference_unknown,
)


@dataclass(frozen=True, kw_only=True)
class OnChecklist(Fact):
    """What is said of one checklist of the intervention, by its short id."""

    checklist: ShortId

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the checklist when it was not opened."""
        if dossier.compliance.checklist(self.checklist) is None:
            yield f"la checklist {self.checklist}", "open-checklist/1"

    def changed(self, checklist: Checklist, event: Event) -> Checklist:
        """Return the checklist after this event."""
        raise NotImplementedError(event.type.name)

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Put the checklist in its new form."""
        found = dossier.compliance.checklist(self.checklist)
        if found is None:
            return dossier
        after = self.changed(found, event)
        return altered(dossier, compliance=dossier.compliance.changed(after))


@event(
    "dnsh-regime-determined/1",
    ask="determine-dnsh-regime/1",
    italian="Regime e schede DNSH",
    says="Determinato il regime DNSH {regime}, guida {edition}",
    streams=(own_cup,),
    by=("rup",),
    refusals=(nothing_changed, exemption_without_rule),
    findings=("dnsh-edition-superseded",),
)
@dataclass(frozen=True, kw_only=True)
class DNSHRegimeDetermined(Fact):
    """Which sheets of which edition of the guide bind the intervention, and why."""

    regime: Regime
    edition: Edition
    sheets: tuple[int, ...]
    cause: str
    rule_id: str | None = None

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the regime when it is already determined so."""
        last = dossier.compliance.regimes[-1] if dossier.compliance.regimes else None
        mine = (self.regime, self.edition, self.sheets)
        same = last is not None and (last.regime, last.edition, last.sheets) == mine
        return "il regime DNSH" if same else None

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the determination."""
        regime = RegimeStatement(
            regime=self.regime,
            edition=self.edition,
            sheets=self.sheets,
            cause=self.cause,
            rule_id=self.rule_id,
            on=event.day,
            index=event.index,
        )
        return altered(dossier, compliance=dossier.compliance.determined(regime))


@event(
    "checklist-opened/1",
    ask="open-checklist/1",
    italian="Apertura checklist",
    says="Aperta la checklist {checklist} ({stage})",
    streams=(own_cup,),
    by=("rup", "dirigente", "verificatore"),
    refusals=(duplicate_key,),
)
@dataclass(frozen=True, kw_only=True)
class ChecklistOpened(Fact):
    """A checklist by template and version; a DNSH one by edition and sheet too."""

    checklist: ShortId
    template: str
    version: str
    stage: Stage
    edition: Edition | None = None
    sheet: int | None = None
    contract: str | None = None
    procedure: str | None = None

    def natural_keys(self, dossier: Dossier) -> Iterator[str]:
        """Yield the short id when it is taken."""
        if dossier.compliance.checklist(self.checklist) is not None:
            yield f"la checklist {self.checklist}"

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the empty checklist."""
        checklist = Checklist(
            checklist=self.checklist,
            template=self.template,
            version=self.version,
            stage=self.stage,
            edition=self.edition,
            sheet=self.sheet,
            opened_on=event.day,
            index=event.index,
        )
        return altered(dossier, compliance=dossier.compliance.opened(checklist))


@event(
    "checklist-answered/1",
    ask="answer-checklist/1",
    italian="Risposta",
    says="Risposta {answer} alla riga {row} della checklist {checklist}",
    streams=(own_cup,),
    by=("rup", "dirigente", "verificatore"),
    refusals=(reference_unknown, nothing_changed, answer_without_comment, remedy_missing),
    findings=("dnsh-ex-ante-no", "dnsh-ex-post-no", "review-stale"),
)
@dataclass(frozen=True, kw_only=True)
class ChecklistAnswered(OnChecklist):
    """The answer to one row; NO and NON_APPLICABILE need a comment."""

    row: str
    answer: Answer
    comment: str | None = None
    remedy: str | None = None
    due_on: date | None = None
    evidence: tuple[FileName, ...] = ()

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the row when it has this very answer."""
        found = dossier.compliance.checklist(self.checklist)
        for row in found.rows if found else ():
            mine = (self.row, self.answer, self.comment, self.remedy, self.due_on, self.evidence)
            theirs = (row.row, row.answer, row.comment, row.remedy, row.due_on, row.evidence)
            if mine == theirs:
                return f"la risposta alla riga {self.row}"
        return None

    def changed(self, checklist: Checklist, event: Event) -> Checklist:
        """Return the checklist with the answer in its row."""
        answer = RowAnswer(
            row=self.row,
            answer=self.answer,
            comment=self.comment,
            remedy=self.remedy,
            due_on=self.due_on,
            evidence=self.evidence,
            on=event.day,
            index=event.index,
            actor=event.actor,
        )
        return checklist.answered(answer)


@event(
    "checklist-signed/1",
    ask="sign-checklist/1",
    italian="Sottoscrizione",
    says="Firmata la checklist {checklist}",
    streams=(own_cup,),
    by=("rup",),
    refusals=(reference_unknown, reference_closed, answers_pending),
    findings=("dnsh-ex-post-no", "checklist-unsigned"),
)
@dataclass(frozen=True, kw_only=True)
class ChecklistSigned(OnChecklist):
    """The signature of the RUP; an answer after it opens the list again."""

    file: FileName | None = None

    def closed(self, dossier: Dossier) -> Iterator[str]:
        """Yield the checklist when it is signed as it is."""
        found = dossier.compliance.checklist(self.checklist)
        if found is not None and found.signed_index is not None:
            yield f"la checklist {self.checklist}"

    def changed(self, checklist: Checklist, event: Event) -> Checklist:
        """Return the checklist with its signature."""
        return checklist.signed(event.day, event.index, event.actor)


@event(
    "checklist-reviewed/1",
    ask="review-checklist/1",
    italian="Verifica di livello",
    says="Verifica di livello {level} della checklist {checklist}: {outcome}",
    streams=(own_cup,),
    by=("verificatore", "segretario", "auditor"),
    refusals=(
        level_not_allowed,
        reference_unknown,
        checklist_not_signed,
        review_without_comment,
        self_review,
    ),
    findings=("review-ko", "review-stale"),
)
@dataclass(frozen=True, kw_only=True)
class ChecklistReviewed(OnChecklist):
    """The second level (internal control, TUEL art. 147-bis) or the third (external, sample)."""

    level: int
    outcome: Outcome
    row: str | None = None
    comment: str | None = None

    def changed(self, checklist: Checklist, event: Event) -> Checklist:
        """Return the checklist with the review."""
        review = Review(
            level=self.level,
            outcome=self.outcome,
            row=self.row,
            comment=self.comment,
            on=event.day,
            index=event.index,
            actor=event.actor,
        )
        return altered(checklist, reviews=(*checklist.reviews, review))
