"""Reading a backup: nothing of it is believed before it is compared.

    backup = open_backup(folder)            description, manifest, the files that are there
    contents = stage_log(backup, aside, told)           copied aside, compared and hashed again
    staged = stage_rest(backup, aside, contents, told, secrets=True)

The journal is staged first and hashed again from its first row to its last: its root is that of the
description, and of the checkpoint that the log signed. Then come the other files, each compared with
its digest on the way; objects that were erased by law are not even copied.

Source: design FORMATS section 5.
"""

from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.application.backup_form import (
    DESCRIPTION,
    JOURNAL,
    MANIFEST,
    POLICY,
    SECRETS,
    VAULT,
    Description,
    files_below,
    parse_description,
    parse_manifest,
)
from ledger.application.contents import Contents
from ledger.errors import NotVerified, Unreadable
from ledger.journal.checkpoint import Checkpoint
from ledger.journal.policy import QuorumMissing, parse_policy
from ledger.journal.rehash import rehash
from ledger.journal.snapshot import bring_up_to_date, open_snapshot
from ledger.vault.copying import files_of, lacking
from ledger.vault.durable import make_folder, write_chunks
from ledger.vault.objects import read_chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    Told = Callable[[str, int, int], None]

_OF_THE_LOG: Final = (POLICY, JOURNAL)


@dataclass(frozen=True, slots=True)
class Backup:
    """A folder that says it is a backup, and whose files are those that it lists."""

    folder: Path
    description: Description
    digests: dict[str, str]


@dataclass(frozen=True, slots=True)
class Staged:
    """A backup that was copied aside and agrees with itself.

    `kept` are the objects that the ledger must hold, `absent` those of them that the backup could
    not give, with the code; `erased` counts files that were left out because of an erasure.
    """

    folder: Path
    backup: Backup
    kept: frozenset[bytes]
    absent: tuple[tuple[bytes, str], ...]
    erased: int


def open_backup(folder: Path) -> Backup:
    """Return the backup in a folder, after a look at which files are there.

    Raises:
        StorageError: when it is of a newer version (`backup-newer`).
        Unreadable: when there is none (`not-a-backup`), or its description or manifest is not in
            its form (`backup-unreadable`).
        NotVerified: when a listed file is missing (`backup-file-missing`), another is there
            (`backup-file-unlisted`), or they are not as many as were written (`backup-differs`).
    """
    description = parse_description(_read(folder, DESCRIPTION))
    try:
        manifest = (folder / MANIFEST).read_bytes()
    except FileNotFoundError as error:
        raise _missing(MANIFEST) from error
    digests = parse_manifest(manifest)
    present = set(files_below(folder)) - {MANIFEST}
    for name in sorted({DESCRIPTION, JOURNAL, POLICY, *digests} - present):
        raise _missing(name)
    for name in sorted(present - digests.keys()):
        raise _unlisted(name)
    if description.files != len(digests) - 1:
        said, listed = description.files, len(digests) - 1
        raise _differs(f"{DESCRIPTION} conta {said} file, {MANIFEST} ne elenca {listed}")
    return Backup(folder, description, digests)


def check_files(backup: Backup, names: Iterable[str]) -> None:
    """Compare files with their digests.

    Raises:
        NotVerified: when one is not what was written (`backup-file-changed`).
    """
    for name in names:
        for _ in _compared(backup, name):
            pass


