"""A fact told in several events: whole, once to each CUP, recorded and corrected together.

Source: FORMATS 1 (at most 500 streams an event; a longer act continues in linked events).
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from ledger.domain.act_effects import effect_on
from ledger.domain.chain import as_told_first
from ledger.domain.decide import judge
from ledger.domain.division import whole_of
from ledger.domain.events.acts import InPieces
from ledger.domain.pieces import Piece
from ledger.domain.references import EventId
from ledger.domain.sentences import sentence
from ledger.errors import Refused
from tests.ledger.domain.facts import (
    ACT,
    but,
    corrected,
    determina,
    enforceable,
    funded,
    published,
    registered,
    service,
    visto,
)
from tests.ledger.domain.facts_acts import (
    AGAIN,
    BY,
    annulled,
    completed_at_albo,
    extended,
    linked,
    reconnaissance,
    rectified,
    relinked,
)
from tests.ledger.domain.facts_money import PAYMENT, committed, paid
from tests.ledger.domain.facts_oversight import anchored
from tests.ledger.domain.worlds import CUP, ROOT, World, event_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger.domain.event import Event
    from tests.ledger.domain.worlds import Request

CUPS = tuple(f"C81C22{number:05}0006" for number in range(1, 8))
LATER = CUPS[4:]  # linked after the registration
LINKS = [{"cup": cup} for cup in CUPS[:4]]
BY_ACT = determina("200", "2023-05-30", links=[{"cup": CUPS[0]}])
START = (
    *(registered(cup=cup) for cup in CUPS),
    determina(links=LINKS),
    linked(*LATER),
    BY_ACT,
)
TOLD = {
    "a visto": (START, visto()),
    "a visto with its document": (START, visto(doc="visto.pdf")),
    "force": ((*START, visto()), enforceable()),
    "a publication with its file": (START, published(file="omissis.pdf")),
    "the end of a publication": (
        (*START, published()),
        completed_at_albo(act=ACT, on="2023-02-10"),
    ),
    "a restart of the term": (
        (*START, published()),
        extended("2023-02-20", "2023-01-26", "2023-01-27", act=ACT, on="2023-01-27"),
    ),
    "a rectification": (START, rectified()),
    "an annulment": (START, annulled()),
    "an annulment by a judge": (START, annulled(by=None, judgment="TAR Lecce 99/2023")),
}


def small(*given: Request, limit: int = 4) -> World:
    """Return a record in which an event joins at most so many streams, told before in whole events."""
    world = World().given(*given)
    world.limit = limit
    return world


def pieces_in(world: World, name: str) -> list[Event]:
    """Return the pieces in a stream."""
    return [one for one in world.history(name) if getattr(one.data, "piece", None) is not None]


@pytest.mark.parametrize(("given", "request_"), TOLD.values(), ids=TOLD)
def test_every_cup_is_told_once_and_the_act_every_part(
    given: tuple[Request, ...], request_: Request
) -> None:
    world, whole = small(*given), World().given(*given)
    for one in (world, whole):
        one.given(request_)
    pieces = world.events[len(given) :]
    assert [one.data.piece.number for one in pieces] == list(range(1, len(pieces) + 1))
    assert {one.data.piece.of for one in pieces} == {len(pieces)}
    assert {one.data.piece.first for one in pieces[1:]} == {pieces[0].id}
    assert all(len(one.streams) <= 4 for one in pieces)
    assert pieces_in(world, f"act/{ACT}") == pieces
    for cup in CUPS:
        assert len(pieces_in(world, f"cup/{cup}")) == 1
    joined = {name for one in pieces for name in one.streams}
    assert joined == set(whole.events[-1].streams)
    assert all(f"cup/{cup}" in joined for cup in CUPS)


@pytest.mark.parametrize(("given", "request_"), TOLD.values(), ids=TOLD)
def test_the_state_of_every_stream_is_as_if_it_was_told_in_one_event(
    given: tuple[Request, ...], request_: Request
) -> None:
    world, whole = small(*given), World().given(*given)
    for one in (world, whole):
        one.given(request_)
    for name in (f"act/{ACT}", f"act/{BY}", *(f"cup/{cup}" for cup in CUPS)):
        mine, theirs = world.dossier(name), whole.dossier(name)
        assert at_no_place(mine.act_effects) == at_no_place(theirs.act_effects)
        for key in (ACT, BY):
            assert at_no_place(mine.acts.get(key)) == at_no_place(theirs.acts.get(key))
        assert at_no_place(mine.linked_acts) == at_no_place(theirs.linked_acts)
    for cup in CUPS:
        mine_told, theirs_told = world.state(cup), whole.state(cup)
        assert at_no_place(mine_told.acts) == at_no_place(theirs_told.acts)
        assert at_no_place(mine_told.linked_acts) == at_no_place(theirs_told.linked_acts)


@pytest.mark.parametrize(("given", "request_"), TOLD.values(), ids=TOLD)
def test_what_was_asked_is_had_back_from_its_events(
    given: tuple[Request, ...], request_: Request
) -> None:
    world, whole = small(*given), World().given(*given)
    for one in (world, whole):
        one.given(request_)
    assert whole_of(world.events[len(given) :]) == whole.events[-1].data
    assert whole_of(whole.events[-1:]) is whole.events[-1].data


def test_an_atto_ricognitivo_told_in_parts_is_one_in_the_stream_of_its_act() -> None:
    given = (*START, *(but(service(), cup=cup) for cup in CUPS))
    remedies = ({"code": "cup-missing-in-text", "subject": BY},)
    world = small(*given).given(reconnaissance(ACT, remedies=remedies))
    assert len(pieces_in(world, f"act/{ACT}")) == len(world.events) - len(given) > 1
    for name in (f"act/{ACT}", f"act/{BY}", *(f"cup/{cup}" for cup in CUPS)):
        assert len(world.dossier(name).reconnaissances) == 1, name
    assert [one.kind for one in world.dossier(f"act/{BY}").act_effects[BY]] == ["ricognizione"]


def test_what_has_no_pieces_is_told_in_one_event_whatever_it_joins() -> None:
    world = small(*START, limit=2)
    answer = world.when(determina("400", "2023-08-30", links=LINKS))
    assert len(world.events) == len(START) + 1
    assert len(answer.streams) == 5  # type: ignore[union-attr]  # an Event


def test_a_later_piece_is_judged_in_the_record_without_the_earlier_ones() -> None:
    world = small(*START).given(annulled(), anchored(1, ROOT))
    second = world.events[len(START) + 1]
    seen = as_told_first(second, world.situation({"role": second.role})).record
    assert seen.dossier(f"act/{ACT}").act_effects == {}
    assert world.dossier(f"act/{ACT}").act_effects != {}
    first = world.events[len(START)]
    assert first not in seen.history(f"act/{ACT}")
    assert (seen.event(first.id), seen.root_at(1)) == (first, ROOT)
    assert (seen.placed(0), list(seen.naming([]))) == (world.placed(0), list(world.naming([])))


def at_no_place(value: object) -> str:
    """Return a value as text, without the places in the log."""
    return re.sub(r"index=\d+", "index=_", repr(value))


def test_files_go_with_the_first_part_which_those_have_who_hold_the_act() -> None:
    given, request = TOLD["a visto with its document"]
    world = small(*given, limit=6).given(request)
    first, *others = world.events[len(given) :]
    assert [ref.name for ref in first.objects] == ["visto.pdf"]
    assert [(one.objects, one.data.doc) for one in others] == [((), None)] * len(others)
    assert {f"cup/{cup}" for cup in CUPS[:4]} <= set(first.streams)


def test_a_cup_linked_later_knows_what_is_said_and_done_since() -> None:
    world = small(*START).given(visto(), enforceable(), published())
    [before] = world.state(LATER[0], as_of="2023-03-02").linked_acts
    assert (before.enforceability, str(before.endorsed_on)) == ("esecutiva", "2023-01-23")
    assert (before.publication, before.effect) == ("pubblicata", None)
    world.given(annulled(on="2023-06-01"))
    [after] = world.state(LATER[0], as_of="2023-06-01").linked_acts
    assert (after.effect, [one.by for one in after.effects]) == ("annullata", [BY])


def test_a_cup_to_which_an_act_was_moved_knows_what_is_done_to_it() -> None:
    world = small(*START, registered()).given(relinked(LATER[0], CUP), annulled())
    [moved] = world.state().linked_acts
    assert (moved.relinked_from, moved.effect) == (LATER[0], "annullata")
    [left] = world.state(LATER[0]).linked_acts
    assert (left.relinked_to, left.effect) == (CUP, "annullata")


PAYING = (
    *START,
    *(but(funded("90.00"), cup=cup) for cup in CUPS),
    *(but(committed(), cup=cup) for cup in CUPS),
    *(but(paid(key=f"{PAYMENT}/{n}"), cup=cup) for n, cup in enumerate(CUPS, start=1)),
)
PAYMENTS = [f"{PAYMENT}/{n}" for n in range(1, len(CUPS) + 1)]


def test_each_part_of_an_annulment_lists_the_payments_of_its_cups() -> None:
    world = small(*PAYING)
    answer = world.when(annulled(payments=PAYMENTS[:-1]))
    assert isinstance(answer, Refused)
    assert answer.code == "payments-unlisted"
    assert len(world.events) == len(PAYING)
    world.given(annulled(payments=[*PAYMENTS, f"{PAYMENT}/99"]))
    pieces = world.events[len(PAYING) :]
    for one in pieces:
        mine = {PAYMENTS[CUPS.index(cup)] for cup in one.cups}
        more = {f"{PAYMENT}/99"} if one.data.piece.first is None else set()
        assert {str(key) for key in one.data.payments} == mine | more
    whole = pieces[0].data.whole([one.data for one in pieces])
    assert sorted(str(key) for key in whole.payments) == sorted([*PAYMENTS, f"{PAYMENT}/99"])
    assert whole.piece is None


def test_of_a_fact_in_parts_nothing_is_recorded_when_one_part_is_refused() -> None:
    world = small(*START)
    answer = world.when(annulled(by="c_e506/registro-generale/2023/999"))
    assert isinstance(answer, Refused)
    assert answer.code == "act-unknown"
    assert len(world.events) == len(START)


def test_a_fact_told_in_parts_is_not_told_again() -> None:
    world = small(*START).given(annulled())
    for again in (annulled(by=None, judgment="TAR"), annulled()):
        answer = world.when(again)
        assert isinstance(answer, Refused)
        assert answer.code == "act-effect-repeated"


def test_what_undoes_it_is_told_in_parts_too() -> None:
    again = determina("300", "2023-08-30", links=[{"cup": CUPS[0]}])
    world = small(*START, again).given(annulled(), annulled(BY, AGAIN, "2023-09-01"))
    for cup in CUPS:
        effects = world.dossier(cup).act_effects
        assert effect_on(effects, ACT, date(2024, 1, 1), is_void=False) == "efficace"
        assert effect_on(effects, BY, date(2024, 1, 1), is_void=False) == "annullata"


def test_it_is_corrected_whole_by_the_id_of_any_part() -> None:
    for number in range(3):
        world = small(*START).given(annulled())
        told = len(world.events) - len(START)
        assert told == 3
        world.given(but(corrected(len(START) + number), role="segretario"))
        corrections = world.events[len(START) + told :]
        assert len(corrections) == 3
        assert all(len(one.streams) <= 4 for one in corrections)
        for cup in CUPS:
            assert world.dossier(cup).act_effects == {}
        world.given(annulled())


def test_a_correction_of_it_is_taken_back_whole() -> None:
    world = small(*START).given(annulled(), but(corrected(len(START)), role="segretario"))
    first = len(START) + 3
    answer = world.when(but(corrected(first), role="segretario"))
    assert isinstance(answer, Refused)
    assert answer.code == "pieces-missing"
    world.limit = 500
    world.given(but(corrected(first, first + 1, first + 2), role="segretario"))
    for cup in CUPS:
        assert [one.kind for one in world.dossier(cup).act_effects[ACT]] == ["annullamento"]


def envelope(world: World, number: int) -> Event:
    """Return a recorded event as somebody else would send it again, under another id."""
    return replace(world.events[number], id=event_id(900), index=len(world.events))


def refused(event: Event, world: World, *, more_follows: bool = False) -> str:
    """Return the code by which an envelope is refused at the end of the record."""
    situation = replace(world.situation({"role": event.role}), more_follows=more_follows)
    with pytest.raises(Refused) as caught:
        judge(event, situation)
    assert caught.value.sentence
    return caught.value.code


def of_piece(event: Event, **members: object) -> Event:
    """Return an event with its piece changed."""
    data = event.data
    assert isinstance(data, InPieces)
    piece = data.piece or Piece(number=1, of=2)
    return replace(event, data=replace(data, piece=replace(piece, **members)))


WRONG_PIECES: dict[str, tuple[Callable[[Event], Event], str]] = {
    "no piece zero": (lambda e: of_piece(e, number=0), "piece-misplaced"),
    "beyond the last": (lambda e: of_piece(e, number=4), "piece-misplaced"),
    "the only piece": (lambda e: of_piece(e, number=1, of=1, first=None), "piece-misplaced"),
    "a first piece that names a first": (lambda e: of_piece(e, number=1), "piece-misplaced"),
    "a later piece that names none": (lambda e: of_piece(e, first=None), "piece-misplaced"),
    "a first piece that is not recorded": (
        lambda e: of_piece(e, first=EventId(event_id(800))),
        "piece-misplaced",
    ),
    "one piece passed over": (lambda e: of_piece(e, number=3), "piece-misplaced"),
    "another number of pieces": (lambda e: of_piece(e, of=4), "piece-misplaced"),
    "other grounds": (
        lambda e: replace(e, data=replace(e.data, grounds="altro vizio")),
        "piece-misplaced",
    ),
    "another day": (lambda e: replace(e, occurred_on=date(2023, 6, 2)), "piece-misplaced"),
    "another signer": (lambda e: replace(e, actor="altri"), "piece-misplaced"),
    "no streams but that of the act": (
        lambda e: replace(e, streams=(f"act/{ACT}",)),
        "streams-mismatch",
    ),
    "not the stream of the act": (
        lambda e: replace(e, streams=tuple(n for n in e.streams if n != f"act/{ACT}")),
        "streams-mismatch",
    ),
    "a CUP that is told already": (
        lambda e: replace(e, streams=(f"act/{ACT}", f"cup/{CUPS[0]}")),
        "streams-mismatch",
    ),
}


@pytest.mark.parametrize(("change", "code"), WRONG_PIECES.values(), ids=WRONG_PIECES)
def test_a_part_that_does_not_continue_the_first_is_refused(
    change: Callable[[Event], Event], code: str
) -> None:
    world = small(*START).given(annulled())
    second = envelope(world, len(START) + 1)
    del world.events[len(START) + 1 :]
    judge(second, replace(world.situation({"role": second.role}), more_follows=True))
    assert refused(change(second), world, more_follows=True) == code


def test_a_last_part_that_leaves_a_cup_out_is_refused() -> None:
    world = small(*START).given(annulled())
    last = envelope(world, len(START) + 2)
    del world.events[len(START) + 2 :]
    judge(last, world.situation({"role": last.role}))
    assert refused(replace(last, streams=last.streams[:-1]), world) == "streams-mismatch"


def test_a_part_after_which_nothing_follows_is_refused_but_the_last() -> None:
    world = small(*START).given(annulled())
    for number in (0, 1):
        piece = envelope(world, len(START) + number)
        before = World(events=world.events[: len(START) + number])
        assert refused(piece, before) == "pieces-missing"


def test_one_event_of_too_many_streams_is_refused() -> None:
    world = World().given(*START)
    event = world.proposed(visto())
    many = replace(event, streams=tuple(f"cup/C81C22{n:05}0006" for n in range(501)))
    assert refused(many, world) == "streams-too-many"


def test_the_sentence_of_a_part_says_which_it_is() -> None:
    world = small(*START).given(annulled())
    told = [sentence(one) for one in world.events[len(START) :]]
    assert told == [f"Annullato l'atto {ACT} (totale): vizio (parte {n} di 3)" for n in (1, 2, 3)]
