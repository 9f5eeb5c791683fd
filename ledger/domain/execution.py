"""What was carried out of a contract: statements of progress (SAL) and certificates of execution.

    SAL 1   20,000.00                       2023-07-03
    CRE     s01  2023-03-20 to 2023-12-15   signed by two where a Unione contracts for the comune

Source: DOMAIN sections 4.4 and 9.4; FAQ r-009, p-002.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.files import FileName
from ledger.domain.identifiers import PersonRef, ServiceItem
from ledger.domain.money import EUR

CertificateKind = Literal["cre", "collaudo", "verifica-conformita"]


@dataclass(frozen=True, kw_only=True)
class CertificateContents:
    """Which of the contents of FAQ r-009 a certificate of execution has."""

    cup: bool
    cig: bool
    measure: bool
    notice: bool
    decree: bool
    realizer: bool
    signature: bool
    nomination: bool
    start_dates: bool
    contract_documents: bool


@dataclass(frozen=True, kw_only=True)
class ProgressTerms:
    """A statement of progress (SAL)."""

    number: int
    amount: EUR
    doc: FileName


@dataclass(frozen=True, kw_only=True)
class Progress(ProgressTerms):
    """One statement of progress."""

    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class CertifiedItem:
    """A service with the days on which its execution began and ended, as certified."""

    item: ServiceItem
    started_on: date
    completed_on: date


@dataclass(frozen=True, kw_only=True)
class CertificateTerms:
    """A certificate of execution; where a Unione contracts for the comune it has two signers."""

    kind: CertificateKind
    signers: tuple[PersonRef, ...]
    items: tuple[CertifiedItem, ...]
    doc: FileName
    contents: CertificateContents | None = None


@dataclass(frozen=True, kw_only=True)
class ExecutionCertificate(CertificateTerms):
    """One certificate of execution."""

    on: date
    index: int
