"""The atto ricognitivo: reconstructs and attests what lacks a CUP, an act or a consistent date.

A determina with fourteen items, r01 to r14; r06, r07, r10 and r14 may be not pertinent.
Source: FAQ r-010; DOMAIN section 4.4.
"""

from dataclasses import dataclass
from datetime import date

from ledger.domain.files import FileName
from ledger.domain.identifiers import CIG, ActKey, ServiceItem
from ledger.domain.keys import OperatorKey

ITEMS = tuple(f"r{number:02}" for number in range(1, 15))
MAY_BE_ABSENT = frozenset({"r06", "r07", "r10", "r14"})
NOT_PERTINENT = "non-pertinente"


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
