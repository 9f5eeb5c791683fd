"""Heads that a key has seen: an older one, a fork, a receipt from another log."""

from __future__ import annotations

import pytest

from api.client.desk import Desk
from ledger.errors import NotVerified, PistaError
from ledger.journal.checkpoint import Checkpoint, sign_checkpoint
from ledger.journal.memory import MemoryRecorder
from tests.api.client.scribe_kit import command, scribe_of
from tests.ledger.application.door_kit import NOTE_SIGNER, ORIGIN, House, build
from tests.ledger.application.door_story import phase, register


def fork_of(house: House) -> House:
    """Return another ledger of the same name and log key, with another history."""
    other = build(house.folder / "fork", MemoryRecorder(ORIGIN))
    register(other)
    name, data, beside = phase("COLLAUDO")
    other.write("rup", name, data, **beside)
    return other


def keep_head(house: House, size: int, root: bytes) -> None:
    """Let the RUP have seen a head."""
    note = sign_checkpoint(Checkpoint(ORIGIN, size, root), NOTE_SIGNER)
    desk = house.folder / "desk"
    desk.mkdir(exist_ok=True)
    Desk(desk).head_file(house.people["rup"].signer.kid).write_bytes(note)


def test_a_head_older_than_the_one_seen_is_refused(house: House) -> None:
    fork = fork_of(house)
    keep_head(house, *fork.head())
    assert fork.journal.size > house.journal.size
    with pytest.raises(NotVerified) as caught:
        scribe_of(house).write(command(house))
    assert caught.value.code == "head-older"


def test_a_fork_of_the_same_size_is_refused(house: House) -> None:
    fork = fork_of(house)
    name, data, beside = phase("PROGETTAZIONE")
    house.write("rup", name, data, **beside)
    assert fork.journal.size == house.journal.size
    keep_head(house, *fork.head())
    with pytest.raises(NotVerified) as caught:
        scribe_of(house).write(command(house, "AFFIDAMENTO"))
    assert caught.value.code == "consistency-not-proven"


def test_a_fork_that_has_grown_is_refused(house: House) -> None:
    fork = fork_of(house)
    keep_head(house, *fork.head())
    for phase_name in ("PROGETTAZIONE", "AFFIDAMENTO"):
        name, data, beside = phase(phase_name)
        house.write("rup", name, data, **beside)
    with pytest.raises(NotVerified) as caught:
        scribe_of(house).basis()
    assert caught.value.code == "consistency-not-proven"


def test_a_receipt_from_a_fork_is_refused(house: House) -> None:
    asked = command(house)
    scribe_of(house).write(asked)
    envelope = Desk(house.folder / "desk").envelope_file(asked.id).read_bytes()
    keep_head(house, *fork_of(house).head())
    with pytest.raises(NotVerified):
        scribe_of(house).send(envelope)


def test_a_receipt_older_than_the_head_seen_is_no_fork(house: House) -> None:
    scribe = scribe_of(house)
    asked = command(house)
    scribe.write(asked)
    scribe.write(command(house, "AFFIDAMENTO"))
    scribe.basis()
    assert scribe.resume(asked.id) is not None


def test_every_error_of_the_scribe_is_ours(house: House) -> None:
    keep_head(house, 10**6, b"\1" * 32)
    with pytest.raises(PistaError):
        scribe_of(house).basis()
