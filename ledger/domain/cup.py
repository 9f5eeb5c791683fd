"""The CUP (codice unico di progetto) as text: its shape, what is unusual, what was perhaps meant.

    C81C22001220006     letter, two digits, letter, eleven digits; no check digit
        ^^              two digits of the year
               ^^^^     last four: 0001 to 0011

    >>> propose("I71C22OO1520006")
    'I71C22001520006'
    >>> propose("C81C22001220006 C81F22004270006")
    'C81C22001220006; C81F22004270006'

A proposal is shown to the person and never applied: a CUP has no check digit, so that a wrong guess
would be another project. Source: L. 3/2003 art. 11; CIPE 63/2020; DOMAIN section 2.
"""

from __future__ import annotations

import re

from ledger.domain.grammar import Grammar
from ledger.domain.normal_forms import compact_upper

SHAPE = re.compile(r"[A-Z][0-9]{2}[A-Z][0-9]{11}")
LENGTH = 15

_USUAL = re.compile(r"[B-J][1-9][0-9][A-J][0-9]{7}(?:000[1-9]|001[01])")
_SEPARATORS = re.compile(r"[\s;,/|+]+(?:[-\u2013e&][\s;,/|+]+)?|[;,/|+&]")
_CUT = re.compile(r"(?:CUP[:.]?)?([A-Z][0-9]{2}[A-Z][0-9]{11})[A-Z:.;,()]*")
_LETTER_PLACES = frozenset({0, 3})
_DIGIT_LIKE = {"O": "0", "Q": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "G": "6", "B": "8"}
_LETTER_LIKE = {"1": "I", "6": "G", "8": "B"}


def is_usual(normal: str) -> bool:
    """Return whether a CUP has the letters and the last four digits that CUPs have in fact."""
    return _USUAL.fullmatch(normal) is not None


def year(normal: str) -> int:
    """Return the year in characters 5 and 6, as 20yy."""
    return 2000 + int(normal[4:6])


def split(raw: str) -> tuple[str, ...]:
    """Return the CUPs of a cell that holds several, in order; none unless every part is one.

    Parts are parted by blanks, `;`, `,`, `/`, `|`, `+`, `&`, " - " or " e ", or stand one at the
    other.
    """
    parts = [compact_upper(part) for part in _SEPARATORS.split(raw.strip()) if part]
    if len(parts) == 1:
        joined = parts[0]
        parts = [joined[i : i + LENGTH] for i in range(0, len(joined), LENGTH)]
    several = len(parts) > 1 and all(SHAPE.fullmatch(part) for part in parts)
    return tuple(parts) if several else ()


def propose(raw: str) -> str | None:
    """Return what was perhaps meant by a text that is no CUP: look-alikes, a label, two codes."""
    several = split(raw)
    if several:
        return "; ".join(several)
    normal = compact_upper(raw)
    cut = _CUT.fullmatch(normal)
    if cut:
        return cut[1]
    meant = "".join(_meant(place, character) for place, character in enumerate(normal))
    return meant if is_usual(meant) else None


def _meant(place: int, character: str) -> str:
    """Return the look-alike of the kind that belongs to a place, else the character."""
    likes = _LETTER_LIKE if place in _LETTER_PLACES else _DIGIT_LIKE
    return likes.get(character, character)


GRAMMAR = Grammar(
    "un CUP: servono 15 caratteri, come C81C22001220006",
    shape=SHAPE,
    fold=compact_upper,
    propose=propose,
)
