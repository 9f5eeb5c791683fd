"""The only place where the parts are joined: a home on disk becomes an open ledger.

with open_ledger(home) as opened:
    opened.ledger.record(envelope)
    opened.views.interventions()
"""

from __future__ import annotations

import base64
import secrets
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from api.evidence import JournalEvidence
from api.home import read_part
from api.machine import boot_id, now, uptime
from api.policies import Policies
from ledger.application.door import Ledger
from ledger.application.judge import PlaceJudge
from ledger.errors import StorageError
from ledger.fsck.published_check import Published
from ledger.fsck.subject import Subject
from ledger.fsck.views_check import Views
from ledger.journal.anchor import FileAnchor
from ledger.journal.clock import ClockFile, ClockGuard
from ledger.journal.journal import Journal
from ledger.journal.note import Ed25519NoteSigner
from ledger.journal.opening import open_recorder
from ledger.journal.opening_tables import tables_of
from ledger.journal.sequencer import Sequencer
from ledger.records import load_law
from ledger.signing.certificates import CA, open_ca
from ledger.signing.signer import open_signer
from ledger.transparency.kept_checkpoints import KeptCheckpoints
from ledger.transparency.kept_stamps import KeptStamps
from ledger.vault.folder import FolderVault
from ledger.vault.inspection import Inspection
from ledger.vault.vaultkey import read_vault_key
from ledger.views.adopted import LawOfLedger
from ledger.views.failures import store_failures
from ledger.views.migrating import migrate
from ledger.views.opening import open_views
from ledger.views.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from api.home import Home, Settings
    from ledger.domain.law import Law
    from ledger.journal.recorder import JournalRecorder
    from ledger.views.migrating import Plan
    from ledger.views.store import ViewStore

BUSY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Reading:
    """A ledger open for reading: journal, views, vault, evidence."""

    home: Home
    settings: Settings
    adopted: LawOfLedger
    journal: Journal
    vault: FolderVault
    views: ViewStore
    runner: Runner
    evidence: JournalEvidence

    @property
    def law(self) -> Law:
        """The law of the ledger now: the tables of the program, and what was adopted over them."""
        return self.adopted.now()


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


def clock_of(home: Home) -> ClockGuard:
    """Return the clock of this machine, guarded by what the home remembers of it."""
    return ClockGuard(now, uptime, ClockFile(home.clock, boot_id()))


@contextmanager
def open_reading(home: Home) -> Iterator[Reading]:
    """Open a ledger for reading.

    Raises:
        Absent: `no-ledger`.
        StorageError: when a file of the home is missing or damaged, and when a store fails, here
            or in the body of the `with`.
    """
    with store_failures(), ExitStack() as stack:
        reading, _ = _opened(home, BUSY_SECONDS, stack)
        yield reading


@contextmanager
def open_ledger(
    home: Home, busy_seconds: float = BUSY_SECONDS, clock: Callable[[], datetime] | None = None
) -> Iterator[Opened]:
    """Open a ledger for writing; another writer is waited for during `busy_seconds`.

    Without a `clock` of its own it is that of the machine, guarded.

    Raises:
        Absent: `no-ledger`.
        Busy: `ledger-busy`, when another process kept the store for longer.
        Frozen: when store and anchor contradict each other, or the clock is not to be believed.
        StorageError: as `open_reading`.
    """
    with store_failures(), ExitStack() as stack:
        reading, recorder = _opened(home, busy_seconds, stack)
        judge = PlaceJudge(reading.journal, load_law(), lambda: reading.settings.body)
        signer = log_signer(home, reading.settings.origin)
        guard = clock_of(home)
        sequencer = Sequencer(recorder, signer, FileAnchor(home.anchor), clock or guard, judge)
        if clock is None and sequencer.last_received_at is not None:
            guard.check_log(sequencer.last_received_at)
        ledger = Ledger(
            journal=reading.journal,
            sequencer=sequencer,
            judge=judge,
            vault=reading.vault,
            clock=now,
            random=secrets.token_bytes,
        )
        certificate = read_part(home.keys / "ca.crt").decode("ascii", "replace")
        ca = open_ca(home.keys / "ca.pem", certificate)
        parts = {field.name: getattr(reading, field.name) for field in fields(Reading)}
        yield Opened(**parts, ledger=ledger, ca=ca)


