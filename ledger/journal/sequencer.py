"""The sequencer: the one writer of a log. Envelopes go in, receipts come out.

    sequencer = Sequencer(recorder, note_signer, anchor, clock, judge)
    receipt = sequencer.submit(candidate)

    lock the head -> catch up -> judge the batch -> append -> commit -> read back -> anchor -> sign

What waits is committed together (group_commit.py). A checkpoint is signed only when the anchor stands at its
tree. When the store, the anchor or a heads leaf contradict each other, the sequencer freezes:
nothing is appended or signed any more by this object, whatever is submitted.

Several processes may serve one log: the lock of the head elects the one that writes next, and the
others wait for their turn (turn.py). Who gets it first takes over what was written since. An append
holds only at the head that was seen, so a store that does not keep its lock makes no fork: who lost
such a race judges the batch again. When it is in doubt whether a commit took place, the log is
asked, and the batch goes into a new turn.

Source: design FORMATS section 5; ARCHITECTURE D2, D3, D4.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from eventsourcing.persistence import IntegrityError, PersistenceError

from ledger.errors import Busy, Drifted, Frozen, PistaError, StorageError
from ledger.journal.batch import Batch, Candidate, Judge, Known, Receipt
from ledger.journal.commit import append_rows, check_tiles, read_back, stored_rows
from ledger.journal.group_commit import GroupCommit
from ledger.journal.journal import Journal
from ledger.journal.publisher import Publisher
from ledger.journal.store import BusyError, DiskFullError, disk_full
from ledger.journal.trees import LogTrees, log_not_closed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from ledger.journal.anchor import Anchor
    from ledger.journal.note import NoteSigner
    from ledger.journal.recorder import JournalRecorder
    from ledger.journal.store import KeyedEvent

_RACES: Final = 32  # attempts against other processes before a batch is given back as busy
_FAILURES: Final = 3  # attempts at a store that fails before the batch is given back


class Sequencer:
    """The writer of one log; safe for threads, and for other processes on the same store."""

    def __init__(
        self,
        recorder: JournalRecorder,
        note_signer: NoteSigner,
        anchor: Anchor,
        clock: Callable[[], datetime],
        judge: Judge,
    ) -> None:
        """Open the log, compare it with its anchor, and sign its head.

        `clock` gives aware UTC times, or raises when it is not to be believed. An empty log gets
        its anchor at size 0; its first candidate founds it.

        Raises:
            Frozen: when store, heads leaf and anchor contradict each other; nothing was signed.
            StorageError: when the anchor or the store cannot be used; `store-not-durable` or
                `table-replaced`, when the store would not keep what is written.
        """
        self.journal = Journal(recorder)
        self._recorder = recorder
        self._publisher = Publisher(self.journal, note_signer, anchor)
        self._clock = clock
        self._judge = judge
        self._waiting = GroupCommit(self._lead)
        self._frozen: Frozen | None = None
        with _translated():
            recorder.check_durable()
            self._trees = LogTrees(self.journal)
            self._publisher.publish(self._trees.size, self._trees.leaves.root())

    def checkpoint(self) -> bytes:
        """Return the last checkpoint that was signed.

        Raises:
            Absent: when the log is empty (`no-checkpoint`).
        """
        return self._publisher.checkpoint()

    @property
    def last_received_at(self) -> datetime | None:
        """The time of the last event, None before the first."""
        return self._trees.last_received_at if self._trees.size else None

    def submit(self, candidate: Candidate) -> Receipt:
        """Record one event and return its receipt; durable, anchored and signed on return.

        Raises:
            Conflict: when the id was used for another event (`event-id-reused`) or a stream has
                moved (`stream-moved`, with the current heads).
            Refused: when the basis is no head of this log (`basis-unknown`), or by the judge.
            StorageError: as `submit_many`.
        """
        (outcome,) = self.submit_many([candidate])
        if isinstance(outcome, PistaError):
            raise outcome
        return outcome

    def submit_many(self, candidates: Sequence[Candidate]) -> list[Receipt | PistaError]:
        """Record events in one commit; return a receipt or the refusal of each, in their order.

        Those that are sent together (`Candidate.together`) are all recorded, or none is.

        Raises:
            Frozen: when the ledger must not be written until a person has decided.
            Busy: when other processes kept the store for too long (`ledger-busy`); nothing of this
                call was recorded.
            StorageError: when the store failed (`store-failed`) or the anchor did; events may have
                been recorded: the same bytes sent again give their receipts.
        """
        return self._waiting.submit(candidates)

    def _lead(self, candidates: list[Candidate]) -> list[Receipt | PistaError]:
        """Commit what waits, unless the log is frozen; freeze when it contradicts itself."""
        if self._frozen is not None:
            raise self._frozen
        try:
            with _translated():
                return self._commit(candidates)
        except Drifted:
            raise
        except Frozen as failure:
            self._frozen = failure
            raise

    def _commit(self, candidates: list[Candidate]) -> list[Receipt | PistaError]:
        """Judge and store the candidates, in a new turn when the store failed in one.

        A turn that cannot be had after one that failed leaves it open what became of that one, so
        it is not told as busy, which would say that nothing was recorded.
        """
        failures: list[PersistenceError] = []
        for _ in range(_RACES):
            try:
                batch = self._attempt(candidates)
            except BusyError as error:
                if failures:
                    raise failures[-1] from error
                raise
            except PersistenceError as error:
                failures.append(error)
                if len(failures) == _FAILURES or isinstance(error, IntegrityError):
                    raise
            else:
                if batch is not None:
                    self._publisher.publish(self._trees.size, self._trees.leaves.root())
                    return self._outcomes(candidates, batch)
        if failures:
            raise failures[-1]
        raise _busy()

    def _attempt(self, candidates: list[Candidate]) -> Batch | None:
        """Return the batch with verdicts that hold, stored; None when the log has moved on."""
        batch: Batch | None = None
        refused: dict[str | None, PistaError] = {}
        try:
            with self._recorder.turn() as turn:
                self._catch_up(turn.head.position)
                batch = self._new_batch()
                while broken := batch.judge_all(candidates, refused):
                    refused |= broken
                    self._judge.rolled_back()
                    batch = self._new_batch()
                if batch.rows:
                    append_rows(turn, batch.stage, batch.rows)
        except PersistenceError as error:
            found = self._found(batch, error)
            if batch is None or not batch.is_judged or found != batch.rows:
                self._judge.rolled_back()
                if found:
                    return None
                raise
        except BaseException:
            self._judge.rolled_back()
            raise
        return self._taken(batch)

    def _new_batch(self) -> Batch:
        now = max(self._clock(), self._trees.last_received_at)
        return Batch(self.journal, self._trees.stage(), self._judge, now)

    def _found(self, batch: Batch | None, error: PersistenceError) -> list[KeyedEvent]:
        """Return what lies in the log where a batch was to go whose turn ended with an error."""
        if batch is None or not batch.rows or isinstance(error, BusyError):
            return []
        try:
            return stored_rows(self._recorder, batch.stage, len(batch.rows))
        except BaseException:
            self._judge.rolled_back()
            raise

    def _taken(self, batch: Batch) -> Batch | None:
        """Take a batch that was stored into the trees, once the store has given it back."""
        if not batch.rows:
            return None if batch.is_beyond else batch
        try:
            read_back(self._recorder, batch.stage, batch.rows)
        except BaseException:
            self._judge.rolled_back()
            raise
        batch.stage.commit()
        self._judge.committed(self._trees.size)
        return batch

    def _catch_up(self, size: int) -> None:
        """Take over what other processes wrote, up to the number of leaves that are there."""
        if size < self._trees.size:
            raise Frozen(
                "store-shorter",
                "Il registro è più corto di quanto già testimoniato: non scrivo. Aveva"
                f" {self._trees.size} foglie, ora ne ha {size}. Una persona deve ritrovare la copia"
                " completa.",
            )
        if size > self._trees.size:
            stage = self._trees.stage()
            for _, leaf, envelope in self.journal.entries(stage.first, size):
                stage.absorb(leaf, envelope)
            if not stage.is_closed:
                raise log_not_closed()
            check_tiles(self._recorder, stage)
            stage.commit()
            self._judge.committed(size)

    def _outcomes(self, candidates: list[Candidate], batch: Batch) -> list[Receipt | PistaError]:
        """Return a receipt or the refusal of each member, in their order."""
        paths = batch.stage.paths() if batch.rows else {}
        outcomes: list[Receipt | PistaError] = []
        for candidate, verdict in zip(candidates, batch.verdicts, strict=True):
            if isinstance(verdict, PistaError):
                outcomes.append(verdict)
            elif isinstance(verdict, Known):
                outcomes.append(self._publisher.first_receipt(candidate.id, verdict.index))
            else:
                path = paths[verdict.index]
                outcomes.append(self._publisher.receipt(candidate, verdict, path))
        return outcomes


@contextmanager
def _translated() -> Iterator[None]:
    """Raise our errors in place of those of the store."""
    try:
        yield
    except BusyError as error:
        raise _busy() from error
    except DiskFullError as error:
        raise disk_full(str(error)) from error
    except PersistenceError as error:
        raise StorageError(
            "store-failed",
            f"L'archivio del registro non si può leggere o scrivere: {error}. Controllare disco e"
            " spazio, o server e rete, poi inviare di nuovo le stesse registrazioni: quelle già"
            " registrate danno la loro ricevuta.",
        ) from error


def _busy() -> Busy:
    return Busy(
        "ledger-busy",
        "Altri programmi hanno tenuto occupato il registro troppo a lungo: nulla è stato"
        " registrato, riprovare tra poco.",
    )
