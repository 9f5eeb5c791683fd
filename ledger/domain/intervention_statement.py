"""What is told of one intervention on one legal day: derived from its dossier alone.

    state_intervention(dossier, day, law) -> InterventionStatement

Names of fields are the same in JSON, XML and on the page. Source: DOMAIN 1.5.
"""

from dataclasses import dataclass
from datetime import date

from ledger.domain.act_statement import ActStatement, LinkedActStatement, state_act, state_linked
from ledger.domain.acts import Act
from ledger.domain.audits import Audit, AuditFinding, AuditRequest, ExternalCheck
from ledger.domain.checks import Attestation, Certificate, DoubleFundingCheck, NonConformity
from ledger.domain.compliance import (
    Checklist,
    ChecklistSupersession,
    RegimeStatement,
    Review,
    RowAnswer,
    Stage,
)
from ledger.domain.contracts import ContractStatement, state_contract
from ledger.domain.coverage import CertificateCoverage, coverages
from ledger.domain.deadlines import DeadlineStatement, state_deadlines
from ledger.domain.disclosure import Access, Snapshot, Transmission
from ledger.domain.documents import Document
from ledger.domain.dossier import Dossier
from ledger.domain.funding import FundingStatement
from ledger.domain.identifiers import ShortId
from ledger.domain.incomes import IncomeStatement
from ledger.domain.keeping import KeptContent, state_contents
from ledger.domain.law import Law
from ledger.domain.life import LifeStatement
from ledger.domain.money import EUR
from ledger.domain.national import Absence, NationalRow, NationalState
from ledger.domain.oversight import Correction, ExportedPackage, Note
from ledger.domain.people import (
    Abstention,
    Assignment,
    BeneficialOwner,
    ConflictDeclaration,
    SoDException,
)
from ledger.domain.phase_map import OC4IDSStatus, OpenCoesioneStatus
from ledger.domain.phase_status import (
    LotStatement,
    oc4ids_status,
    opencoesione_status,
    overall_moves,
    state_lots,
)
from ledger.domain.phases import LABELS, PHASES, Phase, PhaseMove, PhaseStatement
from ledger.domain.procurement import (
    EqualOpportunityReport,
    KnownCIG,
    ProcedureStatement,
    state_procedure,
)
from ledger.domain.publishing import PublicDocument, public_documents
from ledger.domain.reconnaissance import Reconnaissance
from ledger.domain.retention import Erasure, ErasureRequest, Hold
from ledger.domain.rules.findings import findings
from ledger.domain.rules.standing import (
    FindingStatement,
    PastFinding,
    past_findings,
    state_findings,
)
from ledger.domain.schedule import Extension, PlannedSchedule
from ledger.domain.scope import ScopeItem
from ledger.domain.sheets import DueSheet, state_sheets
from ledger.domain.spending import SpendingStatement
from ledger.domain.targets import LinkedMilestone, Measurement, PlannedIndicator, ReachedTarget


@dataclass(frozen=True, kw_only=True)
class CurrentPhase:
    """The phase the intervention is in, since when, by which registration."""

    phase: Phase
    step: int
    label: str
    since: date
    index: int


@dataclass(frozen=True, kw_only=True)
class ChecklistStatement:
    """A checklist with its state in words."""

    checklist: ShortId
    template: str
    version: str
    stage: Stage
    edition: str | None = None
    sheet: int | None = None
    state: str
    opened_on: date
    signed_on: date | None = None
    rows: tuple[RowAnswer, ...] = ()
    reviews: tuple[Review, ...] = ()
    superseded: ChecklistSupersession | None = None
    index: int


