"""Backup: the whole ledger as it was at one place in the log, while others go on writing.

    made = make_backup(source, Path("copies"), now)
    made.folder         copies/pnrr.comune.lecce.it_c_e506_1291_20261124T091203Z

What waits for the log, or tells of it, comes first (outbox, published heads), then the log, then what
the log names (vault): so a backup never holds a receipt for a registration that it lacks, nor a head
beyond its log, nor a registration without its documents. The log only grows, so the rows up to its
size are the ledger at that size for ever. When something was erased by law while documents were
copied, the log is taken again, so that the backup knows of it and holds it no more.

The copy is read back and rehashed, the anchor stands at it, and only then its checkpoint is signed
(FORMATS section 5 step 3): a ledger that contradicts its anchor has no new backup, which might push
out a good one. The folder gets its name last; until then it is `<origin>.incomplete`, and the next
backup clears it away. Neither anchor nor views are in a backup: the one must never come back, the
others are rebuilt.

Source: design EXPERIENCE section 3; FORMATS section 5.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.application.backup_form import (
    DESCRIPTION,
    JOURNAL,
    MANIFEST,
    VAULT,
    Description,
    digest_of,
    files_below,
    format_description,
    format_manifest,
    is_plain_name,
    slug,
)
from ledger.application.contents import Contents, erased_between
from ledger.application.work_folder import claimed, clear, sync_all
from ledger.errors import Absent, Conflict, StorageError
from ledger.journal.anchor import settle
from ledger.journal.checkpoint import sign_checkpoint
from ledger.journal.journal import Journal
from ledger.journal.rehash import rehash
from ledger.journal.snapshot import take_snapshot
from ledger.journal.sqlite import SQLiteRecorder
from ledger.transparency.public_files import DRAFT_PREFIX
from ledger.vault.copying import close_copy, copy_objects, lacking
from ledger.vault.durable import make_folder, sync_folder, write_new

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from ledger.journal.anchor import Anchor
    from ledger.journal.checkpoint import Checkpoint
    from ledger.journal.note import NoteSigner
    from ledger.journal.recorder import JournalRecorder
    from ledger.vault.vaultkey import VaultKey

    Told = Callable[[str, int, int], None]  # of what, how much of how much is done

_PASSES: Final = 3  # at the log, while things are being erased


@dataclass(frozen=True, slots=True)
class Source:
    """A ledger at work: its stores, what signs for it, its small files by their names.

    `folders` are copied as they are, each under its name in the backup; one that is not there is
    empty.
    """

    recorder: JournalRecorder
    anchor: Anchor
    signer: NoteSigner
    vault: Path
    vault_key: VaultKey
    folders: Mapping[str, Path]
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made: where it is, and what it says of itself."""

    folder: Path
    description: Description


def make_backup(source: Source, into: Path, now: datetime, told: Told | None = None) -> Made:
    """Write a backup into a folder, under a name of its own, and return it.

    Raises:
        Absent: when the ledger has no registrations yet (`no-checkpoint`).
        Busy: when another backup of the ledger is being made there (`work-busy`).
        Conflict: when there is one of that name already (`backup-exists`).
        Frozen: when ledger and anchor contradict each other.
        NotVerified: when the ledger is damaged (rehash.py).
        StorageError: when the disk refuses (`backup-not-written`), or a store (snapshot.py).
    """
    if source.recorder.head().position == 0:
        raise Absent(
            "no-checkpoint",
            f"Il registro {source.recorder.origin} non ha ancora registrazioni: non c'è nulla da"
            " copiare.",
        )
    with _written(into):
        with suppress(FileExistsError):
            into.mkdir(mode=0o700)
        with claimed(into / f"{slug(source.recorder.origin)}.incomplete") as draft:
            try:
                return _make(source, draft, now, told or _silent)
            except BaseException:
                clear(draft)
                draft.rmdir()
                raise


