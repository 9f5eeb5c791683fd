"""Personal data in free text, found before signing: tax codes of persons, IBAN, phone numbers.

    >>> screen_personal_data("RSSMRA85T10A562S, tel. 0832 682111; CUP C81C22001220006")
    ('tax-code', 'phone')

The author is stopped, and moves the value to the vault or confirms that it is not personal
(personal_texts). Public codes and figures (CUP, CIG, partita IVA, protocol numbers, dates, amounts)
are let pass. What is found is told by its kind, never repeated. Phone numbers are in phone_numbers.
Source: DOMAIN section 8; ISO 13616 (IBAN).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from ledger.domain.phone_numbers import has_phone
from ledger.domain.tax_codes import DIGIT, MONTH

PersonalData = Literal["tax-code", "iban", "phone"]

_START, _END = r"(?<![A-Z0-9])", r"(?![A-Z0-9])"

# As tax_codes.PERSON, also written in groups.
_TAX_CODE = re.compile(
    rf"{_START}[A-Z]{{3}}[ .-]?[A-Z]{{3}}[ .-]?{DIGIT}{{2}}[ .-]?{MONTH}[ .-]?{DIGIT}{{2}}"
    rf"[ .-]?[A-Z][ .-]?{DIGIT}{{3}}[ .-]?[A-Z]{_END}",
    re.ASCII,
)
_IBAN_ITALIAN = re.compile(
    rf"{_START}(?:IT|SM)[ -]?[0-9][ -]?[0-9][ -]?[A-Z](?:[ -]?[0-9]){{10}}(?:[ -]?[A-Z0-9]){{12}}"
    rf"{_END}",
    re.ASCII,
)
_IBAN_FOREIGN = re.compile(
    rf"{_START}[A-Z]{{2}}[0-9]{{2}}(?: ?[A-Z0-9]{{4}}){{2,7}}(?: ?[A-Z0-9]{{1,3}})?{_END}", re.ASCII
)
_IBAN_LENGTHS = range(15, 35)

# What comes along with text from documents: soft hyphen, marks without width, hyphens of print.
_OF_PRINT = {
    **{ord(mark): None for mark in "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"},
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013"), "-"),
}
_BRACKETS = re.compile(r"[()\[\]]")
_DIGIT = re.compile("[0-9]")
_SHORTEST, _LONGEST_KEPT = 9, 500  # 06 123456


def screen_personal_data(text: str) -> tuple[PersonalData, ...]:
    """Return the kinds of personal data in a text, each once: tax-code, iban, phone."""
    if len(text) < _SHORTEST:
        return ()
    return _found(text) if len(text) > _LONGEST_KEPT else _kept(text)


@lru_cache(4096)
def _kept(text: str) -> tuple[PersonalData, ...]:
    """Return the kinds in a text; the same event is folded when drafted, judged and viewed."""
    return _found(text)


def _found(text: str) -> tuple[PersonalData, ...]:
    plain = _plain(text)
    found: list[PersonalData] = ["tax-code"] if _TAX_CODE.search(plain) else []
    if _DIGIT.search(plain):
        found += ["iban"] if _has_iban(plain) else []
        found += ["phone"] if has_phone(plain) else []
    return tuple(found)


def _plain(text: str) -> str:
    """Return the text on one line, in upper case, without brackets and marks of print."""
    printed = text if text.isascii() else text.translate(_OF_PRINT)
    return " ".join(_BRACKETS.sub(" ", printed).split()).upper()


def _has_iban(text: str) -> bool:
    """Return whether there is an Italian IBAN by shape, or a foreign one by its check digits."""
    if _IBAN_ITALIAN.search(text):
        return True
    return any(_begins_with_iban(found[0].split()) for found in _IBAN_FOREIGN.finditer(text))


def _begins_with_iban(groups: list[str]) -> bool:
    """Return whether the first groups, for some number of them, have right check digits."""
    return any(_is_iban("".join(groups[:end])) for end in range(1, len(groups) + 1))


def _is_iban(text: str) -> bool:
    """Return whether length and check digits are those of an IBAN (ISO 7064, mod 97-10)."""
    digits = "".join(str(int(character, 36)) for character in text[4:] + text[:4])
    return len(text) in _IBAN_LENGTHS and int(digits) % 97 == 1
