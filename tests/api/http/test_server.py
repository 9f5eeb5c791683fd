"""The read-only server: pages, state as JSON and XML, checkpoint, health; hostile texts escaped."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from typing import TYPE_CHECKING

import httpx
import pytest
from lxml import etree

from api.app import open_ledger, open_reading
from api.client.desk import open_scribe
from api.client.requests import write
from api.home import Home
from api.http.server import HEADERS, make_app
from tests.api.home_kit import CUP, INTERVENTION, OTHER_CUP, enter, key, run, written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from api.app import Reading


class Browser:
    """Asks the application itself, without a socket, and follows no redirect."""

    def __init__(self, reading: Reading) -> None:
        """Serve an open ledger."""
        self._transport = httpx.ASGITransport(make_app(reading))

    def request(self, method: str, path: str) -> httpx.Response:
        """Return the answer."""

        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(
                transport=self._transport, base_url="http://test"
            ) as client:
                return await client.request(method, path)

        return asyncio.run(ask())

    def get(self, path: str) -> httpx.Response:
        """Return the answer to GET."""
        return self.request("GET", path)


HOSTILE = "<script>alert('x')</script> \"&'"
OBSERVED = {
    "source": "PA digitale 2026",
    "digest": "0" * 64,
    "observed_at": "2026-08-03T10:00:00Z",
    "avviso": HOSTILE,
    "state": "E",
    "state_on": "2026-08-02",
    "amount": "319556.00",
    "submitted_at": "2022-06-28T10:00:02Z",
    "raw": HOSTILE,
}


@pytest.fixture
def client(home: Home) -> Iterator[Browser]:
    """A client of the server over the home, its views up to date."""
    with open_reading(home) as reading:
        reading.runner.catch_up()
        yield Browser(reading)


def test_the_root_leads_to_the_list(client: Browser) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/interventi")


def test_the_list_links_each_intervention(client: Browser) -> None:
    page = client.get("/interventi")
    assert page.status_code == 200
    assert f'href="/interventi/{CUP}"' in page.text
    assert str(INTERVENTION["title"]) in page.text


def test_the_page_shows_both_states_side_by_side(client: Browser) -> None:
    page = client.get(f"/interventi/{CUP}").text
    assert "<dt>Stato</dt><dd>Progettazione</dd>" in page
    assert "<dt>Stato nella fonte nazionale</dt><dd>non rilevato</dd>" in page
    assert page.count("<h1>") == 1
    assert '<html lang="it">' in page


def test_the_page_names_both_clocks(client: Browser) -> None:
    page, state = (
        client.get(f"/interventi/{CUP}").text,
        client.get(f"/interventi/{CUP}.json").json(),
    )
    assert f"<dt>Stato al</dt><dd>{date.fromisoformat(state['as_of']):%d/%m/%Y}</dd>" in page
    known = f"<dt>Con quanto registrato fino alla</dt><dd>posizione {state['known_at'] - 1},"
    assert known in page


def test_the_page_is_well_formed_without_script(client: Browser) -> None:
    for path in ("/interventi", f"/interventi/{CUP}"):
        parser = etree.HTMLParser(recover=False)
        document = etree.fromstring(client.get(path).text.encode(), parser)
        assert document.xpath("//script|//@onclick|//img") == []
        assert document.xpath("//table//th[not(@scope)]") == []


def test_json_and_xml_are_the_state_of_the_views(client: Browser, home: Home) -> None:
    as_json = client.get(f"/interventi/{CUP}.json")
    as_xml = client.get(f"/interventi/{CUP}.xml")
    assert as_json.headers["content-type"] == "application/json"
    assert as_xml.headers["content-type"] == "application/xml"
    assert as_json.json()["cup"] == CUP
    assert CUP in list(etree.fromstring(as_xml.content).itertext())
    seen = {one.tag.rpartition("}")[2]: one.text for one in etree.fromstring(as_xml.content)}
    assert [seen[name] for name in ("as_of", "known_at")] == [
        str(as_json.json()[name]) for name in ("as_of", "known_at")
    ]
    replayed = json.loads(run(home, "replay", CUP, "--json").stdout)
    beside = ("as_of", "known_at", "findings")
    drop = dict.fromkeys(beside)
    assert {**as_json.json(), **drop} == {**replayed, **drop}


@pytest.mark.parametrize("suffix", ["", ".json", ".xml"])
@pytest.mark.parametrize("cup", [OTHER_CUP, "abc", "..%2f..%2fetc", "%27%20OR%201=1"])
def test_what_is_not_registered_is_404(client: Browser, cup: str, suffix: str) -> None:
    assert client.get(f"/interventi/{cup}{suffix}").status_code == 404


def test_nothing_can_be_written(client: Browser) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert client.request(method, f"/interventi/{CUP}").status_code == 405


def test_every_answer_carries_the_security_headers(client: Browser) -> None:
    for path in ("/", "/interventi", f"/interventi/{CUP}", "/none", "/checkpoint", "/healthz"):
        headers = client.get(path).headers
        assert {name: headers[name] for name in HEADERS} == HEADERS, path


def test_health_tells_how_far_the_views_are(client: Browser) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["seen"] == answer.json()["size"] > 0
    assert answer.json()["error"] is None


def test_hostile_texts_are_escaped_everywhere(home: Home) -> None:
    with open_ledger(home) as opened:
        scribe = open_scribe(opened, key(home, "rup"))
        data = {"title": HOSTILE, "description": HOSTILE, "granting_label": HOSTILE}
        write(
            scribe, "describe-intervention/1", data, cup=CUP, role="rup", occurred_on="2023-01-01"
        )
        opened.runner.catch_up()
        client = Browser(opened)
        pages = [client.get(path).text for path in ("/interventi", f"/interventi/{CUP}")]
        state = client.get(f"/interventi/{CUP}.json").json()
    for page in pages:
        assert "<script" not in page
        assert "&lt;script&gt;" in page
    assert state["interventions"][0]["title"] == HOSTILE


def test_the_page_says_what_the_national_source_says(home: Home, tmp_path: Path) -> None:
    admin = key(home, "admin")
    mine = tmp_path / "importatore.pem"
    run(home, "key", "enrol", "--key", str(mine), "--by", admin, "--role", "importatore")
    request = {
        "command": "observe-national-state/1",
        "cup": CUP,
        "role": "importatore",
        "data": OBSERVED,
    }
    ran = run(home, "record", str(written(tmp_path / "r", request)), "--key", f"file:{mine}")
    assert ran.exit_code == 0, ran.stderr
    with open_reading(home) as reading:
        page = Browser(reading).get(f"/interventi/{CUP}").text
    assert "<dt>Stato</dt><dd>Progettazione</dd>" in page
    assert "dal 02/08/2026</dd>" in page
    assert "<script" not in page


def test_a_page_behind_the_log_says_so(home: Home) -> None:
    with open_ledger(home) as opened:
        opened.runner.catch_up()
        scribe = open_scribe(opened, key(home, "rup"))
        asked = enter()
        write(
            scribe,
            asked["command"],
            asked["data"],
            cup=CUP,
            role="rup",
            occurred_on=asked["occurred_on"],
        )
        page = Browser(opened).get(f"/interventi/{CUP}").text
    assert "Mancano 2 registrazioni" in page


def test_an_empty_list_names_the_first_step(tmp_path: Path) -> None:
    new = Home(tmp_path / "new")
    run(new, "init", "--ente", "c_e506", "--origin", "prova.it/c_e506")
    with open_reading(new) as reading:
        assert "Nessun intervento registrato" in Browser(reading).get("/interventi").text
