"""Refusals about phases at their limits: which phase, which list, which day. Source: DOMAIN 5.2, 7.1."""

from __future__ import annotations

import pytest

from ledger.errors import Refused
from tests.ledger.domain.cases import Accepted, Refusal
from tests.ledger.domain.facts import completed, fact, opened, phase, registered, reverted
from tests.ledger.domain.worlds import World

START = (registered(),)
PHASES = ("PROGETTAZIONE", "AFFIDAMENTO", "ESECUZIONE")
IN_TEST = (*START, phase("COLLAUDO", "2024-05-01"))
ACCEPTED = {
    f"{name} ends whatever the ex post list says": Accepted(
        (*START, phase(name, "2023-03-01"), opened()),
        completed(name, "2024-06-30"),
        lambda d: len(d.phases.moves),
        2,
    )
    for name in PHASES
} | {
    f"COLLAUDO ends with a list of stage {stage} open": Accepted(
        (*IN_TEST, opened("altra", stage)),
        completed("COLLAUDO", "2024-06-30"),
        lambda d: len(d.phases.moves),
        2,
    )
    for stage in ("autocontrollo", "ex-ante", "gara", "spesa")
}
REFUSED = {
    "an earlier phase is left backwards on the day of the later one": Refusal(
        (*START, phase("AFFIDAMENTO", "2022-09-01"), phase("ESECUZIONE", "2023-03-01")),
        reverted("AFFIDAMENTO", "PROGETTAZIONE", "2023-03-01"),
        "phase-not-current",
    ),
}


@pytest.mark.parametrize("case", ACCEPTED.values(), ids=ACCEPTED)
def test_it_is_recorded_and_changes_the_dossier(case: Accepted) -> None:
    case.check()


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused(case: Refusal) -> None:
    case.check()


TWICE = (*START, phase("ESECUZIONE", "2023-03-01"), phase("ESECUZIONE", "2023-05-01"))
SENTENCES = {
    "a phase that was entered is not skipped": (
        fact("skip-phase/1", "rup", "2023-06-01", {"phase": "ESECUZIONE", "cause": "non prevista"}),
        "La fase «Esecuzione» è stata avviata il 01/03/2023: non si può dichiarare non prevista.",
    ),
    "a phase does not end before it was entered": (
        completed("ESECUZIONE", "2023-02-28"),
        "La fase «Esecuzione» è stata avviata il 01/03/2023: non può finire il 28/02/2023.",
    ),
}


@pytest.mark.parametrize(("when", "sentence"), SENTENCES.values(), ids=SENTENCES)
def test_the_refusal_tells_the_first_entry(when: dict[str, object], sentence: str) -> None:
    answer = World().given(*TWICE).when(when)
    assert isinstance(answer, Refused)
    assert answer.sentence == sentence
