"""Files that are there whole or not at all."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from ledger.errors import Busy
from ledger.vault import durable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    durable.write_new(tmp_path / "file", b"data")
    assert (tmp_path / "file").read_bytes() == b"data"
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600


def test_a_new_file_does_not_overwrite(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"before")
    with pytest.raises(FileExistsError):
        durable.write_new(tmp_path / "file", b"after")
    assert (tmp_path / "file").read_bytes() == b"before"


def test_folders_are_made_with_those_above_them(tmp_path: Path) -> None:
    durable.make_folder(tmp_path / "a" / "b")
    durable.make_folder(tmp_path / "a" / "b")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700
    assert (tmp_path / "a" / "b").is_dir()


def test_a_replaced_file_leaves_nothing_beside(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"before")
    durable.replace(tmp_path / "file", b"after", tmp_path / "beside")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_bytes() == b"after"


@pytest.mark.parametrize("size", [0, 1, 1024 * 1024 + 1])
def test_blanking_overwrites_in_place(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * size)
    place = path.stat().st_ino
    durable.blank(path)
    assert path.read_bytes() == bytes(size)
    assert path.stat().st_ino == place


def test_what_is_shredded_reads_as_zeros_even_by_another_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"secret")
    (tmp_path / "link").hardlink_to(tmp_path / "file")
    durable.shred(tmp_path / "file")
    assert not (tmp_path / "file").exists()
    assert (tmp_path / "link").read_bytes() == bytes(6)


def test_shredding_what_is_not_there_does_nothing(tmp_path: Path) -> None:
    durable.shred(tmp_path / "file")
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_breaks_off_raises_what_broke_it(tmp_path: Path) -> None:
    def breaking() -> Iterator[bytes]:
        yield b"first"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        durable.write_chunks(tmp_path / "file", breaking())


def test_many_write_at_once_but_one_is_alone(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with (
        durable.locked(lock, alone=False),
        durable.locked(lock, alone=False),
        pytest.raises(Busy, match="vault-busy"),
        durable.locked(lock, alone=True),
    ):
        pytest.fail("the lock was given to one alone while two held it")
    with durable.locked(lock, alone=True):
        pass
