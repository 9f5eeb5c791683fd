"""Time stamps in the published folder: right when they are over heads of the log, else named."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from ledger.errors import Absent
from ledger.journal.checkpoint import Checkpoint, sign_checkpoint
from ledger.signing.timestamp_token import kept_form
from ledger.transparency.kept_stamps import KeptStamp, KeptStamps
from tests.ledger.fsck.test_published import Ledger, found
from tests.ledger.journal.sequencer_kit import ORIGIN, SIGNER
from tests.time_authority import answer, authority, ec_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TOWN = authority(ec_key(1))
TOKEN, NOTE = "log/checkpoints/27.tsr", "log/checkpoints/27.log"


def token(note: bytes) -> bytes:
    """Return a token over a note."""
    return kept_form(answer(TOWN, note))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """A log of 45 leaves, stamped at 27 of them, published at 45."""
    ledger = Ledger(tmp_path_factory.mktemp("stamped") / "log")
    ledger.grow(3)
    note = ledger.sign(27)
    KeptStamps(ledger.folder).keep(KeptStamp(27, note, token(note)))
    ledger.grow(2)
    ledger.publish()
    return ledger


def test_a_stamp_over_a_head_of_the_log_is_right(made: Ledger) -> None:
    assert found(made, made.folder) == []


def forked(folder: Path) -> None:
    note = sign_checkpoint(Checkpoint(ORIGIN, 27, b"\x01" * 32), SIGNER)
    put(folder, note)


def beyond(folder: Path) -> None:
    put(folder, sign_checkpoint(Checkpoint(ORIGIN, 400, b"\x01" * 32), SIGNER))


def put(folder: Path, note: bytes) -> None:
    (folder / "checkpoints/27.log").write_bytes(note)
    (folder / "checkpoints/27.tsr").write_bytes(token(note))


def other_size(folder: Path) -> None:
    for kind in ("log", "tsr"):
        path = folder / f"checkpoints/27.{kind}"
        path.rename(path.with_name(f"36.{kind}"))


def cut(folder: Path) -> None:
    path = folder / "checkpoints/27.tsr"
    path.write_bytes(path.read_bytes()[:-1])


def flipped(folder: Path) -> None:
    path = folder / "checkpoints/27.tsr"
    path.write_bytes(path.read_bytes()[:-1] + bytes([path.read_bytes()[-1] ^ 1]))


DAMAGE: dict[str, tuple[Callable[[Path], object], tuple[str, str, bool]]] = {
    "a token cut short": (cut, ("stamp-unreadable", TOKEN, True)),
    "a flipped bit": (flipped, ("stamp-signature-invalid", TOKEN, True)),
    "no note": (
        lambda folder: (folder / "checkpoints/27.log").unlink(),
        ("stamp-note-missing", TOKEN, True),
    ),
    "no token": (
        lambda folder: (folder / "checkpoints/27.tsr").unlink(),
        ("published-leftover", NOTE, False),
    ),
    "another tree": (forked, ("published-forked", TOKEN, True)),
    "more leaves than there are": (beyond, ("published-ahead", TOKEN, True)),
    "another size": (other_size, ("stamped-note-differs", "log/checkpoints/36.tsr", True)),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_stamp_that_proves_nothing_of_the_log_is_named(
    made: Ledger, tmp_path: Path, what: str
) -> None:
    folder = tmp_path / "log"
    shutil.copytree(made.folder, folder)
    spoil, expected = DAMAGE[what]
    spoil(folder)
    assert found(made, folder) == [expected]


def test_the_policy_of_then_is_enough_for_a_key_of_then(made: Ledger) -> None:
    def gone(size: int) -> bytes:
        raise Absent("policy-not-kept", f"{size}")

    codes = {code for code, file, _ in found(made, made.folder, gone) if file == TOKEN}
    assert codes == set()
