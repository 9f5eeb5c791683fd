"""The published folder: right when it follows from the log, and each file that does not is named."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from ledger.errors import Absent
from ledger.fsck.published_check import Published, check_published
from ledger.journal.checkpoint import Checkpoint, format_checkpoint, sign_checkpoint
from ledger.journal.journal import Journal
from ledger.journal.memory import MemoryRecorder
from ledger.journal.note import Note, format_note, parse_note
from ledger.transparency.kept_checkpoints import WAITING_FOLDER, KeptCheckpoints
from ledger.transparency.publication import Parts, publish
from ledger.transparency.static_log import StaticLog
from tests.ledger.journal.sequencer_kit import ORIGIN, SIGNER, Client, opened
from tests.ledger.transparency.asked_kit import NOW, Asked, HonestWitness, cosigner, policy_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

POLICY = policy_text(1)
Finding = tuple[str, str, bool]


class Ledger:
    """A log that grows and is published, with one witness."""

    def __init__(self, folder: Path) -> None:
        """Begin with nothing."""
        self.recorder = MemoryRecorder(ORIGIN)
        self.sequencer, self.client = opened(self.recorder), Client()
        self.folder, self.asked = folder, Asked({"W1": HonestWitness(1)})
        self.journal = Journal(self.recorder)

    def grow(self, batches: int) -> None:
        """Record batches of 8 leaves, 9 with the heads leaf."""
        for _ in range(batches):
            self.sequencer.submit_many([self.client.make(f"cup/{n}") for n in range(8)])

    def sign(self, size: int, root: bytes | None = None) -> bytes:
        """Sign a head of this log, or any other."""
        return sign_checkpoint(Checkpoint(ORIGIN, size, root or self.journal.root_at(size)), SIGNER)

    def publish(self) -> int:
        """Publish the newest head."""
        static, kept = StaticLog(self.folder), KeptCheckpoints(self.folder)
        parts = Parts(self.journal, static, kept, POLICY, self.sign, lambda: NOW)
        outcome = publish(parts, self.asked, 5)
        assert outcome.is_published
        return outcome.size


def found(
    ledger: Ledger, folder: Path, policy_at: Callable[[int], bytes] = lambda _: POLICY
) -> list[Finding]:
    """Return (code, file, whether it is a fault) of all that is found."""
    published = Published(folder, ledger.journal, policy_at, POLICY)
    told: list[tuple[int, int]] = []
    every = list(check_published(published, lambda *done: told.append(done)))
    assert told == [(n, len(told)) for n in range(1, len(told) + 1)]
    assert all(one.sentence for one in every)
    return [(one.code, one.file, one.is_fault) for one in every]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """A log of 306 leaves, published at 45, 270, 288 and 306 of them."""
    ledger = Ledger(tmp_path_factory.mktemp("published") / "log")
    for batches in (5, 25, 2, 2):
        ledger.grow(batches)
        ledger.publish()
    assert ledger.journal.size == 306
    return ledger


@pytest.fixture
def folder(made: Ledger, tmp_path: Path) -> Path:
    """A copy of the published folder that may be damaged."""
    return shutil.copytree(made.folder, tmp_path / "log")


def test_a_published_log_that_follows_from_the_log_has_no_findings(
    made: Ledger, folder: Path
) -> None:
    assert found(made, folder) == []
    assert KeptCheckpoints(folder).sizes() == [45, 270, 288, 306]
    assert sorted(path.name for path in (folder / "tile/0/001.p").iterdir()) == ["14", "32", "50"]


def test_where_nothing_was_published_there_is_nothing_wrong(made: Ledger, tmp_path: Path) -> None:
    assert found(made, tmp_path / "none") == []


def test_a_log_that_grew_since_it_was_published_has_no_findings(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "log")
    ledger.grow(3)
    ledger.publish()
    ledger.grow(40)
    assert found(ledger, ledger.folder) == []


def test_a_head_that_waits_is_no_finding(made: Ledger, folder: Path) -> None:
    StaticLog(folder).write_pending(made.sign(306))
    KeptCheckpoints(folder, WAITING_FOLDER).keep(made.sign(297))
    assert found(made, folder) == []


def write(path: str, data: bytes) -> Callable[[Ledger, Path], object]:
    """Return a damage: a file with these bytes."""

    def damage(_: Ledger, folder: Path) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)

    return damage


def flip(path: str) -> Callable[[Ledger, Path], object]:
    """Return a damage: one bit of a file."""

    def damage(_: Ledger, folder: Path) -> None:
        data = bytearray((folder / path).read_bytes())
        data[len(data) // 2] ^= 1
        (folder / path).write_bytes(data)

    return damage


def remove(path: str) -> Callable[[Ledger, Path], object]:
    """Return a damage: a file that is gone."""
    return lambda _, folder: (folder / path).unlink()


def cut(path: str) -> Callable[[Ledger, Path], object]:
    """Return a damage: a file without its last byte."""

    def damage(_: Ledger, folder: Path) -> None:
        (folder / path).write_bytes((folder / path).read_bytes()[:-1])

    return damage


def cosigned(size: int, root: bytes) -> bytes:
    """Return a head of other leaves that our key and the witness signed."""
    head = Checkpoint(ORIGIN, size, root)
    note = parse_note(sign_checkpoint(head, SIGNER))
    line = cosigner(1).cosign(format_checkpoint(head), NOW)
    return format_note(Note(note.text, (*note.signatures, line)))


def without_witness(ledger: Ledger, folder: Path) -> None:
    (folder / "checkpoints/288").write_bytes(ledger.sign(288))


DAMAGE: dict[str, tuple[Callable[[Ledger, Path], object], set[Finding]]] = {
    **{
        f"{name} of {path}": (damage(path), {("published-tile-differs", f"log/{path}", True)})
        for path in (
            "tile/0/000",
            "tile/entries/000",
            "tile/0/001.p/32",
            "tile/1/000.p/1",
            "tile/entries/001.p/50",
        )
        for name, damage in (("a bit", flip), ("the last byte", cut))
    },
    **{
        f"the loss of {path}": (remove(path), {("published-tile-missing", f"log/{path}", True)})
        for path in (
            "tile/0/000",
            "tile/entries/000",
            "tile/0/001.p/50",
            "tile/0/001.p/14",
            "tile/1/000.p/1",
            "tile/entries/001.p/32",
        )
    },
    "a tile of more leaves than there are": (
        write("tile/0/002", b"x" * 8192),
        {("published-tile-surplus", "log/tile/0/002", True)},
    ),
    "a partial tile that is wider": (
        write("tile/0/001.p/51", b"x" * 51 * 32),
        {("published-tile-surplus", "log/tile/0/001.p/51", True)},
    ),
    "a tile that no head needs, and right": (
        lambda ledger, folder: write("tile/0/001.p/1", ledger.journal.subtree(0, 256))(
            ledger, folder
        ),
        set(),
    ),
    "a tile of a level that is not there": (
        write("tile/2/000.p/1", b"x" * 32),
        {("published-tile-surplus", "log/tile/2/000.p/1", True)},
    ),
    "a file that is no tile": (
        write("tile/0/1", b""),
        {("published-file-unknown", "log/tile/0/1", False)},
    ),
    "a file of nobody": (
        write("ledger.sqlite", b""),
        {("published-file-unknown", "log/ledger.sqlite", False)},
    ),
    "what a killed program left": (
        write("tile/0/.draft-003", b"half"),
        {("published-leftover", "log/tile/0/.draft-003", False)},
    ),
    "another policy": (
        write("policy.txt", b"quorum none\n"),
        {("published-policy-differs", "log/policy.txt", False)},
    ),
    "the published head damaged": (
        cut("checkpoint"),
        {
            ("note-unreadable", "log/checkpoint", True),
            ("published-not-newest", "log/checkpoint", False),
        },
    ),
    "the published head gone": (
        remove("checkpoint"),
        {("published-not-newest", "log/checkpoint", False)},
    ),
    "an older head put back": (
        lambda _, folder: shutil.copy(folder / "checkpoints/288", folder / "checkpoint"),
        {("published-not-newest", "log/checkpoint", False)},
    ),
    "the kept head gone": (
        remove("checkpoints/306"),
        {("published-not-newest", "log/checkpoint", False)},
    ),
    "a signature of the log changed": (
        lambda _, folder: replace(folder / "checkpoints/45", ORIGIN.encode() + b" ", 20),
        {("signature-invalid", "log/checkpoints/45", True)},
    ),
    "a signature of the witness changed": (
        lambda _, folder: replace(folder / "checkpoints/45", b"w1.example ", 20),
        {("signature-invalid", "log/checkpoints/45", True)},
    ),
    "a signature of the witness taken away": (
        without_witness,
        {("quorum-missing", "log/checkpoints/288", False)},
    ),
    "a kept head of other leaves": (
        write("checkpoints/288", cosigned(288, b"y" * 32)),
        {("published-forked", "log/checkpoints/288", True)},
    ),
    "a kept head of more leaves": (
        write("checkpoints/999", cosigned(999, b"y" * 32)),
        {("published-ahead", "log/checkpoints/999", True)},
    ),
    "a kept head under another name": (
        lambda _, folder: (folder / "checkpoints/45").rename(folder / "checkpoints/46"),
        {("published-misnamed", "log/checkpoints/46", True)},
    ),
    "a head that waits of other leaves": (
        write("checkpoint.pending", cosigned(306, b"y" * 32)),
        {("published-forked", "log/checkpoint.pending", True)},
    ),
    "a head that waits since long of other leaves": (
        write("waiting/297", cosigned(297, b"y" * 32)),
        {("published-forked", "log/waiting/297", True)},
    ),
    "a head that waits damaged": (
        write("checkpoint.pending", b"damaged"),
        {("note-unreadable", "log/checkpoint.pending", True)},
    ),
}


def replace(path: Path, after: bytes, at: int) -> None:
    """Change a character of the base64 text that follows a word in the last place it stands."""
    data = bytearray(path.read_bytes())
    place = data.rindex(after) + len(after) + at
    data[place] = ord("A") if data[place] != ord("A") else ord("B")
    path.write_bytes(data)


@pytest.mark.parametrize("name", DAMAGE)
def test_what_does_not_follow_from_the_log_is_named(made: Ledger, folder: Path, name: str) -> None:
    damage, expected = DAMAGE[name]
    damage(made, folder)
    assert set(found(made, folder)) == expected


def test_the_whole_folder_of_another_log_is_found(made: Ledger, tmp_path: Path) -> None:
    other = Ledger(tmp_path / "log")
    other.grow(1)
    other.client = Client("other")
    other.client.learn(other.sequencer)
    other.grow(33)
    other.publish()
    codes = {code for code, _, _ in found(made, other.folder)}
    assert codes == {"published-forked", "published-tile-differs"}


def test_a_head_whose_policy_is_no_longer_kept_wants_a_look(made: Ledger, folder: Path) -> None:
    def gone(size: int) -> bytes:
        if size == 45:
            raise Absent("policy-not-kept", "La politica di allora non c'è.")
        return POLICY

    assert found(made, folder, gone) == [("policy-not-kept", "log/checkpoints/45", False)]


def test_files_that_publishing_again_mends_are_mended(made: Ledger, folder: Path) -> None:
    for path in ("tile/0/000", "tile/entries/001.p/50", "checkpoint"):
        (folder / path).unlink()
    assert len(found(made, folder)) == 3
    mended = Ledger(folder)
    mended.recorder, mended.journal, mended.asked = made.recorder, made.journal, made.asked
    mended.publish()
    assert found(mended, folder) == []
