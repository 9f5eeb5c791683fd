"""Findings about phases, services, funding and the national state, at their limits. Source: DOMAIN 5, 6."""

from __future__ import annotations

import pytest

from tests.ledger.domain.cases import Raised
from tests.ledger.domain.facts import (
    adjusted,
    completed,
    live,
    observed,
    phase,
    registered,
    service,
)
from tests.ledger.domain.worlds import CUP, World

START = (registered(),)
TEST = phase("COLLAUDO", "2024-05-01")
DONE = (TEST, completed("COLLAUDO", "2024-07-01"))
WORK = phase("ESECUZIONE", "2023-03-01")
FIRST = phase("DA_ATTIVARE", "2022-01-15")
DAYS = (17, 18, 19)


def states(*found: str) -> tuple[dict[str, object], ...]:
    """Return observations of these national states, a day apart."""
    pairs = zip(found, DAYS, strict=False)
    return tuple(observed(state, at=f"2026-08-{day}T09:00:00Z") for state, day in pairs)


def price(source: str, cause: str = "incremento-prezzi") -> Raised:
    """Return that nothing is found of an adjustment on a source."""
    return Raised(
        (*START, adjusted((source, "1.00"), cause=cause)), "price-increase-without-source", ()
    )


RAISED = {
    "renounced for the ministry, though the test is done": Raised(
        (*START, *DONE, observed("R")), "phase-disagrees-national", (CUP,)
    ),
    "disbursed for the ministry, and the test not ended": Raised(
        (*START, TEST, observed("E")), "phase-disagrees-national", (CUP,)
    ),
    "financed for the ministry, in any phase": Raised(
        (*START, *DONE, observed("A")), "phase-disagrees-national", ()
    ),
    "from disbursed to renounced": Raised(
        (*START, *states("E", "R")), "national-state-back", (CUP,)
    ),
    "from renounced to financed": Raised(
        (*START, *states("R", "A")), "national-state-back", (CUP,)
    ),
    "from disbursed to renounced to financed": Raised(
        (*START, *states("E", "R", "A")), "national-state-back", (CUP, CUP)
    ),
    "from financed to renounced to disbursed": Raised(
        (*START, *states("A", "R", "E")), "national-state-back", ()
    ),
    "the same again": Raised((*START, *states("E", "E")), "national-state-back", ()),
    "no phase at all": Raised(START, "phase-skipped-without-reason", ()),
    "the phases between the first and the furthest": Raised(
        (*START, FIRST, WORK),
        "phase-skipped-without-reason",
        tuple(f"{CUP}/{one}" for one in ("AFFIDAMENTO", "PROGETTAZIONE")),
    ),
    "an earlier phase that is entered after the furthest": Raised(
        (
            *START,
            FIRST,
            WORK,
            *(phase(one, "2023-04-01") for one in ("PROGETTAZIONE", "AFFIDAMENTO")),
        ),
        "phase-skipped-without-reason",
        (),
    ),
    "an earlier phase that is open while the later one is not ended": Raised(
        (*START, WORK, TEST), "igrue-041", ()
    ),
    "a phase that is ended, with none before it": Raised((*START, *DONE), "igrue-041", ()),
    "a phase that is ended, with an open one after it": Raised(
        (*START, WORK, completed("ESECUZIONE", "2024-04-30"), TEST), "igrue-041", ()
    ),
    "renewed as it was financed": Raised(
        (*START, service(), live()), "improved-mode-undeclared", ()
    ),
    "moved as it was financed": Raised(
        (
            *START,
            service(mode="A", destination="iaas"),
            live(mode="A", destination="iaas"),
        ),
        "improved-mode-undeclared",
        (),
    ),
    "the second of two services": Raised(
        (
            *START,
            service(),
            live(),
            service("s02", mode="A", destination="iaas"),
            live("s02"),
        ),
        "improved-mode-undeclared",
        ("s02",),
    ),
    "a service that is not yet moved": Raised(
        (*START, service(mode="A", destination="iaas")), "improved-mode-undeclared", ()
    ),
    "a price increase by the municipality": price("COMUNE"),
    "a price increase on other funds": price("ALTRI_FONDI"),
    "more money for another cause": price("PNRR", "rideterminazione"),
}


@pytest.mark.parametrize("case", RAISED.values(), ids=RAISED)
def test_a_finding_is_about_these_and_no_others(case: Raised) -> None:
    case.check()


PLACES = {
    "the first entry of the furthest phase": (
        (FIRST, WORK, phase("ESECUZIONE", "2023-05-01")),
        "phase-skipped-without-reason",
        {2},
    ),
    "the last completion": (
        (WORK, *DONE, completed("COLLAUDO", "2024-08-01")),
        "igrue-041",
        {4},
    ),
    "the observation that counts": (
        (WORK, *states("E", "R")),
        "phase-disagrees-national",
        {3},
    ),
    "the observation that went back": (
        states("E", "R", "E"),
        "national-state-back",
        {2},
    ),
}


@pytest.mark.parametrize(("given", "code", "places"), PLACES.values(), ids=PLACES)
def test_a_finding_was_raised_by(
    given: tuple[dict[str, object], ...], code: str, places: set[int]
) -> None:
    world = World().given(*START, *given)
    assert {one.index for one in world.findings() if one.code == code} == places
