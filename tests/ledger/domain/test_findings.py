"""Each finding, raised and not raised. Source: DOMAIN sections 2, 5.5, 7.1 and 10."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.domain.rules.finding import SEVERITIES, declared_findings
from tests.ledger.domain.facts import (
    MANAGER,
    adjusted,
    attached,
    but,
    corrected,
    determina,
    funded,
    nominated,
    observed,
    regime,
)
from tests.ledger.domain.facts_acts import other_act
from tests.ledger.domain.facts_money import committed
from tests.ledger.domain.finding_cases import CASES, QUIET_UNTIL, SEVERE, START, Case
from tests.ledger.domain.worlds import CUP, TODAY, World

if TYPE_CHECKING:
    from tests.ledger.domain.worlds import Request


def codes(given: tuple[Request, ...], cup: str, on: str) -> set[str]:
    """Return the codes of the findings of some facts."""
    return {found.code for found in World().given(*given).findings(cup, on)}


def cup_of(case: Case) -> str:
    """Return the CUP that the facts of a case register."""
    return str(case.raised[0]["cup"]).upper()


def test_the_table_has_every_finding() -> None:
    assert set(CASES) == set(declared_findings())


@pytest.mark.parametrize("code", CASES)
def test_a_finding_is_raised(code: str) -> None:
    case = CASES[code]
    world = World().given(*case.raised)
    [found] = [f for f in world.findings(cup_of(case), case.on) if f.code == code]
    assert (found.severity, found.subject) == (case.severity, case.subject)
    assert found.sentence[-1] == "."
    assert "None" not in found.sentence
    assert 0 <= found.index < len(world.events)


@pytest.mark.parametrize("code", CASES)
def test_a_finding_is_not_raised_by_the_like_that_is_in_order(code: str) -> None:
    case = CASES[code]
    assert code not in codes(case.quiet, CUP, QUIET_UNTIL.get(code, TODAY))


@pytest.mark.parametrize(("given", "code", "severity", "on"), SEVERE.values(), ids=SEVERE)
def test_a_finding_is_as_severe_as_its_facts(
    given: tuple[Request, ...], code: str, severity: str, on: str
) -> None:
    [found] = [f for f in World().given(*given).findings(as_of=on) if f.code == code]
    assert found.severity == severity


def test_a_decree_older_than_the_year_of_the_cup_is_found() -> None:
    old = funded(decree={"number": "1/2021", "on": "2021-12-31"})
    assert "cup-year-late" in codes((*START, old), CUP, TODAY)
    assert "cup-year-late" not in codes((*START, funded()), CUP, TODAY)


def test_an_interim_rup_overlaps_nobody() -> None:
    both = (*START, nominated(), nominated(person=MANAGER, interim=True))
    assert "rup-overlap" not in codes(both, CUP, TODAY)
    other = (*START, nominated(procedure="a"), nominated(person=MANAGER, procedure="b"))
    assert "rup-overlap" not in codes(other, CUP, TODAY)


def test_a_renounced_application_disagrees_with_any_phase() -> None:
    assert "phase-disagrees-national" in codes((*START, observed("R")), CUP, TODAY)
    assert "phase-disagrees-national" not in codes((*START, observed("A")), CUP, TODAY)


def test_an_act_of_a_kind_that_nothing_makes_enforceable_is_not_late() -> None:
    order = "c_e506/ordini/2023/7"
    spent = (*START, other_act("ordine-mepa"), committed(act=order))
    assert "visto-missing-late" not in codes(spent, order, TODAY)


def test_a_finding_closes_when_its_cause_is_corrected() -> None:
    raised = (*START, adjusted(("PNRR", "1.00"), cause="incremento-prezzi"))
    fixed = (*raised, corrected(1))
    assert "price-increase-without-source" in codes(raised, CUP, TODAY)
    assert "price-increase-without-source" not in codes(fixed, CUP, TODAY)


def test_the_sentence_about_a_name_does_not_repeat_it() -> None:
    confirmed = {"/files": ["tax-code"]}
    world = World().given(*START, but(attached("RSSMRA85T10A562S.pdf"), not_personal=confirmed))
    [found] = [f for f in world.findings() if f.code == "personal-data-in-name"]
    assert "RSSMRA85T10A562S" not in found.sentence + found.subject


def test_the_finding_about_texts_says_where_and_which_kinds_and_not_what() -> None:
    world = World().given(
        *START,
        but(
            attached(title="Sig. RSSMRA85T10A562S", note="IBAN IT60X0542811101000000123456"),
            reason="cell. 340 1234567",
            not_personal={
                "/data/title": ["tax-code"],
                "/data/note": ["iban"],
                "/reason": ["phone"],
            },
        ),
    )
    [found] = [f for f in world.findings() if f.code == "personal-data-in-text"]
    assert found.sentence == (
        "I testi della registrazione n. 1 contengono (/data/note, /data/title, /reason) ciò che"
        " sembra un codice fiscale, un IBAN, un numero di telefono."
    )


def test_findings_are_told_by_severity_then_code_then_subject() -> None:
    given = (*START, determina(cigs=[]), nominated(), observed("E"), regime(edition="2021"))
    told = [
        (SEVERITIES.index(f.severity), f.code, f.subject) for f in World().given(*given).findings()
    ]
    assert told == sorted(told)
    assert len({severity for severity, _, _ in told}) > 1
