"""What several streams have is erased in all of them or in none. Source: DOMAIN 3.4, 8 and 9.12; FORMATS 5."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ledger.domain.decide import judge
from ledger.domain.event import Event
from ledger.domain.rules.common import streams_mismatch
from ledger.errors import Refused
from tests.ledger.domain.facts import ACT, attached, but, determina, registered, without
from tests.ledger.domain.facts_acts import linked
from tests.ledger.domain.facts_documents import approved, asked, erased, held, named_at
from tests.ledger.domain.facts_oversight import source
from tests.ledger.domain.worlds import CUP, OTHER_CUP, World, commit_of, event_id

THIRD_CUP = "C81B22001240006"
FILE = commit_of(2, "atto-100.pdf")
STREAMS = (f"act/{ACT}", f"cup/{CUP}", f"cup/{OTHER_CUP}")
BOTH = (registered(), registered(OTHER_CUP), determina(links=[{"cup": CUP}, {"cup": OTHER_CUP}]))
SHARED = (*BOTH, asked(FILE), approved())


def refused(world: World, request: dict[str, Any]) -> tuple[str, str | None]:
    """Return code and item of the refusal of a request."""
    answer = world.when(request)
    assert isinstance(answer, Refused), answer
    return answer.code, answer.item


def test_the_file_of_an_act_is_erased_for_the_act_and_each_of_its_cups() -> None:
    world = World().given(*SHARED, erased(FILE, by=4))
    assert [event.streams for event in world.events[3:]] == [STREAMS] * 3
    for cup in (CUP, OTHER_CUP):
        (file,) = world.dossier(cup).documents.files
        assert file.erased is not None, cup
        assert [one.index for one in world.dossier(cup).retention.erasures] == [5]
    assert [one.index for one in world.dossier(f"act/{ACT}").retention.erasures] == [5]


def test_the_command_finds_the_streams_whatever_cup_is_named_beside_it() -> None:
    for cup in (CUP, OTHER_CUP):
        world = World().given(*BOTH, but(asked(FILE), cup=cup), but(approved(), cup=cup))
        answer = world.when(but(erased(FILE, by=4), cup=cup))
        assert isinstance(answer, Event), answer
        assert answer.streams == STREAMS


def test_a_cup_that_has_none_of_it_is_not_named_beside_it() -> None:
    world = World().given(*BOTH, registered(THIRD_CUP))
    assert refused(world, but(asked(FILE), cup=THIRD_CUP))[0] == "streams-mismatch"


def test_every_event_that_names_a_content_counts_though_its_streams_are_others() -> None:
    world = World().given(registered(), registered(OTHER_CUP), attached())
    file = world.events[2].objects[0]
    again = world.proposed(but(attached(), cup=OTHER_CUP))
    world.events.append(replace(again, objects=(file,)))
    world.given(asked(file.commit), approved(), erased(file.commit, by=5))
    assert world.events[-1].streams == (f"cup/{CUP}", f"cup/{OTHER_CUP}")
    for cup in (CUP, OTHER_CUP):
        assert all(one.erased is not None for one in world.dossier(cup).documents.files), cup


@pytest.mark.parametrize("left", STREAMS)
@pytest.mark.parametrize("place", [3, 4, 5])
def test_an_envelope_that_leaves_a_stream_out_is_refused(left: str, place: int) -> None:
    requests = (asked(FILE), approved(), erased(FILE, by=4))
    world = World().given(*BOTH, *requests[: place - 3])
    request = requests[place - 3]
    event = world.proposed(request)
    assert event.streams == STREAMS
    short = replace(event, streams=tuple(name for name in STREAMS if name != left))
    assert [one.code for one in streams_mismatch.check(short, world.situation(request))]
    with pytest.raises(Refused) as caught:
        judge(short, world.situation(request))
    assert caught.value.code == "streams-mismatch"


def test_an_erasure_needs_an_approval_in_each_stream_that_has_the_content_by_now() -> None:
    world = World().given(registered(), registered(OTHER_CUP), attached())
    file = world.events[2].objects[0]
    world.given(asked(file.commit), approved())
    again = world.proposed(but(attached(), cup=OTHER_CUP))
    world.events.append(replace(again, objects=(file,)))
    assert refused(world, erased(file.commit, by=4))[0] == "reference-unknown"
    world.given(asked(file.commit, name="r-2"), approved("r-2"), erased(file.commit, by=7))


def test_a_file_of_two_cups_is_not_erased_while_the_other_one_holds_it() -> None:
    world = World().given(*SHARED, but(held(), cup=OTHER_CUP))
    assert refused(world, erased(FILE, by=4)) == ("hold-in-force", "atto-100.pdf")


def test_a_file_is_not_erased_while_a_cup_that_was_linked_to_its_act_later_holds_it() -> None:
    later = (registered(THIRD_CUP), linked(THIRD_CUP), asked(FILE), approved())
    world = World().given(*BOTH, *later, but(held(), cup=THIRD_CUP))
    assert refused(world, erased(FILE, by=6)) == ("hold-in-force", "atto-100.pdf")
    world = World().given(*BOTH, *later, but(held(scope="relazione.pdf"), cup=OTHER_CUP))
    assert refused(world, erased(FILE, by=6)) == ("hold-in-force", "atto-100.pdf")


def test_an_envelope_of_two_cups_is_not_erased_while_the_other_one_holds_it() -> None:
    facts = (*BOTH, asked(envelopes=(2,)), approved(), but(held(), cup=OTHER_CUP))
    world = World().given(*facts)
    request = erased(by=4, envelopes=named_at(2))
    assert refused(world, request) == ("hold-in-force", "registrazione n. 2")


def test_an_envelope_of_two_cups_leaves_the_state_of_both() -> None:
    facts = (*BOTH, asked(envelopes=(2,)), approved(), erased(by=4, envelopes=named_at(2)))
    world = World().given(*facts)
    assert all(not world.dossier(name).acts for name in (CUP, OTHER_CUP, f"act/{ACT}"))
    assert world.known_at(5).acts
    unsent = [event for event in world.events if event.index != 2]
    bare = World(events=unsent)
    assert all(
        bare.dossier(cup).documents == world.dossier(cup).documents for cup in (CUP, OTHER_CUP)
    )


@pytest.mark.parametrize("other", [(), (but(held(), cup=OTHER_CUP),)], ids=["no hold", "a hold"])
def test_what_one_cup_has_alone_is_not_held_by_another(
    other: tuple[dict[str, object], ...],
) -> None:
    alone = (registered(), registered(OTHER_CUP), determina(), asked(FILE), approved())
    world = World().given(*alone, *other)
    assert world.events[4].id == event_id(4)
    assert isinstance(world.when(erased(FILE, by=4)), Event)


def test_a_file_of_open_data_is_erased_in_the_stream_of_the_sources() -> None:
    world = World().given(registered(), but(source(), files=("fonte.csv",)))
    commit = commit_of(1, "fonte.csv")
    request, approval, erasure = (
        without(one, "cup") for one in (asked(commit), approved(), erased(commit, by=3))
    )
    world.given(request, approval)
    assert refused(world, but(erasure, data={**erasure["data"], "legal_basis": "consenso"})) == (
        "retention-running",
        commit,
    )
    world.given(erasure)
    assert [event.streams for event in world.events[1:]] == [("sys/sources",)] * 4
    again = without(asked(commit, name="r-2"), "cup")
    assert refused(world, again)[0] == "reference-closed"
    assert refused(world, request)[0] == "duplicate-key"
    assert refused(world, without(approved("r-9"), "cup"))[0] == "streams-missing"
