"""What the machine tells: its clocks, and which run of it this is."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def now() -> datetime:
    """Return the wall clock, aware, UTC."""
    return datetime.now(UTC)


def uptime() -> float:
    """Return the seconds since the machine was started, sleep included, which nobody can set."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


def boot_id() -> str:
    """Return what this run of the machine is known by; a machine that does not say has one run."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return "unknown"
