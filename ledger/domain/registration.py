"""The intervention itself: title, measure, body, as registered and described since.

Intervention = CUP, or (CUP, measure, CLP) when the CUP is shared (DOMAIN 3.2).
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.codes import NoticeCode
from ledger.domain.files import FileName
from ledger.domain.identifiers import CLP, CUP, IPA, Istat, Measure, TaxCode

Natura = Literal["01", "02", "03", "06", "07", "08"]


@dataclass(frozen=True, kw_only=True)
class Selector:
    """Which of several interventions on one CUP is meant (DOMAIN 3.2)."""

    measure: Measure
    clp: CLP | None = None


@dataclass(frozen=True, kw_only=True)
class Body:
    """A public body by its IPA code and tax code."""

    ipa: IPA
    tax_code: TaxCode


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A body with a role in the project: 1 programmer, 2 beneficiary, 3 implementer, 4 realizer."""

    role: Literal["1", "2", "3", "4"]
    tax_code: TaxCode
    ipa: IPA | None = None


@dataclass(frozen=True, kw_only=True)
class Tags:
    """Percentages of contribution to climate and digital objectives (Reg. (EU) 2021/241)."""

    climate: int
    digital: int


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture of the gallery with its text alternative."""

    doc: FileName
    alt: str


@dataclass(frozen=True, kw_only=True)
class RegistrationTerms:
    """What is said of an intervention when it is registered; `avviso` is the notice as published."""

    cup: CUP
    title: str
    measure: Measure
    body: Body
    natura: Natura
    decided_in: int
    clp: CLP | None = None
    description: str | None = None
    granting_label: str | None = None
    granting_body: str | None = None
    area: str | None = None
    avviso: str | None = None
    activation_procedure: str | None = None
    localisations: tuple[Istat, ...] = ()
    subjects: tuple[Subject, ...] = ()
    programme: str | None = None
    classifications: tuple[str, ...] = ()
    tags: Tags | None = None


@dataclass(frozen=True, kw_only=True)
class Registration(RegistrationTerms):
    """One intervention as it is described now; `index` is the place of its registration.

    `notice` is the code of the notice, None where the table of notices has no such name.
    """

    notice: NoticeCode | None = None
    links: tuple[str, ...] = ()
    gallery: tuple[Picture, ...] = ()
    registered_on: date
    index: int

    @property
    def pair(self) -> str:
        """Return measure and CLP, by which it is told from others on the same CUP."""
        return format_pair(self.measure, self.clp)

    def is_selected(self, measure: str, clp: str | None) -> bool:
        """Return whether a selector may mean this intervention; without a CLP it means any."""
        return self.measure.key == Measure.parse(measure).key and clp in (None, self.clp)


def format_pair(measure: str, clp: str | None) -> str:
    """Return an intervention among those of its CUP in words, such as `M1C1I1.2 PRJ_2`."""
    return measure if clp is None else f"{measure} {clp}"
