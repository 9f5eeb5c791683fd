"""Logs that are honest or not, witnesses over a disk that fails on demand, and what they signed.

log = LogBook()                     leaves 0, 1, 2, ...; log.fork(5) goes another way after 5
desk = Desk(tmp_path)               a witness folder with that log in it
desk.submit(log, 7)                 as a client that knows the protocol; what was signed is noted
desk.check()                        all that was ever signed is one chain
"""

from __future__ import annotations

import base64
import errno
import os
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.journal.checkpoint import (
    Checkpoint,
    Ed25519Cosigner,
    format_checkpoint,
    verify_cosignatures,
)
from ledger.journal.merkle import Tree, consistency_proof, leaf_hash, root
from ledger.journal.note import Ed25519NoteSigner, Note, format_note, parse_note, parse_vkey
from ledger.transparency.disk import FileDisk
from ledger.transparency.protocol import (
    AddCheckpoint,
    OtherSize,
    format_add_checkpoint,
    parse_signatures,
)
from ledger.transparency.witness import Witness
from ledger.transparency.witness_folder import WitnessFolder
from ledger.transparency.witnessed_log import LogEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ledger.journal.note import Signature, VerifierKey
    from ledger.transparency.disk import Disk

ORIGIN = "pnrr.comune.lecce.it/c_e506"
NAME = "w1.example"
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def private_key(seed: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)


def note_signer(name: str, seed: int) -> Ed25519NoteSigner:
    private = private_key(seed)
    return Ed25519NoteSigner(name, private.sign, private.public_key().public_bytes_raw())


def cosigner(name: str = NAME, seed: int = 2) -> Ed25519Cosigner:
    private = private_key(seed)
    return Ed25519Cosigner(name, private.sign, private.public_key().public_bytes_raw())


class LogBook:
    """A log with its key, which signs whatever head it is asked for."""

    def __init__(self, size: int = 0, *, origin: str = ORIGIN, seed: int = 1) -> None:
        """Begin with so many leaves."""
        self.origin = origin
        self.signer = note_signer(origin, seed)
        self.tree = Tree()
        self._word = b"leaf"
        self.grow(size)

    @property
    def size(self) -> int:
        return self.tree.size

    @property
    def key(self) -> VerifierKey:
        return parse_vkey(self.signer.vkey)

    def grow(self, by: int) -> None:
        for index in range(self.size, self.size + by):
            self.tree.append(leaf_hash(b"%s %d" % (self._word, index)))

    def fork(self, at: int, word: bytes = b"other") -> LogBook:
        """Return a log of the same key that shares so many leaves and then goes another way."""
        other = LogBook(at, origin=self.origin)
        other.signer = self.signer
        other._word = word
        return other

    def root(self, size: int) -> bytes:
        return root(self.tree, size)

    def note(self, size: int, *extra: Signature) -> bytes:
        body = format_checkpoint(Checkpoint(self.origin, size, self.root(size)))
        return format_note(Note(body, (self.signer.sign_note(body), *extra)))

    def proof(self, old: int, size: int) -> tuple[bytes, ...]:
        return tuple(consistency_proof(self.tree, old, size)) if old <= size <= self.size else ()

    def request(self, old: int, size: int) -> bytes:
        made = AddCheckpoint(old, self.proof(old, size), self.note(size))
        return format_add_checkpoint(made)


class HandClock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        """Begin at noon."""
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Killed(BaseException):
    """The process is gone; nothing after this point has run."""


@dataclass
class Fault:
    """What happens at one of the next steps of the disk: `at` 0 is the next one."""

    kind: str
    at: int


KINDS = ("error", "error but done", "kill", "kill but done", "torn", "full")


