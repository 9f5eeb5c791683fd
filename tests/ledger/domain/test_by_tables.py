"""What of the state follows from tables of law, and nothing else. Source: D66; DOMAIN, introduction."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from ledger.domain.by_tables import BY_TABLES
from ledger.domain.compliance_tables import ComplianceTables
from ledger.domain.law import Law
from ledger.domain.phase_map import PhaseMap
from ledger.domain.shapes import shape_of
from ledger.domain.statement import InterventionState
from ledger.records import load_law
from tests.ledger.domain.facts import (
    ACT,
    RESOLUTION,
    answered,
    attached,
    completed,
    deliberazione,
    determina,
    funded,
    phase,
    published,
    registered,
    service,
)
from tests.ledger.domain.facts_acts import extended
from tests.ledger.domain.facts_compliance import acknowledged, listed
from tests.ledger.domain.facts_money import disbursed
from tests.ledger.domain.facts_procurement import contract, procedure
from tests.ledger.domain.worlds import World

if TYPE_CHECKING:
    from collections.abc import Iterator

LAW = load_law()
TERM_RULES = {"tuel-124-1", "tuel-134-3", "albo-determine-days"}
NUMBERED = re.compile(r"(?<=/)[0-9]+(?=/|$)")
TOLD = (
    registered(avviso="1.2 Abilitazione al cloud - Comuni - Aprile 2022"),
    service(),
    funded(notified_on="2022-09-12"),
    phase("PROGETTAZIONE", "2022-06-01", lot="1"),
    phase("AFFIDAMENTO", "2022-10-01", regis_code="00202"),
    completed("AFFIDAMENTO", "2023-03-01"),
    phase("ESECUZIONE", "2023-03-02"),
    deliberazione(),
    published(RESOLUTION, "2022-06-10", "2022-06-24"),
    extended("2022-06-29", "2022-06-13", "2022-06-14"),
    determina(),
    published(),
    procedure(),
    contract(),
    listed("post", "ex-post"),
    answered("SI", "1", "post", evidence=["prova.pdf"]),
    attached("fattura.pdf", kind="fattura", public=True),
    disbursed(),
    acknowledged("act-registered-late", ACT, "rup"),
)


def other_values(law: Law) -> tuple[Any, ...]:
    """Return the rows with other values: numbers grow, choices are the last ones."""
    last = {one.setting: one.allowed[-1] for one in law.settings if one.allowed}
    return tuple(
        replace(
            row,
            value=last.get(
                row.rule, str(int(row.value) + 20_000) if row.value.isdecimal() else row.value
            ),
        )
        for row in law.rows
    )


TABLES = {
    "rows of other values": replace(LAW, rows=other_values(LAW)),
    "no rules of terms": replace(
        LAW, rows=tuple(row for row in LAW.rows if row.rule not in TERM_RULES)
    ),
    "no phase map": replace(LAW, phase_map=PhaseMap()),
    "no notices and no deadlines": replace(LAW, deadlines=(), notices=Law(rows=()).notices),
    "no kinds of procedure": replace(LAW, procedure_kinds=()),
    "no tables of compliance": replace(LAW, compliance=ComplianceTables()),
    "no migrations and no items": replace(
        LAW, migrations=Law(rows=()).migrations, reconnaissance=()
    ),
}


def plain(world: World, law: Law) -> dict[str, Any]:
    """Return the exported state of the record under a law."""
    world.law = law
    state = replace(world.state(), known_at=0)
    return shape_of(InterventionState).plain(state)


def moved(before: object, after: object, place: str = "") -> Iterator[str]:
    """Yield the places of two states that differ, each item of a list as `*`."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in before.keys() | after.keys():
            yield from moved(before.get(name), after.get(name), f"{place}/{name}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for one, other in zip(before, after, strict=True):
            yield from moved(one, other, f"{place}/*")
    elif before != after:
        yield place.removeprefix("/")


def of_tables(place: str) -> str:
    """Return the member of BY_TABLES that a place is in, or the place itself."""
    return next((one for one in BY_TABLES if f"{place}/".startswith(f"{one}/")), place)


@pytest.fixture(scope="module")
def differing() -> set[str]:
    """Return all that differs between the state under the law and under each other one."""
    found = set()
    for facts in (TOLD, (*TOLD, registered(measure="M1C1I1.4.1", on="2024-01-10"))):
        world = World().given(*facts)
        own = plain(world, LAW)
        places = [place for law in TABLES.values() for place in moved(own, plain(world, law))]
        found |= {of_tables(place) for place in places}
    return found


def test_what_moves_with_the_tables_is_named_and_nothing_else(differing: set[str]) -> None:
    assert differing == BY_TABLES
