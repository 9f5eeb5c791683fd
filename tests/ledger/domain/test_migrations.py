"""Migrations that are financed, as a dated table. Source: DOMAIN section 5.4; FAQ c-001, c-003."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date
from typing import Any, get_args

import pytest

from ledger.domain.identifiers import Measure, ServiceItem
from ledger.domain.migrations import Migrations
from ledger.domain.scope import Destination, Origin, ScopeItem
from ledger.records import load_law
from tests.ledger.domain.facts import registered, service
from tests.ledger.domain.worlds import World

LAW = load_law()
CLOUD = Measure.parse("M1C1I1.2")
DAY = date(2022, 2, 1)
# FAQ c-001, row by row: destinations IaaS, PaaS, SaaS; not qualified origin, then qualified.
TABLE = {
    "on-premise-destrutturato": (("no", "no", "B"), ("no", "no", "B")),
    "on-premise-strutturato": (("A", "B", "B"), ("A", "B", "B")),
    "iaas": (("no", "B", "B"), ("no", "no", "no")),
    "paas": (("no", "no", "B"), ("no", "no", "no")),
    "saas": (("no", "no", "no"), ("no", "no", "no")),
}
PLACES = tuple(enumerate(get_args(Destination)))


def modes(**said: Any) -> str:  # noqa: ANN401  fields of a service
    """Return the modes in which the migration of such a service is financed, `no` when it is not."""
    item = ScopeItem(
        item=ServiceItem("s01"), name="Protocollo", funded=True, index=0, added_on=DAY, **said
    )
    admitted = (row.mode for row in LAW.migrations.of(CLOUD, DAY) if row.admits(item))
    return " ".join(admitted) or "no"


@pytest.mark.parametrize("origin", TABLE)
def test_what_is_financed_is_the_table_of_the_measure(origin: str) -> None:
    for qualified, (place, destination) in itertools.product((False, True), PLACES):
        found = modes(origin=origin, destination=destination, origin_qualified=qualified)
        assert found == TABLE[origin][qualified][place], (qualified, destination)


def test_only_qualified_iaas_to_saas_is_a_second_step() -> None:
    pairs = itertools.product(("iaas", "paas", "saas"), get_args(Destination))
    found = {
        (origin, destination)
        for origin, destination in pairs
        if modes(origin=origin, destination=destination, origin_qualified=True, second_step=True)
        != "no"
    }
    assert found == {("iaas", "saas")}


@pytest.mark.parametrize("mode", ["A", "B"])
def test_a_service_asks_for_the_mode_of_its_row(mode: str) -> None:
    said = {"origin": "on-premise-strutturato", "destination": "iaas"}
    assert modes(mode=mode, **said) == ("A" if mode == "A" else "no")


def test_the_table_names_every_origin_that_exists_and_no_pair_in_two_modes() -> None:
    assert set(TABLE) == set(get_args(Origin))
    pairs = {(row.origin, row.destination, row.mode) for row in LAW.migrations.rows}
    assert len(pairs) == len({pair[:2] for pair in pairs})


def test_a_sub_measure_has_the_table_of_its_measure_and_another_measure_none() -> None:
    assert LAW.migrations.of(Measure.parse("M1C1I1.02.00"), DAY) == LAW.migrations.rows
    assert LAW.migrations.of(Measure.parse("M1C1I1.1"), DAY) == ()


def test_the_row_of_the_legal_date_decides() -> None:
    """A table that ends on a day refuses until that day, by the date of the fact."""
    rows = tuple(replace(row, to=date(2022, 1, 31)) for row in LAW.migrations.rows[1:])
    first = replace(LAW.migrations.rows[0], from_=date(2022, 1, 1))
    world = World(law=replace(LAW, migrations=Migrations((first, *rows)))).given(registered())
    world.given(service("s01", on="2022-01-31"))
    assert getattr(world.when(service("s02", on="2022-02-01")), "code", None) == (
        "migration-not-eligible"
    )
