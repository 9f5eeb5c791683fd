"""Proving a backup: restored aside, read from end to end, compared with the ledger at work.

    proven = prove(Path("copies/lecce_1291_..."), aside, beside, prepare, told)

What is proven: every file is what was written; every row of the log was hashed again to the root
that the log signed; every signature and every column of every table is right (ledger/fsck); what is
derived was derived again (`prepare`); every document was decrypted and compared with the commitment
in its registration; the log of the ledger at work, and its anchor, go on from this one. Keys are
compared and not copied. The ledger at work is only read.

Source: design EXPERIENCE section 3; FORMATS section 5.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.application.backup_form import JOURNAL, SECRETS, VAULT, VAULT_KEY
from ledger.application.backup_reading import check_files, open_backup, stage_log, stage_rest
from ledger.application.contents import erased_between
from ledger.application.restore import lost_after, written
from ledger.errors import NotVerified
from ledger.journal.journal import Journal
from ledger.journal.snapshot import open_snapshot
from ledger.vault.commitment import format_commit
from ledger.vault.copying import unreadable
from ledger.vault.folder import FolderVault
from ledger.vault.vaultkey import read_vault_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ledger.application.backup_form import Description
    from ledger.application.backup_reading import Backup, Staged
    from ledger.journal.anchor import AnchorState
    from ledger.journal.recorder import JournalRecorder
    from ledger.vault.vaultkey import VaultKey

    Told = Callable[[str, int, int], None]
    Prepare = Callable[[Path, Description], None]
    Examine = Callable[[Path, Description, Told], int]


@dataclass(frozen=True, slots=True)
class AtWork:
    """The ledger at work, as far as there is one: its log, its anchor, its vault key."""

    log: JournalRecorder | None = None
    anchor: AnchorState | None = None
    vault_key: VaultKey | None = None


@dataclass(frozen=True, slots=True)
class Proven:
    """What was proven of a backup.

    `signatures` counts those that were verified, each with the key in force at its place; `opened`
    the documents that were decrypted, None without a vault key; `absent` are those that the backup
    lacks, with the code. `behind` counts the positions that the ledger at work has more,
    `erased_since` what those erased; both are None without a ledger at work. `lost` counts the
    positions that its anchor has more, None without an anchor.
    """

    description: Description
    signatures: int
    opened: int | None
    absent: tuple[tuple[bytes, str], ...]
    behind: int | None
    erased_since: int | None
    lost: int | None

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing is missing and everything could be looked into."""
        return self.opened is not None and not self.absent


def prove(  # noqa: PLR0913  the parts that a proof joins
    folder: Path,
    aside: Path,
    at_work: AtWork,
    prepare: Prepare,
    told: Told,
    *,
    examine: Examine,
) -> Proven:
    """Restore the backup in a folder aside, examine it, and return what was proven.

    Raises:
        Frozen: when the anchor contradicts the backup (`store-forked`).
        NotVerified: as `examine`; when a document cannot be read (`backup-object-unreadable`), or
            the ledger at work is another one or does not go on from the backup
            (`backup-not-of-ledger`).
        NotVerified, Unreadable, StorageError: as backup_reading.py.
        StorageError: when the disk refuses (`restore-not-written`).
    """
    backup = open_backup(folder)
    check_files(backup, [name for name in SECRETS if name in backup.digests])
    with written(aside):
        contents = stage_log(backup, aside, told)
        staged = stage_rest(backup, aside, contents, told, secrets=False)
        prepare(aside, backup.description)
    signatures = examine(aside, backup.description, told)
    return _compare(staged, at_work, _vault_key(backup, at_work), told, signatures)


def _compare(
    staged: Staged, at_work: AtWork, key: VaultKey | None, told: Told, signatures: int
) -> Proven:
    """Open the documents of a ledger restored aside, and compare it with the one at work."""
    description = staged.backup.description
    opened = None if key is None else _open_documents(staged, key, told)
    behind = erased = lost = None
    with closing(open_snapshot(staged.folder / JOURNAL, description.origin)) as recorder:
        if at_work.log is not None:
            behind = _behind(Journal(recorder), at_work.log)
            size = description.size
            erased = len(erased_between(at_work.log, size, size + behind))
        if at_work.anchor is not None:
            lost = lost_after(Journal(recorder), at_work.anchor)
    return Proven(description, signatures, opened, staged.absent, behind, erased, lost)


def _vault_key(backup: Backup, at_work: AtWork) -> VaultKey | None:
    """Return the key of the vault: that of the backup, else that of the ledger at work."""
    if VAULT_KEY in backup.digests:
        return read_vault_key(backup.folder / VAULT_KEY)
    return at_work.vault_key


def _open_documents(staged: Staged, key: VaultKey, told: Told) -> int:
    """Decrypt every document that is there and compare it with its commitment; return how many."""
    vault = FolderVault(staged.folder / VAULT, key)
    wanted = sorted(staged.kept - {commit for commit, _ in staged.absent})
    for number, commit in enumerate(wanted, start=1):
        for _, code in unreadable(vault, (commit,)):
            raise NotVerified(
                "backup-object-unreadable",
                f"Nella copia di riserva il documento {format_commit(commit)} non è quello della sua"
                f" registrazione ({code}): usare un'altra copia.",
            )
        told("documenti", number, len(wanted))
    return len(wanted)


def _behind(journal: Journal, live: JournalRecorder) -> int:
    """Return how many positions the ledger at work has more than the backup.

    Raises:
        NotVerified: when it is not a continuation of the backup (`backup-not-of-ledger`).
    """
    size, at_work = journal.size, Journal(live)
    more = at_work.size - size
    if (
        journal.origin != at_work.origin
        or more < 0
        or at_work.root_at(size) != journal.root_at(size)
    ):
        raise NotVerified(
            "backup-not-of-ledger",
            f"La copia del registro {journal.origin}, {size} posizioni, non è l'inizio di quello in"
            f" uso ({at_work.origin}, {at_work.size} posizioni): o è di un altro registro, o quello"
            " in uso ha perso la sua fine. Non scrivere finché una persona non l'ha stabilito.",
        )
    return more
