"""Checks of an intervention: double funding, certificates, non conformities, attestations.

    certificate     iso-fornitore  iso14001  16825251008  2022-01-01 - 2024-12-31, both included
    attestation     ardi4 of procedure 95156957EC, with its evidence; withdrawn or in force
    acknowledgement of (code, subject) of a finding, with an explanation

What was withdrawn or remedied stays, with the day. Ids are unique in the stream of the CUP.
Source: DOMAIN sections 7.1, 7.2, 9.7 and 10.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.files import FileName
from ledger.domain.identifiers import CUP, ShortId
from ledger.domain.keys import OperatorKey, ProcedureKey
from ledger.domain.references import EventId

CheckName = Literal[
    "ardi1",
    "ardi2",
    "ardi3",
    "ardi4",
    "ardi5",
    "ardi6",
    "ardi7",
    "ardi8",
    "selezione",
    "gara",
    "spesa",
]
CheckOutcome = Literal["positivo", "non-applicabile"]
FundingOutcome = Literal["assente", "presente"]
NonConformitySeverity = Literal["critical", "serious", "minor"]


@dataclass(frozen=True, kw_only=True)
class DoubleFundingTerms:
    """Whether another public source pays the same cost; `others` are the CUPs concerned."""

    outcome: FundingOutcome
    method: str
    doc: FileName
    others: tuple[CUP, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DoubleFundingCheck(DoubleFundingTerms):
    """A check of double funding."""

    on: date
    index: int
    actor: str


@dataclass(frozen=True, kw_only=True)
class CertificateTerms:
    """A certificate of a standard in the name of its holder; both days are included."""

    certificate: ShortId
    standard: ShortId
    holder: OperatorKey
    from_: date
    to: date
    doc: FileName
    issuer: str | None = None


@dataclass(frozen=True, kw_only=True)
class CheckWithdrawal:
    """The end of what was withdrawn: from this day on it does not count."""

    cause: str
    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class Certificate(CertificateTerms):
    """A certificate, with its withdrawal when there is one."""

    index: int
    withdrawn: CheckWithdrawal | None = None


@dataclass(frozen=True, kw_only=True)
class NonConformityTerms:
    """What does not conform, how serious, to be remedied by which day."""

    nonconformity: ShortId
    about: str
    severity: NonConformitySeverity
    due_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class NonConformityRemedy:
    """How a non conformity was remedied."""

    how: str
    evidence: tuple[FileName, ...] = ()
    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class NonConformity(NonConformityTerms):
    """A non conformity, with its remedy when there is one."""

    on: date
    index: int
    remedied: NonConformityRemedy | None = None


@dataclass(frozen=True, kw_only=True)
class AttestationTerms:
    """The outcome of one check, of one procedure or of the whole, with its evidence."""

    check: CheckName
    outcome: CheckOutcome
    evidence: tuple[FileName, ...]
    procedure: ProcedureKey | None = None
    cause: str | None = None


@dataclass(frozen=True, kw_only=True)
class Attestation(AttestationTerms):
    """An attestation; a later one of the same check and procedure takes its place."""

    on: date
    index: int
    withdrawn: CheckWithdrawal | None = None


@dataclass(frozen=True, kw_only=True)
class AcknowledgementTerms:
    """The explanation of a finding; `remedy` is the event that removed its cause or remedies it."""

    code: str
    subject: str
    explanation: str
    remedy: EventId | None = None


@dataclass(frozen=True, kw_only=True)
class Acknowledgement(AcknowledgementTerms):
    """An acknowledgement, by whom it was signed and in which role."""

    on: date
    index: int
    actor: str
    role: str


@dataclass(frozen=True)
class Checks:
    """All checks, each in order of the log."""

    double_funding: tuple[DoubleFundingCheck, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    non_conformities: tuple[NonConformity, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()

    def certificate(self, key: str) -> Certificate | None:
        """Return the certificate of that short id."""
        return next((one for one in self.certificates if one.certificate == key), None)

    def non_conformity(self, key: str) -> NonConformity | None:
        """Return the non conformity of that short id."""
        return next((one for one in self.non_conformities if one.nonconformity == key), None)

    def attestation(self, check: str, procedure: str | None) -> Attestation | None:
        """Return the last attestation of a check, withdrawn or not."""
        of = (check, procedure)
        return next(
            (one for one in reversed(self.attestations) if (one.check, one.procedure) == of), None
        )

    def acknowledged(self, code: str, subject: str) -> tuple[Acknowledgement, ...]:
        """Return the acknowledgements of a finding, the first one first."""
        of = (code, subject)
        return tuple(one for one in self.acknowledgements if (one.code, one.subject) == of)
