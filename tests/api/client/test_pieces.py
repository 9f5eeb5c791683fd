"""What is told in several events is signed piece by piece and recorded together, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from eventsourcing.persistence import OperationalError
from typing_extensions import override

from api.client.desk import Desk
from api.client.drafting import Hand, drafted
from api.client.recorded import check_recorded
from api.client.scribe import Scribe
from ledger.errors import Conflict, PistaError, Refused, StorageError, Unreadable
from ledger.journal.leaf import EventLeaf, parse_leaf
from ledger.journal.memory import MemoryRecorder
from ledger.records import piece_id
from ledger.signing.envelope import parse
from ledger.signing.octets import parse_base64url
from ledger.views.accepted import read_recorded
from tests.api.client.scribe_kit import POLICY
from tests.api.client.test_races import Meddled
from tests.ledger.application.door_kit import ORIGIN, House, build
from tests.ledger.application.door_story import ACT, DETERMINA, kept_file, register, visto

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ledger.domain.commands.command import Command
    from ledger.journal.batch import Receipt

CUPS = tuple(f"C81C22{number:05}0006" for number in range(1, 8))
PIECES = 3  # of seven CUPs, three beside the act in each


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A ledger with an act of seven CUPs."""
    house = build(tmp_path, MemoryRecorder(ORIGIN))
    for cup in CUPS:
        register(house, cup)
    data = {**DETERMINA, "links": [{"cup": cup} for cup in CUPS]}
    house.write("rup", "register-determina/1", data, role="rup", objects=(kept_file(house),))
    return house


def scribe_of(house: House, meddled: Meddled | None = None) -> Scribe:
    """Return the hand of the accountant, who tells four streams at most in one event."""
    signer = house.people["ragioneria"].signer
    desk = Desk(house.folder / "desk")
    return Scribe(meddled or house.ledger, signer, POLICY, desk, streams=(4,))


def asked(house: House) -> Command:
    """Return the visto on the act."""
    name, data, beside = visto()
    return house.command(name, data, **beside)


def endorsed(house: House) -> list[int]:
    """Return how many vistos each CUP knows of the act."""
    house.ledger.judge.follow()
    dossiers = (house.ledger.judge.histories.dossier(f"cup/{cup}") for cup in CUPS)
    return [len(one.acts[ACT].endorsements) for one in dossiers]


def test_one_command_is_several_envelopes_in_one_commit(house: House) -> None:
    command, size = asked(house), house.journal.size
    receipts = scribe_of(house).write_all(command)
    assert [one.index for one in receipts] == [size, size + 1, size + 2]
    assert house.journal.size == size + PIECES + 1
    ids = [command.id, *(piece_id(command.id, number) for number in (2, 3))]
    assert [one.event_id for one in receipts] == ids
    assert len({one.checkpoint for one in receipts}) == 1
    assert endorsed(house) == [1] * len(CUPS)
    leaves = [parse_leaf(one.leaf) for one in receipts]
    joined = [p.name for leaf in leaves if isinstance(leaf, EventLeaf) for p in leaf.streams]
    assert sorted(joined) == sorted([f"act/{ACT}"] * PIECES + [f"cup/{cup}" for cup in CUPS])


def test_the_pieces_are_chained_before_the_log_has_them(house: House) -> None:
    receipts = scribe_of(house).write_all(asked(house))
    envelopes = [parse(one.envelope) for one in receipts]
    claims = [next(c for c in one.streams if c.name == f"act/{ACT}") for one in envelopes]
    assert [one.seq for one in claims] == [1, 2, 3]
    assert [one.prev for one in claims[1:]] == [one.digest for one in envelopes[:-1]]


