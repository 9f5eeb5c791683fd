"""SQLite files that are not to be written, or cannot be; and what a file says of itself."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ledger.errors import StorageError
from ledger.journal.address import SQLiteFile
from ledger.journal.description import describe_store
from ledger.journal.opening import open_recorder
from ledger.journal.sqlite import SQLiteRecorder
from tests.ledger.journal.recorder_suite import ORIGIN, assert_history_is_whole, keyed

if TYPE_CHECKING:
    import sqlite3
    from multiprocessing.connection import Connection

    from ledger.journal.recorder import JournalRecorder

NOBODY = 65534


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A ledger with one row, closed."""
    path = tmp_path / "registro di prova" / "ledger.sqlite"
    path.parent.mkdir()
    recorder = SQLiteRecorder(path, ORIGIN, create=True)
    recorder.append([keyed("k1", "a")])
    recorder.close()
    return path


def assert_only_read(recorder: JournalRecorder) -> None:
    """It shows its row, and refuses another one with a way on."""
    assert_history_is_whole(recorder, 1)
    with pytest.raises(StorageError) as refused:
        recorder.append([keyed("k2", "a")])
    assert refused.value.code == "store-read-only"
    assert "nulla è stato scritto" in refused.value.sentence
    assert_history_is_whole(recorder, 1)
    recorder.close()


@pytest.mark.parametrize("access", ["mode=ro", "immutable=1"])
def test_a_file_opened_to_be_read_is_not_written(file: Path, access: str) -> None:
    before = file.read_bytes()
    assert_only_read(open_recorder(SQLiteFile(file, access), ORIGIN))
    assert file.read_bytes() == before


def test_a_copy_that_cannot_change_leaves_no_file_beside_it(file: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(file, tmp_path / "copia.sqlite"))
    recorder = open_recorder(SQLiteFile(copy, "immutable=1"), ORIGIN)
    assert_history_is_whole(recorder, 1)
    recorder.close()
    assert [path.name for path in tmp_path.glob("copia*")] == ["copia.sqlite"]


def try_to_write(path: Path, answers: Connection) -> None:
    """Send how far the ledger is, and what a write is told, as a user who is not root."""
    if os.geteuid() == 0:
        os.setuid(NOBODY)
    recorder = SQLiteRecorder(path, ORIGIN)
    try:
        recorder.append([keyed("k2")])
    except StorageError as error:
        answers.send((recorder.head().position, error.code))


def test_a_file_that_its_user_may_not_write_says_so(file: Path) -> None:
    """Root may write whatever the mode says; so a child of its own, who is nobody, tries."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        copy = Path(shutil.copy(file, folder / "ledger.sqlite"))
        copy.chmod(0o444)
        ours, theirs = multiprocessing.Pipe()
        child = multiprocessing.get_context("fork").Process(
            target=try_to_write, args=(copy, theirs)
        )
        child.start()
        child.join(30)
        assert ours.poll(0)
        assert ours.recv() == (1, "store-read-only")


def test_a_file_says_how_durable_it_is(file: Path) -> None:
    told = describe_store(SQLiteFile(file))
    assert told.name.startswith("SQLite 3.")
    assert told.settings == {"journal_mode": "wal", "synchronous": "full"}
    assert told.is_durable
    assert told.place == str(file)


class Interrupted:
    """A connection that is interrupted while it waits for the lock, and gets it all the same."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Stand before a connection."""
        self.connection = connection

    def execute(self, statement: str) -> None:
        """Run a statement; who waits for it is interrupted."""
        self.connection.execute(statement)
        if statement.startswith("BEGIN"):
            raise KeyboardInterrupt

    @property
    def in_transaction(self) -> bool:
        """Whether there is a transaction."""
        return self.connection.in_transaction


def test_who_is_interrupted_waiting_for_the_lock_does_not_keep_it(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = SQLiteRecorder(file, ORIGIN)
    with monkeypatch.context() as patch:
        patch.setattr(recorder, "_writer", Interrupted(recorder._writer))
        with pytest.raises(KeyboardInterrupt):
            recorder.append([keyed("k2")])
    recorder.append([keyed("k2")])
    recorder.close()
