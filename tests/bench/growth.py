"""What does not grow with the log: memory of replay, views and exports; and what does, its storage.

Each operation runs in a process of its own over ledgers of 10,000, 100,000 and 1,000,000 events
(grown_ledger.py, kept in var/bench); its peak of memory is held against that at 10,000. The state is
that of a CUP of 200 events; the exports write the histories of fifty CUPs, one after the other.

A ledger of a million events is made once, in some minutes: its lines are skipped until they are asked
for.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ledger.journal.row import unpack
from ledger.signing.octets import parse_base64url
from tests.bench.grown_ledger import grown
from tests.bench.harness import BYTES, Line, at_most

if TYPE_CHECKING:
    from collections.abc import Generator

LARGE: Final = "BENCH_LARGE"
BASE: Final = 10_000
SIZES: Final = (100_000, 1_000_000)
ALWAYS: Final = 100_000
OPERATIONS: Final = {
    "replay": "replay of one CUP",
    "views": "rebuild of all views",
    "json": "histories of fifty CUPs as JSON Lines",
    "xml": "histories of fifty CUPs as XML",
}
_PEAK: Final = Path(__file__).with_name("peak.py")
_ROOT: Final = _PEAK.parent.parent.parent


def lines(folder: Path) -> Generator[Line, None, None]:
    """Yield the lines of growth; the grown ledgers stay beside the folder."""
    kept = folder.parent / "bench"
    yield _storage(kept)
    for size in SIZES:
        for operation, told in OPERATIONS.items():
            yield Line(
                f"peak memory, {told}, {size:,} events",
                f"the same at {BASE:,} events",
                partial(_peaks, operation, kept, size),
                at_most(1.2),
                unit=BYTES,
                rounds=1,
                waits_for=_waits_for(size),
            )


def _waits_for(size: int) -> str:
    if size <= ALWAYS or os.environ.get(LARGE):
        return ""
    return f"set {LARGE}=1 or give --large: {size:,} events are made once, in some minutes"


def _peaks(operation: str, kept: Path, size: int) -> tuple[float, float]:
    """Return the peaks of an operation at this size and at the smallest."""
    return _peak(operation, kept, size), _peak(operation, kept, BASE)


@cache
def _peak(operation: str, kept: Path, size: int) -> float:
    path = grown(size, kept)
    command = [sys.executable, str(_PEAK), operation, str(path)]
    done = subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True)
    return float(done.stdout)


def _storage(kept: Path) -> Line:
    def weighed() -> tuple[float, float]:
        path = grown(BASE, kept)
        return path.stat().st_size / BASE, _signed_bytes(path) / BASE

    name = f"storage per event with indexes, {BASE:,} events"
    goal = at_most(1.6)
    return Line(name, "bytes of payload and signature", weighed, goal, unit=BYTES, rounds=1)


def _signed_bytes(path: Path) -> int:
    """Return the bytes of all payloads and signatures of a store."""
    total = 0
    with closing(sqlite3.connect(path)) as connection:
        for (row,) in connection.execute("SELECT data FROM event"):
            raw = unpack(row)[1]
            if raw:
                _, payload, signature = raw.decode("ascii").split(".")
                total += len(parse_base64url(payload)) + len(parse_base64url(signature))
    return total