def test_a_second_run_finds_every_receipt(house: House) -> None:
    command = asked(house)
    first = scribe_of(house).write_all(command)
    desk = Desk(house.folder / "desk")
    desk.receipt_file(first[1].event_id).unlink()
    again = scribe_of(house).resume_all(command.id)
    assert again is not None
    assert [(one.index, one.first) for one in again] == [(one.index, False) for one in first]
    assert desk.receipt_file(first[1].event_id).exists()
    assert endorsed(house) == [1] * len(CUPS)


@pytest.mark.parametrize("step", ["before-write", "after-write-before-commit"])
def test_a_store_that_fails_leaves_none_and_a_second_run_records_all(
    house: House, step: str
) -> None:
    command, before = asked(house), house.head()
    assert isinstance(house.recorder, MemoryRecorder)
    for _ in range(3):
        house.recorder.fail_next(step, OperationalError("no more"))  # type: ignore[arg-type]  a step
    with pytest.raises(StorageError):
        scribe_of(house).write_all(command)
    assert house.head() == before
    scribe = scribe_of(house)
    assert scribe.resume_all(command.id) is None
    assert len(scribe.write_all(command)) == PIECES
    assert endorsed(house) == [1] * len(CUPS)


def test_a_commit_whose_answer_was_lost_is_found(house: House) -> None:
    command = asked(house)
    assert isinstance(house.recorder, MemoryRecorder)
    house.recorder.fail_next("after-commit", OperationalError("the connection was lost"))
    assert len(scribe_of(house).write_all(command)) == PIECES
    assert endorsed(house) == [1] * len(CUPS)


class Hurried(Meddled):
    """A ledger in which something else is recorded just before what is sent together."""

    @override
    def record_together(self, raws: Sequence[bytes]) -> list[Receipt]:
        """Let the other be faster."""
        self.arrived += 1
        if self.times:
            self.times -= 1
            self.meddle()
        return super().record_together(raws)


def test_who_is_faster_on_one_of_the_cups_delays_all_pieces(house: House) -> None:
    other = house.another()
    beside = {"role": "rup", "occurred_on": "2026-03-01", "cup": CUPS[-1]}
    told = {"phase": "PROGETTAZIONE"}
    hurried = Hurried(house.ledger, lambda: other.write("rup", "enter-phase/1", told, **beside))
    receipts = scribe_of(house, hurried).write_all(asked(house))
    assert (len(receipts), hurried.arrived) == (PIECES, 2)
    assert [one.first for one in receipts] == [True] * PIECES
    assert endorsed(house) == [1] * len(CUPS)


def test_who_is_faster_on_the_act_is_told_and_nothing_is_recorded(house: House) -> None:
    other = house.another()
    name, data, beside = visto()
    hurried = Hurried(house.ledger, lambda: other.write("ragioneria", name, data, **beside))
    with pytest.raises(Conflict) as caught:
        scribe_of(house, hurried).write_all(asked(house))
    assert caught.value.code == "stream-moved"
    assert endorsed(house) == [1] * len(CUPS)


def envelopes(house: House) -> list[bytes]:
    """Return the pieces, signed."""
    return [raw for _, raw in drafted(house.ledger, asked(house), hand(house, 4))]


def test_a_piece_that_is_sent_alone_is_refused(house: House) -> None:
    first, before = envelopes(house)[0], house.head()
    with pytest.raises(Refused) as caught:
        house.ledger.record(first)
    assert caught.value.code == "pieces-missing"
    assert "ne mancano 2" in caught.value.sentence
    assert house.head() == before


def test_pieces_that_are_sent_beside_each_other_are_refused_one_by_one(house: House) -> None:
    before = house.head()
    outcomes = house.ledger.record_many(envelopes(house))
    assert [one.code for one in outcomes if isinstance(one, PistaError)] == [
        "pieces-missing",
        "stream-moved",
        "stream-moved",
    ]
    assert house.head() == before


def test_without_the_last_piece_none_is_recorded(house: House) -> None:
    before = house.head()
    with pytest.raises(Refused) as caught:
        house.ledger.record_together(envelopes(house)[:-1])
    assert caught.value.code == "pieces-missing"
    assert house.head() == before


