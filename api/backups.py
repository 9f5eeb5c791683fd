"""Backup and restore of a home: the parts of a home joined for ledger.application.

    with backup_source(home, with_keys=False) as source: make_backup(source, folder, now(), told)
    restore_home(folder, home, Beside(), told)
    prove_backup(folder, home, told)

Source: EXPERIENCE section 3; what is in a home, api/home.py.
"""

from __future__ import annotations

import tempfile
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import unquote

from api.app import log_signer
from api.home import Home, check_stored_url, parse_settings, read_part
from ledger.application.backup import Source
from ledger.application.backup_form import (
    DESCRIPTION,
    HEADS,
    OUTBOX,
    POLICIES,
    SETTINGS,
    VAULT_KEY,
)
from ledger.application.examination import examine_log
from ledger.application.proof_of_restore import AtWork, Proven, prove
from ledger.application.restore import Known, Restored, restore
from ledger.errors import NotVerified, PistaError, ShapeError, StorageError, Unreadable
from ledger.journal.address import SQLiteFile
from ledger.journal.anchor import FileAnchor
from ledger.journal.copying import copy_rows
from ledger.journal.journal import Journal
from ledger.journal.opening import open_recorder
from ledger.journal.snapshot import allow_writers, open_snapshot
from ledger.records import load_law
from ledger.signing.key_file import read_key_file
from ledger.transparency.kept_checkpoints import KEPT_FOLDER
from ledger.vault.vaultkey import format_vault_key, read_vault_key
from ledger.views.failures import store_failures
from ledger.views.opening import open_views
from ledger.views.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from api.home import Settings
    from ledger.application.backup_form import Description
    from ledger.journal.anchor import AnchorState
    from ledger.journal.recorder import JournalRecorder
    from ledger.vault.vaultkey import VaultKey

    Told = Callable[[str, int, int], None]

T = TypeVar("T")

_SMALL_FILES: Final = (SETTINGS, "policy.txt", "keys/ca.crt")
_OTHER_FILES: Final = ("tsa.json", "tsa-ca.pem")  # which a ledger may not have
_KEY_FILES: Final = ("keys/log.pem", "keys/ca.pem")


@contextmanager
def backup_source(home: Home, *, with_keys: bool) -> Iterator[Source]:
    """Open a home to be backed up; with keys, those of the ledger are among its files.

    Raises:
        Absent: `no-ledger`.
        StorageError: when a file of the home is missing, damaged or exposed, and when a store
            fails, here or in the body of the `with`.
    """
    settings = home.read_settings()
    vault_key = read_vault_key(home.vault_key)
    files = {name: read_part(home.path / name) for name in _SMALL_FILES}
    others = (name for name in _OTHER_FILES if (home.path / name).exists())
    files |= {name: read_part(home.path / name) for name in others}
    if with_keys:
        files |= {name: read_key_file(home.path / name) for name in _KEY_FILES}
        files[VAULT_KEY] = format_vault_key(vault_key)
    address = home.journal_address(settings)
    with store_failures(), closing(open_recorder(address, settings.origin)) as recorder:
        yield Source(
            recorder=recorder,
            anchor=FileAnchor(home.anchor),
            signer=log_signer(home, settings.origin),
            vault=home.vault,
            vault_key=vault_key,
            folders={
                OUTBOX: home.outbox,
                HEADS: home.public_log / KEPT_FOLDER,
                POLICIES: home.policy.with_name(POLICIES),
            },
            files=files,
        )


def target_folder(text: str, home: Home) -> Path:
    """Return the folder that a path or a `file:` URL names, outside the home.

    Raises:
        ShapeError: `backup-target-unknown`, for another scheme; `backup-target-inside`.
    """
    if text.startswith("file:"):
        text = unquote(text.removeprefix("file:").removeprefix("//"))
    elif "://" in text:
        raise ShapeError(
            "backup-target-unknown",
            f"{text!r} non è una cartella: in questa versione le copie vanno in una cartella,"
            " indicata con il percorso o con file:///percorso.",
        )
    folder = Path(text)
    if folder.resolve().is_relative_to(home.path.resolve()):
        raise ShapeError(
            "backup-target-inside",
            f"La cartella {folder} è dentro il registro {home.path}, e si perderebbe con esso:"
            " indicarne una altrove, meglio su un altro disco.",
        )
    return folder


@dataclass(frozen=True, slots=True)
class Beside:
    """What a person says beside the backup.

    An anchor to compare with, a home or backup that is newer and tells of erasures, and where
    journal and views are to be (a URL, as in ledger.json).
    """

    anchor: Path | None = None
    erasures_from: Path | None = None
    database: str = ""


