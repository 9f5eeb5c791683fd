"""Nominations. Source: DOMAIN sections 9.2 and 11; FAQ p-019."""

from __future__ import annotations

import pytest

from tests.ledger.domain.cases import Accepted, Refusal
from tests.ledger.domain.facts import (
    ACT,
    but,
    ceased,
    determina,
    excepted,
    nominated,
    registered,
    visto,
    without,
)
from tests.ledger.domain.worlds import ALL_ROLES, World

START = (registered(),)
ACTED = (*START, but(determina(), signed_by=ALL_ROLES))
ALONE = but(visto(), signed_by=ALL_ROLES)
SMALL = excepted("finanziario", "rup", from_="2023-01-23")
ACCEPTED = {
    "a RUP is nominated": Accepted(
        START, nominated(), lambda d: [a.role for a in d.people.assignments], ["rup"]
    ),
    "a RUP is nominated by an act": Accepted(
        (*START, determina(subtype="nomina")),
        nominated(from_="2023-02-01", act=ACT),
        lambda d: [a.act for a in d.people.assignments],
        [ACT],
    ),
    "one person is RUP of two procedures from the same day": Accepted(
        (*START, nominated(procedure="95156957EC")),
        nominated(procedure="9443593B77"),
        lambda d: len(d.people.assignments),
        2,
    ),
    "a RUP ends": Accepted(
        (*START, nominated()),
        ceased(),
        lambda d: [str(a.to) for a in d.people.assignments],
        ["2023-05-31"],
    ),
    "a RUP from next month": Accepted(
        START, nominated(from_="2026-10-01"), lambda d: len(d.people.assignments), 1
    ),
    "the older of two open nominations ends": Accepted(
        (*START, nominated(from_="2022-02-01"), nominated(from_="2024-02-01")),
        ceased(to="2023-05-31"),
        lambda d: [a.to and str(a.to) for a in d.people.assignments],
        ["2023-05-31", None],
    ),
    "a RUP of one day": Accepted(
        (*START, nominated()),
        ceased(to="2022-02-01"),
        lambda d: [str(a.to) for a in d.people.assignments],
        ["2022-02-01"],
    ),
    "an exception to the separation of duties": Accepted(
        ACTED, SMALL, lambda d: [e.roles for e in d.people.exceptions], [("finanziario", "rup")]
    ),
    "an exception of the whole ledger": Accepted(
        ACTED,
        without(SMALL, "cup"),
        lambda d: [str(e.from_) for e in d.people.exceptions],
        ["2023-01-23"],
        stream="sys/log",
    ),
    "the visto of one who registered the act, by an exception of the CUP": Accepted(
        (*ACTED, SMALL), ALONE, lambda d: len(d.acts[ACT].endorsements), 1
    ),
    "the visto of one who registered the act, by an exception of the ledger": Accepted(
        (*ACTED, without(SMALL, "cup")), ALONE, lambda d: len(d.acts[ACT].endorsements), 1
    ),
}
REFUSED = {
    "the visto of one who registered the act": Refusal(ACTED, ALONE, "separation-of-duties"),
    "the visto before the exception": Refusal(
        (*ACTED, excepted("finanziario", "rup", from_="2023-01-24")), ALONE, "separation-of-duties"
    ),
    "the visto after the exception": Refusal(
        (*ACTED, excepted("finanziario", "rup", from_="2023-01-23", to="2023-01-23")),
        but(ALONE, occurred_on="2023-01-24"),
        "separation-of-duties",
    ),
    "an exception of other roles": Refusal(
        (*ACTED, excepted("verificatore", "rup", from_="2023-01-23")),
        ALONE,
        "separation-of-duties",
    ),
    "an exception of one role": Refusal(ACTED, excepted("rup"), "exception-of-two"),
    "an exception of the same role twice": Refusal(
        ACTED, excepted("rup", "rup"), "exception-of-two"
    ),
    "an exception for the auditor": Refusal(
        ACTED, excepted("rup", "auditor"), "exception-not-allowed"
    ),
    "an exception by an act that is not recorded": Refusal(
        START, excepted("rup", "finanziario"), "act-unknown"
    ),
    "the same nomination twice": Refusal((*START, nominated()), nominated(), "nothing-changed"),
    "a nomination that ends before it begins": Refusal(
        START, nominated(to="2022-01-31"), "dates-reversed"
    ),
    "a nomination by an act that is not recorded": Refusal(
        START, nominated(act=ACT), "act-unknown"
    ),
    "the end of a nomination that is not": Refusal(START, ceased(), "reference-unknown"),
    "the end of a nomination that has ended": Refusal(
        (*START, nominated(), ceased()), ceased(to="2023-06-30"), "reference-unknown"
    ),
    "the end of a nomination before its first day": Refusal(
        (*START, nominated()), ceased(to="2022-01-31"), "role-dates-reversed"
    ),
}


@pytest.mark.parametrize("case", ACCEPTED.values(), ids=ACCEPTED)
def test_it_is_recorded_and_changes_the_dossier(case: Accepted) -> None:
    case.check()


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused(case: Refusal) -> None:
    case.check()


def test_a_nomination_covers_its_first_and_its_last_day() -> None:
    world = World().given(*START, nominated(), ceased())
    [found] = world.dossier().people.assignments
    days = ("2022-01-31", "2022-02-01", "2023-05-31", "2023-06-01")
    assert [found.in_force(type(found.from_).fromisoformat(day)) for day in days] == [
        False,
        True,
        True,
        False,
    ]
