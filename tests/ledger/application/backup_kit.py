"""A small ledger to back up: real stores, sequencer and vault; events are bare JWS that name objects.

    small = SmallLedger.make(tmp_path / "home")
    commit = small.put(b"determina")            an object in the vault, named by an event
    small.erase(commit)                         content-erased/1, then the vault
    made = small.backup(tmp_path / "copies")

What its events mean does not matter here: a backup looks at payloads, never at the catalogue.
"""

from __future__ import annotations

import base64
import hashlib
import io
import itertools
import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ledger.application.backup import Made, Source, make_backup
from ledger.application.restore import Known, Restored, restore
from ledger.journal.anchor import FileAnchor
from ledger.journal.batch import Candidate, Receipt
from ledger.journal.policy import Log, Policy, format_policy
from ledger.journal.sqlite import SQLiteRecorder
from ledger.signing.envelope import StreamClaim
from ledger.vault.folder import FolderVault
from ledger.vault.vaultkey import VaultKey, format_vault_key
from tests.ledger.journal.sequencer_kit import ORIGIN, SIGNER, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from ledger.application.backup_form import Description
    from ledger.journal.anchor import AnchorState
    from ledger.journal.recorder import JournalRecorder
    from ledger.journal.sequencer import Sequencer

NOW = datetime(2026, 9, 21, 13, 0, 0, 250, tzinfo=UTC)
VAULT_KEY = VaultKey(bytes(range(32)))
FILES = {
    "ledger.json": b'{"body":"c_e506","origin":"%s","remarks":[]}\n' % ORIGIN.encode(),
    "policy.txt": format_policy(Policy((Log(SIGNER.key),), (), (), "none")),
    "keys/ca.crt": b"-----BEGIN CERTIFICATE-----\n",
}
KEYS = {
    "keys/log.pem": b"the key of the log\n",
    "keys/ca.pem": b"the key of the authority\n",
    "vault.key": format_vault_key(VAULT_KEY),
}


def base64url(data: bytes) -> bytes:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def jws(payload: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """Return signing input and envelope of a payload, under a signature of nobody."""
    text = base64url(b'{"alg":"none"}') + b"." + base64url(json.dumps(payload).encode())
    return text, text + b"." + base64url(hashlib.sha512(text).digest())


def text_of(commit: bytes) -> str:
    """Return a commitment as events name it."""
    return base64.b64encode(commit).decode("ascii")


def silent(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""


def unsigned(
    _folder: Path, _description: Description, _told: Callable[[str, int, int], None]
) -> int:
    """Examine nothing: the envelopes of these logs are made up."""
    return 0


def unprepared(_folder: Path, _description: Description) -> None:
    """Prepare nothing."""


@dataclass
class SmallLedger:
    """A ledger in a folder, and the one who writes in it."""

    home: Path
    recorder: JournalRecorder
    anchor: FileAnchor
    sequencer: Sequencer
    vault: FolderVault
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    @classmethod
    @contextmanager
    def make(cls, home: Path, recorder: JournalRecorder | None = None) -> Iterator[SmallLedger]:
        """Begin a ledger with one event, or open the one that is there."""
        home.mkdir(exist_ok=True)
        recorder = recorder or SQLiteRecorder(home / "ledger.sqlite", ORIGIN, create=True)
        anchor = FileAnchor(home / "anchor")
        vault = FolderVault(home / "vault", VAULT_KEY)
        small = cls(home, recorder, anchor, opened(recorder, anchor), vault)
        small.record()
        yield small
        recorder.close()

    def record(
        self, objects: Sequence[bytes] = (), type_: str = "thing-done/1", **data: object
    ) -> Receipt:
        """Record an event that names objects."""
        event_id = f"{self.recorder.head().position}-{next(self.numbers)}"
        payload = {
            "type": type_,
            "id": event_id,
            "objects": [{"name": "a", "commit": text_of(commit)} for commit in objects],
            "data": data,
        }
        signing_input, raw = jws(payload)
        end = self.sequencer.journal.stream_head("cup/1")
        claim = StreamClaim("cup/1", end[0], end[2]) if end else StreamClaim("cup/1", 0, None)
        size = self.sequencer.journal.size
        basis = size, self.sequencer.journal.root_at(size)
        candidate = Candidate(
            raw, event_id, type_, signing_input, (claim,), *basis, kid="key", token=None
        )
        return self.sequencer.submit(candidate)

    def put(self, content: bytes) -> bytes:
        """Keep an object and record an event that names it; return its commitment."""
        stored = self.vault.put(io.BytesIO(content), "application/pdf")
        self.record([stored.commit])
        return stored.commit

    def erase(self, commit: bytes) -> None:
        """Record an erasure, then do it."""
        self.record(type_="content-erased/1", commits=[text_of(commit)])
        self.vault.erase(commit)

    def source(self, files: Mapping[str, bytes] | None = None) -> Source:
        """Return what is backed up."""
        return Source(
            recorder=self.recorder,
            anchor=self.anchor,
            signer=SIGNER,
            vault=self.home / "vault",
            vault_key=VAULT_KEY,
            folders={name: self.home / name for name in ("outbox", "log/checkpoints")},
            files=FILES if files is None else files,
        )

    def backup(
        self, into: Path, files: Mapping[str, bytes] | None = None, now: datetime = NOW
    ) -> Made:
        """Make a backup."""
        return make_backup(self.source(files), into, now)


def restored(
    folder: Path,
    home: Path,
    anchor: AnchorState | None = None,
    later: JournalRecorder | None = None,
) -> Restored:
    """Restore without views."""
    return restore(folder, home, Known(anchor, later), unprepared, silent)


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
