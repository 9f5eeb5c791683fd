"""Personal data in free text, found before signing: tax codes of persons, IBAN, phone numbers.

    >>> screen_personal_data("RSSMRA85T10A562S, tel. 0832 682111; CUP C81C22001220006")
    ('tax-code', 'phone')

The author is stopped, and moves the value to the vault or confirms that it is not personal. Public
codes and figures (CUP, CIG, partita IVA, protocol numbers, dates, amounts) are let pass. What is
found is told by its kind, never repeated. Source: DOMAIN section 8; ISO 13616 (IBAN).
"""

from __future__ import annotations

import re
from typing import Literal

from ledger.domain.tax_codes import DIGIT, MONTH

PersonalData = Literal["tax-code", "iban", "phone"]

_FLAGS = re.IGNORECASE | re.ASCII
_START, _END = r"(?<![A-Z0-9])", r"(?![A-Z0-9])"

# As tax_codes.PERSON, also written in groups.
_TAX_CODE = re.compile(
    rf"{_START}[A-Z]{{3}} ?[A-Z]{{3}} ?{DIGIT}{{2}} ?{MONTH} ?{DIGIT}{{2}}"
    rf" ?[A-Z] ?{DIGIT}{{3}} ?[A-Z]{_END}",
    _FLAGS,
)
_IBAN_ITALIAN = re.compile(
    rf"{_START}(?:IT|SM) ?[0-9] ?[0-9] ?[A-Z](?: ?[0-9]){{10}}(?: ?[A-Z0-9]){{12}}{_END}", _FLAGS
)
_IBAN_FOREIGN = re.compile(
    rf"{_START}[A-Z]{{2}}[0-9]{{2}}(?: ?[A-Z0-9]{{4}}){{2,7}}(?: ?[A-Z0-9]{{1,3}})?{_END}", _FLAGS
)
_IBAN_LENGTHS = range(15, 35)
# Ten digits that begin like a mobile number, unless a word before says that they are another number.
_NUMBERED = re.compile(
    r"(?:CIG|PROT|PROTOCOLLO|N|NR|NUM|NUMERO|FATTURA|FT|ID|RDO|TD|ODA|ORDINE|IVA|€|EURO?)"
    r"[\s.:°\u00ba-]*$",
    _FLAGS,
)
_BEFORE = 20
_MOBILE = re.compile(
    r"(?<![A-Z0-9.,/_-])3[2-9][0-9][ ./-]?[0-9]{3}[ .-]?[0-9]{4}(?![A-Z0-9/_-]|[.,][0-9])", _FLAGS
)
_INTERNATIONAL = re.compile(
    r"(?<![A-Z0-9])(?:\+|00)39[ ./-]?[03](?:[ ./-]?[0-9]){5,10}(?![0-9])", _FLAGS
)
_CALLED = re.compile(
    r"(?<![A-Z])(?:TEL|TELEFONO|TELEFONICO|CELL|CELLULARE|FAX|WHATSAPP)\b[\s.:/n°\u00ba-]*"
    r"(?:\+|00)?[0-9](?:[ ./-]?[0-9]){5,13}",
    _FLAGS,
)


def screen_personal_data(text: str) -> tuple[PersonalData, ...]:
    """Return the kinds of personal data in a text, each once: tax-code, iban, phone."""
    plain = " ".join(text.split())
    tests: dict[PersonalData, bool] = {
        "tax-code": _TAX_CODE.search(plain) is not None,
        "iban": _has_iban(plain),
        "phone": _has_phone(plain),
    }
    return tuple(kind for kind, is_found in tests.items() if is_found)


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


def _has_phone(text: str) -> bool:
    """Return whether there is a number after a word for telephone, with +39, or a mobile one."""
    if _CALLED.search(text) or _INTERNATIONAL.search(text):
        return True
    starts = (found.start() for found in _MOBILE.finditer(text))
    return any(not _NUMBERED.search(text[max(0, at - _BEFORE) : at]) for at in starts)
