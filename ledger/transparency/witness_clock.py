"""The clock of a witness: a time that cannot be right is not signed.

    clock = WitnessClock(guard, made_at, "w1")
    clock()                          aware UTC time, or Drifted

A cosignature says "as of this time", and no later one may say an earlier time; so one false time far
ahead would silence the witness for as long. The guard (journal/clock.py) compares the wall clock with
the seconds since the machine was started; here it is held, besides, between the day on which the
witness was made and a hundred years after it, since a machine without a battery wakes up in 1970.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ledger.errors import Drifted
from ledger.journal.clock import MAX_DRIFT
from ledger.journal.leaf import format_time

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

_LIFETIME: Final = timedelta(days=36_525)


class WitnessClock:
    """The wall clock, as long as it can be right."""

    def __init__(self, guard: Callable[[], datetime], made_at: datetime, folder: Path) -> None:
        """Take a guarded clock, when the witness was made, and where it is, to say what to do."""
        self._guard = guard
        self._made_at = made_at
        self._folder = folder

    def __call__(self) -> datetime:
        """Return the time.

        Raises:
            Drifted: `clock-drift`, when it was set by over ten minutes in this run of the machine;
                `clock-absurd`, when the witness was not made yet or would be a hundred years old.
            StorageError: `clock-unreadable`, `clock-failed`.
        """
        try:
            now = self._guard()
        except Drifted as error:
            raise Drifted(
                "clock-drift",
                "L'orologio della macchina è stato spostato di oltre dieci minuti: il testimone non"
                " firma, perché non può tornare a un'ora precedente. Controllare data, ora e fuso;"
                f" se ora sono giusti, `pista witness confirm-clock {self._folder}`.",
            ) from error
        if not self._made_at - MAX_DRIFT <= now <= self._made_at + _LIFETIME:
            raise Drifted(
                "clock-absurd",
                f"L'orologio della macchina segna {format_time(now)}, e questo testimone è del"
                f" {format_time(self._made_at)}: il testimone non firma. Regolare data e ora.",
            )
        return now
