"""Separation of duties and its exceptions, at their limits. Source: DOMAIN 11; TUEL art. 147-bis."""

from __future__ import annotations

import pytest

from tests.ledger.domain.cases import Accepted, Refusal, Told
from tests.ledger.domain.facts import ACT, but, determina, excepted, registered, visto
from tests.ledger.domain.worlds import ALL_ROLES, CUP, OTHER_CUP

START = (registered(),)
BOTH = (*START, registered(OTHER_CUP))
LINKS = [{"cup": CUP}, {"cup": OTHER_CUP}]
ACTED = (*START, but(determina(), signed_by=ALL_ROLES))
OF_TWO = (*BOTH, but(determina(links=LINKS), signed_by=ALL_ROLES))
ALONE = but(visto(), signed_by=ALL_ROLES)
DAY = "2023-01-23"
SMALL = excepted("finanziario", "rup", from_=DAY)


def given(dossier: object) -> object:
    """Return how many visti the act has."""
    return len(dossier.acts[ACT].endorsements)  # type: ignore[attr-defined]  # a Dossier


ACCEPTED = {
    "by an exception that names the other role first": Accepted(
        (*ACTED, excepted("rup", "finanziario", from_=DAY)), ALONE, given, 1
    ),
    "by an exception with another who registers acts": Accepted(
        (*ACTED, excepted("segretario", "finanziario", from_=DAY)), ALONE, given, 1
    ),
    "of two CUPs, by an exception of each": Accepted(
        (*OF_TWO, SMALL, but(SMALL, cup=OTHER_CUP)), ALONE, given, 1
    ),
}
REFUSED = {
    "of two CUPs, by an exception of the first": Refusal(
        (*OF_TWO, SMALL), ALONE, "separation-of-duties"
    ),
    "of two CUPs, by an exception of the second": Refusal(
        (*OF_TWO, but(SMALL, cup=OTHER_CUP)), ALONE, "separation-of-duties"
    ),
    **{
        f"by an exception of {one} and {other}": Refusal(
            (*ACTED, excepted(one, other, from_=DAY)), ALONE, "separation-of-duties"
        )
        for one, other in (
            ("rup", "dirigente"),
            ("finanziario", "verificatore"),
            ("verificatore", "finanziario"),
            ("verificatore", "rup"),
            ("rup", "verificatore"),
        )
    },
}
TOLD = {
    "an exception of nobody": Told(ACTED, excepted(), (("exception-of-two", "nessuna"),)),
    "an exception of three": Told(
        ACTED,
        excepted("finanziario", "rup", "dirigente"),
        (("exception-of-two", "finanziario, rup, dirigente"),),
    ),
    "an exception of two who are kept apart": Told(
        ACTED,
        excepted("auditor", "dpo"),
        (("exception-not-allowed", "auditor"), ("exception-not-allowed", "dpo")),
    ),
}


@pytest.mark.parametrize("case", ACCEPTED.values(), ids=ACCEPTED)
def test_the_visto_is_recorded(case: Accepted) -> None:
    case.check()


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_the_visto_is_refused(case: Refusal) -> None:
    case.check()


@pytest.mark.parametrize("case", TOLD.values(), ids=TOLD)
def test_it_is_refused_for_this_and_nothing_else(case: Told) -> None:
    case.check()
