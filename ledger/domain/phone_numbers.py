"""Phone numbers in free text, told apart from the other numbers of an act.

    340 1234567   0832/682111   +39 0832 682111   tel. 0832682111      a phone number
    CIG 3401234567   prot. n. 3401234567   fattura 3201234567          another number, by its word

Ten digits in one may be a phone or a protocol number; the words before decide. The text is on one
line and in upper case. Source: Piano nazionale di numerazione (AGCOM del. 8/15/CIR); DOMAIN section 8.
"""

from __future__ import annotations

import re

_FREE, _ENDED = r"(?<![A-Z0-9.,/_+-])", r"(?![A-Z0-9/_-]|[.,][0-9])"

_MOBILE = re.compile(rf"{_FREE}3[2-9][0-9][ ./-]?[0-9]{{3}}[ .-]?[0-9]{{4}}{_ENDED}", re.ASCII)
# Area code and number apart from each other; not 02/03/2024, 06-20240302, the middle of an amount.
_APART = r"(?:/| ?- ?| )"
_IN_GROUPS = r"[0-9]{2,4}[ .-][0-9]{3,4}|[0-9]{2,3}(?:[ .-][0-9]{2}){2}"
_A_DAY = r"(?!0[0-9][ ./-][0-9]{2}[ ./-](?:19|20)[0-9]{2}(?![0-9]))"
_LANDLINE = re.compile(
    rf"(?<![0-9] ){_FREE}{_A_DAY}"
    rf"0(?:[26]{_APART}(?!(?:19|20)[0-9]{{6}})(?:[0-9]{{6,8}}|{_IN_GROUPS})"
    rf"|[1-9][0-9]{{1,2}}{_APART}(?:[0-9]{{5,7}}|{_IN_GROUPS})){_ENDED}",
    re.ASCII,
)
_IN_ONE = re.compile(rf"{_FREE}0[1-9][0-9]{{6,9}}{_ENDED}", re.ASCII)
_INTERNATIONAL = re.compile(
    r"(?<![A-Z0-9])(?:\+|00)39[ ./-]{0,2}[03](?:[ ./-]{0,2}[0-9]){5,10}(?![0-9])", re.ASCII
)
_CALLED = re.compile(
    r"(?<![A-Z])(?:TEL|TELEFON[IO]|TELEFONIC[AO]|CELL|CELLULARE|FAX|WHATSAPP)\b[ .:/N°\u00ba-]*"
    r"(?:\+|00)?[0-9](?:[ ./-]{0,2}[0-9]){5,13}",
    re.ASCII,
)
_CALLING = re.compile(
    r"(?<![A-Z])(?:CHIAMARE|CONTATTARE|TELEFONARE|TEL|TELEFONO|CELL|CELLULARE|RECAPITO|WHATSAPP)\b",
    re.ASCII,
)
_OTHER = (
    r"(?<![A-Z])(?:CIG|SMARTCIG|PROT|PROTOCOLLO|FATTURA|FT|ID|SDI|RDO|TD|ODA|ORDINE|IVA|€|EURO?|"
    r"IMPEGNO|MANDATO|REVERSALE|QUIETANZA|ACCERTAMENTO|DETERMINA|DETERMINAZIONE|DELIBERA|"
    r"DELIBERAZIONE|ORDINANZA|DECRETO|CONTRATTO|REP|REPERTORIO|CODICE|COD|PRATICA|LOTTO|CAP|"
    r"CAPITOLO|POD|PDR|MATRICOLA|REGISTRO)"
)
_NUMBER, _BLANKS = r"(?<![A-Z])(?:N|NR|NUM|NUMERO)", r"[ .:°\u00ba-]*"
# In one, a number is any number; in groups it is a phone number unless it is said to be another.
_NUMBERED = re.compile(rf"(?:{_OTHER}|{_NUMBER}){_BLANKS}$", re.ASCII)
_NUMBERED_IN_GROUPS = re.compile(rf"{_OTHER}{_BLANKS}(?:{_NUMBER}{_BLANKS})?$", re.ASCII)
_NEAR, _BEFORE = 40, 20


def has_phone(text: str) -> bool:
    """Return whether a text on one line, in upper case, holds a phone number."""
    if _CALLED.search(text) or _INTERNATIONAL.search(text):
        return True
    numbers = (*_MOBILE.finditer(text), *_LANDLINE.finditer(text))
    if any(_is_phone(text, found) for found in numbers):
        return True
    return any(_is_called(text, found) for found in _IN_ONE.finditer(text))


def _is_phone(text: str, number: re.Match[str]) -> bool:
    """Return whether no word right before says another number, or one near says a call."""
    numbered = _NUMBERED if number[0].isdigit() else _NUMBERED_IN_GROUPS
    before = text[max(0, number.start() - _BEFORE) : number.start()]
    return _is_called(text, number) or not numbered.search(before)


def _is_called(text: str, number: re.Match[str]) -> bool:
    """Return whether a word near before is about calling."""
    near = text[max(0, number.start() - _NEAR) : number.start()]
    return _CALLING.search(near) is not None
