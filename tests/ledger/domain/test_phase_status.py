"""The statuses of OpenCoesione and OC4IDS from effective dates. Source: DOMAIN sections 5.1 and 5.2."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from ledger.domain.law import Law
from ledger.domain.phase_status import effective, oc4ids_status, opencoesione_status, overall_moves
from ledger.records import load_law
from tests.ledger.domain.facts import completed, phase, registered, reverted
from tests.ledger.domain.facts_procurement import skipped
from tests.ledger.domain.worlds import World

if TYPE_CHECKING:
    from tests.ledger.domain.worlds import Request

LAW = load_law()
DAY = "2025-01-01"
Moves = tuple["Request", ...]


def begun(name: str, code: str | None = None, on: str = "2022-09-01") -> Request:
    """Enter a phase, with a ReGiS code if any."""
    return phase(name, on, **({"regis_code": code} if code else {}))


def ended(name: str, code: str | None = None, on: str = "2023-02-28") -> Request:
    """Complete a phase, with a ReGiS code if any."""
    return completed(name, on, **({"regis_code": code} if code else {}))


DESIGN, TENDER, WORKS, TEST = "PROGETTAZIONE", "AFFIDAMENTO", "ESECUZIONE", "COLLAUDO"
STATUSES: dict[str, tuple[Moves, str]] = {
    "nothing": ((), "Non avviato"),
    "to be started": ((begun("DA_ATTIVARE"),), "Non avviato"),
    "the start ended": ((begun("DA_ATTIVARE"), ended("DA_ATTIVARE")), "Non avviato"),
    "a study begun": ((begun(DESIGN, "00301"),), "In avvio di progettazione"),
    "a study ended": (
        (begun(DESIGN, "00301"), ended(DESIGN, "00301")),
        "In corso di progettazione",
    ),
    "a preliminary design": ((begun(DESIGN, "00302"),), "In corso di progettazione"),
    "a preliminary design ended": (
        (begun(DESIGN, "00302"), ended(DESIGN, "00302")),
        "In corso di progettazione",
    ),
    "a definitive design": ((begun(DESIGN, "00305"),), "In corso di progettazione"),
    "a definitive design ended": (
        (begun(DESIGN, "00305"), ended(DESIGN, "00306")),
        "In corso di progettazione",
    ),
    "an executive design": ((begun(DESIGN, "00307"),), "In corso di progettazione"),
    "an executive design ended": (
        (begun(DESIGN, "00307"), ended(DESIGN, "00308")),
        "In affidamento",
    ),
    "the design of a service, after D.Lgs. 36/2023": (
        (begun(DESIGN, "02001", "2023-07-01"), ended(DESIGN, "02001", "2023-08-01")),
        "In affidamento",
    ),
    "a design without code": ((begun(DESIGN),), "In corso di progettazione"),
    "a design without code, ended": (
        (begun(DESIGN), ended(DESIGN)),
        "In corso di progettazione",
    ),
    "a code that the map does not have": (
        (begun(DESIGN, "99999"),),
        "In corso di progettazione",
    ),
    "a tender": ((begun(TENDER, "00201"),), "In affidamento"),
    "a tender ended": ((begun(TENDER), ended(TENDER)), "In affidamento"),
    "works": ((begun(TENDER), begun(WORKS, "00205", "2023-03-01")), "In esecuzione"),
    "works by an older code": ((begun(WORKS, "0306"),), "In esecuzione"),
    "works ended": ((begun(WORKS), ended(WORKS)), "Eseguito"),
    "a test": ((begun(WORKS), begun(TEST, "00206", "2024-05-01")), "Eseguito"),
    "a test ended": ((begun(TEST), ended(TEST)), "Eseguito"),
    "a grant attributed": ((begun(TENDER, "00601"),), "In affidamento"),
    "a phase skipped": ((skipped(TENDER), begun(WORKS)), "In esecuzione"),
    "after a deserted tender": (
        (
            begun(DESIGN),
            ended(DESIGN),
            begun(TENDER, on="2023-03-01"),
            reverted(TENDER, DESIGN, "2023-06-01"),
        ),
        "In corso di progettazione",
    ),
    "what is after the reference day": ((begun(WORKS, on="2025-01-02"),), "Non avviato"),
}


@pytest.mark.parametrize("case", STATUSES)
def test_the_status_of_opencoesione_is_the_first_rule_that_holds(case: str) -> None:
    requests, status = STATUSES[case]
    world = World().given(registered(), *requests)
    found = world.dossier().phases.moves
    assert opencoesione_status(found, date.fromisoformat(DAY), LAW.phase_map) == status
    assert world.state(as_of=DAY).opencoesione_status == status


def test_what_was_left_behind_by_a_reversal_counts_no_more() -> None:
    world = World().given(
        registered(),
        begun(DESIGN),
        ended(DESIGN),
        begun(TENDER, on="2023-03-01"),
        reverted(TENDER, DESIGN, "2023-06-01"),
    )
    standing = effective(world.dossier().phases.moves, date(2025, 1, 1))
    assert [(move.kind, move.phase) for move in standing] == [("reverted", DESIGN)]
    before = effective(world.dossier().phases.moves, date(2023, 5, 31))
    assert [move.phase for move in before] == [DESIGN, DESIGN, TENDER]


OC4IDS: dict[str, tuple[Moves, str, str | None]] = {
    "nothing": ((), DAY, None),
    "to be started": ((begun("DA_ATTIVARE"),), DAY, "identification"),
    "design": ((begun(DESIGN),), DAY, "preparation"),
    "tender": ((begun(TENDER),), DAY, "implementation"),
    "works": ((begun(WORKS),), DAY, "implementation"),
    "test": ((begun(TEST),), DAY, "completion"),
    "in use": ((begun(TEST), ended(TEST)), DAY, "maintenance"),
    "the day before it is in use": ((begun(TEST), ended(TEST)), "2023-02-27", "completion"),
    "on the last day of the five years": (
        (begun(TEST), ended(TEST)),
        "2028-12-31",
        "maintenance",
    ),
    "after the five years": ((begun(TEST), ended(TEST)), "2029-01-01", "completion"),
    "tested anew": (
        (begun(TEST), ended(TEST), begun(WORKS, on="2023-03-01")),
        DAY,
        "implementation",
    ),
}


@pytest.mark.parametrize("case", OC4IDS)
def test_the_status_of_oc4ids_follows_from_the_phase_and_the_day(case: str) -> None:
    requests, day, status = OC4IDS[case]
    world = World().given(registered(), *requests)
    assert oc4ids_status(world.dossier().phases.moves, date.fromisoformat(day), LAW) == status


def test_an_intervention_that_was_renounced_is_cancelled_whatever_its_phase() -> None:
    found = World().given(registered(), begun(WORKS)).dossier().phases.moves
    assert oc4ids_status(found, date(2025, 1, 1), LAW, cancelled=True) == "cancelled"


def test_without_tables_nothing_is_said() -> None:
    found = World().given(registered(), begun(TEST), ended(TEST)).dossier().phases.moves
    assert oc4ids_status(found, date(2025, 1, 1), Law(())) is None
    assert opencoesione_status(found, date(2025, 1, 1), Law(()).phase_map) == "Non avviato"


def test_the_whole_is_told_by_the_moves_without_lot_or_by_all() -> None:
    world = World().given(registered(), phase(TENDER, "2022-09-01", lot="1"))
    assert len(overall_moves(world.dossier().phases)) == 1
    world.given(begun(DESIGN))
    assert [move.phase for move in overall_moves(world.dossier().phases)] == [DESIGN]


def test_a_lot_that_has_no_phase_yet_is_told_without() -> None:
    world = World().given(registered(), skipped(TENDER, lot="2"))
    [lot] = world.state().lots
    assert (lot.lot, lot.phase, lot.label, lot.since) == ("2", None, None, None)
    assert (lot.opencoesione_status, lot.oc4ids_status) == ("Non avviato", None)
