"""Acts as text: registers, numbers, and the key (issuer, register, year, number) with its streams.

    key      c_e506/registro-generale/2024/1234-bis
    issuer   an IPA code, or x-<slug> for one who has none:  x-regione-svizzera
    number   digits without zeros in front, and a suffix if any; 0 is a filler and never a number

    >>> fold_key(" C_E506/Registro-Generale/2024/0012 ")
    'c_e506/registro-generale/2024/12'

CIG, number alone or subject never identify an act. Source: DOMAIN section 3.3; FORMATS section 1: a
stream name has at most 100 bytes of `[A-Za-z0-9._/-]`.
"""

from __future__ import annotations

import re

from ledger.domain.grammar import Grammar
from ledger.domain.normal_forms import shown, trimmed_lower
from ledger.errors import ShapeError

KEY_LIMIT = 96
PARTS = 4

# 22,167 codes of the index, 1 to 20 characters; what begins with x- is an issuer without code.
IPA = r"(?!x-)[a-z0-9_-]{1,20}"

_SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_NUMBER = r"[1-9][0-9]{0,9}(?:-[a-z0-9]{1,10})?"
REGISTER = re.compile(rf"(?=.{{1,40}}\Z){_SLUG}")
NUMBER = re.compile(_NUMBER)
KEY = re.compile(rf"(?:{IPA}|x-{_SLUG})/(?=[^/]{{1,40}}/){_SLUG}/(?:19|20)[0-9]{{2}}/{_NUMBER}")

_FILLER = re.compile(r"0*(?:-.*)?")
_SUFFIXED = re.compile(r"([0-9]+)[^a-z0-9]*([a-z]{1,10})")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def fold_number(raw: str) -> str:
    """Return the number in lower case without zeros in front.

    Raises:
        ShapeError: `act-number-zero`, when it is empty or 0.
    """
    folded = trimmed_lower(raw)
    if _FILLER.fullmatch(folded):
        raise ShapeError(
            "act-number-zero",
            f"{shown(raw)} non è il numero di un atto: indicare quello del registro.",
        )
    return folded.lstrip("0")


def propose_number(raw: str) -> str | None:
    """Return `1234-bis` for a number with its suffix written otherwise (`1234 bis`, `1234/BIS`)."""
    found = _SUFFIXED.fullmatch(trimmed_lower(raw).lstrip("0"))
    return f"{found[1]}-{found[2]}" if found else None


def propose_register(raw: str) -> str | None:
    """Return the slug of a register named in words: `registro-generale` for `Registro generale`."""
    slug = _NOT_SLUG.sub("-", trimmed_lower(raw)).strip("-")
    return slug if REGISTER.fullmatch(slug) else None


def fold_key(raw: str) -> str:
    """Return the key in lower case, its number without zeros in front.

    Raises:
        ShapeError: `act-number-zero`, when its number is empty or 0.
    """
    parts = trimmed_lower(raw).split("/")
    if len(parts) == PARTS:
        parts[-1] = fold_number(parts[-1])
    return "/".join(parts)


def fits_a_stream(key: str) -> bool:
    """Return whether `act/` and the key stay within the 100 bytes of a stream name."""
    return len(key) <= KEY_LIMIT


REGISTER_GRAMMAR = Grammar(
    "un registro: lettere minuscole, cifre e trattini, come registro-generale",
    shape=REGISTER,
    fold=trimmed_lower,
    propose=propose_register,
)


NUMBER_GRAMMAR = Grammar(
    "il numero di un atto, come 1234 o 1234-bis",
    shape=NUMBER,
    fold=fold_number,
    propose=propose_number,
)


KEY_GRAMMAR = Grammar(
    "un atto: servono ente, registro, anno e numero, come c_e506/registro-generale/2024/1234",
    shape=KEY,
    fold=fold_key,
    holds=fits_a_stream,
)
