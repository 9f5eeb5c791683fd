"""The CIG (codice identificativo gara) as text: three formats, each with its check digits.

    format    A          check                                                         example
    simog     0-9        KKK = hex(ANNNNNN * 211 mod 4091), decimal; not 0000000        95156957EC
    pcp       A-U        KKK = hex((hex NNNNNN + ordinal of A) * 211 mod 4091), A=1     B1A5544327
    smartcig  X, Y, Z    KK  = hex(hex CCCCCCC * 211 mod 251); not 0000000              Z8A3C532CF

    ANNNNNNKKK for the first two, AKKCCCCCCC for the third; always ten characters. Within a format
    every wrong character is found, but for the letter of a SmartCIG, which its check leaves out.

    >>> kind("B1A5544327"), kind("B503E401EC")
    ('pcp', None)

Source: ANAC, repository anticorruzione/npa, "Algoritmo di validazione CIG"; DOMAIN section 2.
"""

from __future__ import annotations

import re
from typing import Literal

from ledger.domain.grammar import Grammar
from ledger.domain.normal_forms import compact_upper

Kind = Literal["simog", "pcp", "smartcig"]

LENGTH = 10

_SIMOG = re.compile(r"[0-9]{7}[0-9A-F]{3}")
_PCP = re.compile(r"[A-U][0-9A-F]{9}")
_SMARTCIG = re.compile(r"[XYZ][0-9A-F]{9}")
_FACTOR = 211
_MODULUS = 4091
_SMART_MODULUS = 251
_BEFORE_A = ord("A") - 1
_DIGIT_LIKE = str.maketrans({"O": "0", "Q": "0", "I": "1", "L": "1", "S": "5", "G": "6"})


def kind(normal: str) -> Kind | None:
    """Return the format of a CIG in normal form, None when shape or check digits are wrong."""
    if _SIMOG.fullmatch(normal):
        return "simog" if _is_simog(normal) else None
    if _PCP.fullmatch(normal):
        return "pcp" if _is_pcp(normal) else None
    if _SMARTCIG.fullmatch(normal):
        return "smartcig" if _is_smartcig(normal) else None
    return None


def is_cig(normal: str) -> bool:
    """Return whether a text in normal form is a CIG of one of the three formats."""
    return kind(normal) is not None


def propose(raw: str) -> str | None:
    """Return the CIG that was perhaps meant; only one whose check digits are right.

    Letters that look like digits are read as digits after the first place; an eleventh character is
    cut.
    """
    normal = compact_upper(raw)
    meant = normal[:1] + normal[1:].translate(_DIGIT_LIKE)
    candidates = {code for code in (meant, normal[:LENGTH]) if is_cig(code)}
    return candidates.pop() if len(candidates) == 1 and len(normal) <= LENGTH + 1 else None


def _is_simog(code: str) -> bool:
    number = int(code[:7])
    return number != 0 and number * _FACTOR % _MODULUS == int(code[7:], 16)


def _is_pcp(code: str) -> bool:
    number = int(code[1:7], 16) + ord(code[0]) - _BEFORE_A
    return number * _FACTOR % _MODULUS == int(code[7:], 16)


def _is_smartcig(code: str) -> bool:
    number = int(code[3:], 16)
    return number != 0 and number * _FACTOR % _SMART_MODULUS == int(code[1:3], 16)


GRAMMAR = Grammar(
    "un CIG: servono 10 caratteri con le cifre di controllo giuste, come B1A5544327",
    fold=compact_upper,
    holds=is_cig,
    propose=propose,
)
