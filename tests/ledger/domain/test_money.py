"""Amounts: wire form, Italian form, loose reading, shares."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.money import EUR, LIMIT_CENTS, SignedEUR, parse_loose, split_shares
from ledger.errors import ShapeError

CENTS = st.integers(0, LIMIT_CENTS - 1)
SIGNED_CENTS = st.integers(1 - LIMIT_CENTS, LIMIT_CENTS - 1)

REFUSED = {
    "plus": ("+1.00", None),
    "minus where none is meant": ("-1.00", None),
    "minus zero": ("-0.00", None),
    "leading zero": ("01.00", "1.00"),
    "no decimals": ("319556", "319556.00"),
    "one decimal": ("319556.0", "319556.00"),
    "three decimals": ("319556.000", None),
    "comma": ("319556,00", "319556.00"),
    "thousands": ("319.556,00", "319556.00"),
    "ambiguous": ("1.234", None),
    "exponent": ("1e5", None),
    "blank before": (" 1.00", "1.00"),
    "line break after": ("1.00\n", "1.00"),
    "euro sign": ("€ 1.00", "1.00"),
    "no euros": (".50", None),
    "no digits after the point": ("1.", None),
    "digits of another script": ("\u0661.00", None),
    "underscore": ("1_000.00", None),
    "empty": ("", None),
    "infinity": ("Infinity", None),
    "not a number": ("NaN", None),
    "ten thousand billion": ("10000000000000.00", None),
    "five thousand digits": ("9" * 5000 + ".00", None),
}
LOOSE = {
    "euro sign": ("€ 1.234,56", 123456),
    "euro sign after": ("1.234,56 €", 123456),
    "euro word": ("EUR 1.234,56", 123456),
    "euro word after": ("1234,56 euro", 123456),
    "point": ("1234.56", 123456),
    "blanks around": (" 1.000,00 ", 100000),
    "spreadsheet": ("900000000,00", 90000000000),
    "one decimal": ("319556.0", 31955600),
    "one decimal after a comma": ("319556,0", 31955600),
    "no decimals": ("319556", 31955600),
    "English thousands": ("1,234.56", 123456),
    "millions by points": ("1.234.567", 123456700),
    "millions by commas": ("1,234,567", 123456700),
    "thousands and one decimal": ("1.234,5", 123450),
    "thousands by blanks": ("1 234,56", 123456),
    "thousands by no-break blanks": ("1\u00a0234\u00a0567,89", 123456789),
    "cents": ("0,05", 5),
    "zeros in front": ("000123,40", 12340),
    "zero": ("0.0", 0),
}
AMBIGUOUS = {
    "point": "1.234",
    "comma": "1,234",
    "blank": "1 234",
    "with euro sign": "€ 319.556",
}
LOOSE_REFUSED = {
    "thousands not in threes": "1.23.456",
    "marks mixed twice": "1.234,567.89",
    "comma after point twice": "1.234,56,78",
    "exponent": "1e5",
    "plus": "+3,00",
    "minus where none is meant": "-3,00",
    "two numbers": "12 34",
    "three decimals": "1234.567",
    "zero thousands": "0.123",
    "sign inside": "1-2",
    "two euro signs": "€ 3 €",
    "euro sign inside": "1€234,00",
    "dollars": "$ 3,00",
    "words": "tremila",
    "empty": "",
    "euro alone": "€",
    "ten thousand billion": "10.000.000.000.000,00",
    "five thousand digits": "9" * 5000,
    "digits of another script": "\u0661\u0662,00",
}


@given(CENTS)
def test_an_amount_reads_as_it_is_written(cents: int) -> None:
    assert EUR.parse(EUR(cents).format()) == cents
    assert EUR(cents).format() == f"{Decimal(cents) / 100:.2f}"


@given(SIGNED_CENTS)
def test_a_signed_amount_reads_as_it_is_written(cents: int) -> None:
    assert SignedEUR.parse(SignedEUR(cents).format()) == cents


@given(SIGNED_CENTS)
def test_the_italian_form_of_an_amount_is_read_by_people_and_by_parse_loose(cents: int) -> None:
    assert parse_loose(EUR(cents).format_it() + " €", signed=True) == cents


@pytest.mark.parametrize(
    ("cents", "wire", "italian"),
    [
        (31955600, "319556.00", "319.556,00"),
        (5, "0.05", "0,05"),
        (-5, "-0.05", "-0,05"),
        (0, "0.00", "0,00"),
        (-123456789, "-1234567.89", "-1.234.567,89"),
    ],
)
def test_an_amount_has_a_wire_form_and_an_italian_form(cents: int, wire: str, italian: str) -> None:
    assert (EUR(cents).format(), EUR(cents).format_it()) == (wire, italian)


@pytest.mark.parametrize(("raw", "proposal"), REFUSED.values(), ids=REFUSED)
def test_another_spelling_is_refused_and_proposed_where_it_has_one_reading(
    raw: str, proposal: str | None
) -> None:
    with pytest.raises(ShapeError) as caught:
        EUR.parse(raw)
    assert (caught.value.code, caught.value.proposal) == ("amount-malformed", proposal)


def test_a_sign_is_read_only_where_it_is_meant() -> None:
    assert SignedEUR.parse("-50000.00") == -5000000
    assert SignedEUR.parse("50000.00") == 5000000
    for raw in ("-0.00", "--1.00", "+1.00", "- 1.00"):
        with pytest.raises(ShapeError, match="amount-malformed"):
            SignedEUR.parse(raw)


@pytest.mark.parametrize(("raw", "cents"), LOOSE.values(), ids=LOOSE)
def test_usual_spellings_have_one_reading(raw: str, cents: int) -> None:
    assert parse_loose(raw) == cents
    assert isinstance(parse_loose(raw), EUR)


@pytest.mark.parametrize("raw", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_two_readings_are_refused_and_never_guessed(raw: str) -> None:
    with pytest.raises(ShapeError) as caught:
        parse_loose(raw)
    assert (caught.value.code, caught.value.proposal) == ("amount-ambiguous", None)


@pytest.mark.parametrize("raw", LOOSE_REFUSED.values(), ids=LOOSE_REFUSED)
def test_what_is_no_amount_is_refused(raw: str) -> None:
    with pytest.raises(ShapeError) as caught:
        parse_loose(raw)
    assert caught.value.code == "amount-malformed"


def test_a_loose_minus_is_read_only_where_it_is_meant() -> None:
    assert parse_loose("-1.234,56", signed=True) == -123456
    assert parse_loose("€ -1.234,56", signed=True) == -123456


@pytest.mark.parametrize("value", [1.0, "100", True, None, Decimal(1)])
def test_only_whole_numbers_are_cents(value: object) -> None:
    with pytest.raises(TypeError, match="cents"):
        EUR(value)  # type: ignore[arg-type]  # the refusal of wrong types is what is tested


def test_an_amount_is_never_divided() -> None:
    with pytest.raises(TypeError, match="split_shares"):
        EUR(100) / 3
    assert EUR(100) + EUR(50) == 150


def test_an_amount_survives_copying() -> None:
    for copied in (copy.deepcopy(EUR(5)), pickle.loads(pickle.dumps(EUR(5)))):  # noqa: S301
        assert (copied, type(copied)) == (5, EUR)


def test_shares_go_by_largest_remainder_and_ties_by_order() -> None:
    assert split_shares(10000, (1, 1, 1)) == (3334, 3333, 3333)
    assert split_shares(10000, (1, 1, 1, 0)) == (3334, 3333, 3333, 0)
    assert split_shares(100, (1, 2, 4)) == (14, 29, 57)
    assert split_shares(1, (1, 1)) == (1, 0)
    assert split_shares(0, (5, 5)) == (0, 0)


@settings(max_examples=200)
@given(CENTS, st.lists(CENTS, min_size=1, max_size=40).filter(any))
def test_shares_sum_to_the_whole_and_are_within_a_cent_of_their_part(
    total: int, parts: list[int]
) -> None:
    shares = split_shares(total, parts)
    assert sum(shares) == total
    assert all(
        abs(share * sum(parts) - total * part) < sum(parts)
        for share, part in zip(shares, parts, strict=True)
    )


@pytest.mark.parametrize(("total", "parts"), [(-1, (1,)), (1, ()), (1, (0, 0)), (1, (2, -1))])
def test_shares_of_nothing_are_an_error(total: int, parts: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="shares need"):
        split_shares(total, parts)
