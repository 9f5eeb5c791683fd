"""The only place where the parts are joined: a home on disk becomes an open ledger.

with open_ledger(home) as opened:
    opened.ledger.record(envelope)
    opened.views.interventions()
"""

from __future__ import annotations

import base64
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from api.evidence import JournalEvidence
from ledger.application.door import Ledger
from ledger.application.judge import PlaceJudge
from ledger.journal.anchor import FileAnchor
from ledger.journal.journal import Journal
from ledger.journal.note import Ed25519NoteSigner
from ledger.journal.sequencer import Sequencer
from ledger.journal.sqlite import SQLiteRecorder
from ledger.records import load_law
from ledger.signing.certificates import CA, open_ca
from ledger.signing.signer import open_signer
from ledger.vault.folder import FolderVault
from ledger.vault.vaultkey import read_vault_key
from ledger.views.runner import Runner
from ledger.views.store import ViewStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.home import Home, Settings
    from ledger.domain.law import Law


def now() -> datetime:
    """Return the wall clock, aware, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Reading:
    """A ledger open for reading: journal, views, vault, evidence."""

    home: Home
    settings: Settings
    law: Law
    journal: Journal
    vault: FolderVault
    views: ViewStore
    runner: Runner
    evidence: JournalEvidence


@dataclass(frozen=True, slots=True)
class Opened(Reading):
    """A ledger open for writing too."""

    ledger: Ledger
    ca: CA


def log_signer(home: Home, origin: str) -> Ed25519NoteSigner:
    """Return the signer of checkpoints: the Ed25519 key of the log under its origin."""
    signer = open_signer(str(home.keys / "log.pem"))
    public = base64.urlsafe_b64decode(signer.jwk()["x"] + "=")
    return Ed25519NoteSigner(origin, signer.sign, public)


@contextmanager
def open_reading(home: Home) -> Iterator[Reading]:
    """Open a ledger for reading, its views caught up."""
    with _opened(home) as (reading, _):
        yield reading


@contextmanager
def open_ledger(home: Home) -> Iterator[Opened]:
    """Open a ledger for writing.

    Raises:
        Absent: `no-ledger`.
        Frozen: when store and anchor contradict each other.
    """
    with _opened(home) as (reading, recorder):
        judge = PlaceJudge(reading.journal, reading.law, lambda: reading.settings.body)
        signer = log_signer(home, reading.settings.origin)
        sequencer = Sequencer(recorder, signer, FileAnchor(home.anchor), now, judge)
        ledger = Ledger(
            journal=reading.journal,
            sequencer=sequencer,
            judge=judge,
            vault=reading.vault,
            clock=now,
            random=secrets.token_bytes,
        )
        certificate = (home.keys / "ca.crt").read_text(encoding="ascii")
        ca = open_ca(home.keys / "ca.pem", certificate)
        yield Opened(
            home=reading.home,
            settings=reading.settings,
            law=reading.law,
            journal=reading.journal,
            vault=reading.vault,
            views=reading.views,
            runner=reading.runner,
            evidence=reading.evidence,
            ledger=ledger,
            ca=ca,
        )


@contextmanager
def _opened(home: Home) -> Iterator[tuple[Reading, SQLiteRecorder]]:
    settings = home.read_settings()
    law = load_law()
    recorder = SQLiteRecorder(home.database, settings.origin, create=False)
    views = ViewStore(home.views, settings.origin)
    try:
        journal = Journal(recorder)
        vault = FolderVault(home.vault, read_vault_key(home.vault_key))
        evidence = JournalEvidence(
            journal,
            vault,
            log_signer(home, settings.origin),
            home.policy.read_bytes(),
            (home.keys / "ca.crt").read_bytes(),
        )
        runner = Runner(journal, views, law)
        yield Reading(home, settings, law, journal, vault, views, runner, evidence), recorder
    finally:
        views.close()
        recorder.close()
