"""Acts: numbers, registers, keys and stream names."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.act_keys import IPA
from ledger.domain.identifiers import CUP, ActKey, ActNumber, RegisterSlug
from ledger.domain.stream_names import act_stream, cup_stream, parse_stream
from ledger.errors import ShapeError

NUMBERS = {
    "digits": ("1234", "1234"),
    "suffix": ("1234-bis", "1234-bis"),
    "suffix in upper case": ("1234-BIS", "1234-bis"),
    "zeros in front": ("0012", "12"),
    "blanks around": (" 12\n", "12"),
}
BAD_NUMBERS = {
    "zero, a filler": ("0", "act-number-zero", None),
    "zeros": ("0000", "act-number-zero", None),
    "zero with suffix": ("0-bis", "act-number-zero", None),
    "empty": ("", "act-number-zero", None),
    "blank": (" \u00a0", "act-number-zero", None),
    "blank before the suffix": ("1234 bis", "act-number-malformed", "1234-bis"),
    "slash before the suffix": ("1234/BIS", "act-number-malformed", "1234-bis"),
    "suffix at the number": ("1234bis", "act-number-malformed", "1234-bis"),
    "number and year": ("1234/2024", "act-number-malformed", None),
    "words": ("numero 3", "act-number-malformed", None),
    "sign": ("-3", "act-number-zero", None),
    "eleven digits": ("12345678901", "act-number-malformed", None),
    "digits of another script": ("\u0661\u0662", "act-number-malformed", None),
}
BAD_REGISTERS = {
    "words": ("Registro generale", "registro-generale"),
    "underscore": ("registro_generale", "registro-generale"),
    "hyphen at the end": ("registro-", "registro"),
    "two hyphens": ("registro--generale", "registro-generale"),
    "empty": ("", None),
    "41 characters": ("a" * 41, None),
    "slash": ("a/b", "a-b"),
}
BAD_KEYS = {
    "three parts": ("c_e506/2024/1234", "act-malformed"),
    "five parts": ("c_e506/registro-generale/2024/1234/bis", "act-malformed"),
    "number zero": ("c_e506/registro-generale/2024/0", "act-number-zero"),
    "number empty": ("c_e506/registro-generale/2024/", "act-number-zero"),
    "year of two digits": ("c_e506/registro-generale/24/1", "act-malformed"),
    "year of the twelfth century": ("c_e506/registro-generale/1124/1", "act-malformed"),
    "no issuer": ("/registro-generale/2024/1", "act-malformed"),
    "blank inside": ("c_e506/registro generale/2024/1", "act-malformed"),
    "the stream and not the key": ("act/c_e506/registro-generale/2024/1", "act-malformed"),
    "longer than a stream name": (f"x-{'a' * 50}/{'b' * 40}/2024/1", "act-malformed"),
    "empty": ("", "act-malformed"),
    "dots": ("c_e506/../2024/1", "act-malformed"),
}
BAD_STREAMS = {
    "not in normal form": "cup/c81c22001220006",
    "blank at the end": "cup/C81C22001220006 ",
    "zeros in front": "act/c_e506/registro-generale/2024/0012",
    "number zero": "act/c_e506/registro-generale/2024/0",
    "another kind": "sys/log",
    "prefix alone": "cup/",
    "no prefix": "C81C22001220006",
    "prefix in upper case": "CUP/C81C22001220006",
    "empty": "",
}
SLUG = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}", fullmatch=True)
KEYS = st.builds(
    "{}/{}/{}/{}".format,
    st.from_regex(IPA, fullmatch=True) | SLUG.map("x-{}".format),
    SLUG,
    st.integers(1900, 2099),
    st.from_regex(r"[1-9][0-9]{0,9}(-[a-z0-9]{1,10})?", fullmatch=True),
)


@pytest.mark.parametrize(("raw", "normal"), NUMBERS.values(), ids=NUMBERS)
def test_the_number_of_an_act_is_digits_with_a_suffix_if_any(raw: str, normal: str) -> None:
    assert ActNumber.parse(raw) == normal


@pytest.mark.parametrize(("raw", "code", "proposal"), BAD_NUMBERS.values(), ids=BAD_NUMBERS)
def test_a_bad_number_is_refused(raw: str, code: str, proposal: str | None) -> None:
    with pytest.raises(ShapeError) as caught:
        ActNumber.parse(raw)
    assert (caught.value.code, caught.value.proposal) == (code, proposal)


@pytest.mark.parametrize(("raw", "proposal"), BAD_REGISTERS.values(), ids=BAD_REGISTERS)
def test_a_register_is_a_slug(raw: str, proposal: str | None) -> None:
    with pytest.raises(ShapeError) as caught:
        RegisterSlug.parse(raw)
    assert (caught.value.code, caught.value.proposal) == ("register-malformed", proposal)


def test_a_register_is_compared_in_lower_case() -> None:
    assert RegisterSlug.parse(" Deliberazioni-Giunta") == "deliberazioni-giunta"


def test_an_act_is_known_by_issuer_register_year_and_number() -> None:
    key = ActKey.parse(" C_E506/Registro-Generale/2024/01234-BIS")
    assert key == "c_e506/registro-generale/2024/1234-bis"
    assert (key.ipa, key.register, key.year, key.number) == (
        "c_e506",
        "registro-generale",
        2024,
        "1234-bis",
    )


def test_an_issuer_without_ipa_has_a_slug() -> None:
    assert ActKey.parse("x-regione-svizzera/decreti/2023/7").ipa == "x-regione-svizzera"


@pytest.mark.parametrize(("raw", "code"), BAD_KEYS.values(), ids=BAD_KEYS)
def test_a_bad_key_is_refused(raw: str, code: str) -> None:
    with pytest.raises(ShapeError) as caught:
        ActKey.parse(raw)
    assert caught.value.code == code


@settings(max_examples=200)
@given(KEYS)
def test_a_stream_name_gives_its_act_back_and_fits_the_grammar_of_names(key: str) -> None:
    name = act_stream(key)
    assert re.fullmatch(r"[A-Za-z0-9._/-]{1,100}", name)
    assert parse_stream(name) == ActKey.parse(key) == key
    assert isinstance(parse_stream(name), ActKey)


def test_a_stream_name_gives_its_cup_back() -> None:
    assert cup_stream("c81c22001220006") == "cup/C81C22001220006"
    assert parse_stream("cup/C81C22001220006") == CUP.parse("C81C22001220006")
    assert isinstance(parse_stream("cup/C81C22001220006"), CUP)


@pytest.mark.parametrize("name", BAD_STREAMS.values(), ids=BAD_STREAMS)
def test_a_bad_stream_name_is_refused(name: str) -> None:
    with pytest.raises(ShapeError) as caught:
        parse_stream(name)
    assert caught.value.code == "stream-malformed"


def test_no_stream_is_named_after_what_is_not_an_identifier() -> None:
    with pytest.raises(ShapeError, match="cup-malformed"):
        cup_stream("C81C2200122000")
    with pytest.raises(ShapeError, match="act-number-zero"):
        act_stream("c_e506/registro-generale/2024/0")
