"""Tax codes: shapes, check characters, masks, foreign identifiers; no real person is named here."""

from __future__ import annotations

import pytest

from ledger.domain.identifiers import TaxCode
from ledger.errors import ShapeError

# The invented example of many manuals.
PERSON = "RSSMRA85T10A562S"

GOOD = {
    "company": "16825251008",
    "second company": "08558150150",
    "body": "80008510754",
    "person": PERSON,
    "person with letters for digits": "RSSMRA85T10A56NH",
    "masked person": "****************",
    "masked at the end": "1682525100*",
    "foreign": "x:CH:CHE123456789",
    "foreign with hyphen": "x:US:20-8957988",
    "foreign as typed": "FR12345678901",
}
WARNED = {
    "Luhn digit wrong": "16825251009",
    "ten digits": "5000335728",
    "twelve digits": "168252510080",
    "check letter wrong": PERSON[:-1] + "T",
    "sixteen characters of another shape": "ABCDEFGHIJKLMNOP",
}
REFUSED = {
    "empty": "",
    "blank": " \u00a0",
    "letter with accent": "RÈSMRA85T10A562S",
    "point": "168.252.510.08",
    "foreign without country": "x::123",
    "foreign without code": "x:CH:",
    "country of three letters": "x:FRA:123",
    "longer than 40": "1" * 41,
    "longer than 200": "1" * 201,
    "digits of another script": "1682525100\u0668",
}


@pytest.mark.parametrize("raw", GOOD.values(), ids=GOOD)
def test_nothing_speaks_against_a_good_masked_or_foreign_code(raw: str) -> None:
    assert (TaxCode.parse(raw), TaxCode.parse(raw).check_ok) == (raw, True)


@pytest.mark.parametrize("raw", WARNED.values(), ids=WARNED)
def test_a_wrong_check_character_is_told_and_not_refused(raw: str) -> None:
    assert not TaxCode.parse(raw).check_ok


@pytest.mark.parametrize("raw", REFUSED.values(), ids=REFUSED)
def test_a_malformed_tax_code_is_refused_without_repeating_it(raw: str) -> None:
    with pytest.raises(ShapeError) as caught:
        TaxCode.parse(raw)
    assert caught.value.code == "tax-code-malformed"
    assert not raw.strip() or raw not in caught.value.sentence


def test_the_code_of_a_person_is_known_by_its_shape() -> None:
    assert TaxCode.parse(PERSON.lower()).is_person
    assert TaxCode.parse("RSSMRA85T10A56NH").is_person
    assert not TaxCode.parse("80008510754").is_person
    assert not TaxCode.parse("****************").is_person


def test_case_and_blanks_are_normalised_and_the_mark_of_a_foreign_code_stays_lower() -> None:
    assert TaxCode.parse(" x:ch:che-123 ") == "x:CH:CHE-123"
    assert TaxCode.parse("X:CH:CHE-123") == "x:CH:CHE-123"
    assert TaxCode.parse("rss mra 85t10 a562s") == PERSON


def test_every_single_wrong_digit_of_a_partita_iva_is_told() -> None:
    code = "16825251008"
    for place, right in enumerate(code):
        for wrong in "0123456789".replace(right, ""):
            assert not TaxCode.parse(code[:place] + wrong + code[place + 1 :]).check_ok
