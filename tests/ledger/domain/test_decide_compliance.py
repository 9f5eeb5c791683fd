"""DNSH and checklists. Source: DOMAIN section 7.1; Guida operativa DNSH 2024; circ. RGS 33/2022."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ledger.records import load_law
from tests.ledger.domain.cases import Accepted, Refusal
from tests.ledger.domain.facts import answered, but, opened, regime, registered, reviewed, signed
from tests.ledger.domain.facts_compliance import listed, superseded
from tests.ledger.domain.worlds import ALL_ROLES, World

if TYPE_CHECKING:
    from collections.abc import Callable

TABLES = load_law().compliance
START = (registered(),)
OPEN = (*START, opened())
FULL = (*OPEN, answered())
SIGNED = (*FULL, signed())
BEFORE = (*START, opened("ante", "ex-ante"))
POST = (*START, listed("dnsh-post", "ex-post"))
AUDITED = answered(evidence=["impegno.pdf"])
COVERED = answered(row="2", evidence=["iso14001.pdf"])
SCENARIO = (*START, listed("ante", "ex-ante", "dnsh-6-ex-ante"))
TWO = (*FULL, opened("nuova"))
PAGOPA = (registered(measure="M1C1I1.04.03"),)
EXEMPT = regime("esente", rule_id="dnsh-exempt-m1c1")
NULL: dict[str, Any] = {"comment": "No", "remedy": None, "due_on": "2026-12-31"}
REMEDY = {"comment": "Manca il certificato", "remedy": "Acquisirlo", "due_on": "2026-12-31"}


def states(name: str = "dnsh-post") -> Callable[[Any], Any]:
    """Return what shows the state of a checklist, by its template."""

    def state(dossier: Any) -> Any:  # noqa: ANN401  a Dossier
        found = dossier.compliance.checklist(name)
        return found and found.state(TABLES.template(found.template, found.version))

    return state


ACCEPTED = {
    "a regime with its sheets": Accepted(
        START, regime(), lambda d: [r.sheets for r in d.compliance.regimes], [(3, 6, 8)]
    ),
    "a regime of another edition": Accepted(
        (*START, regime(edition="2022")),
        regime(),
        lambda d: [r.edition for r in d.compliance.regimes],
        ["2022", "2024"],
    ),
    "measure 1.4.3 is exempt, as part of 1.4": Accepted(
        PAGOPA, EXEMPT, lambda d: [r.regime for r in d.compliance.regimes], ["esente"]
    ),
    "a list": Accepted(START, opened(), states(), "DA_COMPILARE"),
    "an answer that is still to come": Accepted(
        OPEN, answered("NON_ANCORA"), states(), "COMPILATA"
    ),
    "the last answer": Accepted(OPEN, answered(), states(), "COMPLETATA"),
    "the signature": Accepted(FULL, signed(), states(), "FIRMATA"),
    "an answer after the signature opens the list again": Accepted(
        SIGNED, answered(row="2"), states(), "COMPLETATA"
    ),
    "a new answer keeps the place of its row": Accepted(
        (*FULL, answered(row="2")),
        answered("NON_APPLICABILE", comment="Nessun cantiere"),
        lambda d: [(r.row, r.answer) for r in d.compliance.checklist("dnsh-post").rows],
        [("1", "NON_APPLICABILE"), ("2", "SI")],
    ),
    "an ex ante NO with its remedy": Accepted(
        BEFORE, answered("NO", name="ante", **REMEDY), states("ante"), "COMPLETATA"
    ),
    "the first of two rows of a template": Accepted(POST, AUDITED, states(), "BOZZA"),
    "the last of two rows of a template": Accepted(
        (*POST, AUDITED), COVERED, states(), "COMPLETATA"
    ),
    "SI without evidence where the template demands none": Accepted(
        SCENARIO, answered(name="ante"), states("ante"), "BOZZA"
    ),
    "a row that the template does not have": Accepted(POST, answered(row="99"), states(), "BOZZA"),
    "the signature of a list that is not final, with an answer to come": Accepted(
        (
            *SCENARIO,
            answered(name="ante"),
            answered("NON_ANCORA", row="2", name="ante"),
            answered(row="3", name="ante"),
        ),
        signed("ante"),
        states("ante"),
        "FIRMATA",
    ),
    "a list in the place of another": Accepted(TWO, superseded(), states(), "SUPERATA"),
    "a review of second level": Accepted(
        SIGNED,
        reviewed(),
        lambda d: [(r.level, r.outcome) for r in d.compliance.checklist("dnsh-post").reviews],
        [(2, "OK")],
    ),
    "a review of third level by the auditor": Accepted(
        (*SIGNED, reviewed()),
        but(reviewed(level=3), role="auditor"),
        lambda d: [r.level for r in d.compliance.checklist("dnsh-post").reviews],
        [2, 3],
    ),
}
REFUSED = {
    "the same regime again": Refusal((*START, regime()), regime(), "nothing-changed"),
    "an exemption without rule": Refusal(PAGOPA, regime("esente"), "exemption-without-rule"),
    "an exemption by a rule that exempts nothing": Refusal(
        PAGOPA, regime("esente", rule_id="tuel-124-1"), "exemption-without-rule"
    ),
    "measure 1.2 is not exempt": Refusal(START, EXEMPT, "exemption-without-rule"),
    "measure 1.40 is not 1.4": Refusal(
        (registered(measure="M1C1I1.40"),), EXEMPT, "exemption-without-rule"
    ),
    "an exemption before its rule was in force": Refusal(
        PAGOPA, but(EXEMPT, occurred_on="2022-10-12"), "exemption-without-rule"
    ),
    "a list opened twice": Refusal(OPEN, opened(stage="ex-ante"), "duplicate-key"),
    "an answer on a list that is not open": Refusal(START, answered(), "reference-unknown"),
    "the same answer again": Refusal(FULL, answered(), "nothing-changed"),
    "NO without a comment": Refusal(OPEN, answered("NO"), "answer-without-comment"),
    "NON_APPLICABILE without a comment": Refusal(
        OPEN, answered("NON_APPLICABILE"), "answer-without-comment"
    ),
    "an ex ante NO without remedy": Refusal(
        BEFORE, answered("NO", name="ante", comment="No", due_on="2026-12-31"), "remedy-missing"
    ),
    "an ex ante NO whose remedy is null": Refusal(
        BEFORE, answered("NO", **{**NULL, "name": "ante"}), "malformed-request"
    ),
    "an ex ante NO without due date": Refusal(
        BEFORE, answered("NO", name="ante", comment="No", remedy="Poi"), "remedy-missing"
    ),
    "SI without the file that the template demands": Refusal(POST, answered(), "evidence-missing"),
    "the signature of a list that lacks a row of its template": Refusal(
        (*POST, AUDITED), signed(), "answers-pending"
    ),
    "the signature of a final list with an answer to come": Refusal(
        (*POST, AUDITED, answered("NON_ANCORA", row="2")), signed(), "answers-pending"
    ),
    "a list superseded by one that is not open": Refusal(FULL, superseded(), "reference-unknown"),
    "a list superseded by itself": Refusal(TWO, superseded(by="dnsh-post"), "nothing-changed"),
    "a list superseded twice": Refusal((*TWO, superseded()), superseded(), "reference-closed"),
    "a list superseded by one that is": Refusal(
        (*TWO, superseded(), opened("terza")), superseded("terza", "dnsh-post"), "reference-closed"
    ),
    "an answer on a list that is superseded": Refusal(
        (*TWO, superseded()), answered(row="2"), "reference-closed"
    ),
    "a review of a list that is superseded": Refusal(
        (*TWO, signed(), superseded()), reviewed(), "reference-closed"
    ),
    "the signature of an empty list": Refusal(OPEN, signed(), "answers-pending"),
    "the signature of a list with answers to come": Refusal(
        (*FULL, answered("NON_ANCORA", row="2")), signed(), "answers-pending"
    ),
    "the signature of what is signed": Refusal(SIGNED, signed(), "reference-closed"),
    "a review of what nobody signed": Refusal(FULL, reviewed(), "checklist-not-signed"),
    "a KO without a comment": Refusal(SIGNED, reviewed("KO"), "answer-without-comment"),
    "a review by who signed": Refusal(
        (*FULL, but(signed(), signed_by=ALL_ROLES)),
        but(reviewed(), signed_by=ALL_ROLES),
        "self-review",
    ),
    "a review by who answered": Refusal(
        (*OPEN, but(answered(), signed_by=ALL_ROLES), signed()),
        but(reviewed(), signed_by=ALL_ROLES),
        "self-review",
    ),
    "a review by whose answer was replaced since": Refusal(
        (*OPEN, but(answered("NON_ANCORA"), signed_by=ALL_ROLES), answered(), signed()),
        but(reviewed(), signed_by=ALL_ROLES),
        "self-review",
    ),
    "a third level by who did the second": Refusal(
        (*SIGNED, reviewed()), reviewed(level=3), "self-review"
    ),
    "a second level by the auditor": Refusal(
        SIGNED, but(reviewed(), role="auditor"), "level-not-allowed"
    ),
    "a third level by the reviewer": Refusal(
        SIGNED, but(reviewed(level=3), role="verificatore"), "level-not-allowed"
    ),
    "a first level": Refusal(SIGNED, reviewed(level=1), "level-not-allowed"),
}


@pytest.mark.parametrize("case", ACCEPTED.values(), ids=ACCEPTED)
def test_it_is_recorded_and_changes_the_dossier(case: Accepted) -> None:
    case.check()


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused(case: Refusal) -> None:
    case.check()


def test_an_answer_that_is_replaced_stays_in_history() -> None:
    world = World().given(*FULL, answered("NO", comment="Certificato scaduto"))
    assert [event.data.answer for event in world.events if hasattr(event.data, "answer")] == [
        "SI",
        "NO",
    ]
    assert world.known_at(3).compliance.checklists[0].rows[0].answer == "SI"


def test_an_answer_to_a_list_that_is_opened_on_a_later_day_is_of_no_list_yet() -> None:
    early = but(answered(), occurred_on="2024-06-01")
    world = World().given(*OPEN, early)
    assert world.dossier(as_of="2024-06-01").compliance.checklists == ()
