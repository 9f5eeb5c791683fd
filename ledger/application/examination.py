"""The log of a backup that was restored aside, examined as `pista fsck` examines a ledger.

Source: design FORMATS section 5, last lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.application.backup_form import JOURNAL
from ledger.errors import NotVerified
from ledger.fsck.examine import examine
from ledger.fsck.subject import Asked, Subject
from ledger.journal.address import SQLiteFile
from ledger.journal.anchor import AnchorState, MemoryAnchor
from ledger.journal.opening_tables import tables_of

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.application.backup_form import Description
    from ledger.fsck.subject import Told


def examine_log(folder: Path, description: Description, told: Told) -> int:
    """Examine log and tables as `pista fsck` does; return how many signatures were verified.

    The anchor of this examination is the head that the log signed for the backup.

    Raises:
        NotVerified: when something is at fault (`backup-not-right`), naming the first place.
    """
    origin = description.origin
    subject = Subject(
        origin=origin,
        source=tables_of(SQLiteFile(folder / JOURNAL), origin),
        anchor=MemoryAnchor(AnchorState(description.size, description.root)),
        kept=folder / "fsck.kept",
        vault=None,
        views=None,
    )
    report = examine(subject, Asked(), told)
    for found in report.findings:
        if found.is_fault:
            raise NotVerified(
                "backup-not-right",
                f"Nella copia di riserva {found.place}: {found.sentence} ({found.code}). In tutto"
                f" {report.findings.faults} guasti: usare un'altra copia, e controllare con `pista"
                " fsck` il registro in uso.",
            )
    return report.verified
