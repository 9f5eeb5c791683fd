"""CIG: three formats with their check digits; vectors of DOMAIN section 2."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain import cig
from ledger.domain.identifiers import CIG
from ledger.errors import ShapeError

VALID = {
    "simog": ["95156957EC", "9443593B77", "9393378CBC", "933694853C"],
    "pcp": ["B1A5544327", "A00913DB8B", "B208D051B7", "A020EAE20F", "B237EAD18A"],
    "smartcig": ["Z8A3C532CF", "ZC939214CE", "Z2E3D271F7", "ZED3C156B5"],
}
PAIRS = [(kind, code) for kind, codes in VALID.items() for code in codes]
CODES = [code for _, code in PAIRS]
REFUSED = {
    "zeros": ("0000000000", None),
    "thousands of zeros": ("8420000000", None),
    "wrong check, format 1": ("6968876B9E", None),
    "invoice number": ("2510002280", None),
    "O for 0, format 1": ("6969822FOD", "6969822F0D"),
    "nine characters, format 1": ("984258AC1", None),
    "wrong check, format 2": ("B503E401EC", None),
    "wrong check, format 2, A": ("A06D76023A", None),
    "wrong check, format 2, C in the sixth place": ("B08FC4C575", None),
    "invoice number with letters": ("MED0401041", None),
    "O for 0, format 2": ("BOA912900F", "B0A912900F"),
    "nine characters, format 2": ("B7C44ADB0", None),
    "eleven characters, check wrong": ("B8DEDEA910A", None),
    "eleven characters, the first ten right": ("B7636C73EDV", "B7636C73ED"),
    "O for 0, format 2, another": ("BOA958AD1F", "B0A958AD1F"),
    "smart zeros": ("X000000000", None),
    "wrong check, smart": ("Z2924AB7BF", None),
    "wrong check, smart again": ("Z323ED3F23", None),
    "letter beyond U": ("V1A5544327", None),
    "empty": ("", None),
    "digits of another script": ("\u0669443593B77", None),
}


@pytest.mark.parametrize(("kind", "raw"), PAIRS)
def test_a_cig_tells_its_format(kind: str, raw: str) -> None:
    assert (CIG.parse(raw).kind, CIG.parse(raw)) == (kind, raw)


@pytest.mark.parametrize(("raw", "proposal"), REFUSED.values(), ids=REFUSED)
def test_a_malformed_cig_is_refused_with_a_proposal_or_none(raw: str, proposal: str | None) -> None:
    with pytest.raises(ShapeError) as caught:
        CIG.parse(raw)
    assert (caught.value.code, caught.value.proposal) == ("cig-malformed", proposal)


def test_blanks_hyphens_and_case_belong_to_the_text_and_not_to_the_code() -> None:
    code = CIG.parse(" z8a-3c532\u00a0cf\n")
    assert (code, code.raw, code.was_normalised) == ("Z8A3C532CF", " z8a-3c532\u00a0cf\n", True)


def accepted_substitutions(code: str) -> set[str]:
    """Return the CIGs that differ from a code in one character."""
    alphabet = string.digits + string.ascii_uppercase
    changed = {
        code[:place] + wrong + code[place + 1 :]
        for place, right in enumerate(code)
        for wrong in alphabet.replace(right, "")
    }
    return {text for text in changed if cig.is_cig(text)}


@pytest.mark.parametrize(("kind", "code"), PAIRS)
def test_every_wrong_character_within_a_format_is_refused(kind: str, code: str) -> None:
    same_format = {text for text in accepted_substitutions(code) if cig.kind(text) == kind}
    letters = {letter + code[1:] for letter in "XYZ"} if kind == "smartcig" else set()
    assert same_format == letters - {code}


def test_a_wrong_first_character_may_give_a_code_of_another_format() -> None:
    strangers = {
        text
        for kind, code in PAIRS
        for text in accepted_substitutions(code)
        if cig.kind(text) != kind
    }
    assert strangers == {"U5156957EC"}


@pytest.mark.parametrize("code", CODES)
def test_every_transposition_of_neighbours_is_refused(code: str) -> None:
    for place in range(len(code) - 1):
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        if swapped != code:
            with pytest.raises(ShapeError):
                CIG.parse(swapped)


@settings(max_examples=100)
@given(st.integers(1, 9_999_999))
def test_format_1_is_made_as_anac_says(number: int) -> None:
    code = f"{number:07}{number * 211 % 4091:03X}"
    assert CIG.parse(code).kind == "simog"


@settings(max_examples=100)
@given(st.sampled_from("ABCDEFGHIJKLMNOPQRSTU"), st.integers(0, 0xFFFFFF))
def test_format_2_is_made_as_anac_says(letter: str, number: int) -> None:
    ordinal = string.ascii_uppercase.index(letter) + 1
    code = f"{letter}{number:06X}{(number + ordinal) * 211 % 4091:03X}"
    assert CIG.parse(code).kind == "pcp"


@settings(max_examples=100)
@given(st.sampled_from("XYZ"), st.integers(1, 0xFFFFFFF))
def test_a_smart_cig_is_made_as_anac_says(letter: str, number: int) -> None:
    assert CIG.parse(f"{letter}{number * 211 % 251:02X}{number:07X}").kind == "smartcig"
