"""Time stamps that are taken by themselves, beside the work of others.

    with AutomaticStamps(reading, os.environ): ...        a thread that looks every minute
    tell_stamp(stamp_beside(reading, os.environ))         once, after something was recorded

Nothing here raises for what an authority, a network or a setting does: the work that it stands beside
goes on, and `pista doctor` says what failed. Without an authority nothing is asked, and no thread is made.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, Self

from api.stamping import Stamped, stamp_when_due, stamper_of
from ledger.errors import PistaError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from api.app import Reading

EVERY_SECONDS: Final = 60.0

Outcome = Stamped | PistaError | None


def stamp_beside(reading: Reading, said: Mapping[str, str]) -> Outcome:
    """Stamp the newest head when it is due; None when it is not, or no authority is named."""
    try:
        with stamper_of(reading.home, said) as stamper:
            return None if stamper is None else stamp_when_due(reading, stamper)
    except PistaError as error:
        return error
    except Exception as error:  # noqa: BLE001  beside the work of others: nothing may stop that
        return StorageError(
            "stamp-failed", f"La marca temporale non si è potuta chiedere: {type(error).__name__}."
        )


class AutomaticStamps:
    """A thread that has heads stamped when they are due, while a ledger is open."""

    def __init__(
        self,
        reading: Reading,
        said: Mapping[str, str],
        every_seconds: float = EVERY_SECONDS,
        told: Callable[[Outcome], None] | None = None,
    ) -> None:
        """Look at this ledger so often; `told` gets each outcome that is one, and may be left out."""
        self._reading = reading
        self._said = said
        self._every = every_seconds
        self._told = told
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pista-stamps", daemon=True)

    def __enter__(self) -> Self:
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop looking; what is being asked has its time to end."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            outcome = stamp_beside(self._reading, self._said)
            if outcome is not None and self._told is not None:
                self._told(outcome)
            if self._stop.wait(self._every):
                return
