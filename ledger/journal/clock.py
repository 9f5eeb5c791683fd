"""The clock of the writer, held against one that nobody can set: a false time binds all later ones.

    guard = ClockGuard(now, uptime, ClockFile(Path("clock"), boot_id))
    guard.check_log(last_received_at)       when the ledger is opened
    guard()                                 the time of the next leaf

Times of receipt never go back, so a clock that once ran a year ahead would give that year to every
later event. The wall clock is compared with the seconds since the machine was started, from the
first look in that run of the machine on; when they have drifted apart by more than ten minutes,
nothing is appended until a person confirms the time (`pista clock confirm`). After a restart of the
machine there is nothing to compare with but the log: a clock more than ten minutes behind it stops
likewise. A clock that is set ahead while the machine is off is not noticed here; witnesses and time
stamps tell it.

The first look is kept in a file, five lines, so that short-lived programs share it:

    pista/clock/v1
    5e0cf1b2-7a0e-4f0c-8f4e-2a8c7c5f9d11         this run of the machine
    2026-07-21T10:11:13.123456Z                  wall clock at the first look
    8123.441205                                  seconds since the machine was started, then
    2026-07-21T10:11:13.123456Z                  end of the log that a person confirmed, or -

Source: design FORMATS section 5.
"""

from __future__ import annotations

import os
import re
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

from ledger.errors import Drifted, StorageError, Unreadable
from ledger.journal.leaf import format_time, parse_lines, parse_time

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MAX_DRIFT: Final = timedelta(minutes=10)

_HEADER: Final = "pista/clock/v1"
_SECONDS: Final = re.compile(r"[0-9]{1,10}\.[0-9]{6}")
_NEVER: Final = "-"


@dataclass(frozen=True, slots=True)
class FirstLook:
    """Both clocks at the first look in one run of the machine; the log time that was confirmed."""

    boot_id: str
    wall: datetime
    uptime_seconds: float
    confirmed: datetime | None = None

    def expected(self, uptime_seconds: float) -> datetime:
        """Return what the wall clock should say by now."""
        return self.wall + timedelta(seconds=uptime_seconds - self.uptime_seconds)


class ClockBook(Protocol):
    """Where the first look is kept."""

    @property
    def boot_id(self) -> str:
        """What this run of the machine is known by."""
        ...

    def read(self) -> FirstLook | None:
        """Return the look that is kept, of whatever run; None when there is none."""
        ...

    def write(self, look: FirstLook) -> None:
        """Keep a look in the place of the last one."""
        ...


class ClockFile:
    """A first look in a file of the machine; no backup restores it."""

    def __init__(self, path: Path, boot_id: str) -> None:
        """Name the file and the run of the machine."""
        self._path = path
        self.boot_id = boot_id

    def read(self) -> FirstLook | None:
        """Return the look in the file, None when there is no file.

        Raises:
            StorageError: `clock-unreadable`, when it is not such a file or cannot be read.
        """
        try:
            return parse_look(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, Unreadable) as error:
            raise StorageError(
                "clock-unreadable",
                f"Il file {self._path}, con cui si confronta l'orologio, non si legge: controllare"
                " che l'ora della macchina sia giusta, poi `pista clock confirm` lo scrive di"
                " nuovo.",
            ) from error

    def write(self, look: FirstLook) -> None:
        """Write the file whole, durably; of programs that do so at once the last one stays.

        Raises:
            StorageError: `clock-failed`, when the disk does not take it.
        """
        me = f"{os.getpid()}-{threading.get_ident()}"
        draft = self._path.with_name(f"{self._path.name}.{me}")
        try:
            with draft.open("wb") as file:
                file.write(format_look(look))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)
        except OSError as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise StorageError(
                "clock-failed",
                f"Il file {self._path}, con cui si confronta l'orologio, non si scrive"
                f" ({error.strerror}): controllare spazio e permessi, poi ripetere.",
            ) from error


class MemoryClockBook:
    """A look that lives as long as the object."""

    def __init__(self, boot_id: str = "one", look: FirstLook | None = None) -> None:
        """Begin with this look."""
        self.boot_id = boot_id
        self._look = look

    def read(self) -> FirstLook | None:
        """Return the look that is kept."""
        return self._look

    def write(self, look: FirstLook) -> None:
        """Keep a look."""
        self._look = look


