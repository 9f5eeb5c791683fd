"""The base of the append lines: an aggregate of `eventsourcing`, saved in its own SQLite store.

Unsigned events with the same data as ours, encoded by the library's JSON transcoder. Its pragmas
are what ours are and are looked at, not believed: it sets `journal_mode=WAL` itself and leaves
`synchronous` at the default of SQLite, which is FULL (2) unless a distribution compiled another
one; a connection with less is refused. Both stores checkpoint their WAL every 1,000 pages.

Source: eventsourcing 9.5.6, eventsourcing.sqlite and eventsourcing.domain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from uuid import UUID

    from eventsourcing.sqlite import SQLiteFactory

NAME: Final = "eventsourcing 9.5.6 SQLite, unsigned, WAL, synchronous=FULL"
_FULL: Final = 2


class Intervention(Aggregate):
    """An aggregate whose state is the data of its events."""

    def __init__(self) -> None:
        """Begin empty."""
        self.facts: list[dict[str, Any]] = []

    class Recorded(Aggregate.Event):
        """Something that happened."""

        data: dict[str, Any]

        def apply(self, aggregate: Aggregate) -> None:
            """Keep the data."""
            cast("Intervention", aggregate).facts.append(self.data)


class Library:
    """One application with one aggregate, which grows."""

    def __init__(self, path: Path) -> None:
        """Open the store and save the aggregate.

        Raises:
            RuntimeError: when its connections are not durable as ours are.
        """
        env = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(path)}
        self._application: Application[UUID] = Application(env=env)
        self._aggregate = Intervention()
        self._application.save(self._aggregate)
        self._check_pragmas()

    def close(self) -> None:
        """Close its connections."""
        self._application.close()

    def appending(
        self, data: dict[str, Any], saves: list[int]
    ) -> Callable[[], Callable[[], object]]:
        """Return the arm that saves as often as `saves` is long, each time so many events."""

        def work() -> None:
            for count in saves:
                for _ in range(count):
                    self._aggregate.trigger_event(Intervention.Recorded, data=data)
                self._application.save(self._aggregate)

        return lambda: work

    def getting(self) -> object:
        """Return the aggregate as the repository builds it from its events."""
        return self._application.repository.get(self._aggregate.id)

    def _check_pragmas(self) -> None:
        factory = cast("SQLiteFactory", self._application.factory)
        with factory.datastore.transaction(commit=True) as cursor:
            cursor.execute("PRAGMA synchronous")
            synchronous = cursor.fetchone()[0]
            cursor.execute("PRAGMA journal_mode")
            mode = cursor.fetchone()[0]
        if (synchronous, mode) != (_FULL, "wal"):
            raise RuntimeError(f"the base is less durable: synchronous={synchronous}, {mode}")