def restore_home(
    folder: Path, home: Home, beside: Beside, told: Told
) -> tuple[Restored, list[PistaError]]:
    """Restore a backup as the ledger of a home; return what is left to do, and what went amiss.

    Raises:
        PistaError: as `restore`; Unreadable `file-unreadable`, when the anchor given is no file.
        Conflict: `copy-differs`, when the database named holds other registrations.
    """
    check_stored_url(beside.database)
    amiss: list[PistaError] = []
    prepare = _preparing(home, beside.database, amiss)
    with store_failures(), _later(beside.erasures_from, home) as later:
        known = Known(_anchor(beside.anchor or home.anchor, named=beside.anchor is not None), later)
        return restore(folder, home.path, known, prepare, told), amiss


def prove_backup(folder: Path, home: Home, told: Told) -> tuple[Proven, list[PistaError]]:
    """Restore a backup aside, examine it, compare it with the ledger of a home if there is one.

    Raises:
        PistaError: as `prove`.
    """
    amiss: list[PistaError] = []
    with (
        store_failures(),
        tempfile.TemporaryDirectory(prefix="pista-prova-") as aside,
        _at_work(home, amiss) as at_work,
    ):
        path = Path(aside) / "home"
        prepare = _preparing(Home(path), "", amiss)
        return prove(folder, path, at_work, prepare, told, examine=examine_log), amiss


def _preparing(
    home: Home, database: str, amiss: list[PistaError]
) -> Callable[[Path, Description], None]:
    """Return what makes a restored folder a home whose stores are where it will look for them.

    Views that cannot be built are only noted: they are built again whenever the ledger is opened.
    """

    def prepare(path: Path, description: Description) -> None:
        aside = replace(home, path=path)
        settings = _write_settings(aside, description, database)
        for folder in (aside.outbox, aside.packages):
            folder.mkdir(exist_ok=True)
        _place_journal(aside, settings, description.size)
        try:
            _build_views(aside, settings)
        except PistaError as error:
            amiss.append(error)
            for left in path.glob(f"{aside.views.name}*"):
                left.unlink()

    return prepare


def _write_settings(aside: Home, description: Description, database: str) -> Settings:
    """Write the settings anew: where the stores of the old home were is not where these are."""
    try:
        settings = parse_settings(read_part(aside.settings_file))
    except ValueError as error:
        raise _differs(str(error)) from error
    if settings.origin != description.origin:
        raise _differs(f"nomina il registro {settings.origin}")
    aside.settings_file.unlink()
    settings = replace(settings, database=database)
    aside.write_settings(settings)
    return settings


def _place_journal(aside: Home, settings: Settings, size: int) -> None:
    """Let the journal be written where it is, or copy its rows into the store that is named."""
    address, origin = aside.journal_address(settings), settings.origin
    if address == SQLiteFile(aside.database):
        allow_writers(aside.database)
        return
    with (
        store_failures(),
        closing(open_snapshot(aside.database, origin)) as source,
        closing(open_recorder(address, origin, create=True)) as target,
    ):
        copy_rows(source, target, size)
    aside.database.unlink()


def _build_views(aside: Home, settings: Settings) -> None:
    journal, views = aside.journal_address(settings), aside.views_address(settings)
    with (
        store_failures(),
        closing(open_recorder(journal, settings.origin)) as recorder,
        closing(open_views(views, settings.origin, create=True)) as store,
    ):
        Runner(Journal(recorder), store, load_law()).rebuild()


def _anchor(path: Path, *, named: bool) -> AnchorState | None:
    if named and not path.is_file():
        raise Unreadable("file-unreadable", f"L'ancora {path} non si può leggere: non c'è.")
    return FileAnchor(path).read()


@contextmanager
def _later(folder: Path | None, home: Home) -> Iterator[JournalRecorder | None]:
    """Lend the log of another home, or of another backup, None when none is named."""
    if folder is None:
        yield None
        return
    other = Home(folder, password_file=home.password_file)
    settings = other.read_settings()
    address = other.journal_address(replace(settings, database=""))
    if not (folder / DESCRIPTION).exists():
        address = other.journal_address(settings)
    with closing(open_recorder(address, settings.origin)) as recorder:
        yield recorder


@contextmanager
def _at_work(home: Home, amiss: list[PistaError]) -> Iterator[AtWork]:
    """Lend what there is of the ledger of a home; what cannot be used is noted and not lent."""

    def usable(read: Callable[[], T]) -> T | None:
        try:
            with store_failures():
                return read()
        except PistaError as error:
            amiss.append(error)
            return None

    if not home.settings_file.exists():
        yield AtWork()
        return
    settings = home.read_settings()
    recorder = usable(lambda: open_recorder(home.journal_address(settings), settings.origin))
    anchor, vault_key = usable(FileAnchor(home.anchor).read), _usable_key(home)
    with closing(recorder) if recorder else nullcontext():
        yield AtWork(recorder, anchor, vault_key)


def _usable_key(home: Home) -> VaultKey | None:
    with suppress(StorageError):
        return read_vault_key(home.vault_key)
    return None


def _differs(why: str) -> NotVerified:
    return NotVerified(
        "backup-differs",
        f"La copia di riserva si contraddice: {SETTINGS} {why}. Usare un'altra copia.",
    )
