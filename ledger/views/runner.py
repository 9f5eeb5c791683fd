"""The runner: follows the journal in batches and keeps the views at its heels.

    runner.catch_up()       until the head of the log, in this thread
    with runner:            a supervised thread; an error is kept, shown by `health`, and retried
        runner.wait(412)    until the views have seen leaf 412

Up to five thousand events a transaction; the last position of a batch is written with it, so that a
crash repeats a batch and never skips one. Far behind, as in a rebuild, a CUP or act that goes on
after the batch gets its row by the batch in which it ends: each row is made once.
Source: ARCHITECTURE D2, D3; PERFORMANCE (projections).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventsourcing.persistence import IntegrityError, Tracking

from ledger.views.accepted import read_log
from ledger.views.adopted import LawOfLedger
from ledger.views.histories import Histories
from ledger.views.projections import project

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Self

    from ledger.domain.event import Event
    from ledger.domain.law import Law
    from ledger.journal.journal import Journal
    from ledger.views.store import ViewStore

BATCH = 5_000
POLL_SECONDS = 0.2
RETRY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Health:
    """How far the views are: leaves seen, leaves in the log, and the error that stops them."""

    seen: int
    size: int
    error: str | None

    @property
    def behind(self) -> int:
        """Return the number of leaves not yet seen."""
        return self.size - self.seen


class Runner:
    """Keeps the views of one ledger up to date."""

    def __init__(
        self,
        journal: Journal,
        store: ViewStore,
        law: Law,
        *,
        retry_seconds: float = RETRY_SECONDS,
        batch: int = BATCH,
    ) -> None:
        """Start from where the store is; after an error the thread tries again later.

        `law` is that of the program; what the ledger adopted is laid over it.
        """
        self._journal = journal
        self._store = store
        self._law = LawOfLedger(journal, law)
        self._retry_seconds = retry_seconds
        self._batch_leaves = batch
        self._histories = Histories(journal)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._error: str | None = None

    @property
    def health(self) -> Health:
        """Return how far the views are."""
        return Health(self._seen(), self._journal.size, self._error)

    def _seen(self) -> int:
        return self._store.max_tracking_id(self._journal.origin) or 0

    def catch_up(self) -> int:
        """Project until the head of the log; return the number of leaves seen now."""
        while not self._stop.is_set() and (start := self._seen()) < self._journal.size:
            try:
                self._batch(start, min(start + self._batch_leaves, self._journal.size))
            except IntegrityError:
                # Another process that keeps the same views was faster; then they have moved on.
                if self._seen() <= start:
                    raise
        return self._seen()

    def _batch(self, start: int, stop: int) -> None:
        """Project the leaves from `start`, the first not seen, to before `stop`."""
        recorded = dict(read_log(self._journal, start, stop))
        events = [event for event in recorded.values() if event is not None]
        self._histories.lend(recorded, stop)
        later = self._later(events, stop) if stop < self._journal.size else frozenset()
        changes = project(events, self._histories, self._law.now(), later=later)
        self._store.apply(changes, Tracking(self._journal.origin, stop))
        self._histories.lend({}, stop)

    def _later(self, events: Sequence[Event], stop: int) -> frozenset[str]:
        """Return the streams of these events that go on after this batch."""
        names = {name for event in events for name in event.streams}
        ends = self._journal.last_indexes(names)
        return frozenset(name for name, last in ends.items() if last >= stop)

    def rebuild(self) -> int:
        """Delete the views and project everything anew; return the number of leaves seen."""
        self._store.clear()
        self._histories = Histories(self._journal)
        return self.catch_up()

    def wait(self, index: int, seconds: float = 2.0) -> bool:
        """Wait until the views have seen a leaf; return whether they have."""
        try:
            self._store.wait(self._journal.origin, index + 1, timeout=seconds)
        except TimeoutError:
            return False
        return True

    def __enter__(self) -> Self:
        """Follow in a thread of its own."""
        self._stop.clear()
        self._thread = threading.Thread(target=self._follow, name="views", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop following and wait for the batch at hand."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self._stop.clear()

    def _follow(self) -> None:
        """Catch up for ever; an error never ends the thread, it is kept and the batch is retried."""
        while not self._stop.is_set():
            try:
                self.catch_up()
            except Exception as error:  # noqa: BLE001  the supervisor is the door of this thread
                self._error = f"{type(error).__name__}: {error}"
                self._stop.wait(self._retry_seconds)
            else:
                self._error = None
                self._stop.wait(POLL_SECONDS)
