"""The state of a witness: what reads is what was written, and nothing brings it back."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Busy, Frozen, StorageError, Unreadable
from ledger.journal.checkpoint import Checkpoint
from ledger.journal.merkle import EMPTY_ROOT
from ledger.transparency.disk import MAX_FILE_BYTES, FileDisk, replace
from ledger.transparency.witness_state import (
    Head,
    HeadFile,
    format_head,
    is_back,
    never_cosigned,
    parse_head,
)
from tests.ledger.transparency.witness_kit import ORIGIN, LogBook, WeakDisk

ROOT = Path(__file__).resolve().parents[3]
LOG = LogBook(9)
NEVER = never_cosigned(ORIGIN)
GOLDEN = b"""pista/witness-state/v1
akajg3vuK0AyqLK7qbncp3ab0em6qw9MmVi051wzwLA=
pnrr.comune.lecce.it/c_e506
0
"""


def head(size: int, seconds: int = 1790000000, log: LogBook = LOG) -> Head:
    return Head(Checkpoint(log.origin, size, log.root(size)), seconds, log.note(size))


WRITTEN = format_head(head(7))
BAD_STATES: dict[str, bytes] = {
    "empty": b"",
    "zeros": bytes(len(WRITTEN)),
    "another version": WRITTEN.replace(b"/v1\n", b"/v2\n", 1),
    "half of it": WRITTEN[: len(WRITTEN) // 2],
    "a byte less": WRITTEN[:-1],
    "a byte more": WRITTEN + b"\n",
    "another time": WRITTEN.replace(b"1790000000", b"1790000001"),
    "another size": WRITTEN.replace(b"\n7\n", b"\n6\n"),
    "another digest": WRITTEN.replace(WRITTEN.split(b"\n")[1], b"A" * 43 + b"="),
    "a digest that is no base64": WRITTEN.replace(WRITTEN.split(b"\n")[1], b"digest"),
    "the state of another log": format_head(head(2, log=LogBook(2, origin="other.example/log"))),
    "carriage returns": WRITTEN.replace(b"\n", b"\r\n"),
    "too large": WRITTEN + bytes(MAX_FILE_BYTES),
}


def test_a_state_reads_as_it_was_written_by_hand() -> None:
    assert parse_head(GOLDEN, ORIGIN) == NEVER
    assert format_head(NEVER) == GOLDEN
    assert (NEVER.checkpoint.size, NEVER.checkpoint.root, NEVER.note) == (0, EMPTY_ROOT, b"")


@given(st.integers(0, 9), st.integers(1, 2**63 - 1))
def test_formatting_and_parsing_give_the_same(size: int, seconds: int) -> None:
    kept = head(size, seconds)
    assert parse_head(format_head(kept), ORIGIN) == kept


@given(st.integers(0, len(WRITTEN) - 1), st.integers(1, 255))
def test_no_changed_byte_passes(at: int, change: int) -> None:
    data = bytearray(WRITTEN)
    data[at] ^= change
    with pytest.raises(Unreadable):
        parse_head(bytes(data), ORIGIN)


@pytest.mark.parametrize(
    "wrong",
    [
        Head(NEVER.checkpoint, 5, b""),
        Head(head(7).checkpoint, 0, head(7).note),
        Head(head(7).checkpoint, 5, head(6).note),
        Head(head(7).checkpoint, 2**63, head(7).note),
    ],
    ids=["a time and no note", "a note and no time", "another note", "a time over 63 bits"],
)
def test_a_state_that_could_not_be_read_back_is_not_written(wrong: Head) -> None:
    with pytest.raises(Unreadable):
        format_head(wrong)


@pytest.mark.parametrize("data", BAD_STATES.values(), ids=BAD_STATES.keys())
def test_a_damaged_state_freezes_and_stays_as_it_is(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.write_bytes(data)
    file = HeadFile(path, ORIGIN, FileDisk())
    file.create()
    with pytest.raises(Frozen) as frozen:
        file.read()
    assert frozen.value.code == "witness-state-damaged"
    assert "non rimetterlo da una copia" in frozen.value.sentence
    assert str(path) in frozen.value.sentence
    with pytest.raises(Frozen), file.turn():
        pytest.fail("a turn on a state that does not read")
    assert path.read_bytes() == data


def test_a_missing_state_freezes_and_is_not_made(tmp_path: Path) -> None:
    file = HeadFile(tmp_path / "state", ORIGIN, FileDisk())
    for use in (file.read, lambda: file.turn().__enter__()):
        with pytest.raises(Frozen) as frozen:
            use()
        assert frozen.value.code == "witness-state-absent"
    assert not (tmp_path / "state").exists()


def test_what_is_kept_is_there_for_the_next_program(tmp_path: Path) -> None:
    file = HeadFile(tmp_path / "state", ORIGIN, FileDisk())
    file.create()
    for size in (0, 3, 3, 7):
        with file.turn() as turn:
            turn.keep(head(size))
            assert turn.head == head(size)
    file.create()
    assert HeadFile(tmp_path / "state", ORIGIN, FileDisk()).read() == head(7)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["state", "state.lock"]
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o600


FORK = LOG.fork(2)
FORK.grow(8)
BACK: dict[str, Head] = {
    "a smaller size": head(6),
    "an earlier time": head(8, 1789999999),
    "another root of the size": head(7, log=FORK),
    "never": NEVER,
    "another log": head(8, log=LogBook(8, origin="other.example/log")),
}


@pytest.mark.parametrize("wrong", BACK.values(), ids=BACK.keys())
def test_a_state_does_not_go_back(wrong: Head, tmp_path: Path) -> None:
    file = HeadFile(tmp_path / "state", ORIGIN, FileDisk())
    file.create()
    with file.turn() as turn:
        turn.keep(head(7))
    with pytest.raises(Frozen) as frozen, file.turn() as turn:
        turn.keep(wrong)
    assert frozen.value.code == "witness-rolled-back"
    assert file.read() == head(7)


def test_the_order_of_heads_says_what_is_back() -> None:
    assert not is_back(NEVER, head(0))
    assert not is_back(head(7), head(7))
    assert not is_back(head(7), head(7, 1790000001))
    assert is_back(head(0), NEVER)


def test_a_file_put_back_under_a_running_program_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "state"
    file = HeadFile(path, ORIGIN, FileDisk())
    file.create()
    old = path.read_bytes()
    with file.turn() as turn:
        turn.keep(head(7))
    path.write_bytes(old)
    with pytest.raises(Frozen) as frozen, file.turn():
        pytest.fail("a turn on a state that went back")
    assert frozen.value.code == "witness-rolled-back"


def test_evidence_freezes_every_program_for_good(tmp_path: Path) -> None:
    file = HeadFile(tmp_path / "state", ORIGIN, FileDisk())
    file.create()
    with file.turn() as turn:
        error = turn.freeze(LOG.note(9))
    assert file.evidence.read_bytes() == LOG.note(9)
    for use in (file.read, HeadFile(tmp_path / "state", ORIGIN, FileDisk()).read):
        with pytest.raises(Frozen) as frozen:
            use()
        assert frozen.value.code == error.code == "witness-rolled-back"


def test_a_turn_waits_for_another_and_then_gives_up(tmp_path: Path) -> None:
    path = tmp_path / "state"
    file = HeadFile(path, ORIGIN, FileDisk(), patience_seconds=0.05)
    file.create()
    with file.turn():
        began = time.monotonic()
        with pytest.raises(Busy) as busy, HeadFile(path, ORIGIN, FileDisk(), 0.05).turn():
            pytest.fail("two turns at once")
        assert time.monotonic() - began < 2
    assert busy.value.code == "witness-busy"
    with file.turn() as turn:
        turn.keep(head(1))


def test_turns_of_threads_come_one_after_another(tmp_path: Path) -> None:
    path = tmp_path / "state"
    HeadFile(path, ORIGIN, FileDisk()).create()
    shared = HeadFile(path, ORIGIN, FileDisk(), patience_seconds=30)
    inside: list[int] = []

    def work(file: HeadFile) -> None:
        for _ in range(5):
            with file.turn() as turn:
                inside.append(1)
                assert len(inside) == 1
                turn.keep(head(7, turn.head.time + 1))
                inside.clear()

    own = [HeadFile(path, ORIGIN, FileDisk(), patience_seconds=30) for _ in range(2)]
    threads = [threading.Thread(target=work, args=(one,)) for one in (shared, shared, *own)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shared.read() == head(7, 20)


HOLDER = """
import sys
from pathlib import Path
from ledger.transparency.disk import FileDisk
with FileDisk().lock(Path(sys.argv[1]), 5):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_killed_process_lets_go_of_the_state(tmp_path: Path) -> None:
    file = HeadFile(tmp_path / "state", ORIGIN, FileDisk(), patience_seconds=0.2)
    file.create()
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "state.lock")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Busy), file.turn():
            pytest.fail("two turns at once")
        holder.kill()
    with file.turn() as turn:
        turn.keep(head(1))