def long_visto(house: House, reason: int = 1) -> Command:
    """Return the visto with a note of 60,000 bytes and a reason of so many."""
    name, data, beside = visto()
    return house.command(name, {**data, "note": "€" * 20_000}, reason="x" * reason, **beside)


def hand(house: House, *streams: int) -> Hand:
    """Return the hand of the accountant who tells so many streams at most in one event."""
    person = house.people["ragioneria"]
    return Hand(person.identity, person.signer.sign, house.basis(), streams)


def test_what_is_too_long_in_fewer_pieces_is_told_in_more(house: House) -> None:
    first, _ = drafted(house.ledger, long_visto(house), hand(house, 4))[0]
    used = len(parse_base64url(first.signing_input.decode().split(".")[1]))
    room = (
        64 * 1024 - used
    )  # four streams fit with 80 bytes left, of which later pieces use 47; five do not
    long = long_visto(house, 1 + room - 80)
    for streams, pieces in (((6, 4, 3), PIECES), ((7, 6, 3), 4), ((3, 2), 4), ((4,), PIECES)):
        assert len(drafted(house.ledger, long, hand(house, *streams))) == pieces, streams
    with pytest.raises(Unreadable) as caught:
        drafted(house.ledger, long, hand(house, 7, 6))
    assert caught.value.code == "too-long"


def test_what_one_event_cannot_hold_is_not_divided(house: House) -> None:
    with pytest.raises(Unreadable) as caught:
        drafted(house.ledger, long_visto(house, 20_000), hand(house, 8, 7))
    assert caught.value.code == "too-long"


def recorded(house: House, receipts: Sequence[Receipt]) -> list[object]:
    """Return the events of receipts."""
    return [read_recorded(house.journal, one.index) for one in receipts]


@pytest.mark.parametrize("place", range(PIECES))
def test_a_correction_of_one_piece_takes_all_of_them_back(house: House, place: int) -> None:
    receipts = scribe_of(house).write_all(asked(house))
    beside = {"role": "finanziario", "occurred_on": "2026-03-02"}
    beside["corrects"] = [receipts[place].event_id]  # type: ignore[assignment]  a list of ids
    correction = house.command("correct-error/1", {"cause": "capitolo errato"}, **beside)
    corrections = scribe_of(house).write_all(correction)
    assert len(corrections) == PIECES
    assert endorsed(house) == [0] * len(CUPS)
    assert scribe_of(house).resume_all(correction.id) == [
        one for one in (scribe_of(house).resume(r.event_id) for r in corrections) if one
    ]
    events = recorded(house, corrections)
    request = {"command": "correct-error/1", "data": {"cause": "capitolo errato"}, **beside}
    check_recorded(events, {**request, "id": correction.id}, NoFiles())  # type: ignore[arg-type]
    other = {**request, "id": correction.id, "corrects": [piece_id(correction.id, 9)]}
    with pytest.raises(Conflict):
        check_recorded(events, other, NoFiles())  # type: ignore[arg-type]


class NoFiles:
    """The attachments of requests without any."""

    def named(self, request: dict[str, object]) -> tuple[dict[str, object], tuple[()]]:
        """Return the request as it is."""
        return request, ()


def test_the_same_request_is_known_by_its_pieces_and_another_is_not(house: House) -> None:
    command = asked(house)
    events = recorded(house, scribe_of(house).write_all(command))
    name, data, beside = visto()
    request = {"command": name, "data": data, **beside, "id": command.id}
    check_recorded(events, request, NoFiles())  # type: ignore[arg-type]
    other = {**request, "data": {**data, "by_person": "p_" + "b" * 26}}
    with pytest.raises(Conflict) as caught:
        check_recorded(events, other, NoFiles())  # type: ignore[arg-type]
    assert caught.value.code == "event-id-reused"