@dataclass(frozen=True, kw_only=True)
class InterventionStatement:
    """All that is known of one intervention; of a CUP that several share, what is known of all."""

    life: LifeStatement
    phase: CurrentPhase | None = None
    phases: tuple[PhaseStatement, ...] = ()
    moves: tuple[PhaseMove, ...]
    opencoesione_status: OpenCoesioneStatus | None = None
    oc4ids_status: OC4IDSStatus | None = None
    lots: tuple[LotStatement, ...] = ()
    schedules: tuple[PlannedSchedule, ...] = ()
    extensions: tuple[Extension, ...] = ()
    deadlines: tuple[DeadlineStatement, ...] = ()
    indicators: tuple[PlannedIndicator, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    milestones: tuple[LinkedMilestone, ...] = ()
    targets: tuple[ReachedTarget, ...] = ()
    national_state: NationalState | None = None
    national_states: tuple[NationalState, ...] = ()
    national_rows: tuple[NationalRow, ...] = ()
    national_absences: tuple[Absence, ...] = ()
    funding: FundingStatement
    spending: SpendingStatement
    incomes: IncomeStatement
    services: tuple[ScopeItem, ...] = ()
    acts: tuple[ActStatement, ...] = ()
    linked_acts: tuple[LinkedActStatement, ...] = ()
    reconnaissances: tuple[Reconnaissance, ...] = ()
    procedures: tuple[ProcedureStatement, ...] = ()
    cigs: tuple[KnownCIG, ...] = ()
    contracts: tuple[ContractStatement, ...] = ()
    equal_opportunity_reports: tuple[EqualOpportunityReport, ...] = ()
    people: tuple[Assignment, ...] = ()
    exceptions: tuple[SoDException, ...] = ()
    conflicts: tuple[ConflictDeclaration, ...] = ()
    abstentions: tuple[Abstention, ...] = ()
    owners: tuple[BeneficialOwner, ...] = ()
    dnsh: RegimeStatement | None = None
    checklists: tuple[ChecklistStatement, ...] = ()
    sheets_due: tuple[DueSheet, ...] = ()
    double_funding: tuple[DoubleFundingCheck, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    certificate_coverage: tuple[CertificateCoverage, ...] = ()
    non_conformities: tuple[NonConformity, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    documents: tuple[Document, ...] = ()
    public_documents: tuple[PublicDocument, ...] = ()
    kept_contents: tuple[KeptContent, ...] = ()
    holds: tuple[Hold, ...] = ()
    erasure_requests: tuple[ErasureRequest, ...] = ()
    erasures: tuple[Erasure, ...] = ()
    packages: tuple[ExportedPackage, ...] = ()
    corrections: tuple[Correction, ...] = ()
    audits: tuple[Audit, ...] = ()
    audit_requests: tuple[AuditRequest, ...] = ()
    audit_findings: tuple[AuditFinding, ...] = ()
    external_checks: tuple[ExternalCheck, ...] = ()
    accesses: tuple[Access, ...] = ()
    transmissions: tuple[Transmission, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    notes: tuple[Note, ...] = ()
    findings: tuple[FindingStatement, ...] = ()
    past_findings: tuple[PastFinding, ...] = ()


def state_intervention(dossier: Dossier, as_of: date, law: Law) -> InterventionStatement:
    """Return what is known of the intervention whose dossier it is, on a legal day."""
    regimes = dossier.compliance.regimes
    found = findings(dossier, as_of, law)
    whole = overall_moves(dossier.phases)
    return InterventionStatement(
        life=dossier.life.statement(),
        phase=_current(dossier),
        phases=dossier.phases.statements(),
        moves=dossier.phases.moves,
        opencoesione_status=opencoesione_status(whole, as_of, law.phase_map),
        oc4ids_status=oc4ids_status(whole, as_of, law, cancelled=_is_cancelled(dossier)),
        lots=state_lots(dossier.phases, as_of, law),
        schedules=dossier.schedule.planned,
        extensions=dossier.schedule.extensions,
        deadlines=state_deadlines(dossier, law),
        indicators=dossier.targets.indicators,
        measurements=dossier.targets.measurements,
        milestones=dossier.targets.milestones,
        targets=dossier.targets.reached,
        national_state=dossier.national.current(),
        national_states=dossier.national.observed,
        national_rows=dossier.national.newest_rows(),
        national_absences=dossier.national.newest_absences(),
        funding=dossier.funding.statement(),
        spending=dossier.spending.statement(),
        incomes=dossier.incomes.statement(dossier.spending.given_back()),
        services=dossier.scope.items,
        acts=tuple(
            state_act(act, _share(act, dossier), as_of, dossier.act_effects, law)
            for act in sorted(dossier.acts.values(), key=lambda a: (a.adopted_on, a.key))
        ),
        linked_acts=state_linked(dossier.linked_acts, as_of, dossier.act_effects),
        reconnaissances=dossier.reconnaissances,
        procedures=tuple(state_procedure(one, law) for one in dossier.procurement.procedures),
        cigs=dossier.procurement.cigs,
        contracts=tuple(state_contract(one, as_of) for one in dossier.contracts.signed),
        equal_opportunity_reports=dossier.procurement.reports,
        people=dossier.people.assignments,
        exceptions=dossier.people.exceptions,
        conflicts=dossier.people.conflicts,
        abstentions=dossier.people.abstentions,
        owners=dossier.people.owners,
        dnsh=regimes[-1] if regimes else None,
        checklists=tuple(_checklist(found, law) for found in dossier.compliance.checklists),
        sheets_due=state_sheets(dossier, as_of, law),
        double_funding=dossier.checks.double_funding,
        certificates=dossier.checks.certificates,
        certificate_coverage=coverages(dossier, as_of),
        non_conformities=dossier.checks.non_conformities,
        attestations=dossier.checks.attestations,
        documents=dossier.documents.files,
        public_documents=public_documents(dossier, as_of),
        kept_contents=state_contents(dossier, as_of, law),
        holds=dossier.retention.holds,
        erasure_requests=dossier.retention.requests,
        erasures=dossier.retention.erasures,
        packages=dossier.oversight.packages,
        corrections=dossier.oversight.corrections,
        audits=dossier.audits.audits,
        audit_requests=dossier.audits.requests,
        audit_findings=dossier.audits.findings,
        external_checks=dossier.audits.checks,
        accesses=dossier.disclosure.accesses,
        transmissions=dossier.disclosure.transmissions,
        snapshots=dossier.disclosure.snapshots,
        notes=dossier.oversight.notes,
        findings=state_findings(found, dossier.checks),
        past_findings=past_findings(found, dossier.checks),
    )


def _share(act: Act, dossier: Dossier) -> EUR | None:
    return act.share(lambda link: dossier.owns(act.key, link))


def _is_cancelled(dossier: Dossier) -> bool:
    """Return whether it was renounced, or its funding revoked as a whole."""
    is_revoked = any(entry.is_whole_revocation for entry in dossier.funding.entries)
    return dossier.life.state == "rinunciato" or is_revoked


def _current(dossier: Dossier) -> CurrentPhase | None:
    move = dossier.phases.current()
    if move is None:
        return None
    return CurrentPhase(
        phase=move.phase,
        step=PHASES.index(move.phase),
        label=LABELS[move.phase],
        since=move.on,
        index=move.index,
    )


def _checklist(found: Checklist, law: Law) -> ChecklistStatement:
    return ChecklistStatement(
        checklist=found.checklist,
        template=found.template,
        version=found.version,
        stage=found.stage,
        edition=found.edition,
        sheet=found.sheet,
        state=found.state(law.compliance.template(found.template, found.version)),
        opened_on=found.opened_on,
        signed_on=found.signed_on,
        rows=found.rows,
        reviews=found.reviews,
        superseded=found.superseded,
        index=found.index,
    )
