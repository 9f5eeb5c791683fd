"""Checks, certificates, attestations, findings acknowledged. Source: DOMAIN 7.1, 7.2, 9.7, 10."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ledger.domain.cases import Accepted, Refusal
from tests.ledger.domain.facts import (
    answered,
    but,
    completed,
    corrected,
    determina,
    excepted,
    opened,
    phase,
    regime,
    registered,
    reviewed,
    signed,
)
from tests.ledger.domain.facts_compliance import (
    acknowledged,
    attestation_withdrawn,
    attested,
    certificate_withdrawn,
    certified,
    conformed,
    double_funding,
    nonconformity,
)
from tests.ledger.domain.worlds import ALL_ROLES, CUP, World, event_id

START = (registered(),)
LIST = (*START, opened(), answered(), signed())
KO = (*LIST, reviewed("KO", comment="Manca il certificato"))
NO = (*START, opened(), answered("NO", comment="Certificato scaduto"), signed())
AWARDED = (*LIST, phase("AFFIDAMENTO", "2024-01-02"), completed("AFFIDAMENTO", "2024-02-01"))
GAP = (*AWARDED, certified(to="2024-06-11"))
EDITION = (*START, regime(edition="2022"))
BY_ONE = (*LIST, but(reviewed("KO", comment="No"), signed_by=ALL_ROLES))
ALONE = but(excepted("segretario", "rup", from_="2024-01-01"), signed_by=ALL_ROLES)
ONE_PERSON = (*START, determina(), but(opened(), signed_by=ALL_ROLES))
ONE_NO = but(answered("NO", comment="No"), signed_by=ALL_ROLES)
CURABLE = answered("NO", name="ante", comment="Manca", remedy="Acquisirlo", due_on="2024-12-31")
POSITIVE = [("ardi1", "positivo")]


def attestations(dossier: Any) -> Any:  # noqa: ANN401  of a Dossier
    """Return check and outcome of the attestations in force."""
    found = dossier.checks.attestations
    return [(one.check, one.outcome) for one in found if one.withdrawn is None]


def explained(dossier: Any) -> Any:  # noqa: ANN401  of a Dossier
    """Return code and role of the acknowledgements."""
    return [(one.code, one.role) for one in dossier.checks.acknowledgements]


ACCEPTED = {
    "a check of double funding": Accepted(
        START,
        double_funding(others=["C81F22001230006"]),
        lambda d: [(c.outcome, c.others) for c in d.checks.double_funding],
        [("assente", ("C81F22001230006",))],
    ),
    "a certificate of one day": Accepted(
        START,
        certified(from_="2024-01-01", to="2024-01-01"),
        lambda d: d.checks.certificate("iso").holder,
        "16825251008",
    ),
    "a certificate withdrawn": Accepted(
        (*START, certified(), certified("altro")),
        certificate_withdrawn(),
        lambda d: [c.withdrawn is None for c in d.checks.certificates],
        [False, True],
    ),
    "a non conformity": Accepted(
        START,
        nonconformity(due_on="2030-01-01"),
        lambda d: d.checks.non_conformity("nc-1").severity,
        "serious",
    ),
    "a non conformity remedied": Accepted(
        (*START, nonconformity()),
        conformed(),
        lambda d: d.checks.non_conformity("nc-1").remedied.how,
        "verbale acquisito",
    ),
    "an attestation": Accepted(START, attested(), attestations, POSITIVE),
    "an attestation of a procedure": Accepted(
        START,
        attested(procedure="95156957EC"),
        lambda d: d.checks.attestation("ardi1", "95156957EC").outcome,
        "positivo",
    ),
    "an attestation on other evidence": Accepted(
        (*START, attested()), attested(evidence=["b.pdf"]), attestations, POSITIVE * 2
    ),
    "an attestation anew after it was withdrawn": Accepted(
        (*START, attested(), attestation_withdrawn()), attested(), attestations, POSITIVE
    ),
    "a check that does not apply, with its cause": Accepted(
        START,
        attested("ardi6", outcome="non-applicabile", evidence=[], cause="Nessun requisito"),
        attestations,
        [("ardi6", "non-applicabile")],
    ),
    "double funding attested after its check": Accepted(
        (*START, double_funding()), attested("ardi4"), attestations, [("ardi4", "positivo")]
    ),
    "double funding attested after a newer check": Accepted(
        (*START, double_funding("presente"), double_funding()),
        attested("ardi4"),
        attestations,
        [("ardi4", "positivo")],
    ),
    "DNSH attested with lists signed and every day covered": Accepted(
        (*AWARDED, certified()), attested("ardi7"), attestations, [("ardi7", "positivo")]
    ),
    "DNSH attested on the last day that is covered": Accepted(
        GAP, attested("ardi7", "2024-06-11"), attestations, [("ardi7", "positivo")]
    ),
    "DNSH attested with an ex ante NO that has its remedy": Accepted(
        (*START, opened("ante", "ex-ante"), CURABLE, signed("ante")),
        attested("ardi7"),
        attestations,
        [("ardi7", "positivo")],
    ),
    "an attestation withdrawn": Accepted(
        (*START, attested()), attestation_withdrawn(), attestations, []
    ),
    "a critical finding by the secretary": Accepted(
        NO,
        acknowledged("dnsh-ex-post-no", "dnsh-post"),
        explained,
        [("dnsh-ex-post-no", "segretario")],
    ),
    "a serious finding by the RUP": Accepted(
        KO, acknowledged("review-ko", "dnsh-post", "rup"), explained, [("review-ko", "rup")]
    ),
    "a minor finding by the officer": Accepted(
        (registered(cup="A81C22001220006"),),
        but(acknowledged("cup-unusual", "A81C22001220006", "istruttore"), cup="A81C22001220006"),
        explained,
        [("cup-unusual", "istruttore")],
        stream="A81C22001220006",
    ),
    "a finding with the event that remedies it": Accepted(
        KO,
        acknowledged("review-ko", "dnsh-post", "dirigente", remedy=event_id(3)),
        lambda d: [one.remedy for one in d.checks.acknowledgements],
        [event_id(3)],
    ),
    "a finding of one's own, in a small body": Accepted(
        (*ONE_PERSON, ONE_NO, ALONE),
        but(acknowledged("dnsh-ex-post-no", "dnsh-post"), signed_by=ALL_ROLES),
        explained,
        [("dnsh-ex-post-no", "segretario")],
    ),
    "a finding that was raised anew since": Accepted(
        (
            *NO,
            acknowledged("dnsh-ex-post-no", "dnsh-post"),
            answered("NO", row="2", comment="Anche qui"),
        ),
        acknowledged("dnsh-ex-post-no", "dnsh-post"),
        lambda d: len(d.checks.acknowledgements),
        2,
    ),
}
REFUSED = {
    "a certificate twice": Refusal((*START, certified()), certified(), "duplicate-key"),
    "a certificate that ends a day before it begins": Refusal(
        START, certified(from_="2024-01-02", to="2024-01-01"), "dates-reversed"
    ),
    "a certificate withdrawn that is not registered": Refusal(
        START, certificate_withdrawn(), "reference-unknown"
    ),
    "a certificate withdrawn twice": Refusal(
        (*START, certified(), certificate_withdrawn()), certificate_withdrawn(), "reference-closed"
    ),
    "a non conformity twice": Refusal((*START, nonconformity()), nonconformity(), "duplicate-key"),
    "the remedy of no non conformity": Refusal(START, conformed(), "reference-unknown"),
    "a second remedy": Refusal(
        (*START, nonconformity(), conformed()), conformed(), "reference-closed"
    ),
    "the same attestation again": Refusal((*START, attested()), attested(), "nothing-changed"),
    "a check that does not apply, without cause": Refusal(
        START,
        attested("ardi6", outcome="non-applicabile", evidence=[]),
        "answer-without-comment",
    ),
    "an attestation without file": Refusal(START, attested(evidence=[]), "evidence-missing"),
    "double funding attested without a check": Refusal(
        START, attested("ardi4"), "evidence-missing"
    ),
    "double funding attested when its check was an error": Refusal(
        (*START, double_funding(), corrected(1)), attested("ardi4"), "evidence-missing"
    ),
    "DNSH attested without a signed list": Refusal(
        (*START, opened(), answered()), attested("ardi7"), "evidence-missing"
    ),
    "DNSH attested against a NO": Refusal(NO, attested("ardi7"), "attestation-contradicted"),
    "the report of expenditure attested against a NO": Refusal(
        NO, attested("spesa"), "attestation-contradicted"
    ),
    "DNSH attested one day after the certificate ended": Refusal(
        GAP, attested("ardi7", "2024-06-12"), "attestation-contradicted"
    ),
    "double funding attested when it was found": Refusal(
        (*START, double_funding("presente")), attested("ardi4"), "attestation-contradicted"
    ),
    "an attestation against an open critical finding of its check": Refusal(
        (*START, determina(cup_in_text="no", void=True)), attested(), "attestation-contradicted"
    ),
    "no attestation withdrawn": Refusal(START, attestation_withdrawn(), "reference-unknown"),
    "an attestation withdrawn twice": Refusal(
        (*START, attested(), attestation_withdrawn()), attestation_withdrawn(), "reference-closed"
    ),
    "a finding that is not there": Refusal(
        LIST, acknowledged("review-ko", "dnsh-post", "rup"), "finding-not-open"
    ),
    "a finding of another subject": Refusal(
        KO, acknowledged("review-ko", "altra", "rup"), "finding-not-open"
    ),
    "a finding with a code that nobody knows": Refusal(
        KO, acknowledged("inventata", "dnsh-post", "rup"), "finding-not-open"
    ),
    "a finding that is acknowledged": Refusal(
        (*KO, acknowledged("review-ko", "dnsh-post", "rup")),
        acknowledged("review-ko", "dnsh-post", "rup"),
        "finding-not-open",
    ),
    "a remedy that is not recorded": Refusal(
        KO,
        acknowledged("review-ko", "dnsh-post", "rup", remedy=event_id(99)),
        "reference-unknown",
    ),
    "a critical finding by the RUP": Refusal(
        NO, acknowledged("dnsh-ex-post-no", "dnsh-post", "rup"), "severity-not-allowed"
    ),
    "a serious finding by the secretary": Refusal(
        KO, acknowledged("review-ko", "dnsh-post"), "severity-not-allowed"
    ),
    "a finding that is only to know": Refusal(
        EDITION, acknowledged("dnsh-edition-superseded", CUP, "rup"), "severity-not-allowed"
    ),
    "a finding by who raised it": Refusal(
        BY_ONE,
        but(acknowledged("review-ko", "dnsh-post", "rup"), signed_by=ALL_ROLES),
        "self-acknowledged",
    ),
}


@pytest.mark.parametrize("case", ACCEPTED.values(), ids=ACCEPTED)
def test_it_is_recorded_and_changes_the_dossier(case: Accepted) -> None:
    case.check()


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused(case: Refusal) -> None:
    case.check()


def test_a_finding_is_open_acknowledged_remedied_and_closed() -> None:
    world = World().given(*KO)

    def stand() -> list[str]:
        return [one.state for one in world.state().findings if one.code == "review-ko"]

    assert stand() == ["open"]
    world.given(acknowledged("review-ko", "dnsh-post", "rup"))
    assert stand() == ["acknowledged"]
    world.given(but(reviewed(), occurred_on="2024-06-06"))
    assert stand() == []
    assert [(one.code, one.state) for one in world.state().past_findings] == [
        ("review-ko", "closed")
    ]
    [said] = world.state().past_findings[0].history
    assert (said.explanation, said.role, said.actor) == ("Si spiega così", "rup", "rup")


def test_a_finding_whose_remedy_is_named_is_remedied_though_it_stays_true() -> None:
    named = acknowledged("review-ko", "dnsh-post", "rup", remedy=event_id(3))
    world = World().given(*KO, named)
    assert [one.state for one in world.state().findings if one.code == "review-ko"] == ["remedied"]
    world.given(but(reviewed(), occurred_on="2024-06-06"))
    assert [one.state for one in world.state().past_findings] == ["remedied"]


def test_an_acknowledged_critical_finding_does_not_contradict_an_attestation() -> None:
    void = determina(cup_in_text="no", void=True)
    world = World().given(*START, void)
    [found] = [one for one in world.findings() if one.code == "cup-missing-in-text"]
    world.given(acknowledged(found.code, found.subject), attested(on="2026-08-02"))
    assert attestations(world.dossier()) == POSITIVE
