"""Measures, sub-measures and milestones of the PNRR as text, and the key by which measures compare.

    measure      M1C1I1.2   M1C1I1.02   M1C1R1.9BIS   M7I1   M2C4I2.1.A1
    sub-measure  M1C1I1.02.00   M2C4I2.01.A1   M7C1I15.1.02
    milestone    M1C1-139   M1C1-139-ITA-1

    >>> key("M1C1I1.2"), key("M1C1I1.02.00"), key("M1C1I1.04.01"), key("M7C1I01.1.00")
    ('M1C1I1.2', 'M1C1I1.2', 'M1C1I1.4.1', 'M7I1.1')

The same measure is written with and without leading zeros and a last `.00`; Mission 7 has a single
component, written or left out. Some codes are equal by list only (M1C1R1.9BIS is M1C1R1.91.00).
Source: Italia Domani open data (two spellings of a code in one row); DOMAIN section 2.
"""

from __future__ import annotations

import re

from ledger.domain.grammar import Grammar
from ledger.domain.normal_forms import upper

MEASURE = re.compile(
    r"M[1-7](?:C[1-5])?[IR][0-9]{1,2}(?:\.[0-9]{1,2}){0,2}(?:BIS|[A-Z])?(?:\.[A-Z][0-9]?)?"
)
SUB_MEASURE = re.compile(
    r"M[1-7]C[1-5][IR](?:[0-9]\.[0-9]{2}\.(?:[0-9]{2}|[A-Z][0-9])|[0-9]{2}\.[0-9]\.[0-9]{2})"
)
MILESTONE = re.compile(
    r"M[1-7](?:C[1-5])?-[0-9]{1,3}"
    r"(?:BIS|TER|QUATER|QUINQUIES|SEXIES|SEPTIES|OCTIES|NONIES)?(?:-ITA-[0-9]{1,2})?"
)

_PARTS = re.compile(r"(M[1-7])(C[1-5])?([IR])([0-9.]*[0-9])(.*)")


def key(normal: str) -> str:
    """Return the spelling by which two codes of one measure are equal.

    Numbers lose their leading zeros, levels that are zero go (`.00` says that a level is not used, as
    in M1C1I3.00.01), Mission 7 loses its component.

    Raises:
        ValueError: when the text is not a measure in normal form.
    """
    found = _PARTS.fullmatch(normal)
    if found is None:
        raise ValueError(f"not a measure in normal form: {normal!r}")
    mission, component, kind, numbers, rest = found.groups(default="")
    levels = [int(level) for level in numbers.split(".")]
    used = levels[:1] + [level for level in levels[1:] if level > 0]
    where = mission if mission == "M7" else mission + component
    return f"{where}{kind}{'.'.join(map(str, used))}{rest}"


def propose(raw: str) -> str | None:
    """Return the measure that was perhaps meant: `M4C1II4.1`, an official misprint, for `M4C1I4.1`."""
    meant = upper(raw).replace("II", "I").replace("RR", "R")
    return meant if MEASURE.fullmatch(meant) else None


GRAMMAR = Grammar("una misura del PNRR, come M1C1I1.2", shape=MEASURE, fold=upper, propose=propose)
