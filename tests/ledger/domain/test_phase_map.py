"""The phase map as a dated table: two generations of codes. Source: DOMAIN section 5.1."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.domain.phases import LABELS, PHASES
from ledger.records import load_law

MAP = load_law().phase_map
BEFORE, AFTER = date(2023, 6, 30), date(2023, 7, 1)
# The table of section 5.1 by natura, restated: codes of both generations.
CODES = {
    ("PROGETTAZIONE", "01"): "01001",
    ("PROGETTAZIONE", "02"): "02001 02004 02005 02006 02007",
    ("PROGETTAZIONE", "03"): (
        "00301 00302 00303 00304 00305 00306 00307 00308 03001 03002 03003 03004 0301 0302 0303 0304"
    ),
    ("AFFIDAMENTO", "01"): "00101 00102 00103 00104",
    ("AFFIDAMENTO", "02"): "00201 00202 00203 00204 0201",
    ("AFFIDAMENTO", "03"): "00309 00310 00311 00312 0305",
    ("ESECUZIONE", "01"): "00105 01002",
    ("ESECUZIONE", "02"): "00205 02002 0202",
    ("ESECUZIONE", "03"): "00313 03005 0306",
    ("COLLAUDO", "01"): "00106 01003",
    ("COLLAUDO", "02"): "00206 02003",
    ("COLLAUDO", "03"): "00314 03006 0307",
    ("AFFIDAMENTO", "06"): "00601",
    ("ESECUZIONE", "07"): "00702",
    ("DA_ATTIVARE", "02"): "",
}
GROUPS = {
    "STUDIO_FATT": "00301",
    "PROG_PREL": "00302 00303 00304 02004 02006 03001 03003",
    "PROG_DEF": "00305 00306 02005 03002",
    "PROG_ESEC": "00307 00308 01001 02001 02007 03004",
    "STIP_ATTRIB": "00101 00204 00312 00601 00701 00801 0201",
    "ESECUZIONE": "00105 01002 00205 02002 00313 03005 00602 0202",
    "COLLAUDO": "00106 01003 00206 02003 00314 03006",
}
AGREE = {
    "DA_ATTIVARE": {"Non avviato", "In avvio di progettazione"},
    "PROGETTAZIONE": {"In avvio di progettazione", "In corso di progettazione"},
    "AFFIDAMENTO": {"In affidamento"},
    "ESECUZIONE": {"In esecuzione"},
    "COLLAUDO": {"Eseguito"},
}


@pytest.mark.parametrize("cell", CODES, ids="-".join)
def test_the_codes_of_a_phase_are_those_of_the_table(cell: tuple[str, str]) -> None:
    assert sorted(MAP.codes(*cell, AFTER)) == sorted(CODES[cell].split())


@pytest.mark.parametrize("group", GROUPS)
def test_a_code_belongs_to_its_group_of_opencoesione(group: str) -> None:
    found = {code: MAP.group("COLLAUDO", code, AFTER) for code in GROUPS[group].split()}
    assert set(found.values()) == {group}


def test_the_codes_after_d_lgs_36_2023_begin_on_its_first_day() -> None:
    assert MAP.of_code("02002", BEFORE) is None
    assert MAP.of_code("02002", AFTER) is not None
    assert MAP.codes("ESECUZIONE", "02", BEFORE) == ("00205", "0202")


def test_the_codes_before_it_stay_for_what_had_begun() -> None:
    assert MAP.of_code("00205", AFTER) is not None


def test_a_code_names_one_row() -> None:
    codes = [row.regis_code for row in MAP.rows if row.regis_code]
    assert len(codes) == len(set(codes)) == 57


def test_each_phase_has_a_row_without_code() -> None:
    rows = [MAP.of_phase(phase, AFTER) for phase in PHASES]
    assert [row and row.label for row in rows] == list(LABELS.values())
    assert MAP.of_phase("FINITA", AFTER) is None
    assert [bool(row and row.padigitale) for row in rows] == [True] * 5


@pytest.mark.parametrize("phase", AGREE)
def test_a_phase_agrees_with_the_statuses_of_its_row_alone(phase: str) -> None:
    every = set().union(*AGREE.values())
    assert {status for status in every if MAP.agrees(phase, status, AFTER)} == AGREE[phase]


def test_a_phase_without_row_agrees_with_nothing() -> None:
    assert not MAP.agrees("FINITA", "Eseguito", AFTER)
    assert MAP.group("FINITA", None, AFTER) is None
