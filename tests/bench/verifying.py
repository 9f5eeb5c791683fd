"""Verifying a ledger that has grown, against the naive loop over the same rows in one process.

The naive loop reads the rows in order, `json.loads` the payload and verifies the signature with
`cryptography`, by the key that the header names: no grammar, no schema, no hash, no tree, no keys in
force, no column. Its rate is taken over some of the events; each rate is of one event. What `pista
fsck` does besides is told by these lines; the start of its processes is counted.

Memory is that of the first process at its highest, of a ledger ten times as large.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from ledger.fsck.examine import examine
from ledger.fsck.subject import Asked, Subject
from ledger.journal.anchor import AnchorState, MemoryAnchor
from ledger.journal.journal import Journal
from ledger.journal.row import unpack
from ledger.journal.sqlite import SQLiteRecorder
from ledger.journal.sqlite_tables import SQLiteTables
from ledger.signing.algorithms import parse_jwk
from tests.bench.cores import NEEDED
from tests.bench.grown_ledger import grown
from tests.bench.harness import BYTES, Line, at_least, at_most
from tests.exporters.ledger_writer import ORIGIN

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from ledger.signing.algorithms import RawKey

EVENTS: Final = 100_000
FEWER: Final = 10_000
SAMPLE: Final = 10_000
KEPT_TOGETHER: Final = Path("var/bench")
ROUNDS: Final = 3
_ROWS: Final = "SELECT data FROM event WHERE type <> 'heads' ORDER BY position LIMIT ?"


class Grown:
    """A ledger that has grown, as it is examined in a program of its own."""

    def __init__(self, path: Path, folder: Path) -> None:
        """Examine this file; what is kept goes to the folder."""
        self.path = path.resolve()
        self._kept = folder / f"{path.stem}.kept"

    def examined(self, jobs: int, *, from_kept: bool = False) -> tuple[float, float]:
        """Return (seconds for one leaf, peak of memory in bytes) of an examination.

        Raises:
            subprocess.CalledProcessError: when something is found.
        """
        root = Path(__file__).resolve().parent.parent.parent
        arguments = (str(self.path), str(self._kept), str(jobs), str(int(from_kept)))
        told = subprocess.run(
            [sys.executable, "-c", _EXAMINING, *arguments],
            capture_output=True,
            text=True,
            check=True,
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root)},
        )
        seconds, peak = told.stdout.split()
        return float(seconds), float(peak)


_EXAMINING: Final = (
    "import sys; from tests.bench.verifying import examining; examining(sys.argv[1:])"
)


def examining(arguments: list[str]) -> None:
    """Examine a ledger, and print the seconds for one leaf and the peak of memory.

    Raises:
        RuntimeError: when something is found, because then there is nothing to measure.
    """
    path, kept, jobs, from_kept = arguments
    with closing(SQLiteRecorder(Path(path), ORIGIN)) as recorder:
        size = recorder.head().position
        anchor = MemoryAnchor(AnchorState(size, Journal(recorder).root_at(size)))
    source = SQLiteTables(Path(path), ORIGIN)
    subject = Subject(ORIGIN, source, anchor, Path(kept), None, None)
    start = time.perf_counter()
    report = examine(subject, Asked(int(jobs), from_kept == "1"), lambda *_: None)
    spent = time.perf_counter() - start
    if report.findings.count or bool(report.begun_at) is not (from_kept == "1"):
        raise RuntimeError([one.sentence for one in report.findings])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    sys.stdout.write(f"{spent / size} {peak}\n")


def lines(folder: Path) -> Generator[Line, None, None]:
    """Yield the verifying lines; the ledgers are kept for the next time."""
    told: Callable[[str], None] = lambda text: print(text, file=sys.stderr)  # noqa: T201, E731
    ledger = Grown(grown(EVENTS, KEPT_TOGETHER, told), folder)
    keys = _keys(ledger.path)
    base = f"naive loop, one process: json.loads, cryptography, {SAMPLE:,} events"
    for jobs in (1, 2):
        measure = partial(_round, ledger, keys, jobs, from_kept=False)
        name = f"verify everything, {EVENTS:,} events, {_named(jobs)}"
        goal, cores = (at_least(5), NEEDED) if jobs > 1 else (None, 1.0)
        yield Line(name, base, measure, goal, cores=cores, rounds=ROUNDS)
    for jobs in (1, 2):
        measure = partial(_round, ledger, keys, jobs, from_kept=True)
        name = f"verify again from a kept checkpoint, {_named(jobs)}"
        goal, cores = (at_least(25), NEEDED) if jobs > 1 else (None, 1.0)
        yield Line(name, base, measure, goal, cores=cores)
    few = Grown(grown(FEWER, KEPT_TOGETHER, told), folder)
    name = f"peak memory of verifying {EVENTS:,} events, one process"
    measure = partial(_peaks, ledger, few)
    yield Line(name, f"{FEWER:,} events", measure, at_most(1.2), unit=BYTES, rounds=1)


def _named(jobs: int) -> str:
    return "one process" if jobs == 1 else f"{jobs} processes"


def _round(
    ledger: Grown, keys: dict[str, RawKey], jobs: int, *, from_kept: bool
) -> tuple[float, float]:
    """Return the seconds an event of one examination, between two halves of the naive loop."""
    first = _naive(ledger.path, keys, SAMPLE // 2)
    ours, _ = ledger.examined(jobs, from_kept=from_kept)
    second = _naive(ledger.path, keys, SAMPLE // 2)
    return ours, (first + second) / 2


def _naive(path: Path, keys: dict[str, RawKey], events: int) -> float:
    """Return the seconds that the naive loop takes for one event."""
    with closing(sqlite3.connect(path)) as connection:
        start = time.perf_counter()
        for (data,) in connection.execute(_ROWS, (events,)):
            header, payload, signature = unpack(data)[1].split(b".")
            json.loads(_decoded(payload))
            key = keys[json.loads(_decoded(header))["kid"]]
            _verify(key, _decoded(signature), header + b"." + payload)
        return (time.perf_counter() - start) / events


def _verify(key: RawKey, signature: bytes, message: bytes) -> None:
    if isinstance(key, ec.EllipticCurvePublicKey):
        r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
        key.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
    elif isinstance(key, ed25519.Ed25519PublicKey):
        key.verify(signature, message)


def _keys(path: Path) -> dict[str, RawKey]:
    """Return the keys that the ledger enrolled, by kid."""
    keys: dict[str, RawKey] = {}
    with closing(sqlite3.connect(path)) as connection:
        for (row,) in connection.execute(_ROWS, (100,)):
            data: dict[str, Any] = json.loads(_decoded(unpack(row)[1].split(b".")[1]))["data"]
            for member in (data, *data.get("administrators", ())):
                if "jwk" in member:
                    keys[member["kid"]] = parse_jwk(member["jwk"]).raw
    return keys


def _decoded(text: bytes) -> bytes:
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))


def _peaks(ledger: Grown, few: Grown) -> tuple[float, float]:
    """Return the bytes that examinations of two ledgers take at most."""
    return ledger.examined(1)[1], few.examined(1)[1]