class ClockGuard:
    """The wall clock, as long as it agrees with the seconds that have passed."""

    def __init__(
        self, wall: Callable[[], datetime], uptime: Callable[[], float], book: ClockBook
    ) -> None:
        """Take both clocks; `wall` gives aware UTC times, `uptime` seconds that nobody sets."""
        self._wall = wall
        self._uptime = uptime
        self._book = book
        self._kept: FirstLook | None = None

    def __call__(self) -> datetime:
        """Return the time of the wall clock.

        Raises:
            Drifted: `clock-drift`, when it was set by over ten minutes in this run of the machine.
            StorageError: as `ClockBook`.
        """
        now = self._wall()
        if self._kept is None or abs(self._drift(now, self._kept)) > MAX_DRIFT:
            self._kept = self._look()
        drift = self._drift(now, self._kept)
        if abs(drift) > MAX_DRIFT:
            raise Drifted(
                "clock-drift",
                f"L'orologio della macchina è stato spostato di {_told(drift)}: segna"
                f" {format_time(now)}. Non scrivo, perché un'ora sbagliata varrebbe per tutte le"
                " registrazioni successive. Controllare data, ora e fuso; se ora sono giusti,"
                " confermare con `pista clock confirm`.",
            )
        return now

    def _drift(self, now: datetime, look: FirstLook) -> timedelta:
        return now - look.expected(self._uptime())

    def check_log(self, last_received_at: datetime) -> None:
        """Compare the wall clock with the time of the last event of the log.

        Raises:
            Drifted: `clock-behind`, when the log is over ten minutes ahead, and nobody has
                confirmed the time since.
            StorageError: as `ClockBook`.
        """
        now, look = self._wall(), self._look()
        if last_received_at - now <= MAX_DRIFT:
            return
        if look.confirmed is None or look.confirmed < last_received_at:
            raise Drifted(
                "clock-behind",
                f"L'ultima registrazione è delle {format_time(last_received_at)}, l'orologio della"
                f" macchina segna {format_time(now)}. Non scrivo. Se l'orologio è indietro,"
                " regolarlo; se è giusto, erano sbagliate le ore già registrate: confermare con"
                " `pista clock confirm`, e le nuove registrazioni avranno l'ora dell'ultima finché"
                " l'orologio non la supera.",
            )

    def confirm(self, last_received_at: datetime | None) -> FirstLook:
        """Keep what both clocks say now, as a person has found it right, and return it."""
        look = self._now()
        if last_received_at is not None:
            look = replace(look, confirmed=last_received_at)
        self._book.write(look)
        return look

    def _look(self) -> FirstLook:
        """Return the first look of this run of the machine, which may be this one."""
        kept = self._book.read()
        if kept is not None and kept.boot_id == self._book.boot_id:
            return kept
        look = replace(self._now(), confirmed=None if kept is None else kept.confirmed)
        self._book.write(look)
        return look

    def _now(self) -> FirstLook:
        return FirstLook(self._book.boot_id, self._wall(), self._uptime())


def format_look(look: FirstLook) -> bytes:
    """Return the five lines of a look."""
    confirmed = _NEVER if look.confirmed is None else format_time(look.confirmed)
    seconds = f"{look.uptime_seconds:.6f}"
    lines = [_HEADER, look.boot_id, format_time(look.wall), seconds, confirmed]
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def parse_look(data: bytes) -> FirstLook:
    """Return the look that five lines are.

    Raises:
        Unreadable: when they are not exactly that (`clock-unreadable`, `leaf-unreadable`).
    """
    match parse_lines(data, "clock"):
        case [header, boot_id, wall, seconds, confirmed] if (
            header == _HEADER and boot_id and _SECONDS.fullmatch(seconds)
        ):
            known = None if confirmed == _NEVER else parse_time(confirmed)
            return FirstLook(boot_id, parse_time(wall), float(seconds), known)
    raise Unreadable("clock-unreadable", f"Non sono le cinque righe di '{_HEADER}'.")


def _told(drift: timedelta) -> str:
    """Return a drift as people say it."""
    minutes = round(abs(drift).total_seconds() / 60)
    return f"{minutes} minuti {'avanti' if drift > timedelta(0) else 'indietro'}"
