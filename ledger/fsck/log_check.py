"""The log and its tables, as of one moment: quickly when nothing is wrong, closely when something is.

The kept checkpoint is written on the way. It never goes back, nor beyond the anchor, and it is not
written any more once anything was found.

Source: design FORMATS section 5.
"""

from __future__ import annotations

import secrets
from contextlib import closing
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from ledger.errors import Busy, StorageError
from ledger.fsck.finding import Finding, remark
from ledger.fsck.kept import Kept, write_kept
from ledger.fsck.outcome import Outcome
from ledger.fsck.quick import Quick, Target
from ledger.fsck.skim import MODULUS
from ledger.fsck.store_check import check_store, examine_pages, told_damage
from ledger.fsck.strangers import Strangers, find_strangers
from ledger.fsck.subject import FAULT, LOG
from ledger.fsck.walk import Walk
from ledger.fsck.workers import Workers
from ledger.journal.tables import EVENT, LEDGER_HEAD

if TYPE_CHECKING:
    from ledger.fsck.subject import Asked, Report, Subject, Told
    from ledger.fsck.trust import Trust
    from ledger.journal.tables import TableReader

_FEW: Final = 2048  # leaves below which other processes take longer to start than they save
_MOST_GAPS: Final = 1000


class LogExamination:
    """One examination of a log."""

    def __init__(
        self, subject: Subject, asked: Asked, trust: Trust, report: Report, told: Told
    ) -> None:
        """What is found goes into the report."""
        self._subject = subject
        self._asked = asked
        self._trust = trust
        self._report = report
        self._told = told
        self._may_write = True
        report.kept = trust.kept.size if trust.kept else 0

    def examine(self) -> Outcome:
        """Return what the log says.

        Raises:
            Absent: when there is no store (`no-ledger`).
            Busy: when another process keeps the store for too long (`ledger-busy`).
            StorageError: when the store cannot be reached.
        """
        try:
            with closing(self._subject.source.open(snapshot=True)) as reader:
                outcome = self._examined(reader)
        except StorageError as error:
            if isinstance(error, Busy) or error.code != "store-damaged":
                raise
            self._report.findings.add(Finding(error.code, error.sentence, "schema"))
            outcome = Outcome(is_whole=False)
        report = self._report
        report.size, report.events, report.verified = outcome.size, outcome.events, outcome.verified
        return outcome

    def _examined(self, reader: TableReader) -> Outcome:
        findings = self._report.findings
        faults = findings.faults
        findings.add(check_store(reader))
        strangers = find_strangers(reader, self._subject.source.ledger_id, self._subject.origin)
        target = self._target(reader)
        jobs = self._asked.jobs if target.size > _FEW else 1
        with Workers(self._subject.source, jobs) as workers:
            damage = workers.ask(examine_pages, None)
            outcome = self._read(reader, workers, target, strangers)
            findings.add(outcome.findings)
            findings.add(told_damage(damage.result()))
        findings.add(self._trust.judge(outcome))
        if outcome.is_doubted and findings.faults == faults:
            sentence = "qualcosa non torna, e non si è trovato che cosa: segnalarlo"
            findings.add(Finding("unexplained", sentence, EVENT.name))
        self._keep_last(outcome)
        return outcome

    def _read(
        self, reader: TableReader, workers: Workers, target: Target, strangers: Strangers
    ) -> Outcome:
        """Return what the log says, quickly when nothing is wrong."""
        if not (strangers.rows or strangers.findings):
            told = lambda done: self._told(LOG, done, target.size)  # noqa: E731  with what it is of
            quick = Quick(reader, workers, target, told, self._write)
            if quick.run():
                self._report.begun_at = target.kept
                return quick.outcome
        told = lambda done: self._told(FAULT, done, target.size)  # noqa: E731  with what it is of
        return Walk(reader, workers, replace(target, kept=0), strangers, told).run()

    def _target(self, reader: TableReader) -> Target:
        size, kept = size_of(reader, self._trust), self._trust.kept
        begin = kept.size if self._asked.from_kept and kept and kept.size <= size else 0
        x = 2 + secrets.randbelow(MODULUS - 2)
        return Target(self._subject.origin, size, begin, self._trust.roots(size), x)

    def _keep_last(self, outcome: Outcome) -> None:
        """Keep the checkpoint at which the anchor stands, to which all has been verified."""
        anchor = self._trust.anchor
        if anchor is not None and outcome.roots.get(anchor.size) == anchor.root:
            self._write(anchor.size, anchor.root)

    def _write(self, size: int, root: bytes) -> None:
        """Keep a checkpoint, when it goes on from the last one and nothing speaks against it.

        Where it cannot be written, as on a medium that is only read, the examination goes on.
        """
        anchor, report = self._trust.anchor, self._report
        is_anchored = anchor is not None and size <= anchor.size
        is_clean = not (report.findings.faults or self._trust.findings)
        if not (is_anchored and is_clean and self._may_write and size > report.kept):
            return
        try:
            write_kept(self._subject.kept, Kept(self._subject.origin, size, root))
            report.kept = size
        except StorageError as error:
            self._may_write = False
            report.findings.add(remark(error.code, error.sentence, file=self._subject.kept.name))


def size_of(reader: TableReader, trust: Trust) -> int:
    """Return how many leaves the log has, or should have when its tables do not agree."""
    before = takewhile(lambda row: row[0] < 1, reader.page(EVENT, None, _MOST_GAPS))
    rows = reader.count(EVENT) - sum(1 for _ in before)
    greatest = reader.greatest(EVENT, "position") or 0
    head = reader.page(LEDGER_HEAD, None, 1)
    said = head[0][1] if head else 0
    anchored = trust.anchor.size if trust.anchor else 0
    if rows == greatest == said:
        return rows
    if said == anchored:
        return said
    near = anchored if anchored - rows <= _MOST_GAPS else 0
    return max(rows, near, said if said <= greatest else 0)
