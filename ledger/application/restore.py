"""Restore: a ledger as a backup holds it, in a home that has none.

    restored = restore(Path("copies/lecce_1291_..."), Path("var"), Known(anchor), prepare, told)

Everything is copied into `restore.tmp` inside the home, compared there and made ready (`prepare`:
settings, views, or another store), and moved into place at the end (placing.py): until then the home
is no ledger, and a restore that was cut off is simply done again.

The anchor is never copied back. It is only looked at: when it stands at more than the backup holds,
registrations are lost and the ledger opens for reading alone, until a person decides; when it
contradicts the backup, nothing is put in place. Objects that the log erased by law do not come back;
a backup does not know of erasures after it was made, so a later log of the same ledger (`later`) can
be given, from which they are read.

Source: design FORMATS section 5, step 4; EXPERIENCE section 3.
"""

from __future__ import annotations

from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.application.backup_form import DESCRIPTION, JOURNAL, SECRETS, SETTINGS
from ledger.application.backup_reading import open_backup, stage_log, stage_rest
from ledger.application.contents import erased_between
from ledger.application.placing import STAGED, WORK, check_free, place, take_back, units
from ledger.application.work_folder import claimed, clear, sync_all
from ledger.errors import Conflict, Frozen, NotVerified, StorageError
from ledger.journal.journal import Journal
from ledger.journal.snapshot import open_snapshot
from ledger.vault.durable import make_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ledger.application.backup_form import Description
    from ledger.application.backup_reading import Backup
    from ledger.journal.anchor import AnchorState
    from ledger.journal.recorder import JournalRecorder

    Told = Callable[[str, int, int], None]
    Prepare = Callable[[Path, Description], None]  # the folder that is to become the home


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the ledger beside the backup: its anchor, and a later log of it."""

    anchor: AnchorState | None = None
    later: JournalRecorder | None = None


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put in place, and what a person has to do yet.

    `lost` counts positions that the anchor knows and the backup lacks, None without an anchor;
    `absent` are objects, with the code; `erased` counts files left out because of erasures;
    `secrets` are key files that are not there.
    """

    description: Description
    lost: int | None
    absent: tuple[tuple[bytes, str], ...]
    erased: int
    secrets: tuple[str, ...]


def restore(folder: Path, home: Path, known: Known, prepare: Prepare, told: Told) -> Restored:
    """Put the backup in a folder in place as the ledger of a home, and say what is left to do.

    Raises:
        Busy: when another program restores there (`work-busy`).
        Conflict: when the home has a ledger (`already-there`), or other things where it is to be
            (`restore-in-the-way`).
        Frozen: when the anchor contradicts the backup (`store-forked`).
        NotVerified, Unreadable, StorageError: as backup_reading.py; `later-differs`.
        StorageError: when the disk refuses (`restore-not-written`).
    """
    check_no_ledger(home)
    backup = open_backup(folder)
    with written(home), _made(home), claimed(home / WORK) as work:
        try:
            check_no_ledger(home)
            take_back(work, home)
            return _restore(backup, work, home, known, prepare, told)
        except BaseException:
            take_back(work, home)
            raise
        finally:
            with suppress(OSError):
                clear(work)
                work.rmdir()


def lost_after(journal: Journal, anchor: AnchorState) -> int:
    """Return how many positions an anchor knows that the log of a backup lacks.

    Raises:
        Frozen: when their trees differ (`store-forked`).
    """
    if anchor.size > journal.size:
        return anchor.size - journal.size
    if journal.root_at(anchor.size) != anchor.root:
        raise Frozen(
            "store-forked",
            f"Le prime {anchor.size} foglie della copia non sono quelle dell'ancora: la copia non è"
            " di questo registro, o non è quella vera. Nulla è stato messo al suo posto: una"
            " persona deve stabilire quale è quella vera.",
        )
    return 0


def erased_later(journal: Journal, later: JournalRecorder) -> set[bytes]:
    """Return what a later log of the same ledger erased after the end of this one.

    Raises:
        NotVerified: when the other log does not go on from this one (`later-differs`).
    """
    size, root = journal.size, journal.root_at(journal.size)
    known = later.head().position
    if known < size or Journal(later).root_at(size) != root:
        raise NotVerified(
            "later-differs",
            f"Il registro da cui leggere le cancellazioni ({known} posizioni) non è la continuazione"
            f" della copia ({size}): indicare quello giusto.",
        )
    return erased_between(later, size, known)


def check_no_ledger(home: Path) -> None:
    """Refuse a home that is a ledger.

    Raises:
        Conflict: `already-there`.
    """
    if (home / SETTINGS).exists():
        raise Conflict(
            "already-there",
            f"Nella cartella {home} c'è già un registro, che non si sovrascrive: indicare un'altra"
            " cartella con --ledger, o spostare quella.",
        )


def _restore(  # noqa: PLR0913, PLR0917  what `restore` was given, and where it works
    backup: Backup, work: Path, home: Path, known: Known, prepare: Prepare, told: Told
) -> Restored:
    check_free(home, units(backup.digests.keys() - {DESCRIPTION}), backup.folder)
    aside = work / STAGED
    contents = stage_log(backup, aside, told)
    with closing(open_snapshot(aside / JOURNAL, backup.description.origin)) as recorder:
        journal = Journal(recorder)
        lost = None if known.anchor is None else lost_after(journal, known.anchor)
        if known.later is not None:
            contents.erased |= erased_later(journal, known.later)
    staged = stage_rest(backup, aside, contents, told, secrets=True)
    prepare(aside, backup.description)
    sync_all(aside)
    place(work, home)
    secrets = tuple(name for name in SECRETS if not (home / name).exists())
    return Restored(backup.description, lost, staged.absent, staged.erased, secrets)


@contextmanager
def _made(home: Path) -> Iterator[None]:
    """Make the home when it is not there, and take it away again when nothing came into it."""
    is_new = not home.exists()
    make_folder(home)
    try:
        yield
    finally:
        if is_new:
            with suppress(OSError):
                home.rmdir()


@contextmanager
def written(home: Path) -> Iterator[None]:
    """Raise our error in place of that of the system."""
    try:
        yield
    except OSError as error:
        about = f" ({error.filename})" if error.filename else ""
        raise StorageError(
            "restore-not-written",
            f"La copia di riserva non si può rimettere in {home}: {error.strerror or error}{about}."
            " Controllare spazio e permessi, poi ripetere: nulla è stato messo al suo posto.",
        ) from error
