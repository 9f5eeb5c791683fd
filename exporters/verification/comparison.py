"""A package beside the log as it is now: still a beginning of it, complete, and what came since.

    found = compare_package(path, policy, source)
    found.report       all steps, with the live head as the kept one (14) and the log scanned (13)
    found.news         the events of its CUPs after it, each with index and leaf

The live head is verified by the policy; every leaf of the log is read. Source: FORMATS section 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from exporters.verification.verify import verify_package
from ledger.journal.leaf import EventLeaf
from ledger.journal.note import MAX_NOTE_BYTES
from ledger.journal.policy import QuorumMissing, parse_policy
from ledger.transparency.leaf_scan import LeafScan
from ledger.transparency.source import CHECKPOINT_PATH
from ledger.transparency.tile_reader import open_tiles

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from exporters.verification.report import Report
    from ledger.journal.checkpoint import Checkpoint
    from ledger.transparency.source import Source


@dataclass(frozen=True, slots=True)
class Since:
    """An event of a CUP of the package that is not in it, because it came later."""

    index: int
    leaf: EventLeaf


@dataclass(frozen=True, slots=True)
class Comparison:
    """The report over the package, the live head, its lack of quorum in words, what came since."""

    report: Report
    head: Checkpoint
    lack: str
    news: tuple[Since, ...]

    @property
    def went_back(self) -> bool:
        """Tell whether the log shows fewer leaves than the package rests on."""
        return self.report.size is not None and self.head.size < self.report.size


def compare_package(
    path: Path,
    policy: bytes,
    log: Source,
    progress: Callable[[int, str], None] | None = None,
) -> Comparison:
    """Return what the live log says of a package.

    Raises:
        Unopenable: when the container cannot be opened safely.
        NotVerified: when the policy is none, the head is not signed by a log of it, or a leaf of the log
            contradicts those before it (see leaf_scan.py) or its head (see tile_reader.py).
        StorageError: when the log does not answer.
    """
    note = log.read(CHECKPOINT_PATH, MAX_NOTE_BYTES)
    lack = ""
    try:
        head = parse_policy(policy).verify_checkpoint(note).checkpoint
    except QuorumMissing as missing:
        head, lack = missing.verified.checkpoint, missing.sentence
    report = verify_package(path, policy=policy, kept=note, log=log, scan=True, progress=progress)
    names = {f"cup/{cup}" for cup in report.subjects}
    start = head.size if report.size is None else report.size
    return Comparison(report, head, lack, tuple(_since(log, head, names, start)))


def _since(log: Source, head: Checkpoint, names: set[str], start: int) -> list[Since]:
    """Return the events of these streams from a leaf on; every leaf of the head is scanned."""
    scan, found = LeafScan(), list[Since]()
    for index, data in open_tiles(log, head).entries(0, head.size):
        leaf = scan.add(data)
        if index < start or not isinstance(leaf, EventLeaf):
            continue
        if names.intersection(place.name for place in leaf.streams):
            found.append(Since(index, leaf))
    scan.check_closed()
    return found
