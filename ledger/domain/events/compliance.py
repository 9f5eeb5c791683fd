"""Checklists: opened, answered, signed, reviewed, superseded. Source: DOMAIN sections 7.1 and 9.7."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ledger.domain.altered import altered
from ledger.domain.compliance import (
    Answer,
    Checklist,
    ChecklistSupersession,
    Edition,
    Outcome,
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
    evidence_missing,
    level_not_allowed,
    remedy_missing,
    self_review,
)
from ledger.domain.rules.interventions import (
    duplicate_key,
    nothing_changed,
    reference_closed,
    reference_unknown,
)
from ledger.domain.situation import Situation
from ledger.domain.taken import taken


@dataclass(frozen=True, kw_only=True)
class OnChecklist(Fact):
    """What is said of one checklist of the intervention, by its short id."""

    checklist: ShortId

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the checklist when it was not opened."""
        if dossier.compliance.checklist(self.checklist) is None:
            yield f"la checklist {self.checklist}", "open-checklist/1"

    def closed(self, dossier: Dossier) -> Iterator[str]:
        """Yield the checklist when another has taken its place."""
        found = dossier.compliance.checklist(self.checklist)
        if found is not None and found.superseded is not None:
            yield f"la checklist {self.checklist}, superata da {found.superseded.by},"

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
        checklist = taken(Checklist, self, event, opened_on=event.day)
        return altered(dossier, compliance=dossier.compliance.opened(checklist))


@event(
    "checklist-answered/1",
    ask="answer-checklist/1",
    italian="Risposta",
    says="Risposta {answer} alla riga {row} della checklist {checklist}",
    streams=(own_cup,),
    by=("rup", "dirigente", "verificatore"),
    refusals=(
        reference_unknown,
        reference_closed,
        nothing_changed,
        answer_without_comment,
        remedy_missing,
        evidence_missing,
    ),
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

    @property
    def uncommented(self) -> tuple[str, str] | None:
        """Return the row and its answer, when the answer needs a comment and has none."""
        denies = self.answer in ("NO", "NON_APPLICABILE")
        return (f"riga {self.row}", self.answer) if denies and self.comment is None else None

    def unproven(self, event: Event, situation: Situation) -> Iterator[tuple[str, str]]:
        """Yield the row when its template demands a file for SI and there is none."""
        for dossier in situation.dossiers(event).values():
            found = dossier.compliance.checklist(self.checklist)
            tables = situation.law.compliance
            template = tables.template(found.template, found.version) if found else None
            row = template.row(self.row) if template else None
            if row is not None and row.evidence and self.answer == "SI" and not self.evidence:
                yield f"la riga {self.row}", "un file in «evidence»"

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
        return checklist.answered(taken(RowAnswer, self, event))


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
        """Yield the checklist when it is signed as it is, or superseded."""
        yield from super().closed(dossier)
        found = dossier.compliance.checklist(self.checklist)
        if found is not None and found.is_signed:
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
        reference_closed,
        checklist_not_signed,
        answer_without_comment,
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

    @property
    def uncommented(self) -> tuple[str, str] | None:
        """Return the list and KO, when it has no comment."""
        denies = self.outcome == "KO" and self.comment is None
        return (f"checklist {self.checklist}", self.outcome) if denies else None

    def changed(self, checklist: Checklist, event: Event) -> Checklist:
        """Return the checklist with the review."""
        return altered(checklist, reviews=(*checklist.reviews, taken(Review, self, event)))


@event(
    "checklist-superseded/1",
    ask="supersede-checklist/1",
    italian="Sostituzione",
    says="La checklist {checklist} è superata da {by}: {cause}",
    streams=(own_cup,),
    by=("rup", "dirigente", "verificatore"),
    refusals=(reference_unknown, reference_closed, nothing_changed),
)
@dataclass(frozen=True, kw_only=True)
class ChecklistSuperseded(OnChecklist):
    """Another list takes the place of this one, which stays with its answers and no longer binds."""

    by: ShortId
    cause: str

    def missing(self, dossier: Dossier) -> Missing:
        """Yield either list when it was not opened."""
        yield from super().missing(dossier)
        if dossier.compliance.checklist(self.by) is None:
            yield f"la checklist {self.by}", "open-checklist/1"

    def closed(self, dossier: Dossier) -> Iterator[str]:
        """Yield either list when another has taken its place."""
        yield from super().closed(dossier)
        other = dossier.compliance.checklist(self.by)
        if other is not None and other.superseded is not None:
            yield f"la checklist {self.by}"

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the list when it would supersede itself."""
        return f"la checklist {self.checklist}" if self.by == self.checklist else None

    def changed(self, checklist: Checklist, event: Event) -> Checklist:
        """Return the checklist with what took its place."""
        return altered(checklist, superseded=taken(ChecklistSupersession, self, event))
