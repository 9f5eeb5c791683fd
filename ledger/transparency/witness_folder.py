"""The folder of a witness: its name, its keys, the logs that its operator lets it cosign.

    w1/
      witness              pista/witness/v1, name, when it was made; one a line
      witness.pem          the key that cosigns, Ed25519, type 0x04, mode 0600
      rescan.pem           the key of the stronger statement, named <name>/rescan
      clock                the clocks of this machine when it was first looked at
      logs/<SHA-256 of the origin, in hex>/
        log                what the operator said of it, see witnessed_log.py
        state rescan       what each key cosigned last, see witness_state.py
        fork-<hex>.note    proof that the log signed two roots of one size

What was cosigned of a log stays when the log is dropped, and counts again when it is added again. A
folder needs no ledger and is never put back from a copy.

Source: C2SP tlog-witness; tlog-cosignature, "distinct public keys for each cosigner".
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.errors import Absent, StorageError, Unreadable
from ledger.journal.leaf import format_time, parse_time
from ledger.journal.note import COSIGNATURE_V1, VerifierKey, verifier_key
from ledger.signing.signer import create_key_file
from ledger.transparency.disk import Disk, replace
from ledger.transparency.witness_state import PATIENCE_SECONDS, HeadFile
from ledger.transparency.witnessed_log import LogEntry, format_entry, parse_entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

RESCAN: Final = "/rescan"
MAX_FORKS: Final = 16

_HEADER: Final = "pista/witness/v1"
_HEX: Final = re.compile(r"[0-9a-f]{64}")
_FORK: Final = re.compile(r"fork-[0-9a-f]{16}\.note")


@dataclass(frozen=True, slots=True)
class Identity:
    """What a witness is called, and when it was made."""

    name: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class KeptLog:
    """A log in the folder: what the operator said, and the states of both keys."""

    entry: LogEntry
    folder: Path
    state: HeadFile
    rescan: HeadFile
    disk: Disk

    @property
    def origin(self) -> str:
        """What its checkpoints begin with."""
        return self.entry.origin

    @property
    def keys(self) -> tuple[VerifierKey, ...]:
        """The keys of which one must have signed."""
        return self.entry.keys

    def forks(self) -> list[Path]:
        """Return the proofs that the log signed two roots of one size."""
        names = self.disk.names(self.folder)
        return [self.folder / name for name in names if _FORK.fullmatch(name)]

    def keep_fork(self, note: bytes) -> None:
        """Keep such a proof; a disk that fails, or many of them, does not matter."""
        path = self.folder / f"fork-{hashlib.sha256(note).hexdigest()[:16]}.note"
        with suppress(OSError):
            if len(self.forks()) < MAX_FORKS and path not in self.forks():
                replace(self.disk, path, note)


class WitnessFolder:
    """The folder of one witness; nothing is read by naming it."""

    def __init__(self, path: Path, disk: Disk, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Name the folder, and how long to wait for others who use it."""
        self.path = path
        self._disk = disk
        self._patience_seconds = patience_seconds
        self._files: dict[Path, HeadFile] = {}

    @property
    def key(self) -> Path:
        """Where the key is that cosigns."""
        return self.path / "witness.pem"

    @property
    def rescan_key(self) -> Path:
        """Where the key of the stronger statement is."""
        return self.path / "rescan.pem"

    @property
    def clock(self) -> Path:
        """Where the first look at the clocks of this machine is."""
        return self.path / "clock"

    def make(self, name: str, made_at: datetime) -> None:
        """Make a witness: both keys, then the file that says that it is there.

        Raises:
            StorageError: `witness-present`, when there is one; `key-file-exists`; as the disk says.
            Unreadable: `key-unreadable`, for a name that no key can have.
        """
        verifier_key(name + RESCAN, COSIGNATURE_V1, bytes(32))
        if self._has(self._identity_file):
            raise StorageError(
                "witness-present",
                f"Nella cartella {self.path} c'è già un testimone: usarlo, o indicarne un'altra.",
            )
        self._disk.make_folder(self.path)
        for key in (self.key, self.rescan_key):
            create_key_file(key, alg="EdDSA")
        text = f"{_HEADER}\n{name}\n{format_time(made_at)}\n"
        replace(self._disk, self._identity_file, text.encode())

    def identity(self) -> Identity:
        """Return name and age of the witness.

        Raises:
            Absent: `no-witness`, when there is none here.
            StorageError: `witness-damaged`, when the file is not ours.
        """
        try:
            return _parse_identity(self._disk.read(self._identity_file))
        except FileNotFoundError as error:
            raise Absent(
                "no-witness",
                f"Nella cartella {self.path} non c'è un testimone: farlo con `pista witness init"
                f" {self.path} --name NOME`.",
            ) from error
        except (ValueError, Unreadable) as error:
            raise _damaged(self._identity_file) from error

    def set_log(self, entry: LogEntry) -> None:
        """Let the witness cosign a log, with these keys from now on; what it cosigned stays.

        States are made for a log that was never named here, and for no other.

        Raises:
            Unreadable: `witnessed-log-unreadable`, when it could not be read back, or has no key.
            NotVerified: `key-unsound`, for a key under which anything would verify.
            StorageError: as the disk says.
        """
        data = format_entry(entry)
        folder = self._folder(entry.origin)
        self._disk.make_folder(folder)
        with self._disk.lock(folder / "log.lock", self._patience_seconds):
            if not (self._has(folder / "log") or self._has(folder / "log.dropped")):
                for state in (folder / "state", folder / "rescan"):
                    self._file(state, entry.origin).create()
            replace(self._disk, folder / "log", data)

    def drop_log(self, origin: str) -> None:
        """Let the witness no longer cosign a log.

        Raises:
            Absent: `log-not-witnessed`.
        """
        folder = self._folder(origin)
        try:
            self._disk.rename(folder / "log", folder / "log.dropped")
            self._disk.sync(folder)
        except FileNotFoundError as error:
            raise Absent(
                "log-not-witnessed",
                f"Questo testimone non firma per il registro {origin}: vedere `pista witness show"
                f" {self.path}`.",
            ) from error

    def find(self, origin: str) -> KeptLog | None:
        """Return the log of an origin, None when the operator named none.

        Raises:
            StorageError: `witness-damaged`, when what he said of it cannot be read.
        """
        return self.find_by_hash(_hash_of(origin))

    def find_by_hash(self, digest: str) -> KeptLog | None:
        """Return the log whose origin has this SHA-256, in lower-case hex; raises as `find`."""
        if not _HEX.fullmatch(digest):
            return None
        folder = self.path / "logs" / digest
        try:
            entry = parse_entry(self._disk.read(folder / "log"))
        except FileNotFoundError:
            return None
        except (OSError, Unreadable) as error:
            raise _damaged(folder / "log") from error
        if _hash_of(entry.origin) != digest:
            raise _damaged(folder / "log")
        state, rescan = (self._file(folder / name, entry.origin) for name in ("state", "rescan"))
        return KeptLog(entry, folder, state, rescan, self._disk)

    def logs(self) -> Iterator[KeptLog]:
        """Yield the logs, by origin; raises as `find`."""
        names = self._disk.names(self.path / "logs")
        found = [log for log in map(self.find_by_hash, names) if log is not None]
        yield from sorted(found, key=lambda log: log.origin)

    @property
    def _identity_file(self) -> Path:
        return self.path / "witness"

    def _has(self, path: Path) -> bool:
        try:
            self._disk.read(path)
        except FileNotFoundError:
            return False
        return True

    def _folder(self, origin: str) -> Path:
        return self.path / "logs" / _hash_of(origin)

    def _file(self, path: Path, origin: str) -> HeadFile:
        """Return the one object of a file, which remembers what it has seen."""
        made = HeadFile(path, origin, self._disk, self._patience_seconds)
        return self._files.setdefault(path, made)


def _parse_identity(data: bytes) -> Identity:
    match data.decode("utf-8").split("\n"):
        case [header, name, made_at, ""] if header == _HEADER:
            verifier_key(name, COSIGNATURE_V1, bytes(32))
            return Identity(name, parse_time(made_at))
    message = "not the file of a witness"
    raise ValueError(message)


def _hash_of(origin: str) -> str:
    return hashlib.sha256(origin.encode("utf-8", "surrogatepass")).hexdigest()


def _damaged(path: Path) -> StorageError:
    return StorageError(
        "witness-damaged",
        f"{path} non si può leggere: rimettere il file com'era, o scriverlo come dice"
        " `ledger/transparency/witness_folder.py`. Gli stati che ha accanto non si toccano.",
    )
