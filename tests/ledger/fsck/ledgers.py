"""Ledgers to be examined: honest ones, made once, and copies of them that may be spoiled.

    ledger = copied(made, tmp_path)         a copy of one's own
    ledger.execute("UPDATE event SET type = ? WHERE position = ?", "x/1", 3)
    report = ledger.examine()
    report.findings

Vault, anchor, kept checkpoint and views are files; the tables are in any store (stores.py).
"""

from __future__ import annotations

import shutil
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from ledger.fsck.examine import examine
from ledger.fsck.subject import Asked, Report, Subject
from ledger.fsck.views_check import Views
from ledger.journal.anchor import FileAnchor
from ledger.journal.journal import Journal
from ledger.journal.note import Ed25519NoteSigner
from ledger.journal.sequencer import Sequencer
from ledger.records import load_law
from ledger.signing.algorithms import ed25519_public, sign_ed25519
from ledger.signing.certificates import build_ca
from ledger.vault.folder import FolderVault
from ledger.vault.inspection import Inspection
from ledger.vault.vaultkey import VaultKey
from ledger.views.failures import store_failures
from ledger.views.runner import Runner
from ledger.views.sqlite import SQLiteViewStore
from tests.exporters.ledger_fixture import CUP, enrol_people, found, tell_story
from tests.exporters.ledger_writer import (
    ACCOUNTANT,
    ADMINISTRATOR,
    DEPUTY,
    ORIGIN,
    PUBLISHER,
    RUP,
    START,
    Clock,
    Ledger,
    PassThrough,
    counted_octets,
    octets,
    p256,
)
from tests.ledger.fsck.stores import SQLiteStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ledger.fsck.finding import Finding
    from ledger.fsck.subject import Told
    from ledger.journal.recorder import JournalRecorder
    from ledger.journal.tables import TableSource
    from tests.ledger.fsck.stores import Store

LAW = load_law()
SEED = octets("log key")
NOTE_SIGNER = Ed25519NoteSigner(
    ORIGIN, lambda message: sign_ed25519(SEED, message), ed25519_public(SEED)
)
VAULT_KEY = VaultKey(octets("vault"))


