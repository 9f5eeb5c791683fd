"""CUP: shape, warnings, proposals; vectors of DOMAIN section 2."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain import cup
from ledger.domain.identifiers import CUP
from ledger.errors import ShapeError

VALID = ["C81C22001220006", "C81F22004270006", "C51J25001200006", "G17H03000130011"]
NORMALISED = {
    "lower case": ("c81c22001230006", "C81C22001230006"),
    "lower case in an official file": ("g17h03000130001", "G17H03000130001"),
    "no-break space inside": ("C81C\u00a022001220006", "C81C22001220006"),
    "line break at the end": ("C81C22001220006\r\n", "C81C22001220006"),
    "groups of a person": (" C81C 2200 1220 006 ", "C81C22001220006"),
    "hyphens": ("C81C-2200122-0006", "C81C22001220006"),
    "no-break hyphen": ("C81C\u201122001220006", "C81C22001220006"),
}
UNUSUAL = {
    "first letter A": "A81C22001220006",
    "second character 0": "C01C22001220006",
    "fourth letter K": "C81K22001220006",
    "last four 0000": "C81C22001220000",
    "last four 0012": "C81C22001220012",
}
REFUSED = {
    "O for 0": ("I71C22OO1520006", "I71C22001520006"),
    "1 for I at the start": ("161F22002140006", "I61F22002140006"),
    "1 for I in the fourth place": ("H28122001400005", "H28I22001400005"),
    "G for 6": ("C81C2300041000G", "C81C23000410006"),
    "6 for G at the start": ("637H23000210007", "G37H23000210007"),
    "label of a CIG glued to it": ("F42F23000870006CIG", "F42F23000870006"),
    "own label before it": ("CUP: C81C22001220006", "C81C22001220006"),
    "letter doubled": ("G81CC2200174000", None),
    "letter for a digit": ("DC1C22002790006", None),
    "letter for a digit, first letter I": ("IC1C22001150006", None),
    "2 for a letter": ("281C22000980006", None),
    "sixteen characters": ("D31F220049440001", None),
    "fourteen characters": ("C27H1900144000", None),
    "blank": ("  \u00a0 ", None),
    "empty": ("", None),
    "two codes parted by a blank": (
        "C81C22001220006 C81F22004270006",
        "C81C22001220006; C81F22004270006",
    ),
    "two codes parted by a dash": (
        "C81C22001220006 - C81F22004270006",
        "C81C22001220006; C81F22004270006",
    ),
    "two codes parted by a semicolon": (
        "C81C22001220006;c81f22004270006",
        "C81C22001220006; C81F22004270006",
    ),
    "two codes one at the other": (
        "C81C22001220006C81F22004270006",
        "C81C22001220006; C81F22004270006",
    ),
    "a good code and a bad one": ("C81C22001220006 D31F220049440001", None),
    "digits of another script": ("C81C2200122000\u0666", None),
    "dotless i": ("\u013171C22001520006", None),
    "Kelvin sign": ("C81\u212a22001220006", None),
    "zero byte": ("C81C22001220006\x00", None),
    "more than 200 characters": ("C81C22001220006" + " " * 200, None),
}


@pytest.mark.parametrize("raw", VALID)
def test_a_cup_in_normal_form_is_taken_as_it_is(raw: str) -> None:
    code = CUP.parse(raw)
    assert (code, code.raw, code.was_normalised, code.is_unusual) == (raw, raw, False, False)


@pytest.mark.parametrize(("raw", "normal"), NORMALISED.values(), ids=NORMALISED)
def test_a_cup_is_compared_in_normal_form_and_keeps_its_text(raw: str, normal: str) -> None:
    code = CUP.parse(raw)
    assert (code, code.raw, code.was_normalised) == (normal, raw, True)


@pytest.mark.parametrize("raw", UNUSUAL.values(), ids=UNUSUAL)
def test_an_unusual_cup_is_taken_and_told(raw: str) -> None:
    assert CUP.parse(raw).is_unusual


@pytest.mark.parametrize(("raw", "proposal"), REFUSED.values(), ids=REFUSED)
def test_a_malformed_cup_is_refused_with_a_proposal_or_none(raw: str, proposal: str | None) -> None:
    with pytest.raises(ShapeError) as caught:
        CUP.parse(raw)
    assert (caught.value.code, caught.value.proposal) == ("cup-malformed", proposal)


@pytest.mark.parametrize(
    ("raw", "year"), [("C81C26001220006", 2026), ("G17H03000130011", 2003), (VALID[0], 2022)]
)
def test_the_year_of_a_cup_is_in_its_fifth_and_sixth_characters(raw: str, year: int) -> None:
    assert CUP.parse(raw).year == year


def test_a_cell_is_split_only_when_every_part_is_a_cup() -> None:
    assert cup.split("C81C22001220006 e C81F22004270006") == tuple(VALID[:2])
    assert cup.split("C81C22001220006") == ()
    assert cup.split("C81C22001220006 / progetto") == ()
    assert cup.split("") == ()


@settings(max_examples=200)
@given(
    st.from_regex(cup.SHAPE, fullmatch=True), st.integers(0, 14), st.text("\u00a0 -\n", max_size=3)
)
def test_blanks_and_case_never_change_which_project_is_meant(
    code: str, place: int, noise: str
) -> None:
    assert CUP.parse(code[:place].lower() + noise + code[place:]) == code


@settings(max_examples=300)
@given(st.text("ABCIGOSZ0168 -", max_size=18))
def test_a_proposal_is_itself_a_cup_or_a_list_of_them(raw: str) -> None:
    proposal = cup.propose(raw)
    for part in proposal.split("; ") if proposal else ():
        assert CUP.parse(part) == part
