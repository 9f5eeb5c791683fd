"""Identifiers and amounts against every code in the real open data; counts, never names of people.

Numbers are those of the README of the data where it states them, else as counted once. A changed
number is a changed rule.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from ledger.domain.codes import CPV, Indicator, Milestone, SubMeasure
from ledger.domain.identifiers import CIG, CLP, CUP, IPA, Identifier, Measure, TaxCode
from ledger.domain.labels import find_labelled_cigs, find_labelled_cups
from ledger.domain.money import EUR, parse_loose
from ledger.domain.screening import screen_personal_data
from ledger.errors import ShapeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

csv.field_size_limit(10_000_000)


def text_of(path: Path) -> str:
    """Return the text of a file, gzipped or not."""
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode()


def rows_of(path: Path, separator: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file by column name."""
    return csv.DictReader(text_of(path).splitlines(keepends=True), delimiter=separator)


def column(paths: Iterable[Path], names: Iterable[str], separator: str = ";") -> set[str]:
    """Return the distinct values of some columns in all files that have them."""
    wanted = set(names)
    return {
        value
        for path in paths
        for row in rows_of(path, separator)
        for name, value in row.items()
        if name in wanted and value
    }


def judge(kind: type[Identifier], values: Iterable[str]) -> Counter[str]:
    """Return how many values are accepted, of those warned or normalised, and how many refused."""
    counted: Counter[str] = Counter()
    for value in values:
        try:
            code = kind.parse(value)
        except ShapeError:
            counted["refused"] += 1
            continue
        counted["accepted"] += 1
        counted["normalised"] += code.was_normalised
        counted["warned"] += isinstance(code, CUP) and code.is_unusual
        counted["warned"] += isinstance(code, TaxCode) and not code.check_ok
        counted[code.kind if isinstance(code, CIG) else "other"] += 1
    del counted["other"]
    print(f"{kind.__name__}: {dict(+counted)}")  # noqa: T201  the counts are the result
    return +counted


@pytest.fixture
def regis(realdata: Path) -> list[Path]:
    """Return the files of Italia Domani."""
    return sorted((realdata / "italiadomani").iterdir())


def test_every_cup_typed_wrong_in_official_files_is_refused_or_only_lower_case(
    realdata: Path,
) -> None:
    lines = (realdata / "negative" / "real_malformed_cups.txt").read_text().split("\n")[:-1]
    counted = judge(CUP, lines)
    assert counted == {"accepted": 51, "normalised": 51, "refused": 7}
    proposals = {line: proposal_for(line) for line in lines if judge(CUP, [line])["refused"]}
    assert proposals == {
        "": None,
        "161F22002140006": "I61F22002140006",
        "281C22000980006": None,
        "C81C2300041000G": "C81C23000410006",
        "DC1C22002790006": None,
        "H28122001410005": "H28I22001410005",
        "I71C22OO1520006": "I71C22001520006",
    }


def proposal_for(raw: str) -> str | None:
    """Return what the refusal of a CUP proposes."""
    with pytest.raises(ShapeError) as caught:
        CUP.parse(raw)
    return caught.value.proposal


def test_every_malformed_code_of_notice_boards_is_refused(realdata: Path) -> None:
    found = json.loads((realdata / "negative" / "albo_malformed_cig_cup.json").read_text())
    by_shape = [entry[0] for entries in found["bad_cig"].values() for entry in entries]
    assert judge(CIG, by_shape) == {"refused": 125}
    assert judge(CIG, [entry[0] for entry in found["cig_label_bad"]]) == {"refused": 20}
    assert judge(CUP, [entry[0] for entry in found["bad_cup"]]) == {"refused": 47}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("LECCE_c_e506_all_rows.csv", {"accepted": 5}),
        ("candidature_finanziate_11@2026-08-17.csv", {"accepted": 413}),
        ("candidature_finanziate_12@2023-03-04.csv.gz", {"accepted": 12_927, "refused": 7}),
        ("candidature_altrienti_finanziate@2026-08-17.csv", {"accepted": 3_054}),
        (
            "schema-drift/altrienti@2023-01-15_16cols.csv",
            {"accepted": 1_024, "warned": 1, "refused": 1},
        ),
        ("schema-drift/altrienti@2023-05-04_19cols.csv", {"accepted": 1_496, "refused": 1}),
    ],
)
def test_cups_and_amounts_of_applications_are_read(
    realdata: Path, name: str, expected: dict[str, int]
) -> None:
    rows = list(rows_of(realdata / "padigitale" / name, ","))
    assert judge(CUP, (row["codice_cup"] for row in rows)) == expected
    for row in rows:
        amount = parse_loose(row["importo_finanziamento"])
        assert EUR.parse(amount.format()) == amount


def test_every_cup_of_regis_is_accepted(regis: list[Path]) -> None:
    counted = judge(CUP, column(regis, ["cup"]))
    assert counted == {"accepted": 1_696}


def test_every_cig_of_regis_has_right_check_digits(regis: list[Path]) -> None:
    awards = [path for path in regis if path.name.startswith("AggiudicatariGare")]
    counted = judge(CIG, column(awards, ["cig"]))
    assert counted == {"accepted": 833, "pcp": 376, "simog": 423, "smartcig": 34}
    assert sum(not row["cig"] for row in rows_of(awards[0], ";")) == 60
    every = judge(CIG, column(regis, ["cig"]))
    assert every["refused"] == 0


