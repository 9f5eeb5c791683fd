"""What two CUPs have is erased for both or for none. Source: DOMAIN sections 3.4, 8 and 9.12."""

from __future__ import annotations

import pytest

from ledger.domain.event import Event
from ledger.errors import Refused
from tests.ledger.domain.facts import but, determina, registered
from tests.ledger.domain.facts_documents import approved, asked, erased, held
from tests.ledger.domain.worlds import CUP, OTHER_CUP, World, commit_of, event_id

FILE = commit_of(2, "atto-100.pdf")
SHARED = (
    registered(),
    registered(OTHER_CUP),
    determina(links=[{"cup": CUP}, {"cup": OTHER_CUP}]),
    asked(FILE),
    approved(),
)


def test_a_file_of_two_cups_is_not_erased_while_the_other_one_holds_it() -> None:
    world = World().given(*SHARED, but(held(), cup=OTHER_CUP))
    answer = world.when(erased(FILE, by=4))
    assert isinstance(answer, Refused)
    assert (answer.code, answer.item) == ("hold-in-force", "atto-100.pdf")


def test_an_envelope_of_two_cups_is_not_erased_while_the_other_one_holds_it() -> None:
    world = World().given(*SHARED, but(held(), cup=OTHER_CUP))
    answer = world.when(erased(by=4, envelopes=[{"index": 2, "digest": FILE}]))
    assert isinstance(answer, Refused)
    assert (answer.code, answer.item) == ("hold-in-force", "registrazione n. 2")


@pytest.mark.parametrize("other", [(), (but(held(), cup=OTHER_CUP),)], ids=["no hold", "a hold"])
def test_what_one_cup_has_alone_is_not_held_by_another(
    other: tuple[dict[str, object], ...],
) -> None:
    alone = (registered(), registered(OTHER_CUP), determina(), asked(FILE), approved())
    world = World().given(*alone, *other)
    assert world.events[4].id == event_id(4)
    assert isinstance(world.when(erased(FILE, by=4)), Event)
