"""Stores, an anchor and a log key that break when they are told to, and that remember.

    store.fail_next("after-commit", OperationalError("lost"))     at the next turn, in order
    copy = store.save(); store.restore(copy)                      an older state under open recorders
    anchor.fail_next("before", error)                             at the next advance
    signer.signed                                                 every size that was ever signed

`Killed` is no error that a program could catch: it stands for the death of the process there.
"""

from __future__ import annotations

import copy
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Literal, Protocol

import psycopg
from typing_extensions import override

from ledger.journal.anchor import AnchorState, MemoryAnchor
from ledger.journal.memory import MemoryRecorder, Step
from ledger.journal.postgres import PostgresRecorder
from ledger.journal.sqlite import SQLiteRecorder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ledger.journal.note import NoteSigner, Signature
    from ledger.journal.recorder import JournalRecorder
    from ledger.journal.store import StoreTransaction

TABLES = ("ledger_head", "event", "stream", "stream_event", "tile")  # parents first


class Killed(BaseException):
    """The process ends here."""


class Store(Protocol):
    """One ledger's rows: a recorder over them, failures on demand, copies taken and put back."""

    recorder: JournalRecorder

    def fail_next(self, step: Step, error: BaseException) -> None:
        """Raise this in a turn to come; demands are met in order."""
        ...

    def heal(self) -> None:
        """Forget the failures that were not met."""
        ...

    def save(self) -> object:
        """Return a copy of all rows."""
        ...

    def restore(self, saved: Any) -> None:  # noqa: ANN401  what `save` gave
        """Put a copy in the place of all rows, while recorders are open."""
        ...


class MemoryStore:
    """Rows in memory, with the failures of `MemoryRecorder`."""

    def __init__(self, origin: str) -> None:
        """Begin empty."""
        self.recorder = MemoryRecorder(origin)

    def fail_next(self, step: Step, error: Any) -> None:  # noqa: ANN401  Killed as well
        """See `Store`."""
        self.recorder.fail_next(step, error)

    def heal(self) -> None:
        """See `Store`."""
        self.recorder._failures.clear()

    def save(self) -> object:
        """See `Store`."""
        return copy.deepcopy(self.recorder._store)

    def restore(self, saved: Any) -> None:  # noqa: ANN401  as in `Store`
        """See `Store`."""
        self.recorder._store = copy.deepcopy(saved)


class _Failing:
    """Turns that fail on demand, in a recorder over a database."""

    failures: list[tuple[Step, BaseException]]

    @contextmanager
    def _writing(self) -> Iterator[StoreTransaction]:
        step, error = self.failures.pop(0) if self.failures else (None, Killed())
        with super()._writing() as transaction:  # type: ignore[misc]
            if step == "before-write":
                raise error
            yield transaction
            if step == "after-write-before-commit":
                raise error
        if step == "after-commit":
            raise error


class FailingSQLite(_Failing, SQLiteRecorder):
    """A recorder in a file."""


class FailingPostgres(_Failing, PostgresRecorder):
    """A recorder in a server."""


class _Database:
    """What the stores in databases have in common."""

    recorder: FailingSQLite | FailingPostgres

    def fail_next(self, step: Step, error: BaseException) -> None:
        """See `Store`."""
        self.recorder.failures.append((step, error))

    def heal(self) -> None:
        """See `Store`."""
        self.recorder.failures.clear()


class SQLiteStore(_Database):
    """Rows in a file."""

    def __init__(self, path: Path, origin: str) -> None:
        """Make the file."""
        self._path = path
        self._copies = 0
        self.recorder = FailingSQLite(path, origin, create=True)
        self.recorder.failures = []

    def save(self) -> Path:
        """See `Store`."""
        self._copies += 1
        path = self._path.with_suffix(f".{self._copies}")
        with closing(sqlite3.connect(self._path)) as source, closing(sqlite3.connect(path)) as into:
            source.backup(into)
        return path

    def restore(self, saved: Path) -> None:
        """See `Store`."""
        with (
            closing(sqlite3.connect(saved)) as source,
            closing(sqlite3.connect(self._path)) as into,
        ):
            source.backup(into)


class PostgresStore(_Database):
    """Rows in a schema of a server."""

    def __init__(self, url: str, origin: str) -> None:
        """Make the tables."""
        self._url = url
        self._copies = 0
        self.recorder = FailingPostgres(url, origin, create=True)
        self.recorder.failures = []

    def save(self) -> str:
        """See `Store`."""
        self._copies += 1
        prefix = f"copy_{self._copies}_"
        self._run(*(f"CREATE TABLE {prefix}{table} AS TABLE {table}" for table in TABLES))
        return prefix

    def restore(self, saved: str) -> None:
        """See `Store`."""
        self._run(
            *(f"DELETE FROM {table}" for table in reversed(TABLES)),  # noqa: S608  our names
            *(f"INSERT INTO {table} SELECT * FROM {saved}{table}" for table in TABLES),  # noqa: S608
        )

    def _run(self, *statements: str) -> None:
        with psycopg.connect(self._url) as connection:
            for statement in statements:
                connection.execute(statement.encode())


class BreakingAnchor(MemoryAnchor):
    """An anchor that fails before or after it moved."""

    def __init__(self, state: AnchorState | None) -> None:
        """Begin at this state."""
        super().__init__(state)
        self.failures: list[tuple[Literal["before", "after"], BaseException]] = []

    @override
    def advance(self, size: int, root: bytes, *, seen: AnchorState | None) -> None:
        """Move, and fail when asked to."""
        when, error = self.failures.pop(0) if self.failures else (None, Killed())
        if when == "before":
            raise error
        super().advance(size, root, seen=seen)
        if when == "after":
            raise error


class RememberingSigner:
    """A log key that never signs two roots of one size, nor anything the anchor does not stand for."""

    def __init__(self, signer: NoteSigner, anchor: MemoryAnchor) -> None:
        """Sign with this key, under this anchor."""
        self._signer = signer
        self._anchor = anchor
        self.signed: dict[int, str] = {}

    @property
    def name(self) -> str:
        """The name of the key."""
        return self._signer.name

    @property
    def vkey(self) -> str:
        """The verifier key as text."""
        return self._signer.vkey

    def sign_note(self, text: str) -> Signature:
        """Sign a checkpoint, or fail."""
        _, size, root = text.splitlines()
        assert self.signed.setdefault(int(size), root) == root, f"two roots of {size} leaves"
        stands = self._anchor.read()
        assert stands is not None
        assert stands.size >= int(size), f"{size} signed, the anchor stands at {stands.size}"
        return self._signer.sign_note(text)
