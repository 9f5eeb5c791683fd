"""The desk of a signer, and opening a hand over an open ledger by a key such as `file:keys/rup.pem`.

    outbox/<event id>.jws   <event id>.receipt   <key id>.checkpoint

Source: FORMATS section 5; EXPERIENCE section 6.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from api.client.scribe import Scribe
from ledger.journal.policy import parse_policy
from ledger.signing.signer import open_signer

if TYPE_CHECKING:
    from api.app import Opened
    from ledger.signing.signer import Signer

PASSWORD = "PISTA_KEY_PASSWORD"  # noqa: S105  the name of a setting


@dataclass(frozen=True, slots=True)
class Desk:
    """Where one signer keeps envelopes, receipts and the last checkpoint seen."""

    folder: Path

    def envelope_file(self, event_id: str) -> Path:
        """Return where the signed envelope of an event is kept."""
        return self.folder / f"{event_id}.jws"

    def receipt_file(self, event_id: str) -> Path:
        """Return where its receipt is kept."""
        return self.folder / f"{event_id}.receipt"

    def head_file(self, kid: str) -> Path:
        """Return where the last checkpoint that a key has verified is kept."""
        return self.folder / f"{kid}.checkpoint"


def key_password() -> bytes | None:
    """Return the password of key files: PISTA_KEY_PASSWORD, or the file PISTA_KEY_PASSWORD_FILE."""
    if f"{PASSWORD}_FILE" in os.environ:
        return Path(os.environ[f"{PASSWORD}_FILE"]).read_bytes().rstrip(b"\n")
    value = os.environ.get(PASSWORD)
    return None if value is None else value.encode()


def read_signer(uri: str, folder: Path | None = None) -> Signer:
    """Return the signer of a URI; relative paths are looked up beside `folder` first."""
    path = uri.removeprefix("file:")
    if not uri.startswith("pkcs11:") and folder is not None and not Path(path).is_absolute():
        beside = folder / path
        if beside.exists():
            uri = f"file:{beside}"
    return open_signer(uri, key_password())


def open_scribe(opened: Opened, uri: str, folder: Path | None = None) -> Scribe:
    """Return the scribe of a key over an open ledger."""
    policy = parse_policy(opened.home.policy.read_bytes())
    signer = read_signer(uri, folder)
    return Scribe(opened.ledger, signer, policy, Desk(opened.home.outbox))