def untold(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""


@dataclass
class Made:
    """A ledger on disk: its store, and vault, anchor, views and kept checkpoint in a folder."""

    folder: Path
    store: Store
    origin: str = ORIGIN
    jobs: int = 1
    told: Told = field(default=untold)
    kept_name: str = "fsck.kept"

    @property
    def vault(self) -> Path:
        """Where the vault is."""
        return self.folder / "vault"

    @property
    def kept(self) -> Path:
        """Where the kept checkpoint is."""
        return self.folder / self.kept_name

    @property
    def anchor(self) -> Path:
        """Where the anchor is."""
        return self.folder / "anchor"

    def execute(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Run one statement in the store."""
        return self.store.execute((statement, values))

    def inspection(self) -> Inspection:
        """Look at the vault."""
        return Inspection(self.vault, VAULT_KEY)

    def open_vault(self) -> FolderVault:
        """Open the vault for work."""
        return FolderVault(self.vault, VAULT_KEY)

    @contextmanager
    def views(self) -> Iterator[Views]:
        """Open the views."""
        with (
            store_failures(),
            closing(self.store.recorder(self.origin)) as recorder,
            closing(SQLiteViewStore(self.folder / "views.sqlite", self.origin)) as views,
        ):
            yield Views(views, Journal(recorder), LAW)

    def root_at(self, size: int) -> bytes:
        """Return the root of the first leaves."""
        with closing(self.store.recorder(self.origin)) as recorder:
            return Journal(recorder).root_at(size)

    def examine(
        self,
        *,
        from_kept: bool = False,
        with_vault: bool | Callable[[], Inspection] = False,
        with_views: bool = False,
        repair: bool = False,
    ) -> Report:
        """Examine it; vault and views when they are asked for."""
        vault = with_vault if callable(with_vault) else self.inspection
        subject = Subject(
            self.origin,
            self.store.source(self.origin),
            FileAnchor(self.anchor),
            self.kept,
            vault if with_vault else None,
            self.views if with_views else None,
        )
        return examine(subject, Asked(self.jobs, from_kept, repair), self.told)


def examined(of: Made | Subject, source: TableSource | None = None) -> Report:
    """Examine a subject, or a ledger over another source."""
    if isinstance(of, Made):
        of = Subject(
            of.origin,
            source or of.store.source(of.origin),
            FileAnchor(of.anchor),
            of.kept,
            None,
            None,
        )
    return examine(of, Asked(), untold)


def begin(folder: Path, recorder: JournalRecorder) -> tuple[Ledger, FolderVault]:
    """Found a ledger with its people; return who writes to it, and its vault."""
    clock = Clock()
    anchor = FileAnchor(folder / "anchor")
    sequencer = Sequencer(recorder, NOTE_SIGNER, anchor, clock, PassThrough())
    ledger = Ledger(sequencer, clock, build_ca(p256("ca"), ORIGIN, START, 1))
    vault = FolderVault(folder / "vault", VAULT_KEY, random=counted_octets("vault"))
    found(ledger, NOTE_SIGNER.vkey, f"log {NOTE_SIGNER.vkey}\nquorum none\n".encode())
    enrol_people(ledger)
    return ledger, vault


def make(
    folder: Path, store: Store, write: Callable[[Ledger, FolderVault], None] = tell_story
) -> Made:
    """Make a ledger in an empty folder and an empty store, and its views."""
    with closing(store.recorder(ORIGIN)) as recorder:
        write(*begin(folder, recorder))
    made = Made(folder, store)
    with made.views() as views:
        Runner(views.journal, views.store, LAW).catch_up()
    return made


def copied(made: Made, folder: Path) -> Made:
    """Return a copy in a folder that is not there yet."""
    shutil.copytree(made.folder, folder, ignore=shutil.ignore_patterns("ledger.sqlite*", "grown-*"))
    return Made(folder, made.store.copy(folder), made.origin)


@contextmanager
def begin_again(made: Made) -> Iterator[Ledger]:
    """Open a ledger for writing: the people have the keys that they had at the end of the story."""
    with closing(made.store.recorder(made.origin)) as recorder:
        clock = Clock()
        clock.now += timedelta(days=300)
        sequencer = Sequencer(recorder, NOTE_SIGNER, FileAnchor(made.anchor), clock, PassThrough())
        ledger = Ledger(sequencer, clock, build_ca(p256("ca"), ORIGIN, START, 1))
        for actor in (ADMINISTRATOR, DEPUTY, ACCOUNTANT, PUBLISHER):
            ledger.holders[actor] = ledger.enter(actor, "first")
        ledger.holders[RUP] = ledger.enter(RUP, "second")
        ledger.recorded = 100_000
        yield ledger


def rerecorded(folder: Path) -> Made:
    """Return a ledger of the same origin and people that tells less."""
    folder.mkdir()
    return make(folder, SQLiteStore(folder / "ledger.sqlite"), tell_again)


def tell_again(ledger: Ledger, vault: FolderVault) -> None:
    """Tell the story, all of it an hour later."""
    ledger.clock.now += timedelta(hours=1)
    tell_story(ledger, vault)


def tell_more(ledger: Ledger, vault: FolderVault) -> None:
    """Tell the story, and attach documents until two tiles are full."""
    tell_story(ledger, vault)
    while ledger.journal.size < 540:
        number = ledger.journal.size
        data = {"doc": f"r{number}.txt", "kind": "altro", "form": "solo-elettronico"}
        day = date(2026, 2, 28)
        ledger.record(RUP, "document-attached/1", [f"cup/{CUP}"], data, role="rup", on=day)


def places(findings: list[Finding]) -> list[str]:
    """Return where the findings are, in their order."""
    return [f"{one.code} {one.place}" for one in findings]