def stage_log(backup: Backup, aside: Path, told: Told) -> Contents:
    """Copy journal and policy aside, hash all of it again, and return what the log says of objects.

    Raises:
        NotVerified: when a file was changed or cut (`backup-file-changed`), or log, description
            and checkpoint contradict each other (`backup-differs`), and as `rehash`
            and `open_snapshot`.
        OSError: when the disk refuses.
    """
    check_files(backup, (DESCRIPTION,))
    for name in _OF_THE_LOG:
        _copy(backup, name, aside)
    bring_up_to_date(aside / JOURNAL)
    said, contents = backup.description, Contents()
    with closing(open_snapshot(aside / JOURNAL, said.origin)) as recorder:
        head = rehash(recorder, contents.look, lambda done, all_: told("registro", done, all_))
    signed = _signed_head((aside / POLICY).read_bytes(), said.checkpoint)
    if not head == signed == Checkpoint(said.origin, said.size, said.root):
        raise _differs(
            f"il registro ha {head.size} posizioni, {DESCRIPTION} ne dice {said.size}, il punto di"
            f" controllo firmato {signed.size}, o le radici sono diverse"
        )
    return contents


def stage_rest(
    backup: Backup,
    aside: Path,
    contents: Contents,
    told: Told,
    *,
    secrets: bool,
) -> Staged:
    """Copy aside whatever else is in the backup but what was erased, and the keys unless wanted.

    Raises:
        NotVerified: when a file was changed or cut (`backup-file-changed`).
        OSError: when the disk refuses.
    """
    left_out = {name for name in _files_of(backup, contents.erased) if name in backup.digests}
    done = {DESCRIPTION, *_OF_THE_LOG, *left_out}
    wanted = sorted(backup.digests.keys() - done)
    for number, name in enumerate(wanted, start=1):
        if name not in SECRETS or secrets:
            _copy(backup, name, aside)
        told("file", number, len(wanted))
    said, kept = dict(backup.description.absent), frozenset(contents.kept)
    absent = [
        (commit, said.get(commit, code)) for commit, code in lacking(aside / VAULT, sorted(kept))
    ]
    return Staged(aside, backup, kept, tuple(absent), len(left_out))


def _signed_head(policy: bytes, note: bytes) -> Checkpoint:
    """Return the head that the log signed, whether or not witnesses have cosigned it yet."""
    try:
        return parse_policy(policy).verify_checkpoint(note).checkpoint
    except QuorumMissing as error:
        return error.verified.checkpoint


def _files_of(backup: Backup, commits: Iterable[bytes]) -> Iterator[str]:
    for commit in commits:
        yield from (f"{VAULT}/{name}" for name in files_of(backup.folder / VAULT, commit))


def _copy(backup: Backup, name: str, aside: Path) -> None:
    make_folder((aside / name).parent)
    write_chunks(aside / name, _compared(backup, name))


def _compared(backup: Backup, name: str) -> Iterator[bytes]:
    """Yield what is in a file and compare it with its digest at the end."""
    path, digest = backup.folder / name, hashlib.sha256()
    if path.is_symlink() or not path.is_file():
        raise _changed(name)
    with path.open("rb") as file:
        for chunk in read_chunks(file):
            digest.update(chunk)
            yield chunk
    if digest.hexdigest() != backup.digests[name]:
        raise _changed(name)


def _read(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Unreadable(
            "not-a-backup",
            f"{folder} non è una copia di riserva: non contiene {name}. Indicare la cartella di una"
            " copia intera, come <registro>_<posizioni>_<data>.",
        ) from error


def _missing(name: str) -> NotVerified:
    return NotVerified(
        "backup-file-missing",
        f"Nella copia di riserva manca {name}: usare un'altra copia.",
    )


def _unlisted(name: str) -> NotVerified:
    return NotVerified(
        "backup-file-unlisted",
        f"Nella copia di riserva c'è {name[:200]!r}, che il suo elenco non nomina: stabilire da dove"
        " viene e toglierlo, o usare un'altra copia.",
    )


def _changed(name: str) -> NotVerified:
    return NotVerified(
        "backup-file-changed",
        f"Nella copia di riserva {name} non è quello che fu scritto, o è tronco: usare un'altra"
        " copia.",
    )


def _differs(why: str) -> NotVerified:
    return NotVerified(
        "backup-differs", f"La copia di riserva si contraddice: {why}. Usare un'altra copia."
    )
