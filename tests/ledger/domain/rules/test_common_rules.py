"""What is refused of every event, at its limits: streams, dates, roles. Source: DOMAIN 9.12."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledger.domain.decide import judge
from ledger.errors import NotAuthorised, Refused
from tests.ledger.domain.cases import Accepted, Told
from tests.ledger.domain.facts import (
    ACT,
    but,
    corrected,
    determina,
    funded,
    live,
    phase,
    registered,
    service,
    visto,
    without,
)
from tests.ledger.domain.facts_compliance import certified
from tests.ledger.domain.worlds import CUP, OTHER_CUP, World

START = (registered(),)
SHARED = (*START, registered(measure="M1C1I1.4.1", on="2022-03-01"))
OF_TWO = (
    *START,
    registered(OTHER_CUP, measure="M1C1I1.4.1"),
    determina(links=[{"cup": CUP}, {"cup": OTHER_CUP}]),
)
ACCEPTED = {
    "a certificate that is valid from next month": Accepted(
        START,
        certified(from_="2026-10-01", to="2027-09-30"),
        lambda d: [str(one.from_) for one in d.checks.certificates],
        ["2026-10-01"],
    ),
    "a visto that names the intervention of one of two CUPs": Accepted(
        OF_TWO,
        visto(intervention={"measure": "M1C1I1.2"}),
        lambda d: len(d.acts[ACT].endorsements),
        1,
    ),
}
TOLD = {
    "a visto that names the intervention of none of two CUPs": Told(
        OF_TWO,
        visto(intervention={"measure": "M1C1I1.5"}),
        (
            ("intervention-unknown", f"{CUP} (M1C1I1.5)"),
            ("intervention-unknown", f"{OTHER_CUP} (M1C1I1.5)"),
        ),
    ),
    "an intervention that a shared CUP does not have": Told(
        SHARED,
        phase("ESECUZIONE", "2023-03-01", intervention={"measure": "M1C1I1.5"}),
        (("intervention-unknown", f"{CUP} (M1C1I1.5)"),),
    ),
    "none of the interventions of a shared CUP": Told(
        SHARED, phase("ESECUZIONE", "2023-03-01"), (("intervention-ambiguous", CUP),)
    ),
    "an act adopted tomorrow": Told(
        START,
        determina(on="2026-09-02"),
        (("future-date", "occurred_on"), ("future-date", "adopted_on")),
    ),
    "a service in use tomorrow": Told(
        (*START, service()),
        live(on="2026-09-02"),
        (("future-date", "occurred_on"), ("future-date", "live_on")),
    ),
    "a decree of tomorrow, and its notice": Told(
        START,
        funded(notified_on="2026-09-03", decree={"number": "1", "on": "2026-09-02"}),
        (("future-date", "decree.on"), ("future-date", "notified_on")),
    ),
    "what is given back without what it rests on": Told(
        (*START, service(), live(), corrected(2), corrected(1)),
        corrected(3),
        (("correction-breaks-state", "Servizio completato (n. 2)"),),
    ),
}


@pytest.mark.parametrize("case", ACCEPTED.values(), ids=ACCEPTED)
def test_it_is_recorded_and_changes_the_dossier(case: Accepted) -> None:
    case.check()


@pytest.mark.parametrize("case", TOLD.values(), ids=TOLD)
def test_it_is_refused_for_this_and_nothing_else(case: Told) -> None:
    case.check()


def test_an_envelope_that_leaves_out_a_stream_is_told_all_of_them() -> None:
    world = World().given(*START)
    asked = determina()
    event = replace(world.proposed(asked), streams=(f"act/{ACT}",))
    with pytest.raises(Refused) as caught:
        judge(event, world.situation(asked))
    assert caught.value.code == "streams-mismatch"
    assert caught.value.sentence.endswith(f"attesi act/{ACT}, cup/{CUP}.")


def test_an_envelope_that_should_join_nothing_is_told_so() -> None:
    asked = corrected(1)
    world = World().given(*START, phase("ESECUZIONE", "2023-03-01"))
    event = replace(world.proposed(asked), corrects=())
    with pytest.raises(Refused) as caught:
        judge(event, world.situation(asked))
    assert caught.value.code == "streams-mismatch"
    assert caught.value.sentence.endswith("attesi nessuno.")


ROLES = {"auditor": "auditor", None: "nessuno"}


@pytest.mark.parametrize(("role", "told"), ROLES.items(), ids=ROLES.values())
def test_who_may_not_sign_is_told_in_which_role_and_who_may(role: str | None, told: str) -> None:
    asked = but(phase("ESECUZIONE", "2023-03-01"), role=role)
    answer = World().given(*START).when(asked if role else without(asked, "role"))
    assert isinstance(answer, NotAuthorised)
    assert answer.sentence == (
        f"Il ruolo {told} non può firmare «Avvio fase». Possono: rup, dirigente."
    )
