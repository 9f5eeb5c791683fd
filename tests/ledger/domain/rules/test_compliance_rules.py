"""Refusals about findings, attestations and checklists, at their limits. Source: DOMAIN 7, 10, 11."""

from __future__ import annotations

import pytest

from ledger.errors import Refused
from tests.ledger.domain.cases import Accepted, Told
from tests.ledger.domain.facts import (
    answered,
    but,
    opened,
    regime,
    registered,
    reviewed,
    signed,
)
from tests.ledger.domain.facts_compliance import acknowledged, attested
from tests.ledger.domain.worlds import CUP, World, event_id

START = (registered(),)
LIST = (*START, opened(), answered(), signed())
NO = (*START, opened(), answered("NO", comment="Certificato scaduto"), signed())
SECOND = but(reviewed("KO", comment="No", name="zeta"), occurred_on="2024-06-06")
ZETA = (opened("zeta"), answered(name="zeta"), signed("zeta"))
KO = (*LIST, reviewed("KO", comment="No"))
CAUSE = "Nessun requisito"
ACCEPTED = {
    "what does not apply is attested against a NO": Accepted(
        NO,
        attested("ardi7", outcome="non-applicabile", evidence=[], cause=CAUSE),
        lambda d: [one.outcome for one in d.checks.attestations],
        ["non-applicabile"],
    ),
    "a finding of the list that comes last in the alphabet": Accepted(
        (*LIST, reviewed("KO", comment="No"), *ZETA, SECOND),
        acknowledged("review-ko", "zeta", "rup"),
        lambda d: [one.subject for one in d.checks.acknowledgements],
        ["zeta"],
    ),
    "a NO of a list that is filled in before the award": Accepted(
        (*START, opened("gara", "gara")),
        answered("NO", name="gara", comment="Manca"),
        lambda d: [row.answer for row in d.compliance.checklists[0].rows],
        ["NO"],
    ),
    "a third review by who did the third": Accepted(
        (*LIST, reviewed(level=3)),
        but(reviewed(level=3), occurred_on="2024-06-07"),
        lambda d: [one.level for one in d.compliance.checklists[0].reviews],
        [3, 3],
    ),
}
TOLD = {
    "a NO contradicts though its finding was acknowledged": Told(
        (*NO, acknowledged("dnsh-ex-post-no", "dnsh-post", on="2024-06-05")),
        attested("ardi7"),
        (("attestation-contradicted", "ardi7"),),
    ),
    "a list of self-control with a NO contradicts nothing by itself": Told(
        (
            *START,
            opened("auto", "autocontrollo"),
            answered("NO", name="auto", comment="No"),
            *LIST[1:],
        ),
        attested("ardi7", evidence=[]),
        (("evidence-missing", "ardi7"),),
    ),
    "a finding of which the remedy was told": Told(
        (*KO, acknowledged("review-ko", "dnsh-post", "rup", remedy=event_id(3))),
        acknowledged("review-ko", "dnsh-post", "rup"),
        (("finding-not-open", "review-ko (dnsh-post)"),),
    ),
    "an exemption without a rule": Told(
        START, regime("esente"), (("exemption-without-rule", "(nessuna)"),)
    ),
    "an exemption by a rule of something else": Told(
        START, regime("esente", rule_id="tuel-124-1"), (("exemption-without-rule", "tuel-124-1"),)
    ),
    "a list without a row": Told((*START, opened()), signed(), (("answers-pending", "dnsh-post"),)),
}


@pytest.mark.parametrize("case", ACCEPTED.values(), ids=ACCEPTED)
def test_it_is_recorded_and_changes_the_dossier(case: Accepted) -> None:
    case.check()


@pytest.mark.parametrize("case", TOLD.values(), ids=TOLD)
def test_it_is_refused_for_this_and_nothing_else(case: Told) -> None:
    case.check()


SENTENCES = {
    "who may acknowledge": (
        (*LIST, reviewed("KO", comment="No")),
        acknowledged("review-ko", "dnsh-post"),
        "L'anomalia review-ko non può essere presa in atto dal ruolo segretario. Possono: rup, dirigente.",
    ),
    "that nobody may acknowledge": (
        (*START, regime(edition="2022")),
        acknowledged("dnsh-edition-superseded", CUP, "rup"),
        "L'anomalia dnsh-edition-superseded non può essere presa in atto dal ruolo rup. Possono: nessuno.",
    ),
    "which rows are to be answered": (
        (*START, opened(), answered("NON_ANCORA")),
        signed(),
        "La checklist dnsh-post ha ancora risposte da dare: 1.",
    ),
    "what contradicts": (
        TOLD["a NO contradicts though its finding was acknowledged"].given,
        attested("ardi7"),
        (
            "L'attestazione ardi7 è contraddetta dal registro: la checklist ex post dnsh-post ha un NO."
            " Rimediare, poi ripetere."
        ),
    ),
}


@pytest.mark.parametrize(("given", "when", "sentence"), SENTENCES.values(), ids=SENTENCES)
def test_the_refusal_says(
    given: tuple[dict[str, object], ...], when: dict[str, object], sentence: str
) -> None:
    answer = World().given(*given).when(when)
    assert isinstance(answer, Refused)
    assert answer.sentence == sentence


def test_what_was_said_last_of_a_finding_counts() -> None:
    """It is acknowledged, raised anew, acknowledged with its remedy, and no longer true."""
    said = acknowledged("review-ko", "dnsh-post", "rup")
    again = but(reviewed("KO", comment="Ancora"), occurred_on="2024-06-06")
    named = acknowledged("review-ko", "dnsh-post", "rup", remedy=event_id(3))
    world = World().given(*KO, said)

    def stand() -> list[str]:
        return [one.state for one in world.state().findings if one.code == "review-ko"]

    assert stand() == ["acknowledged"]
    world.given(again)
    assert stand() == ["open"]
    world.given(said)
    assert stand() == ["acknowledged"]
    world.given(but(again, occurred_on="2024-06-07"), named)
    assert stand() == ["remedied"]
    world.given(but(reviewed(), occurred_on="2024-06-08"))
    assert [(one.code, one.state) for one in world.state().past_findings] == [
        ("review-ko", "remedied")
    ]
