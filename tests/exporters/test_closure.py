"""The closure of a CUP: the least set of streams, found by following events and signers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exporters.closure import closure_of
from ledger.errors import Absent
from ledger.journal.leaf import EventLeaf, parse_leaf
from ledger.signing.envelope import parse
from tests.exporters.ledger_fixture import ACT, CUP, OTHER_CUP, THIRD_CUP, Built
from tests.exporters.ledger_writer import ACCOUNTANT, ADMINISTRATOR, DEPUTY, PUBLISHER, RUP

if TYPE_CHECKING:
    from collections.abc import Sequence


def naive_closure(built: Built, cups: Sequence[str], size: int) -> tuple[set[str], set[int]]:
    """Read every leaf again and again until no stream is added: the definition, word by word."""
    events = []
    for index in range(size):
        leaf = parse_leaf(built.evidence.leaf(index))
        if isinstance(leaf, EventLeaf):
            names = {place.name for place in leaf.streams}
            events.append((index, names, parse(built.evidence.envelope(index)).actor))
    asked = {f"cup/{cup}" for cup in cups}
    streams = {"sys/log", *asked}
    while True:
        inside = [event for event in events if event[1] & streams]
        found = {f"actor/{actor}" for _, _, actor in inside}
        found |= {n for _, names, _ in inside if names & asked for n in names if n[:4] == "act/"}
        if found <= streams:
            return streams, {index for index, _, _ in inside}
        streams |= found


def heads_with(built: Built, cup: str) -> list[int]:
    """Return every published size from the first event of a CUP on."""
    first = built.evidence.stream(f"cup/{cup}", built.size)[0]
    return list(range(first + 2, built.size + 1, 2))


def test_the_closure_holds_acts_signers_and_who_enrolled_and_approved_them(built: Built) -> None:
    actors = (ADMINISTRATOR, DEPUTY, RUP, ACCOUNTANT, PUBLISHER)
    expected = {"sys/log", f"cup/{CUP}", f"act/{ACT}", *(f"actor/{actor}" for actor in actors)}
    assert set(closure_of(built.evidence, [CUP], built.size).streams) == expected


def test_the_stream_of_another_cup_of_a_common_act_stays_outside(built: Built) -> None:
    assert f"cup/{OTHER_CUP}" not in closure_of(built.evidence, [CUP], built.size).streams


def test_a_signer_who_never_touched_the_cup_stays_outside(built: Built) -> None:
    streams = closure_of(built.evidence, [THIRD_CUP], built.size).streams
    assert f"actor/{PUBLISHER}" not in streams
    assert f"act/{ACT}" not in streams


@pytest.mark.parametrize("cups", [[CUP], [OTHER_CUP], [THIRD_CUP], [CUP, THIRD_CUP]])
def test_the_closure_is_the_one_of_the_definition_at_every_head(
    built: Built, cups: list[str]
) -> None:
    for size in heads_with(built, max(cups, key=lambda cup: heads_with(built, cup)[0])):
        closure = closure_of(built.evidence, cups, size)
        streams, indexes = naive_closure(built, cups, size)
        assert (closure.streams, closure.indexes) == (
            tuple(sorted(streams)),
            tuple(sorted(indexes)),
        )


def test_several_cups_are_sorted_and_named_once(built: Built) -> None:
    closure = closure_of(built.evidence, [OTHER_CUP, CUP, OTHER_CUP], built.size)
    assert closure.cups == (CUP, OTHER_CUP)


def test_a_cup_without_events_is_refused_by_name(built: Built) -> None:
    with pytest.raises(Absent, match=r"no-such-cup: .*H28I22000000006"):
        closure_of(built.evidence, [CUP, "H28I22000000006"], built.size)


def test_a_cup_that_is_registered_later_is_not_in_an_earlier_head(built: Built) -> None:
    first = built.evidence.stream(f"cup/{CUP}", built.size)[0]
    with pytest.raises(Absent, match="no-such-cup"):
        closure_of(built.evidence, [CUP], first)