@dataclass
class WeakDisk:
    """A disk in memory that fails on demand, and forgets names that were not synced in a crash."""

    kept: dict[Path, bytes] = field(default_factory=dict)  # what a crash leaves
    seen: dict[Path, bytes] = field(default_factory=dict)  # what programs see
    pending: list[Callable[[], None]] = field(default_factory=list)
    fault: Fault | None = None
    steps: list[str] = field(default_factory=list)
    locks: dict[Path, threading.Lock] = field(default_factory=dict)

    def read(self, path: Path) -> bytes:
        if path not in self.seen:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        return self.seen[path]

    def names(self, folder: Path) -> list[str]:
        inside = (path.relative_to(folder) for path in self.seen if path.is_relative_to(folder))
        return sorted({path.parts[0] for path in inside})

    def make_folder(self, _path: Path) -> None:
        """Folders are names of files here."""

    def write(self, path: Path, data: bytes) -> None:
        def act(content: bytes = data) -> None:
            self.seen[path] = content
            self.pending.append(lambda: self.kept.__setitem__(path, content))

        self._step("write", act, lambda: act(data[: len(data) // 2]))

    def rename(self, source: Path, target: Path) -> None:
        def act() -> None:
            self.seen[target] = self.seen.pop(source)
            self.pending.append(lambda: self.kept.__setitem__(target, self.kept.pop(source)))

        self._step("rename", act, act)

    def sync(self, _folder: Path) -> None:
        def act() -> None:
            for change in self.pending:
                change()
            self.pending.clear()

        self._step("sync", act, lambda: None)

    @contextmanager
    def lock(self, path: Path, _seconds: float) -> Iterator[None]:
        with self.locks.setdefault(path, threading.Lock()):
            yield

    def crash(self, survive: int = 0) -> None:
        """Lose power: of the names that were not synced, the first `survive` made it."""
        for change in self.pending[:survive]:
            change()
        self.pending.clear()
        self.seen = dict(self.kept)
        self.locks.clear()
        self.fault = None

    def _step(self, name: str, act: Callable[[], None], half: Callable[[], None]) -> None:
        self.steps.append(name)
        fault, self.fault = self.fault, None
        if fault is None:
            act()
            return
        if fault.at:
            self.fault = Fault(fault.kind, fault.at - 1)
            act()
            return
        if fault.kind in {"torn", "full"}:
            half()
        elif fault.kind.endswith("but done"):
            act()
        if fault.kind.startswith(("kill", "torn")):
            raise Killed
        number = errno.ENOSPC if fault.kind == "full" else errno.EIO
        raise OSError(number, os.strerror(number))


@dataclass
class Given:
    """What left the witness: whose head, and the time in it."""

    size: int
    root: bytes
    time: int


class Desk:
    """A witness over a folder with one log, and everything that it has signed."""

    def __init__(
        self, folder: Path, disk: Disk | None = None, *, log: LogBook | None = None
    ) -> None:
        """Make the witness, with a key that is known."""
        self.path = folder
        self.disk = FileDisk() if disk is None else disk
        self.clock = HandClock()
        self.cosigner = cosigner()
        self.given: list[Given] = []
        self.start()
        known = log or LogBook()
        self.folder.set_log(LogEntry(known.origin, (known.key,)))

    def start(self) -> None:
        """Be a program that has just been started."""
        self.folder = WitnessFolder(self.path, self.disk)
        self.witness = Witness(self.cosigner, self.folder.find, self.clock)

    def ask(self, data: bytes) -> Signature:
        """Send a request and return the cosignature, noted and verified."""
        body = data.partition(b"\n\n")[2]
        (line,) = parse_signatures(self.witness.add_checkpoint(data))
        note = parse_note(body)
        (verified,) = verify_cosignatures(Note(note.text, (line,)), [self.cosigner.key])
        _, size, encoded, *_ = note.text.split("\n")
        self.given.append(Given(int(size), base64.b64decode(encoded), verified.time))
        return line

    def submit(self, log: LogBook, size: int) -> Signature:
        """Ask as a client does: from size 0, and again from the size that the answer names."""
        try:
            return self.ask(log.request(0, size))
        except OtherSize as told:
            old = told.size
        return self.ask(log.request(old, size))

    def check(self, *branches: LogBook, in_order: bool = True) -> None:
        """All that was signed is one chain of one branch; sizes and times never went back."""
        given = self.given
        if not in_order:  # threads note it as they come
            given = sorted(given, key=lambda one: (one.size, one.time))
        for before, after in pairwise(given):
            assert before.size <= after.size
            assert before.time <= after.time
            assert before.size < after.size or before.root == after.root
        assert any(self._is_of(log) for log in branches), "what was signed is no branch"

    def _is_of(self, log: LogBook) -> bool:
        return all(one.size <= log.size and log.root(one.size) == one.root for one in self.given)
