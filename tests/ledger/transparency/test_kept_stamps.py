"""A token stands beside the note that it is over; the first that proves something stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.errors import Busy, StorageError
from ledger.signing.timestamp_token import MAX_TOKEN_BYTES, kept_form
from ledger.transparency.kept_stamps import KeptStamp, KeptStamps, proves
from ledger.transparency.public_files import folder_locked
from tests.endurance.small_disks import small_disk
from tests.time_authority import answer, authority, ec_key, recipe

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TOWN = authority(ec_key(1))


def stamp(size: int, serial: int = 1, note: bytes = b"") -> KeptStamp:
    """Return a token over a note of that size."""
    over = note or f"demo\n{size}\n".encode()
    return KeptStamp(size, over, kept_form(answer(TOWN, over, recipe(serial=serial))))


def test_tokens_are_kept_under_the_size_of_their_head(tmp_path: Path) -> None:
    kept = KeptStamps(tmp_path)
    assert (kept.sizes(), kept.read(7), list(kept.newest_first())) == ([], None, [])
    stamps = {size: stamp(size) for size in (7, 1291, 300)}
    for one in stamps.values():
        assert kept.keep(one) == one
    assert kept.sizes() == [7, 300, 1291]
    assert [one.size for one in kept.newest_first()] == [1291, 300, 7]
    assert kept.read(300) == stamps[300]
    assert (tmp_path / "checkpoints/300.log").read_bytes() == stamps[300].note
    assert (tmp_path / "checkpoints/300.tsr").read_bytes() == stamps[300].token


def test_the_first_token_stays(tmp_path: Path) -> None:
    first = KeptStamps(tmp_path).keep(stamp(7))
    assert KeptStamps(tmp_path).keep(stamp(7, serial=2)) == first
    assert KeptStamps(tmp_path).read(7) == first


DAMAGE: dict[str, Callable[[Path], object]] = {
    "a token cut short": lambda folder: (folder / "7.tsr").write_bytes(b"\x30\x03\x02"),
    "an empty token": lambda folder: (folder / "7.tsr").write_bytes(b""),
    "another note": lambda folder: (folder / "7.log").write_bytes(b"demo\n8\n"),
    "no note": lambda folder: (folder / "7.log").unlink(),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_token_that_proves_nothing_gives_its_place(tmp_path: Path, what: str) -> None:
    kept = KeptStamps(tmp_path)
    kept.keep(stamp(7))
    DAMAGE[what](tmp_path / "checkpoints")
    found = kept.read(7)
    assert found is None or not proves(found)
    second = stamp(7, serial=2)
    assert kept.keep(second) == second
    assert kept.read(7) == second


def test_other_names_are_not_taken_for_tokens(tmp_path: Path) -> None:
    kept = KeptStamps(tmp_path)
    kept.keep(stamp(7))
    for name in ("07.tsr", "x.tsr", "8.tsr.old", ".draft-9.tsr", "10", "11.log"):
        (tmp_path / "checkpoints" / name).write_bytes(b"x")
    assert kept.sizes() == [7]


def test_a_file_that_is_too_long_is_no_token(tmp_path: Path) -> None:
    kept = KeptStamps(tmp_path)
    kept.keep(stamp(7))
    (tmp_path / "checkpoints/7.tsr").write_bytes(bytes(MAX_TOKEN_BYTES + 1))
    with pytest.raises(StorageError, match="answer-too-long"):
        kept.read(7)


# ------------------------------------------------------------------------- where storing can fail


def test_stopped_between_note_and_token_nothing_is_lost(tmp_path: Path) -> None:
    kept = KeptStamps(tmp_path)
    first = kept.keep(stamp(7))
    (tmp_path / "checkpoints/9.log").write_bytes(stamp(9).note)
    (tmp_path / "checkpoints/.draft-9.tsr").write_bytes(b"half")
    assert kept.sizes() == [7]
    nine = stamp(9)
    assert kept.keep(nine) == nine
    assert (kept.read(7), kept.read(9)) == (first, nine)


BLOCKED: dict[str, Callable[[Path], object]] = {
    "a file where the folder goes": lambda path: path.write_bytes(b"x"),
    "a folder where the token goes": lambda path: (path / "checkpoints/7.tsr").mkdir(parents=True),
    "a folder where the note goes": lambda path: (path / "checkpoints/7.log").mkdir(parents=True),
    "a folder where the draft goes": lambda path: (path / "checkpoints/.draft-7.tsr").mkdir(
        parents=True
    ),
}


@pytest.mark.parametrize("what", BLOCKED)
def test_a_disk_that_refuses_is_told_and_leaves_no_draft(tmp_path: Path, what: str) -> None:
    folder = tmp_path / "log"
    BLOCKED[what](folder)
    with pytest.raises(StorageError) as caught:
        KeptStamps(folder).keep(stamp(7))
    assert caught.value.code in {"publication-failed", "source-failed"}
    left = [path for path in folder.rglob(".draft-*") if path.is_file()]
    assert left == []


def test_a_full_disk_keeps_what_was_kept(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", megabytes=1) as disk:
        kept = KeptStamps(disk.folder / "log")
        first = kept.keep(stamp(7))
        disk.fill()
        with pytest.raises(StorageError, match="publication-failed"):
            kept.keep(stamp(9))
        assert (kept.sizes(), kept.read(7)) == ([7], first)
        disk.make_room()
        assert kept.keep(stamp(9)) == stamp(9)


def test_another_program_that_keeps_the_folder_is_not_waited_for_without_end(
    tmp_path: Path,
) -> None:
    kept = KeptStamps(tmp_path, lock_seconds=0.1)
    with folder_locked(tmp_path / "checkpoints", 1), pytest.raises(Busy, match="publication-busy"):
        kept.keep(stamp(7))
    assert kept.keep(stamp(7)) == stamp(7)
