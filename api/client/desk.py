"""Opening a signer's hand over an open ledger, from a key URI such as `file:keys/rup.pem`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from api.client.scribe import Desk, Scribe
from ledger.journal.policy import parse_policy
from ledger.signing.signer import open_signer

if TYPE_CHECKING:
    from api.app import Opened
    from ledger.signing.signer import Signer

PASSWORD = "PISTA_KEY_PASSWORD"  # noqa: S105  the name of a setting


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