def make_stores(home: Home, settings: Settings) -> None:
    """Make journal and views of a new ledger where the settings say.

    Raises:
        StorageError: `already-there`, when that journal holds this ledger already.
        PistaError: when the stores cannot be used.
    """
    with store_failures():
        address = home.journal_address(settings)
        with closing(open_recorder(address, settings.origin, create=True)) as recorder:
            if recorder.head().position:
                raise StorageError(
                    "already-there",
                    f"{address} contiene già il registro {settings.origin}: usare la cartella con"
                    " cui fu fondato, o indicare un altro archivio con --database.",
                )
        open_views(home.views_address(settings), settings.origin, create=True).close()


def subject_of(home: Home) -> Subject:
    """Return the ledger of a home as `pista fsck` examines it; nothing is opened yet.

    Raises:
        Absent: `no-ledger`.
        StorageError, ShapeError: when the settings cannot be read.
    """
    settings = home.read_settings()
    address, busy = home.journal_address(settings), BUSY_SECONDS

    @contextmanager
    def views() -> Iterator[Views]:
        with store_failures(), ExitStack() as stack:
            recorder = open_recorder(address, settings.origin, busy_seconds=busy)
            stack.callback(recorder.close)
            store = open_views(home.views_address(settings), settings.origin)
            stack.callback(store.close)
            yield Views(store, Journal(recorder), load_law())

    @contextmanager
    def published() -> Iterator[Published]:
        with store_failures(), ExitStack() as stack:
            recorder = open_recorder(address, settings.origin, busy_seconds=busy)
            stack.callback(recorder.close)
            journal = Journal(recorder)
            in_use = read_part(home.policy)
            policies = Policies(journal, LawOfLedger(journal, load_law()), home.policy, in_use)
            yield Published(home.public_log, journal, policies.at, in_use)

    return Subject(
        origin=settings.origin,
        source=tables_of(address, settings.origin, busy),
        anchor=FileAnchor(home.anchor),
        kept=home.kept,
        vault=lambda: Inspection(home.vault, read_vault_key(home.vault_key)),
        views=views,
        published=published if home.public_log.is_dir() else None,
    )


def migrate_stores(home: Home, *, is_rehearsal: bool = False) -> list[Plan]:
    """Bring the tables of a ledger to the version of the program; see `ledger.views.migrating`.

    Raises:
        Absent: `no-ledger`.
        StorageError: `schema-newer` or `views-newer`, and when a store fails.
    """
    settings = home.read_settings()
    with store_failures():
        journal, views = home.journal_address(settings), home.views_address(settings)
        return migrate(journal, views, is_rehearsal=is_rehearsal)


def _opened(home: Home, busy_seconds: float, stack: ExitStack) -> tuple[Reading, JournalRecorder]:
    """Open the stores of a home; the stack closes what was opened, whatever fails after."""
    settings = home.read_settings()
    law = load_law()
    address = home.journal_address(settings)
    recorder = open_recorder(address, settings.origin, busy_seconds=busy_seconds)
    stack.callback(recorder.close)
    views = open_views(home.views_address(settings), settings.origin)
    stack.callback(views.close)
    journal = Journal(recorder)
    vault = FolderVault(home.vault, read_vault_key(home.vault_key))
    adopted = LawOfLedger(journal, law)
    evidence = JournalEvidence(
        journal,
        FileAnchor(home.anchor),
        vault,
        log_signer(home, settings.origin),
        kept=KeptCheckpoints(home.public_log),
        policies=Policies(journal, adopted, home.policy, read_part(home.policy)),
        stamps=KeptStamps(home.public_log),
        ca=read_part(home.keys / "ca.crt"),
    )
    runner = Runner(journal, views, law)
    reading = Reading(home, settings, adopted, journal, vault, views, runner, evidence)
    return reading, recorder