SHORT_WRITE = """
import resource, sys
from pathlib import Path
from ledger.errors import StorageError
from ledger.transparency.disk import FileDisk
from ledger.transparency.witness_state import HeadFile
from tests.ledger.transparency.test_witness_state import ORIGIN, head
file = HeadFile(Path(sys.argv[1]), ORIGIN, FileDisk())
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    with file.turn() as turn:
        turn.keep(head(7))
except StorageError as error:
    sys.exit(f"{error.code} {error.sentence}")
"""


def test_a_disk_that_takes_a_part_only_leaves_the_state_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "state"
    file = HeadFile(path, ORIGIN, FileDisk())
    file.create()
    ran = subprocess.run(
        [sys.executable, "-c", SHORT_WRITE, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stderr.startswith("witness-state-failed ")
    assert "nulla è stato firmato" in " ".join(ran.stderr.split())
    assert file.read() == NEVER
    with file.turn() as turn:
        turn.keep(head(7))
    assert file.read() == head(7)


def test_a_folder_that_is_not_there_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as failed:
        HeadFile(tmp_path / "none" / "state", ORIGIN, FileDisk()).create()
    assert failed.value.code == "witness-state-failed"


def test_a_change_is_written_renamed_and_synced_in_this_order() -> None:
    disk = WeakDisk()
    replace(disk, Path("state"), b"data")
    assert disk.steps == ["write", "rename", "sync"]
    disk.crash()
    assert disk.seen == {Path("state"): b"data"}


def test_a_leftover_of_a_crash_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "state.new").write_bytes(b"half of")
    replace(FileDisk(), tmp_path / "state", b"data")
    assert (tmp_path / "state").read_bytes() == b"data"
    assert [one.name for one in tmp_path.iterdir()] == ["state"]
