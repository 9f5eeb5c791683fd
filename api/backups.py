"""Backup and restore of a home: the parts of a home joined for ledger.application.

    with backup_source(home, with_keys=False) as source: make_backup(source, folder, now(), told)
    restore_home(folder, home, options, told)
    prove_backup(folder, home, told)

Source: EXPERIENCE section 3; what is in a home, api/home.py.
"""

from __future__ import annotations

import tempfile
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import unquote

from api.app import log_signer
from api.home import Home, parse_settings, read_part
from ledger.application.backup import Source
from ledger.application.backup_form import JOURNAL, SETTINGS, VAULT_KEY
from ledger.application.proof_of_restore import AtWork, Proven, prove
from ledger.application.restore import Known, Restored, restore
from ledger.errors import Absent, NotVerified, PistaError, ShapeError, StorageError, Unreadable
from ledger.journal.anchor import FileAnchor
from ledger.journal.journal import Journal
from ledger.journal.snapshot import allow_writers
from ledger.journal.sqlite import SQLiteRecorder
from ledger.records import load_law
from ledger.signing.key_file import read_key_file
from ledger.vault.vaultkey import format_vault_key, read_vault_key
from ledger.views.failures import store_failures
from ledger.views.runner import Runner
from ledger.views.store import ViewStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ledger.application.backup_form import Description
    from ledger.journal.anchor import AnchorState
    from ledger.journal.recorder import JournalRecorder
    from ledger.vault.vaultkey import VaultKey

    Told = Callable[[str, int, int], None]

T = TypeVar("T")

_SMALL_FILES: Final = (SETTINGS, "policy.txt", "keys/ca.crt")
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
    if with_keys:
        files |= {name: read_key_file(home.path / name) for name in _KEY_FILES}
        files[VAULT_KEY] = format_vault_key(vault_key)
    with store_failures(), closing(SQLiteRecorder(home.database, settings.origin)) as recorder:
        yield Source(
            recorder=recorder,
            anchor=FileAnchor(home.anchor),
            signer=log_signer(home, settings.origin),
            vault=home.vault,
            vault_key=vault_key,
            outbox=home.outbox,
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
    """What a person gives beside the backup: an anchor, and a later log to read erasures from."""

    anchor: Path | None = None
    erasures_from: Path | None = None


def restore_home(
    folder: Path, home: Home, beside: Beside, told: Told
) -> tuple[Restored, list[PistaError]]:
    """Restore a backup as the ledger of a home; return what is left to do, and what went amiss.

    Raises:
        PistaError: as `restore`; Unreadable `file-unreadable`, when the anchor given is no file.
    """
    amiss: list[PistaError] = []
    with store_failures(), _later(beside.erasures_from) as later:
        known = Known(_anchor(beside.anchor or home.anchor, named=beside.anchor is not None), later)
        return restore(folder, home.path, known, _preparing(amiss), told), amiss


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
        return prove(folder, Path(aside) / "home", at_work, _preparing(amiss), told), amiss


def _preparing(amiss: list[PistaError]) -> Callable[[Path, Description], None]:
    """Return what makes a restored folder a home; what can be made up for later is only noted."""

    def prepare(aside: Path, description: Description) -> None:
        home = Home(aside)
        _write_settings(home, description)
        for folder in (home.outbox, home.packages):
            folder.mkdir(exist_ok=True)
        allow_writers(home.database)
        try:
            _build_views(home, description.origin)
        except PistaError as error:
            amiss.append(error)
            for path in aside.glob(f"{home.views.name}*"):
                path.unlink()

    return prepare


def _write_settings(home: Home, description: Description) -> None:
    """Write the settings anew: where the stores of the old home were is not where these are."""
    try:
        settings = parse_settings(read_part(home.settings_file))
    except ValueError as error:
        raise _differs(str(error)) from error
    if settings.origin != description.origin:
        raise _differs(f"nomina il registro {settings.origin}")
    home.settings_file.unlink()
    home.write_settings(settings)


def _build_views(home: Home, origin: str) -> None:
    with (
        store_failures(),
        closing(SQLiteRecorder(home.database, origin)) as recorder,
        closing(ViewStore(home.views, origin)) as views,
    ):
        Runner(Journal(recorder), views, load_law()).rebuild()


def _anchor(path: Path, *, named: bool) -> AnchorState | None:
    if named and not path.is_file():
        raise Unreadable("file-unreadable", f"L'ancora {path} non si può leggere: non c'è.")
    return FileAnchor(path).read()


@contextmanager
def _later(folder: Path | None) -> Iterator[JournalRecorder | None]:
    """Lend the log of another home, or of another backup, None when none is named."""
    if folder is None:
        yield None
        return
    settings = Home(folder).read_settings()
    with closing(SQLiteRecorder(folder / JOURNAL, settings.origin)) as recorder:
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

    settings = None
    with suppress(Absent):
        settings = home.read_settings()
    if settings is None:
        yield AtWork()
        return
    origin = settings.origin
    recorder = usable(lambda: SQLiteRecorder(home.database, origin))
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
