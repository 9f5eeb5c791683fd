"""Refusals about acts, their links and what is done to them, at their limits. Source: DOMAIN 3.4, 4."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.domain.acts import LINKS_LIMIT
from ledger.domain.identifiers import ActKey
from ledger.domain.rules.acts import links_too_many
from tests.ledger.domain.cases import Accepted, Told
from tests.ledger.domain.facts import ACT, but, determina, published, registered, service, visto
from tests.ledger.domain.facts_acts import (
    AGAIN,
    annulled,
    linked,
    other_act,
    reconnaissance,
    rectified,
    relinked,
    revoked_act,
    voided,
)
from tests.ledger.domain.worlds import ALL_ROLES, CUP, OTHER_CUP, World

if TYPE_CHECKING:
    from ledger.domain.dossier import Dossier

START = (registered(),)
THIRD_CUP = "C81F22004270006"
OF_THREE = (registered(), registered(cup=OTHER_CUP), registered(cup=THIRD_CUP))
SHARED = (*START, registered(measure="M1C1I1.4.1", on="2022-03-01"))
THREE = (
    *START,
    determina(),
    determina("200", "2023-05-30", subtype="annullamento"),
    determina("300", "2023-08-30", subtype="annullamento"),
)
ORDER = "c_e506/ordini/2023/7"
OF_MEASURE = {"cup": CUP, "measure": "M1C1I1.2"}


def done(dossier: Dossier) -> tuple[str, ...]:
    """Return what was done to the act, in order."""
    return tuple(one.kind for one in dossier.act_effects.get(ActKey.parse(ACT), ()))


ACCEPTED = {
    "an atto ricognitivo with items that begin with any letter": Accepted(
        (*START, determina(), determina("200", "2023-05-30"), service()),
        reconnaissance(r01="affidamento diretto", r02="varie"),
        lambda d: [(one.items["r01"], one.items["r02"]) for one in d.reconnaissances],
        [("affidamento diretto", "varie")],
    ),
    "a second link of three, with less than the amount": Accepted(
        (
            *OF_THREE,
            determina(amount="40.00", links=[{"cup": CUP, "amount": "10.00"}], links_total=3),
        ),
        linked(OTHER_CUP, amount="10.00"),
        lambda d: [link.amount for link in d.acts[ACT].every_link],
        [1_000, 1_000],
        stream=f"act/{ACT}",
    ),
    "a visto with a key that comes before that of the act in the alphabet": Accepted(
        (*START, but(determina(), signed_by=f"{ALL_ROLES}-z")),
        but(visto(), signed_by=f"{ALL_ROLES}-a"),
        lambda d: len(d.acts[ACT].endorsements),
        1,
    ),
    "another act at the albo for three days": Accepted(
        (*START, other_act()),
        published(ORDER, "2023-01-25", "2023-01-28"),
        lambda d: len(d.acts[ORDER].publications),
        1,
    ),
    "a rectification of an act that was annulled": Accepted(
        (*THREE, annulled()),
        rectified(by=AGAIN, on="2023-09-01"),
        done,
        ("annullamento", "rettifica"),
    ),
    "the nullity of an act that was annulled": Accepted(
        (*THREE, annulled()), voided(on="2023-09-01"), done, ("annullamento", "nullita")
    ),
}
TOLD = {
    "an item of the atto ricognitivo that is left out is told once": Told(
        (*START, determina(), determina("200", "2023-05-30"), service()),
        reconnaissance(r03=""),
        (("reconnaissance-incomplete", "r03 (misura, avviso e coerenza con essi)"),),
    ),
    "a link to an intervention that the act has": Told(
        (*SHARED, determina(links=[OF_MEASURE])),
        but(linked(CUP), data={**linked(CUP)["data"], "links": [OF_MEASURE]}),
        (("act-already-linked", ACT),),
    ),
    "a link to the whole of a CUP of which the act has the intervention": Told(
        (*START, determina(links=[OF_MEASURE])), linked(CUP), (("act-already-linked", ACT),)
    ),
    "an act moved with its share from where it is not": Told(
        (*OF_THREE, determina(amount="10.00")),
        relinked(OTHER_CUP, THIRD_CUP, amount="10.00"),
        (("act-not-linked", ACT),),
    ),
    "an act revoked a second time by another": Told(
        (*THREE, revoked_act()),
        revoked_act(by=AGAIN, on="2023-09-01"),
        (("act-effect-repeated", ACT),),
    ),
}


@pytest.mark.parametrize("case", ACCEPTED.values(), ids=ACCEPTED)
def test_it_is_recorded_and_changes_the_dossier(case: Accepted) -> None:
    case.check()


@pytest.mark.parametrize("case", TOLD.values(), ids=TOLD)
def test_it_is_refused_for_this_and_nothing_else(case: Told) -> None:
    case.check()


def test_an_act_has_as_many_links_in_one_event_as_an_envelope_holds() -> None:
    world = World().given(*START)
    told = []
    for count in (LINKS_LIMIT, LINKS_LIMIT + 1):
        asked = determina(links=[{"cup": CUP}] * count)
        told.append(
            [
                one.sentence
                for one in links_too_many.check(world.proposed(asked), world.situation(asked))
            ]
        )
    assert told == [
        [],
        [
            (
                "links nomina 301 CUP: al più 300 per registrazione, con «links_total» per dire"
                " quanti sono in tutto, poi link-act/1."
            )
        ],
    ]
