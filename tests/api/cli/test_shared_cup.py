"""Two interventions on one CUP, from the request to the page and the package that is verified offline."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

import schemas
from api.app import open_reading
from api.cli import exits
from tests.api.cli.town_kit import Town
from tests.api.home_kit import CUP, INTERVENTION, enter, run
from tests.api.http.test_server import Browser

if TYPE_CHECKING:
    from pathlib import Path

    from api.home import Home

PAGO = {"measure": "M1C1I1.4.1", "clp": "PRJ_2"}
CLOUD = {"measure": "M1C1I1.2"}
TITLE = "PagoPA e app IO"
SECOND = {
    "command": "register-intervention/1",
    "role": "rup",
    "occurred_on": "2022-07-01",
    "data": {**INTERVENTION, **PAGO, "title": TITLE},
}


def granted(amount: str, intervention: dict[str, str]) -> dict[str, Any]:
    """Return a request that records a grant of an intervention; both are of one decree."""
    return {
        "command": "record-funding/1",
        "cup": CUP,
        "role": "rup",
        "occurred_on": "2022-09-05",
        "data": {
            "source": "PNRR",
            "amount": amount,
            "decree": {"number": "28-3/2022", "on": "2022-09-05"},
            "instrument": "decreto",
            "intervention": intervention,
        },
    }


@pytest.fixture
def town(home: Home, tmp_path: Path) -> Town:
    """A home whose CUP has two interventions, each with a grant, one further on than the other."""
    made = Town(home, tmp_path)
    execution = enter("ESECUZIONE")
    made.must(
        "rup",
        SECOND,
        granted("319556.00", CLOUD),
        granted("59966.00", PAGO),
        {**execution, "data": {**execution["data"], "intervention": PAGO}},
    )
    return made


def test_the_package_of_a_shared_cup_is_verified_offline(town: Town) -> None:
    verified = town.verified()
    assert verified.exit_code == exits.OK, verified.stdout
    assert run(town.home, "fsck").exit_code == exits.OK


def test_the_state_of_a_shared_cup_keeps_to_its_schema(town: Town) -> None:
    shown = run(town.home, "replay", CUP, "--format", "xml").stdout
    folder = schemas.__path__[0]
    schema = etree.XMLSchema(etree.parse(f"{folder}/intervention-1.xsd"))
    schema.assertValid(etree.fromstring(shown.encode()))
    state = json.loads(run(town.home, "replay", CUP, "--json").stdout)
    assert [one["funding"]["importo_finanziato"] for one in state["parts"]] == [
        "319556.00",
        "59966.00",
    ]
    assert state["funding"]["importo_finanziato"] == "379522.00"


def test_people_see_each_intervention_by_itself(town: Town) -> None:
    shown = run(town.home, "intervention", "show", CUP).stdout
    assert "importo finanziato 319.556,00 EUR" in shown
    assert "importo finanziato 59.966,00 EUR" in shown
    assert "2 interventi su questo CUP, in tutto:\nimporto finanziato 379.522,00 EUR" in shown
    assert [line for line in shown.splitlines() if line.startswith("fase ")] == [
        "fase Progettazione",
        "fase Esecuzione",
    ]


def test_the_page_has_a_section_for_each_intervention(town: Town) -> None:
    with open_reading(town.home) as reading:
        reading.runner.catch_up()
        page = Browser(reading).get(f"/interventi/{CUP}").text
        listed = Browser(reading).get("/interventi").text
    assert page.count("<h1>") == 1
    assert page.count("<section>") == 2
    assert "<dt>Interventi su questo CUP</dt><dd>2</dd>" in page
    assert "<dt>Importo finanziato</dt><dd>379.522,00 €</dd>" in page
    assert f"<h2>{TITLE}</h2>" in page
    assert "<dt>Stato</dt><dd>Progettazione</dd>" in page
    assert "<dt>Stato</dt><dd>Esecuzione</dd>" in page
    assert f"{INTERVENTION['title']} / {TITLE}" in listed


@pytest.mark.parametrize(
    ("option", "value", "count"),
    [
        ("--measure", "M1C1I1.2", 1),
        ("--measure", "M1C1I1.4.1", 1),
        ("--measure", "M1C1I1.4", 0),
        ("--phase", "PROGETTAZIONE", 1),
        ("--phase", "ESECUZIONE", 1),
        ("--phase", "COLLAUDO", 0),
        ("--q", "pagopa", 1),
    ],
)
def test_the_list_finds_a_shared_cup_by_what_each_intervention_is(
    town: Town, option: str, value: str, count: int
) -> None:
    lines = run(town.home, "--json", "intervention", "list", option, value).lines
    assert lines[-1]["count"] == count
