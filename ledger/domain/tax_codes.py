"""Italian tax codes and VAT numbers as text: shapes, check characters, masks, foreign identifiers.

    80008510754            11 digits: body or company (partita IVA), Luhn check digit
    RSSMRA85T10A562S       16 characters: a person, check letter
    ****************       a person, masked by the publisher; a final * is a mask too
    x:CH:CHE123456789      another country's identifier: country (ISO 3166), then the code

    >>> is_checked("80008510754"), is_checked("16825251009"), is_checked("****************")
    (True, False, True)

A wrong check character is a finding and not a refusal: 112 of 32,474 real holders have one.
Source: DM 23 December 1976; DPR 633/1972 art. 35; DOMAIN section 2; python-stdnum.
"""

from __future__ import annotations

import re

from stdnum import luhn
from stdnum.it import codicefiscale

from ledger.domain.grammar import Grammar
from ledger.domain.normal_forms import upper

SHAPE = re.compile(r"[A-Z0-9*-]{1,40}|x:[A-Z]{2}:[A-Z0-9-]{1,30}")

# Digits may be replaced by these letters when two persons would get one code (omocodia).
DIGIT = "[0-9LMNPQRSTUV]"
MONTH = "[ABCDEHLMPRST]"
PERSON = re.compile(f"[A-Z]{{6}}{DIGIT}{{2}}{MONTH}{DIGIT}{{2}}[A-Z]{DIGIT}{{3}}[A-Z]")

_COMPANY_LENGTH = 11
_PERSON_LENGTH = 16
_FOREIGN = "X:"


def normal_form(raw: str) -> str:
    """Return the code without blanks, in upper case; the mark `x:` of a foreign one stays lower."""
    folded = upper(raw)
    return "x:" + folded[2:] if folded.startswith(_FOREIGN) else folded


def is_checked(normal: str) -> bool:
    """Return whether nothing speaks against the check character of a code in normal form.

    Masked and foreign codes have none to look at; a code of digits only must have eleven.
    """
    if "*" in normal or normal.startswith("x:"):
        return True
    if normal.isdigit():
        return len(normal) == _COMPANY_LENGTH and luhn.is_valid(normal)
    if len(normal) == _PERSON_LENGTH and normal.isalnum():
        return is_person(normal) and codicefiscale.calc_check_digit(normal[:-1]) == normal[-1]
    return True


def is_person(normal: str) -> bool:
    """Return whether a code in normal form is a person's, or holds one; it is never to be public.

    It may stand there with hyphens or more characters, or as the code of another country, x:IT:...
    """
    return PERSON.search(normal.replace("-", "")) is not None


GRAMMAR = Grammar(
    "un codice fiscale o una partita IVA; un codice estero si scrive x:FR:codice",
    shape=SHAPE,
    fold=normal_form,
    quotes=False,
)
