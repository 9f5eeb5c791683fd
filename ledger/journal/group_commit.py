"""Group commit: what waits while one batch is written goes together into the next.

    waiting = GroupCommit(commit)
    outcomes = waiting.submit(candidates)       from any thread; blocks until they are committed

There is no thread of its own and no timer: whoever holds the lock commits everything that waits, so
batches grow by themselves under load. The members of one call stay together.

Source: design FORMATS section 5 step 2.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Final

from ledger.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ledger.errors import PistaError
    from ledger.journal.batch import Candidate, Receipt

    Outcomes = list[Receipt | PistaError]

MAX_BATCH: Final = 1000  # members taken together, unless one call brings more


class _Group:
    """Candidates of one call, and what became of them."""

    def __init__(self, candidates: tuple[Candidate, ...]) -> None:
        self.candidates = candidates
        self.outcomes: Outcomes | None = None
        self.failure: Exception | None = None

    @property
    def is_done(self) -> bool:
        return self.outcomes is not None or self.failure is not None


class GroupCommit:
    """Those who wait for one writer; safe for threads."""

    def __init__(self, commit: Callable[[list[Candidate]], Outcomes]) -> None:
        """Take what commits candidates, in order; it is never called by two threads at once."""
        self._commit = commit
        self._waiting: deque[_Group] = deque()
        self._writer = threading.Lock()

    def __len__(self) -> int:
        """Return the number of calls that wait."""
        return len(self._waiting)

    def submit(self, candidates: Sequence[Candidate]) -> Outcomes:
        """Return the outcome of each candidate, in order, once they are committed.

        Raises whatever the commit raises, in every thread whose candidates were in it.
        """
        group = _Group(tuple(candidates))
        self._waiting.append(group)
        with self._writer:
            while not group.is_done:
                self._lead()
        if group.failure is not None:
            raise group.failure
        return group.outcomes or []

    def _lead(self) -> None:
        """Commit what waits, for this and for other threads; each that was taken is answered."""
        groups: list[_Group] = []
        failure: Exception = _interrupted()
        try:
            self._take(groups)
            outcomes = self._commit([one for group in groups for one in group.candidates])
            for group in groups:
                count = len(group.candidates)
                group.outcomes, outcomes = outcomes[:count], outcomes[count:]
        except Exception as error:  # noqa: BLE001  every thread that waits raises it
            failure = error
        finally:
            for group in groups:
                if not group.is_done:
                    group.failure = failure

    def _take(self, groups: list[_Group]) -> None:
        """Move what waits into these groups; a group is never in neither place."""
        count = 0
        while self._waiting and (not groups or count < MAX_BATCH):
            group = self._waiting[0]
            groups.append(group)
            self._waiting.popleft()
            count += len(group.candidates)


def _interrupted() -> StorageError:
    return StorageError(
        "store-failed",
        "Il programma è stato fermato mentre scriveva. Inviare di nuovo le stesse registrazioni:"
        " quelle già registrate danno la loro ricevuta.",
    )