def _make(source: Source, draft: Path, now: datetime, told: Told) -> Made:
    clear(draft)
    for name, data in source.files.items():
        make_folder((draft / name).parent)
        write_new(draft / name, data)
    for name, folder in source.folders.items():
        _copy_folder(folder, draft / name)
    head, absent = _copy_ledger(source, draft, told)
    live = Journal(source.recorder)
    settle(source.anchor, head.size, head.root, live.root_at, store_is_empty=False)
    note = sign_checkpoint(head, source.signer)
    description = _describe(draft, head, note, now, absent)
    folder = draft.with_name(description.folder_name)
    if folder.exists():
        raise Conflict(
            "backup-exists",
            f"C'è già una copia di nome {folder.name} in {folder.parent}: ripetere tra un secondo, o"
            " indicare un'altra cartella.",
        )
    sync_all(draft)
    draft.rename(folder)
    sync_folder(folder.parent)
    return Made(folder, description)


def _copy_ledger(source: Source, draft: Path, told: Told) -> tuple[Checkpoint, dict[bytes, str]]:
    """Copy log and vault; return the head of the copy, and the objects that it has to do without."""
    key = source.vault_key
    for left in reversed(range(_PASSES)):
        (draft / JOURNAL).unlink(missing_ok=True)
        take_snapshot(source.recorder, draft / JOURNAL, _part("registro", told))
        head, contents = _read_back(draft / JOURNAL, source.recorder.origin, told)
        documents = _part("documenti", told)
        failed = copy_objects(source.vault, draft / VAULT, key, contents.erased, documents)
        size = source.recorder.head().position
        if not erased_between(source.recorder, head.size, size) or not left:
            break
    absent = dict(lacking(draft / VAULT, sorted(contents.kept)))
    close_copy(draft / VAULT)
    return head, {commit: failed.get(commit, code) for commit, code in absent.items()}


def _read_back(path: Path, origin: str, told: Told) -> tuple[Checkpoint, Contents]:
    contents = Contents()
    recorder = SQLiteRecorder(path, origin)
    try:
        return rehash(recorder, contents.look, _part("rilettura", told)), contents
    finally:
        recorder.close()


def _copy_folder(folder: Path, target: Path) -> None:
    """Copy the files of a folder; those that are being written, or gone by now, are left out."""
    names = sorted(files_below(folder)) if folder.is_dir() else []
    for name in names:
        if is_plain_name(name) and not _is_unfinished(name) and (folder / name).is_file():
            with suppress(FileNotFoundError):
                data = (folder / name).read_bytes()
                make_folder((target / name).parent)
                write_new(target / name, data)


def _is_unfinished(name: str) -> bool:
    return name.endswith(".tmp") or name.rpartition("/")[2].startswith(DRAFT_PREFIX)


def _describe(
    draft: Path, head: Checkpoint, note: bytes, now: datetime, absent: Mapping[bytes, str]
) -> Description:
    """Write description and manifest of what is in the draft by now."""
    found = {name: digest_of(draft / name) for name in files_below(draft)}
    description = Description(
        origin=head.origin,
        size=head.size,
        root=head.root,
        checkpoint=note,
        made_at=now.replace(microsecond=0),
        files=len(found),
        size_bytes=sum(size for _, size in found.values()),
        absent=tuple(sorted(absent.items())),
    )
    write_new(draft / DESCRIPTION, format_description(description))
    found[DESCRIPTION] = digest_of(draft / DESCRIPTION)
    digests = {name: digest for name, (digest, _) in found.items()}
    write_new(draft / MANIFEST, format_manifest(digests))
    return description


def _part(what: str, told: Told) -> Callable[[int, int], None]:
    return lambda done, total: told(what, done, total)


def _silent(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""


@contextmanager
def _written(into: Path) -> Iterator[None]:
    """Raise our error in place of that of the system."""
    try:
        yield
    except OSError as error:
        about = f" ({error.filename})" if error.filename else ""
        raise StorageError(
            "backup-not-written",
            f"La copia di riserva non si può scrivere in {into}: {error.strerror or error}{about}."
            " Controllare che la cartella ci sia, spazio e permessi, poi ripetere.",
        ) from error
