"""What happens between draft and arrival: others on the same CUP, the same act, the same key."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from api.client.book import UNFINISHED, write_whole
from api.client.desk import Desk
from api.client.receipts import format_receipt
from api.client.scribe import RACES
from ledger.application.door import Ledger
from ledger.errors import Conflict, Refused
from tests.api.client.scribe_kit import command, scribe_of
from tests.exporters.ledger_writer import octets
from tests.ledger.application.door_kit import OTHER_CUP
from tests.ledger.application.door_story import DETERMINA, determina, kept_file, phase, register

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ledger.journal.batch import Receipt
    from tests.ledger.application.door_kit import House


class Meddled(Ledger):
    """A ledger in which something else is recorded just before what arrives."""

    def __init__(self, true: Ledger, meddle: Callable[[], object], times: int = 1) -> None:
        """Meddle with so many arrivals."""
        super().__init__(
            journal=true.journal,
            sequencer=true.sequencer,
            judge=true.judge,
            vault=true.vault,
            clock=true._clock,
            random=lambda count: octets("nonce of the meddled ledger", count),
        )
        self.meddle = meddle
        self.times = times
        self.arrived = 0

    @override
    def record(self, raw: bytes) -> Receipt:
        """Let the other be faster."""
        self.arrived += 1
        if self.times:
            self.times -= 1
            self.meddle()
        return super().record(raw)


def enters(house: House, *names: str) -> Callable[[], object]:
    """Return what enters one of these phases after the other, by the hand of another process."""
    other, left = house.another(), list(names)

    def enter() -> object:
        name, data, beside = phase(left.pop(0))
        return other.write("rup", name, data, **beside)

    return enter


def test_an_unrelated_event_on_the_same_cup_is_no_conflict(house: House) -> None:
    meddled = Meddled(house.ledger, enters(house, "PROGETTAZIONE"))
    asked = command(house, "AFFIDAMENTO")
    receipt = scribe_of(house, meddled).write(asked)
    assert (receipt.first, receipt.event_id, meddled.arrived) == (True, asked.id, 2)
    kept = Desk(house.folder / "desk").envelope_file(asked.id).read_bytes()
    assert kept == house.journal.envelope(receipt.index) == receipt.envelope


def test_the_rules_are_asked_again_after_a_race(house: House) -> None:
    meddled = Meddled(house.ledger, enters(house, "AFFIDAMENTO"))
    with pytest.raises(Refused) as caught:
        scribe_of(house, meddled).write(command(house, "AFFIDAMENTO"))
    assert caught.value.code == "nothing-changed"


def test_a_race_that_is_lost_again_and_again_is_a_conflict(house: House) -> None:
    names = ["PROGETTAZIONE", "AFFIDAMENTO"] * RACES
    meddled = Meddled(house.ledger, enters(house, *names), RACES)
    with pytest.raises(Conflict) as caught:
        scribe_of(house, meddled).write(command(house, "COLLAUDO"))
    assert (caught.value.code, meddled.arrived) == ("stream-moved", RACES)


def test_the_same_act_registered_in_the_meantime_is_a_conflict_with_the_heads(
    house: House,
) -> None:
    other = house.another()
    meddled = Meddled(house.ledger, lambda: other.ledger.record(determina(other)))
    objects = (kept_file(house),)
    ours = house.command("register-determina/1", DETERMINA, objects, role="rup")
    with pytest.raises(Conflict) as caught:
        scribe_of(house, meddled).write(ours)
    assert caught.value.code == "stream-moved"
    assert {name.partition("/")[0]: count for name, count in caught.value.heads.items()} == {
        "act": 1,
        "cup": 2,
    }


def test_the_same_key_in_another_program_is_no_conflict(house: House) -> None:
    other, cups = house.another(), (OTHER_CUP, "C81C22001230006")
    meddled = Meddled(house.ledger, lambda: [register(other, cup) for cup in cups])
    receipt = scribe_of(house, meddled).write(command(house))
    assert (receipt.first, meddled.arrived) == (True, 2)


def test_a_head_that_the_same_key_saw_in_another_program_is_no_fork(house: House) -> None:
    scribe, other = scribe_of(house), house.another()
    scribe.basis()
    scribe_of(other).write(command(other))
    scribe_of(other).basis()
    assert scribe.basis().size == house.journal.size
    assert scribe.write(command(house, "AFFIDAMENTO")).first


def test_a_receipt_that_was_kept_is_not_asked_for_again(house: House) -> None:
    asked = command(house)
    first = scribe_of(house).write(asked)
    meddled = Meddled(house.ledger, lambda: None)
    again = scribe_of(house, meddled).resume(asked.id)
    assert again is not None
    assert (again.first, format_receipt(again), meddled.arrived) == (
        False,
        format_receipt(first),
        0,
    )


SPOILED: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut": lambda data: data[:-40],
    "not JSON": lambda _: b"ricevuta",
    "a list": lambda _: b"[]",
    "a proof of another place": lambda data: data.replace(b"index ", b"index 1"),
    "a proof that is no text": lambda _: b'{"proof":1}',
    "with another member": lambda data: data.replace(b'"v":1', b'"v":2'),
    "another leaf": lambda data: data.replace(b"pista/leaf/v1", b"pista/leaf/v2"),
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED.keys())
def test_a_kept_receipt_that_is_not_whole_is_asked_for_again(
    house: House, spoil: Callable[[bytes], bytes]
) -> None:
    asked = command(house)
    first = scribe_of(house).write(asked)
    kept = Desk(house.folder / "desk").receipt_file(asked.id)
    kept.write_bytes(spoil(kept.read_bytes()))
    meddled = Meddled(house.ledger, lambda: None)
    assert scribe_of(house, meddled).resume(asked.id) is not None
    assert (kept.read_bytes(), meddled.arrived) == (format_receipt(first), 1)


def test_what_a_stopped_program_left_half_written_is_removed_an_hour_later(house: House) -> None:
    desk = house.folder / "desk"
    scribe_of(house).write(command(house))
    old, new = (desk / f"k.checkpoint.{number}{UNFINISHED}" for number in (1, 2))
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 4000, time.time() - 4000))
    scribe_of(house)
    assert (old.exists(), new.exists()) == (False, True)


def test_what_could_not_be_written_whole_leaves_the_old_bytes_and_nothing_else(
    tmp_path: Path,
) -> None:
    path = tmp_path / "whole"
    write_whole(path, b"old")
    write_whole(path, b"new")
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(OSError, match="directory"):
        write_whole(folder, b"x")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["folder", "whole"]
    assert path.read_bytes() == b"new"
