"""Notices are known by code; their names are read whole. Source: DOMAIN sections 5.3, 9.13 and 15."""

from __future__ import annotations

import csv
from datetime import date
from typing import TYPE_CHECKING

import pytest

from ledger.domain.identifiers import Measure
from ledger.records import load_law
from tests.ledger.domain.facts import registered
from tests.ledger.domain.worlds import World

if TYPE_CHECKING:
    from pathlib import Path

NOTICES = load_law().notices
CLOUD = Measure.parse("M1C1I1.2")
APRIL = "padigitale-1.2-comuni-2022-04"
WRITTEN = {
    "as published": ("1.2 Abilitazione al cloud - Comuni - Aprile 2022", APRIL),
    "in another case": ("1.2 ABILITAZIONE AL CLOUD - comuni - aprile 2022", APRIL),
    "with other blanks": (" 1.2  Abilitazione al cloud\u00a0- Comuni -\nAprile 2022", APRIL),
    "as its code": ("padigitale-1.2-comuni-2022-04", APRIL),
    "in part": ("1.2 Abilitazione al cloud - Comuni", None),
    "with a word more": ("Avviso 1.2 Abilitazione al cloud - Comuni - Aprile 2022", None),
    "of another measure": ("1.4.3 - pagoPA - Comuni - Aprile 2022", None),
}


@pytest.mark.parametrize("how", WRITTEN)
def test_a_name_is_read_whole(how: str) -> None:
    name, code = WRITTEN[how]
    found = NOTICES.named(name, CLOUD)
    assert (None if found is None else found.notice) == code


def test_a_request_with_the_name_is_signed_with_the_code() -> None:
    [found] = World().given(registered(avviso=WRITTEN["as published"][0])).dossier().registrations
    assert (found.avviso, found.notice) == (WRITTEN["as published"][0], APRIL)


def test_a_code_that_is_given_stays_whatever_the_name() -> None:
    facts = registered(avviso=WRITTEN["as published"][0], notice="altro-2024")
    [found] = World().given(facts).dossier().registrations
    assert found.notice == "altro-2024"


def test_a_notice_of_two_measures_is_read_from_either_quota() -> None:
    name = "1.1 e 1.2 'Infrastrutture digitali e abilitazione al cloud' - ASL/AO -marzo 2023 (quota 1.{})"
    for quota in "12":
        found = NOTICES.named(name.format(quota), Measure.parse(f"M1C1I1.{quota}"))
        assert found is not None
        assert found.notice == "padigitale-1.1-1.2-asl-ao-2023-03"


def test_no_two_notices_share_a_code_or_a_name() -> None:
    names = [name.casefold() for row in NOTICES.rows for name in row.names]
    assert len(names) == len(set(names))
    assert NOTICES.of(APRIL) is not None
    assert NOTICES.of("padigitale-1.2-comuni") is None


def test_a_notice_closes_after_it_opened() -> None:
    assert [row.notice for row in NOTICES.rows if row.opened_on >= row.closed_on] == []


def test_the_notice_of_lecce_was_open_when_it_applied() -> None:
    found = NOTICES.of(APRIL)
    assert found is not None
    assert found.opened_on <= date(2022, 6, 28) <= found.closed_on
    assert (str(found.opened_on), str(found.closed_on)) == ("2022-04-19", "2022-07-22")


def test_every_published_notice_is_known_by_its_name(realdata: Path) -> None:
    """The list as published on 31 January 2026; the measure is the number that begins its name."""
    with (realdata / "padigitale/avvisi@2026-01-31.csv").open(encoding="utf-8") as stream:
        published = list(csv.DictReader(stream))
    assert len(published) == 57
    for row in published:
        measure = Measure.parse(f"M1C1I{row['misura'].split()[0]}")
        found = NOTICES.named(row["titolo"], measure)
        assert found is not None, row["titolo"]
        days = (str(found.opened_on), str(found.closed_on))
        assert days == (row["data_inizio_bando"], row["data_fine_bando"])
