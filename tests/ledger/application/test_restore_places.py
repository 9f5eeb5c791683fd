"""Restore into a home that is not empty, that breaks off, or that is repeated: all or nothing."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest

from ledger.application.placing import STAGED, WORK, place
from ledger.application.restore import Known, restore
from ledger.application.work_folder import claimed
from ledger.errors import Busy, Conflict, StorageError
from tests.ledger.application.backup_kit import (
    FILES,
    KEYS,
    SmallLedger,
    contents,
    restored,
    silent,
    unprepared,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ledger.application.backup_form import Description


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup with keys."""
    place = tmp_path_factory.mktemp("backup")
    with SmallLedger.make(place / "home") as small:
        small.put(b"determina 1")
        return small.backup(place / "copies", FILES | KEYS).folder


@pytest.fixture
def whole(folder: Path) -> dict[str, bytes]:
    """What a restored home holds."""
    found = contents(folder)
    return {name: found[name] for name in found if not name.startswith(("backup.", "manifest"))}


def test_a_home_with_a_ledger_is_refused_and_left_as_it_is(folder: Path, tmp_path: Path) -> None:
    home = tmp_path / "new"
    restored(folder, home)
    before = contents(home)
    with pytest.raises(Conflict, match="already-there"):
        restored(folder, home)
    assert contents(home) == before


MAY_BE_THERE: dict[str, Callable[[Path], object]] = {
    "nothing": lambda home: home.rmdir(),
    "an empty folder": lambda home: home,
    "an anchor": lambda home: (home / "anchor").write_bytes(b"anchor"),
    "an empty outbox": lambda home: (home / "outbox").mkdir(),
    "packages": lambda home: (home / "packages").mkdir(),
    "a vault key that is the same": lambda home: (home / "vault.key").write_bytes(
        KEYS["vault.key"]
    ),
    "keys of people": lambda home: _written(home / "keys" / "rup.pem", b"key"),
}


def _written(path: Path, data: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(data)


@pytest.mark.parametrize("there", MAY_BE_THERE.values(), ids=MAY_BE_THERE.keys())
def test_what_does_not_hinder_may_be_there(
    folder: Path, whole: dict[str, bytes], tmp_path: Path, there: Callable[[Path], object]
) -> None:
    home = tmp_path / "new"
    home.mkdir()
    there(home)
    before = contents(home)
    restored(folder, home)
    assert contents(home) == before | whole


IN_THE_WAY: dict[str, Callable[[Path], object]] = {
    "ledger.sqlite": lambda home: (home / "ledger.sqlite").write_bytes(b"a log"),
    "policy.txt": lambda home: (home / "policy.txt").write_bytes(FILES["policy.txt"]),
    "vault": lambda home: _written(home / "vault" / "vault", b"x"),
    "vault.key": lambda home: (home / "vault.key").write_bytes(b"another key"),
    "keys/ca.crt": lambda home: _written(home / "keys" / "ca.crt", b"x"),
    "keys/log.pem": lambda home: _written(home / "keys" / "log.pem", b"another key"),
}


@pytest.mark.parametrize(("name", "there"), IN_THE_WAY.items(), ids=IN_THE_WAY.keys())
def test_what_is_in_the_way_is_named_and_left_as_it_is(
    folder: Path, tmp_path: Path, name: str, there: Callable[[Path], object]
) -> None:
    home = tmp_path / "new"
    home.mkdir()
    there(home)
    before = contents(home)
    with pytest.raises(Conflict, match="restore-in-the-way") as caught:
        restored(folder, home)
    assert name in caught.value.sentence
    assert contents(home) == before
    assert not (home / WORK).exists()


def test_views_that_are_in_the_way_are_not_overwritten(folder: Path, tmp_path: Path) -> None:
    home = tmp_path / "new"
    _written(home / "views.sqlite", b"of whom?")

    def views(aside: Path, _description: Description) -> None:
        (aside / "views.sqlite").write_bytes(b"new")

    with pytest.raises(Conflict, match=r"views\.sqlite"):
        restore(folder, home, Known(), views, silent)
    assert contents(home) == {"views.sqlite": b"of whom?"}


def test_two_restores_at_once_do_not_mix(folder: Path, tmp_path: Path) -> None:
    home = tmp_path / "new"
    home.mkdir()
    with claimed(home / WORK), pytest.raises(Busy, match="work-busy"):
        restored(folder, home)
    restored(folder, home)


FAILURES: dict[str, tuple[Exception, type[Exception]]] = {
    "a full disk": (OSError(errno.ENOSPC, "No space left on device"), StorageError),
    "a defect": (KeyError("x"), KeyError),
}


@pytest.mark.parametrize(("raised", "told"), FAILURES.values(), ids=FAILURES.keys())
def test_a_failure_leaves_nothing(
    folder: Path, tmp_path: Path, raised: Exception, told: type[Exception]
) -> None:
    def fail(_aside: Path, _description: Description) -> None:
        raise raised

    with pytest.raises(told):
        restore(folder, tmp_path / "new", Known(), fail, silent)
    assert not (tmp_path / "new").exists()


def test_a_home_that_cannot_be_made_is_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    with pytest.raises(StorageError, match="restore-not-written") as caught:
        restored(folder, tmp_path / "file" / "home")
    assert "file/home" in caught.value.sentence


@pytest.mark.parametrize("step", range(8))
def test_a_placing_that_was_cut_off_at_any_step_is_done_again(
    folder: Path, whole: dict[str, bytes], tmp_path: Path, step: int
) -> None:
    home, work = tmp_path / "new", tmp_path / "new" / WORK
    _cut_off(folder, home, step)
    names = sorted(path.name for path in home.iterdir())
    assert WORK in names
    assert "ledger.json" not in names
    restored(folder, home)
    assert contents(home) == whole
    assert not work.exists()


def test_what_was_there_before_a_placing_outlives_its_being_cut_off(
    folder: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    home = tmp_path / "new"
    home.mkdir()
    (home / "anchor").write_bytes(b"anchor")
    (home / "vault.key").write_bytes(KEYS["vault.key"])
    _cut_off(folder, home, 6)
    restored(folder, home)
    assert contents(home) == whole | {"anchor": b"anchor"}


def _cut_off(folder: Path, home: Path, step: int) -> None:
    """Leave a home as a restore leaves it that is killed after so many moves."""
    aside = home.with_name("aside")
    restored(folder, aside)
    work = home / WORK
    work.mkdir(parents=True)
    aside.rename(work / STAGED)
    place(work, home)
    moved = (work / "placing").read_text(encoding="utf-8").splitlines()
    for name in moved[step:]:
        (work / STAGED / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).rename(work / STAGED / name)


def test_a_restore_that_was_killed_while_it_copied_is_done_again(
    folder: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    left = tmp_path / "new" / WORK / STAGED / "vault" / "keys"
    left.mkdir(parents=True)
    (left / "x.json").write_bytes(b"half")
    restored(folder, tmp_path / "new")
    assert contents(tmp_path / "new") == whole


def test_preparing_is_told_what_is_restored(folder: Path, tmp_path: Path) -> None:
    seen: list[tuple[bool, int]] = []

    def note(aside: Path, description: Description) -> None:
        seen.append(((aside / "vault" / "vault").exists(), description.size))
        unprepared(aside, description)

    restore(folder, tmp_path / "new", Known(), note, silent)
    assert seen == [(True, 4)]
