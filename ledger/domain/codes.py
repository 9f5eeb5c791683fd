"""Codes of national lists: sub-measures, milestones, indicators, programme entries, vocabulary.

    sub-measure  M1C1I1.02.00              indicator  T0079
    milestone    M1C1-139-ITA-1            CUI        S08558150150202200073
    CPV          72268000-1                notice     padigitale-1.2-comuni-2022-04

    >>> CUI.parse("S08558150150202200073").year
    2022

Whether a code is in its list is a question of dated tables; here only the shape is judged.
Source: DOMAIN section 2; Reg. (EC) 213/2008 (CPV); D.Lgs. 36/2023 art. 37 (CUI).
"""

from __future__ import annotations

import re

from ledger.domain import measures, normal_forms
from ledger.domain.grammar import Grammar
from ledger.domain.identifiers import Identifier, Measure, TaxCode


class SubMeasure(Measure):
    """A sub-measure in the full spelling of ReGiS, `M1C1I1.02.00`."""

    __slots__ = ()

    grammar = Grammar(
        "una sottomisura di ReGiS, come M1C1I1.02.00",
        shape=measures.SUB_MEASURE,
    )


class Milestone(Identifier):
    """A milestone or target, European or national (`-ITA-`)."""

    __slots__ = ()

    code = "milestone-malformed"
    grammar = Grammar(
        "una milestone o un target, come M1C1-139",
        shape=measures.MILESTONE,
        fold=normal_forms.upper,
    )


class Indicator(Identifier):
    """An indicator of ReGiS, `T0079`."""

    __slots__ = ()

    code = "indicator-malformed"
    grammar = Grammar(
        "un indicatore, come T0079",
        shape=re.compile(r"[A-Z][0-9]{4}"),
        fold=normal_forms.upper,
    )


class CUI(Identifier):
    """An entry of the three-year programmes: kind, body, year, number; `S08558150150202200073`."""

    __slots__ = ()

    code = "cui-malformed"
    grammar = Grammar(
        "un CUI, come S08558150150202200073",
        shape=re.compile(r"[LSF][0-9]{11}[0-9]{4}[0-9]{5}"),
        fold=normal_forms.upper,
    )

    @property
    def tax_code(self) -> TaxCode:
        """Return the tax code of the body, characters 2 to 12."""
        return TaxCode(self[1:12])

    @property
    def year(self) -> int:
        """Return the first year of the programme, characters 13 to 16."""
        return int(self[12:16])


class CPV(Identifier):
    """A code of the common procurement vocabulary, with or without its check digit."""

    __slots__ = ()

    code = "cpv-malformed"
    grammar = Grammar(
        "un codice CPV, come 72268000-1",
        shape=re.compile(r"[0-9]{8}(?:-[0-9])?"),
        fold=normal_forms.upper,
    )


class NoticeCode(Identifier):
    """The code of a notice (avviso) in the table of notices; words of our own, joined by hyphens."""

    __slots__ = ()

    code = "notice-malformed"
    grammar = Grammar(
        "il codice di un avviso, come padigitale-1.2-comuni-2022-04",
        shape=re.compile(r"(?=.{1,60}\Z)[a-z0-9]+(?:[.-][a-z0-9]+)*"),
        fold=normal_forms.trimmed_lower,
    )
