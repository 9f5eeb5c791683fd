"""Storie di testi: CUP scritti male, accenti e apostrofi, importi di fogli diversi, due lingue.

È DOMAIN, sezione 14, righe 7 e 27, con i vettori del CUP della sezione 2. Nulla è corretto da sé.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.domain.money import parse_loose
from ledger.errors import ShapeError
from tests.ledger.domain.facts import determina, funded, registered
from tests.ledger.domain.worlds import CUP
from tests.scenarios.telling import given, then_proposed, then_recorded, then_refused

if TYPE_CHECKING:
    from tests.ledger.domain.worlds import Request

TAKEN = {
    "the intervention of Lecce": ("C81C22001220006", "C81C22001220006"),
    "a sister CUP": ("C81F22004270006", "C81F22004270006"),
    "of 2025": ("C51J25001200006", "C51J25001200006"),
    "of 2003": ("G17H03000130011", "G17H03000130011"),
    "lower case": ("c81c22001230006", "C81C22001230006"),
    "lower case in an official file": ("g17h03000130001", "G17H03000130001"),
    "NBSP inside": ("C81C\u00a022001220006", "C81C22001220006"),
    "line break and hyphens": ("C81C-2200122-0006\n", "C81C22001220006"),
}
WARNED = ["A81C22001220006", "C01C22001220006", "C81K22001220006"]
REFUSED = {
    "O for 0": ("I71C22OO1520006", "I71C22001520006"),
    "1 for I": ("161F22002140006", "I61F22002140006"),
    "1 for I in the fourth place": ("H28122001400005", "H28I22001400005"),
    "G for 6": ("C81C2300041000G", "C81C23000410006"),
    "a word after it": ("F42F23000870006CIG", "F42F23000870006"),
    "a letter doubled": ("G81CC2200174000", None),
    "a letter for a digit": ("DC1C22002790006", None),
    "a letter for a digit, I": ("IC1C22001150006", None),
    "6 for G": ("637H23000210007", "G37H23000210007"),
    "sixteen characters": ("D31F220049440001", None),
    "fourteen characters": ("C27H1900144000", None),
    "blank": (" ", None),
    "two codes in a cell": (
        "C81C22001220006 C81F22004270006",
        "C81C22001220006; C81F22004270006",
    ),
}
AMOUNTS = {
    "euro sign": ("€ 1.234,56", "1234.56"),
    "point": ("1234.56", "1234.56"),
    "blanks": (" 1.000,00 ", "1000.00"),
    "spreadsheet": ("900000000,00", "900000000.00"),
    "NBSP between thousands": ("1\u00a0234,56", "1234.56"),
}


def written(cup: str) -> Request:
    """Register an intervention whose CUP is written so, as the only place where it is named."""
    request = registered()
    del request["cup"]
    return {**request, "data": {**request["data"], "cup": cup}}


@pytest.mark.parametrize(("raw", "normal"), TAKEN.values(), ids=TAKEN)
def test_typo_cup_taken(raw: str, normal: str) -> None:
    """Il CUP si confronta senza spazi e in maiuscolo; il testo com'era scritto resta."""
    story = given()
    event = then_recorded(story.when(written(raw)))
    assert event.streams == (f"cup/{normal}",)
    assert story.shown(normal).interventions[0].cup.raw == raw
    told = ("cup-raw-normalised", normal) in story.anomalies(normal)
    assert told == (raw != normal)


@pytest.mark.parametrize("raw", WARNED)
def test_typo_cup_warned(raw: str) -> None:
    """Un CUP insolito, ma della forma giusta, si registra com'è: potrebbe esistere."""
    story = given()
    then_recorded(story.when(written(raw)))
    assert story.shown(raw).interventions[0].cup.is_unusual
    assert ("cup-unusual", raw) in story.anomalies(raw)


def test_typo_cup_year_late() -> None:
    """Un CUP del 2026 su un atto del 2023 non torna, ma si registra: i due anni restano scritti."""
    story = given(written("C81C26001220006"))
    links = [{"cup": "C81C26001220006"}]
    then_recorded(story.when(determina("100", "2023-01-23", links=links)))
    [act] = story.shown("C81C26001220006").acts
    assert (act.links[0].cup.year, act.adopted_on.year) == (2026, 2023)
    assert "cup-year-late" in {code for code, _ in story.anomalies("C81C26001220006")}


@pytest.mark.parametrize(("raw", "proposal"), REFUSED.values(), ids=REFUSED)
def test_typo_cup(raw: str, proposal: str | None) -> None:
    """Un CUP malformato è rifiutato; se si capisce che cosa si voleva scrivere, si propone soltanto."""
    story = given()
    fault = then_proposed(story.when(written(raw)), "cup-malformed", proposal)
    assert fault.pointer == "/data/cup"
    assert story.events == []


def test_accents_and_apostrophes() -> None:
    """Zerbolò e Zerbolo' sono due grafie: ciascuna resta come l'ente l'ha scritta."""
    story = given(registered())
    titles = (
        "Cloud del Comune di Zerbolò",
        "Cloud del Comune di Zerbolo'",
        "Cloud dell\u2019Unione",
    )
    for number, title in enumerate(titles, start=1):
        then_recorded(story.when(determina(str(number), subject=title)))
    assert [one.subject for one in story.shown().acts] == list(titles)


def test_accents_written_in_two_ways() -> None:
    """«ò» scritta come o più accento non si distingue a occhio: si chiede la forma unica, non si cambia."""
    story = given(registered())
    answer = story.when(determina(subject="Comune di Zerbolo\u0300"))
    then_refused(answer, "malformed-request", "NFC")


def test_names_in_two_languages() -> None:
    """A Bolzano i nomi sono in due lingue, con barre e dieresi: passano interi."""
    title = (
        "Cloud-Migration der Dienste \u2013 Migrazione al cloud, Bolzano/Bozen: Südtiroler Straße"
    )
    story = given(registered(title=title, granting_label="Präsidium des Ministerrats"))
    [shown] = story.shown().interventions
    assert (shown.title, shown.granting_label) == (title, "Präsidium des Ministerrats")
    assert title in story.told()[0]


@pytest.mark.parametrize(("raw", "wire"), AMOUNTS.values(), ids=AMOUNTS)
def test_amounts_parse_to_one_or_are_refused(raw: str, wire: str) -> None:
    """Un importo si registra in una sola forma; le altre che si leggono in un solo modo si propongono."""
    story = given(registered())
    answer = story.when(funded(raw))
    if raw != wire:
        then_proposed(answer, "amount-malformed", wire)
        answer = story.when(funded(wire))
    then_recorded(answer)
    assert story.shown().funding.importo_finanziato == parse_loose(raw)


@pytest.mark.parametrize("raw", ["1.234", "1,234", "1 234", "€ 319.556"])
def test_amounts_are_never_guessed(raw: str) -> None:
    """«1.234» è un euro e ventitré o milleduecentotrentaquattro: nessuno può dirlo, e non si propone nulla."""
    story = given(registered())
    then_proposed(story.when(funded(raw)), "amount-malformed", None)
    with pytest.raises(ShapeError, match="amount-ambiguous"):
        parse_loose(raw)


def test_nbsp_inside_a_cup() -> None:
    """Lo spazio che non si vede, copiato da una pagina, non fa un altro CUP."""
    story = given(registered())
    links = [{"cup": f"{CUP[:4]}\u00a0{CUP[4:]}"}]
    event = then_recorded(story.when(determina(links=links)))
    assert event.cups == (CUP,)
    assert story.shown().acts[0].links[0].cup.raw == links[0]["cup"]
