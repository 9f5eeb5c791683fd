"""Findings about codes, labels and lateness, at their limits. Source: DOMAIN sections 2 and 10.2."""

from __future__ import annotations

import pytest

from tests.ledger.domain.cases import Raised
from tests.ledger.domain.facts import ACT, but, determina, funded, phase, registered
from tests.ledger.domain.worlds import CUP, World

START = (registered(),)
SECOND = {"measure": "M1C1I1.4.1", "on": "2022-03-01"}
THIRD = {"measure": "M1C1I1.4.3", "on": "2022-04-01"}
# The CUP is of 2022.
DECREES = {year: {"number": f"1/{year}", "on": f"{year}-12-31"} for year in (2021, 2022, 2023)}


def labelled(label: str | None, body: str | None) -> tuple[dict[str, object], ...]:
    """Return an intervention with a published label and the name of its entity, or without."""
    told = {"granting_label": label, "granting_body": body}
    return (registered(**{name: value for name, value in told.items() if value is not None}),)


RAISED = {
    "an act of the year of the CUP": Raised(
        (*START, determina(on="2022-01-15")), "cup-year-late", ()
    ),
    "an act of a later year than the CUP": Raised((*START, determina()), "cup-year-late", ()),
    "decrees of three years": Raised(
        (*START, *(funded(on="2024-01-02", decree=one) for one in DECREES.values())),
        "cup-year-late",
        (CUP,),
    ),
    "acts before the CUP on which two interventions are": Raised(
        (
            *START,
            registered(**SECOND),
            determina(on="2021-12-31", links=[{"cup": CUP, "measure": "M1C1I1.2"}]),
        ),
        "cup-year-late",
        (CUP,),
    ),
    "a label that comes before the name": Raised(labelled("DTD", "MITD"), "label-outdated", (CUP,)),
    "a label that comes after the name": Raised(labelled("MITD", "DTD"), "label-outdated", (CUP,)),
    "a label that is the name": Raised(labelled("DTD", "DTD"), "label-outdated", ()),
    "a label alone": Raised(labelled("DTD", None), "label-outdated", ()),
    "a name alone": Raised(labelled(None, "DTD"), "label-outdated", ()),
    "one intervention on a CUP": Raised(START, "shared-cup", ()),
    "three interventions on a CUP": Raised(
        (*START, registered(**SECOND), registered(**THIRD)), "shared-cup", (CUP,)
    ),
    "acts are registered late by a finding of their own": Raised(
        (*START, determina(), phase("ESECUZIONE", "2023-03-01")),
        "fact-registered-late",
        (f"{CUP}#0", f"{CUP}#2"),
    ),
    "an act of our days": Raised((*START, determina()), "improbable-date", ()),
}


@pytest.mark.parametrize("case", RAISED.values(), ids=RAISED)
def test_a_finding_is_about_these_and_no_others(case: Raised) -> None:
    case.check()


def test_an_unusual_cup_is_told_once_for_all_its_interventions() -> None:
    unusual = "A81C22001220006"
    world = World().given(registered(unusual), registered(unusual, **SECOND))
    found = [one for one in world.findings(unusual) if one.code == "cup-unusual"]
    assert [(one.subject, one.index) for one in found] == [(unusual, 0)]


LATE = {"2022-02-14": None, "2022-02-15": "info", "2023-01-15": "info", "2023-01-16": "minor"}


@pytest.mark.parametrize(("received", "severity"), LATE.items(), ids=LATE)
def test_a_fact_is_late_after_thirty_days_and_very_late_after_a_year(
    received: str, severity: str | None
) -> None:
    world = World().given(but(registered(on="2022-01-15"), received=received))
    found = [one.severity for one in world.findings() if one.code == "fact-registered-late"]
    assert found == [severity] * (severity is not None)


def test_three_interventions_are_counted_and_the_last_one_raised_it() -> None:
    world = World().given(*START, determina(), registered(**SECOND), registered(**THIRD))
    [found] = [one for one in world.findings() if one.code == "shared-cup"]
    assert (found.sentence, found.index) == (f"Sul CUP {CUP} sono registrati 3 interventi.", 3)


def test_what_is_older_than_the_cup_is_named_with_its_day() -> None:
    old = determina(on="2021-12-31")
    decree = funded(on="2022-01-15", decree=DECREES[2021])
    world = World().given(*START, old, decree)
    found = [one for one in world.findings() if one.code == "cup-year-late"]
    key = ACT.replace("/2023/", "/2021/")
    assert [(one.index, one.sentence) for one in found] == [
        (1, f"L'anno nel CUP {CUP} è successivo a: l'atto {key} del 31/12/2021."),
        (2, f"L'anno nel CUP {CUP} è successivo a: 1/2021 del 31/12/2021."),
    ]
