"""What a monitor keeps of the logs that it follows: small, durable, one folder a log.

    <SHA-256 of the origin>/state.json                  the last head, and one row a stream
    <SHA-256 of the origin>/alarms/two-roots-<...>.json what others can judge, see misbehaviour.py

The state is replaced whole. One that is damaged is told and not passed over: without it a fork that was
seen before would not be seen.
"""

from __future__ import annotations

import base64
import hashlib
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from ledger.errors import NotVerified, StorageError
from ledger.journal.checkpoint import parse_checkpoint
from ledger.journal.heads import Row, format_row, parse_row
from ledger.journal.leaf import format_time, parse_hash, parse_time
from ledger.journal.merkle import Frontier
from ledger.journal.note import parse_note
from ledger.transparency.disk import replace
from ledger.transparency.leaf_scan import LeafScan
from ledger.transparency.misbehaviour import format_misbehaviour
from ledger.transparency.monitor import Memory
from ledger.vault.durable import locked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ledger.transparency.disk import Disk
    from ledger.transparency.misbehaviour import Misbehaviour

_STATE: Final = "state.json"
_ALARMS: Final = "alarms"
_LOCK: Final = ".lock"


class MonitorFolder:
    """The folder of one monitor; who reads and then keeps holds its lock."""

    def __init__(self, path: Path, disk: Disk) -> None:
        """Name the folder; it is made when something is kept."""
        self.path = path
        self._disk = disk

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder while the block runs.

        Raises:
            Busy: when another monitor has it.
            StorageError: `monitor-state-failed`, when it cannot be made.
        """
        try:
            self._disk.make_folder(self.path)
            lock = locked(self.path / _LOCK, alone=True)
            lock.__enter__()
        except OSError as error:
            raise _failed(self.path, error) from error
        try:
            yield
        finally:
            lock.__exit__(None, None, None)

    def recall(self, origin: str) -> Memory | None:
        """Return what was kept of a log, None when nothing was.

        Raises:
            StorageError: when it is damaged (`monitor-state-damaged`), or the disk fails
                (`monitor-state-failed`).
        """
        path = self._of(origin) / _STATE
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _failed(path, error) from error
        try:
            memory = _parsed(json.loads(data))
        except (NotVerified, ValueError, TypeError, KeyError, AttributeError) as error:
            raise _damaged(path) from error
        if memory.head.origin != origin:
            raise _damaged(path)
        return memory

    def keep(self, memory: Memory) -> None:
        """Keep what a look came to; durable on return.

        Raises:
            StorageError: `monitor-state-failed`; what was kept before stays.
        """
        self._write(self._of(memory.head.origin) / _STATE, _format(memory))

    def keep_alarm(self, origin: str, evidence: Misbehaviour) -> Path:
        """Keep the evidence of an alarm and return where; the first one of the same notes stays.

        Raises:
            StorageError: `monitor-state-failed`.
        """
        digest = hashlib.sha256(b"".join(evidence.notes)).hexdigest()[:16]
        path = self._of(origin) / _ALARMS / f"{evidence.kind}-{digest}.json"
        if not path.exists():
            self._write(path, format_misbehaviour(evidence))
        return path

    def _of(self, origin: str) -> Path:
        return self.path / hashlib.sha256(origin.encode("utf-8", "surrogateescape")).hexdigest()

    def _write(self, path: Path, data: bytes) -> None:
        try:
            self._disk.make_folder(path.parent)
            replace(self._disk, path, data)
        except OSError as error:
            raise _failed(path, error) from error


def _format(memory: Memory) -> bytes:
    scan = memory.scan
    received = scan.last_received_at
    value = {
        "v": 1,
        "note": memory.note.decode("utf-8"),
        "received_at": None if received is None else format_time(received),
        "subtrees": [base64.b64encode(one).decode("ascii") for one in scan.tree.hashes],
        "rows": [format_row(row).decode("ascii") for row in scan.rows()],
    }
    return json.dumps(value, sort_keys=True, indent=0).encode("ascii") + b"\n"


def _parsed(value: Any) -> Memory:  # noqa: ANN401  whatever JSON holds
    """Return what a state says; raises what its parts raise when it is none."""
    note = value["note"].encode("utf-8")
    head = parse_checkpoint(parse_note(note).text)
    tree = Frontier(head.size, [parse_hash(text, "monitor") for text in value["subtrees"]])
    if value["v"] != 1 or tree.root() != head.root:
        raise ValueError("the subtrees are not those of the head")
    rows: list[Row] = [parse_row(text.encode("ascii")) for text in value["rows"]]
    received = value["received_at"]
    last = None if received is None else parse_time(received)
    return Memory(note, head, LeafScan.resumed(rows, tree, last))


def _damaged(path: Path) -> StorageError:
    return StorageError(
        "monitor-state-damaged",
        f"{path} non è ciò che un controllo ha conservato: rimetterlo com'era. Senza, si ricomincia"
        " togliendo la cartella, ma una storia vista prima non si riconosce più.",
    )


def _failed(path: Path, error: OSError) -> StorageError:
    return StorageError(
        "monitor-state-failed",
        f"La cartella del controllo non si può usare ({path}: {error.strerror}): controllare spazio e"
        " permessi, poi riprovare. Ciò che era conservato resta.",
    )
