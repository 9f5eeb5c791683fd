"""The atto ricognitivo: reconstructs and attests what lacks a CUP, an act or a consistent date.

A determina whose items, r01 to r14 now, are a table of law (schemas/codes/reconnaissance.json); some of
them may be not pertinent. Source: FAQ r-010; DOMAIN section 4.4.
"""

from dataclasses import dataclass
from datetime import date

from ledger.domain.dated import Dated
from ledger.domain.files import FileName
from ledger.domain.identifiers import CIG, ActKey, ServiceItem
from ledger.domain.keys import OperatorKey

NOT_PERTINENT = "non-pertinente"


@dataclass(frozen=True, kw_only=True)
class RequiredItem(Dated):
    """One item that the act must have, as text or, where it may be absent, `non-pertinente`."""

    rule: str
    text: str
    may_be_absent: bool = False


@dataclass(frozen=True, kw_only=True)
class Covered:
    """One service that the act covers: supplier, file, start date, CIG."""

    item: ServiceItem
    op: OperatorKey
    file: FileName
    started_on: date
    cig: CIG | None = None


@dataclass(frozen=True, kw_only=True)
class Remedied:
    """A finding that the act remedies: its code and its subject."""

    code: str
    subject: str


@dataclass(frozen=True, kw_only=True)
class ReconnaissanceTerms:
    """The act, its items as text or `non-pertinente`, what it covers and remedies."""

    act: ActKey
    items: dict[str, str]
    covers: tuple[Covered, ...]
    remedies: tuple[Remedied, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reconnaissance(ReconnaissanceTerms):
    """An atto ricognitivo as recorded."""

    on: date
    index: int
