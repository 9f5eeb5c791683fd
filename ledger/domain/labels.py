"""CIG and CUP in free text: read only after their label, reported as written, never corrected.

    >>> [found.code for found in find_labelled_cigs("Fattura 2510002280 - CIG: B1A5544327")]
    ['B1A5544327']
    >>> find_labelled_cigs("CIG originario B503E401EC")
    (LabelledCIG(text='B503E401EC', relation='originario', code=None),)

Invoice numbers (2510002280) and words (PAE0022284) have the shape of a CIG, and one CIG or CUP in
thirty is mistyped: hence the label, and `code` None for what is wrong. "CIG originario", "CIG
derivato" and the like are links between tenders. Source: DOMAIN sections 2 and 15.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from ledger.domain.identifiers import CIG, CUP, Identifier
from ledger.errors import ShapeError

if TYPE_CHECKING:
    from collections.abc import Iterator

_I = TypeVar("_I", bound=Identifier)

_CIG = r"(?:SMART\s?)?C[. ]?I[. ]?G"
_CUP = r"C[. ]?U[. ]?P"
_EITHER = rf"(?:{_CIG}|{_CUP})(?![A-Z0-9])\.?"
_RELATION = (
    r"(?:(?:DELL.)?ACCORDO QUADRO|ORIGINARIO|DERIVATO|PADRE|FIGLIO|MASTER|QUADRO|PRINCIPALE)"
)
# A code has eight to twenty characters and a digit; of letters only it is a word of the sentence.
_CODE = r"(?=[A-Z]*[0-9])[A-Z0-9]{8,20}(?![A-Z0-9])"
_LABELLED = re.compile(
    rf"(?<![A-Z])(?P<label>{_EITHER}(?:\s*(?:/|-|&|\bE\b)\s*{_EITHER})?)"
    rf"\s*\(?(?P<relation>{_RELATION}\b)?\)?"
    r"\s*(?:\b(?:NR?|NUM|NUMERO|CODICE)\b)?[\s:;.°\u00ba=(_\u2013-]*"
    rf"(?P<codes>{_CODE}(?:\s*(?:[,;/+]|\bE\b)\s*{_CODE})*)",
    re.IGNORECASE | re.ASCII,
)
_TOKEN = re.compile(_CODE, re.IGNORECASE | re.ASCII)
_CIG_LABEL = re.compile(_CIG, re.IGNORECASE | re.ASCII)
_CUP_LABEL = re.compile(_CUP, re.IGNORECASE | re.ASCII)
_CUP_LENGTHS = range(13, 18)


@dataclass(frozen=True, slots=True)
class LabelledCIG:
    """What stands after the label CIG; `code` is None when it is none, `relation` is lower case."""

    text: str
    relation: str
    code: CIG | None


@dataclass(frozen=True, slots=True)
class LabelledCUP:
    """What stands after the label CUP; `code` is None when it is none, `relation` is lower case."""

    text: str
    relation: str
    code: CUP | None


def find_labelled_cigs(text: str) -> tuple[LabelledCIG, ...]:
    """Return what stands after the labels "CIG" and "smart CIG", in order, repetitions left out."""
    found = (
        LabelledCIG(token, relation, _read(CIG, token))
        for token, relation, alone in _labelled(text, _CIG_LABEL)
        if alone or len(token) not in _CUP_LENGTHS
    )
    return tuple(dict.fromkeys(found))


def find_labelled_cups(text: str) -> tuple[LabelledCUP, ...]:
    """Return what stands after the label "CUP", in order, repetitions left out."""
    found = (
        LabelledCUP(token, relation, _read(CUP, token))
        for token, relation, alone in _labelled(text, _CUP_LABEL)
        if alone or len(token) in _CUP_LENGTHS
    )
    return tuple(dict.fromkeys(found))


def _labelled(text: str, label: re.Pattern[str]) -> Iterator[tuple[str, str, bool]]:
    """Yield token, relation and whether the label stands alone ("CIG/CUP:" names both)."""
    for found in _LABELLED.finditer(" ".join(text.split())):
        if label.search(found["label"]):
            both = _CIG_LABEL.search(found["label"]) and _CUP_LABEL.search(found["label"])
            for token in _TOKEN.findall(found["codes"]):
                yield token, (found["relation"] or "").lower(), not both


def _read(kind: type[_I], token: str) -> _I | None:
    """Return the identifier of a token, None when it is refused."""
    try:
        return kind(token)
    except ShapeError:
        return None
