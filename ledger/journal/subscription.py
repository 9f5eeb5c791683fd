"""Following a journal: rows as they are recorded, by polling.

    with recorder.subscribe(after=1290) as rows:
        for row in rows:                  # blocks at the end of the journal until a row comes
            ...

Polling is what is relied on; an append through the same recorder object only ends the wait early,
so rows of other processes come at the latest after one interval. Positions have no gaps and rows
become visible in their order, so none is skipped. There is no thread here: `stop` (or leaving the
`with`) ends a wait that goes on in another thread.

Source: design ARCHITECTURE D3; eventsourcing 9.5, DCBSubscription.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from eventsourcing.dcb.api import (
    DCBQuery,
    DCBReadResponse,
    DCBSequencedEvent,
    DCBSubscription,
)
from typing_extensions import override

if TYPE_CHECKING:
    from ledger.journal.recorder import JournalRecorder

POLL_SECONDS: Final = 0.5


class PollingSubscription(DCBSubscription["JournalRecorder"]):
    """Rows of a recorder after a position, and those to come; for one consumer."""

    def __init__(
        self,
        recorder: JournalRecorder,
        query: DCBQuery | None,
        after: int | None,
        poll_seconds: float,
    ) -> None:
        """Begin after that position; look again every `poll_seconds` while nothing comes."""
        super().__init__(recorder, query, after)
        self._poll_seconds = poll_seconds
        self._wake = threading.Event()
        self._response: DCBReadResponse | None = None
        recorder.listen(self._wake)

    @override
    def __next__(self) -> DCBSequencedEvent:
        """Return the next row; wait for it when there is none yet.

        Raises:
            StopIteration: when the subscription was stopped.
            eventsourcing.persistence.PersistenceError: when the store cannot be read; asking
                again goes on where it was.
        """
        while not self._has_been_stopped:
            row = self._take()
            if row is not None:
                return row
            if not self._has_been_stopped:
                self._wake.wait(self._poll_seconds)
        raise StopIteration

    @override
    def stop(self) -> None:
        """End the subscription, and a wait that goes on in another thread."""
        super().stop()
        self._recorder.unlisten(self._wake)
        self._wake.set()

    def _take(self) -> DCBSequencedEvent | None:
        """Return a row that is there already; after None the hint is armed for the next one."""
        if self._response is None:
            # Cleared before the read: a row recorded after it sets the event again, and so does
            # a stop, which is looked at once more before the wait.
            self._wake.clear()
            self._response = self._recorder.read(self._query, after=self._last_position)
        response = self._response
        self._response = None  # a failed read is begun anew
        row = next(response, None)
        if row is None:
            self._last_position = max(self._last_position, response.head or 0)
            return None
        self._last_position = row.position
        self._response = response
        return row