def test_every_local_project_code_of_regis_is_accepted(regis: list[Path]) -> None:
    assert judge(CLP, column(regis, ["codice_locale_progetto"]))["refused"] == 0


def test_every_sub_measure_milestone_and_indicator_of_regis_is_accepted(regis: list[Path]) -> None:
    sub_measures = column(regis, ["codice_univoco_submisura"])
    milestones = column(regis, ["nr_seq_mt", "numero_sequenziale_milestone_target"])
    assert judge(SubMeasure, sub_measures) == {"accepted": 329}
    assert len({Measure.parse(code).key for code in sub_measures}) == 329
    assert judge(Milestone, milestones) == {"accepted": 1_182}
    assert judge(Indicator, column(regis, ["codice_indicatore"]))["refused"] == 0


def test_only_the_official_misprint_is_refused_among_measures(regis: list[Path]) -> None:
    names = ["id_misura", "codice_univoco_misura", "id_submisura", "codice_cid"]
    refused = {code for code in column(regis, names) if not Measure.grammar.shape.fullmatch(code)}
    assert refused == {"M4C1II4.1"}


def test_two_spellings_of_a_measure_in_one_row_have_one_key(regis: list[Path]) -> None:
    pairs = {
        (row["id_submisura"], row["codice_univoco_submisura"])
        for path in regis
        for row in rows_of(path, ";")
        if row.get("id_submisura") and row.get("codice_univoco_submisura")
    }
    same = {pair for pair in pairs if Measure.parse(pair[0]).key == Measure.parse(pair[1]).key}
    assert (len(pairs), len(same)) == (330, 309)


def test_tax_codes_of_holders_are_accepted_masked_or_not(regis: list[Path]) -> None:
    awards = [path for path in regis if path.name.startswith("AggiudicatariGare")]
    codes = [row["codice_fiscalepiva"] for row in rows_of(awards[0], ";")]
    assert judge(TaxCode, codes) == {"accepted": 1_263}
    assert codes.count("****************") == 320
    assert not any(TaxCode.parse(code).is_person for code in codes)


def test_join_set_of_cups_and_cigs_is_accepted(realdata: Path) -> None:
    folder = realdata / "opencup-ld"
    pairs = json.loads((folder / "cupcig_candidature_comuni_finanziate.json").read_text())
    assert len(pairs["cupcig"]) == 677
    assert judge(CUP, {row["CUP"] for row in pairs["cupcig"]}) == {"accepted": 540}
    cigs = judge(CIG, {row["CIG"] for row in pairs["cupcig"]})
    assert cigs == {"accepted": 623, "simog": 502, "smartcig": 27, "pcp": 94}
    applications = json.loads((folder / "candidature_comuni_finanziate.json").read_text())
    cups = [row["codice_cup"] for row in applications["candidature"]]
    assert judge(CUP, cups) == {"accepted": 570}
    tenders = json.loads((folder / "SCP_bandi.json").read_text())["bandi"]
    assert judge(CPV, (row["cpv"] for row in tenders if row["cpv"]))["refused"] == 0


def test_every_ipa_code_of_the_index_is_accepted(realdata: Path) -> None:
    bodies = realdata / "codelists" / "comuni-ipa" / "amministrazioniSito.csv"
    counted = judge(IPA, (row["cod_amm"] for row in rows_of(bodies, ",")))
    assert counted == {"accepted": 22_167, "normalised": 580}


@pytest.fixture
def board(realdata: Path) -> list[dict[str, Any]]:
    """Return the items of notice boards."""
    lines = text_of(realdata / "albo" / "albo_items_cup_cig_fixture.jsonl.gz").splitlines()
    return [json.loads(line) for line in lines]


def test_130_of_4064_tokens_with_the_shape_of_a_cig_fail_its_check(
    board: list[dict[str, Any]],
) -> None:
    counted = judge(CIG, (token for item in board for token in item["cigs"]))
    assert (counted["accepted"], counted["refused"]) == (3_934, 130)


def test_codes_of_notice_boards_are_found_by_their_labels(board: list[dict[str, Any]]) -> None:
    counted: Counter[str] = Counter()
    for item in board:
        text = f"{item['title']} {item['description']}"
        cigs, cups = find_labelled_cigs(text), find_labelled_cups(text)
        counted["cig"] += sum(found.code is not None for found in cigs)
        counted["cig wrong"] += sum(found.code is None for found in cigs)
        counted["cup"] += sum(found.code is not None for found in cups)
        counted["cup wrong"] += sum(found.code is None for found in cups)
    print(dict(counted))  # noqa: T201  the counts are the result
    assert counted == {"cig": 3_886, "cig wrong": 43, "cup": 1_961, "cup wrong": 59}


def test_masked_notice_boards_hold_no_personal_data_by_shape(board: list[dict[str, Any]]) -> None:
    texts = (f"{item['title']} {item['description']}" for item in board)
    assert Counter(kind for text in texts for kind in screen_personal_data(text)) == {}
