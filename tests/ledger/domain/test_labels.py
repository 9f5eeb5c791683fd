"""CIG and CUP in free text, by their labels; sentences are those of notice boards, without names."""

from __future__ import annotations

from time import process_time

import pytest

from ledger.domain.labels import find_labelled_cigs, find_labelled_cups

CIGS: dict[str, tuple[str, list[str]]] = {
    "colon": ("Impegno di spesa - CIG: B1A5544327.", ["B1A5544327"]),
    "blank": ("impegno cig b1a5544327 e altro", ["B1A5544327"]),
    "point and no blank": ("servizio CIG.B1A5544327", ["B1A5544327"]),
    "points in the label": ("C.I.G. N. B1A5544327", ["B1A5544327"]),
    "smart": ("SmartCIG Z8A3C532CF", ["Z8A3C532CF"]),
    "brackets": ("(CIG B1A5544327)", ["B1A5544327"]),
    "no-break space": ("CIG\u00a0B1A5544327", ["B1A5544327"]),
    "glued to the word before": ("ottobre 2025CIG: B1A5544327", ["B1A5544327"]),
    "a list": (
        "CIG B1A5544327, Z8A3C532CF e 95156957EC",
        ["B1A5544327", "Z8A3C532CF", "95156957EC"],
    ),
    "both labels": ("CUP/CIG: C81C22001220006 / B1A5544327", ["B1A5544327"]),
    "twice": ("CIG B1A5544327 (CIG B1A5544327)", ["B1A5544327"]),
    "no label": ("fattura 2510002280 PAE0022284 B1A5544327", []),
    "label inside a word": ("DECIG B1A5544327", []),
    "a word after the label": ("CIG relativo alla fornitura", []),
    "empty": ("", []),
}
WRONG = {
    "wrong check": ("CIG B503E401EC", "B503E401EC"),
    "O for 0": ("CIG: BOA958AD1F", "BOA958AD1F"),
    "too short": ("CIG B7C44ADB0", "B7C44ADB0"),
    "too long": ("CIG B7636C73EDV - acquisto", "B7636C73EDV"),
}
CUPS: dict[str, tuple[str, list[str]]] = {
    "colon": ("CUP: C81C22001220006", ["C81C22001220006"]),
    "points in the label": ("C.U.P. c81c22001220006", ["C81C22001220006"]),
    "before a CIG": ("CUP C81C22001220006 CIG B1A5544327", ["C81C22001220006"]),
    "both labels": ("CIG/CUP: B1A5544327 / C81C22001220006", ["C81C22001220006"]),
    "master": ("CUP (master) C81C22001220006", ["C81C22001220006"]),
    "no label": ("progetto C81C22001220006", []),
}


@pytest.mark.parametrize(("text", "codes"), CIGS.values(), ids=CIGS)
def test_a_cig_is_read_only_after_its_label(text: str, codes: list[str]) -> None:
    assert [found.code for found in find_labelled_cigs(text)] == codes


@pytest.mark.parametrize(("text", "codes"), CUPS.values(), ids=CUPS)
def test_a_cup_is_read_only_after_its_label(text: str, codes: list[str]) -> None:
    assert [found.code for found in find_labelled_cups(text)] == codes


@pytest.mark.parametrize(("text", "token"), WRONG.values(), ids=WRONG)
def test_a_wrong_code_after_the_label_is_reported_as_written(text: str, token: str) -> None:
    (found,) = find_labelled_cigs(text)
    assert (found.text, found.code) == (token, None)


def test_a_wrong_cup_after_the_label_is_reported_as_written() -> None:
    (found,) = find_labelled_cups("CUP C27H1900144000 lavori")
    assert (found.text, found.code) == ("C27H1900144000", None)


def test_the_label_of_a_link_is_kept_with_the_code() -> None:
    text = "CIG originario 95156957EC - CIG derivato: B1A5544327; CIG ACCORDO QUADRO: Z8A3C532CF"
    assert [(found.relation, found.code) for found in find_labelled_cigs(text)] == [
        ("originario", "95156957EC"),
        ("derivato", "B1A5544327"),
        ("accordo quadro", "Z8A3C532CF"),
    ]
    assert find_labelled_cups("CUP (master) C81C22001220006")[0].relation == "master"


@pytest.mark.parametrize(
    "unit", ["CIG ", "CIG:", " ", "(", "tel. ", "AA11 ", "3401234", "1 ", "E ", "N."]
)
def test_a_text_made_to_be_slow_is_read_in_time(unit: str) -> None:
    text = ("CIG" + unit * 20_000)[:20_000]
    began = process_time()
    find_labelled_cigs(text)
    assert process_time() - began < 1
