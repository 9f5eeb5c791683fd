"""The examination of a ledger: every table, every leaf and signature, every file, every view.

    report = examine(subject, Asked(jobs=2, from_kept=False), told)
    report.findings, report.exit_kind

In order: what is known from elsewhere is read and the vault is listed; the store is opened as of one
moment, so that what is written meanwhile is left for the next examination; the log is read (quick.py,
and walk.py when something is wrong); then the vault and the views are compared with it.

It only reads. What it writes is the kept checkpoint, as long as nothing is found; views are caught
up, and rebuilt when that is asked for.

Source: design FORMATS section 5, last lines, and section 8, first row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.errors import Busy, PistaError
from ledger.fsck.finding import Finding, remark
from ledger.fsck.log_check import LogExamination
from ledger.fsck.published_check import check_published
from ledger.fsck.subject import PUBLISHED, VAULT, VIEWS, Report
from ledger.fsck.trust import read_trust
from ledger.fsck.vault_check import Listed, check_vault, list_vault
from ledger.fsck.views_check import check_views, repair_views

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from ledger.fsck.published_check import Published
    from ledger.fsck.subject import Asked, Subject, Told
    from ledger.fsck.views_check import Views
    from ledger.vault.inspection import Inspection


def examine(subject: Subject, asked: Asked, told: Told) -> Report:
    """Return the report of an examination.

    Raises:
        Absent: when there is no store (`no-ledger`).
        Busy: when another process keeps the store for too long (`ledger-busy`).
        StorageError: when the store cannot be reached.
    """
    report = Report()
    trust = read_trust(subject.anchor, subject.kept, subject.origin)
    inspection, listed = _open_vault(subject, report)
    outcome = LogExamination(subject, asked, trust, report, told).examine()
    is_log_right = not report.findings.faults
    if inspection is not None and listed is not None:
        report.objects = len(listed.records)
        report.findings.add(
            check_vault(inspection, listed, outcome, lambda done, all_: told(VAULT, done, all_))
        )
    if subject.views is not None:
        if is_log_right:
            report.findings.add(_views(subject.views, asked, told))
        else:
            sentence = "le viste non si confrontano finché il registro è guasto"
            report.findings.add(remark("views-not-compared", sentence, table="views"))
    if subject.published is not None:
        if is_log_right:
            report.findings.add(_published(subject.published, told))
        else:
            sentence = "il registro pubblicato non si confronta finché il registro è guasto"
            report.findings.add(remark("published-not-compared", sentence, file="log"))
    return report


def _open_vault(subject: Subject, report: Report) -> tuple[Inspection | None, Listed | None]:
    """List the vault, before the log is read."""
    if subject.vault is None:
        return None, None
    try:
        inspection = subject.vault()
    except PistaError as error:
        report.findings.add(Finding(error.code, error.sentence, file="vault.key"))
        return None, None
    return inspection, list_vault(inspection)


def _views(
    views: Callable[[], AbstractContextManager[Views]], asked: Asked, told: Told
) -> list[Finding]:
    """Return what is wrong with the views; rebuild them first, when that is asked for."""
    try:
        with views() as opened:
            if asked.repair_views:
                repair_views(opened)
            return check_views(opened, lambda done, total: told(VIEWS, done, total))
    except Busy:
        raise
    except PistaError as error:
        return [Finding(error.code, error.sentence, table="views")]


def _published(
    published: Callable[[], AbstractContextManager[Published]], told: Told
) -> list[Finding]:
    """Return what is wrong with the published log."""
    try:
        with published() as opened:
            return list(check_published(opened, lambda done, total: told(PUBLISHED, done, total)))
    except Busy:
        raise
    except PistaError as error:
        return [Finding(error.code, error.sentence, file="log")]
