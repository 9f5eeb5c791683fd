"""The sequencer: the one writer of a log. Envelopes go in, receipts come out.

    sequencer = Sequencer(recorder, note_signer, anchor, clock, judge)
    receipt = sequencer.submit(candidate)

    judge the batch -> append in one transaction -> read back -> anchor -> sign -> receipts

There is no thread and no timer: whoever holds the writer's lock commits everything that waits, so
batches grow by themselves under load. A checkpoint is signed only when the anchor stands at its
tree. When the store, the anchor or a heads leaf contradict each other, the sequencer freezes:
nothing is appended or signed any more by this object, whatever is submitted.

Several processes may write: an append holds only at the head that was seen. Who lost the race
reads what the other wrote and judges the batch again. When it is in doubt whether a commit took
place, the log is asked; the same bytes are sent again.

Source: design FORMATS section 5; ARCHITECTURE D2, D3, D4.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from eventsourcing.persistence import PersistenceError

from ledger.errors import Absent, Busy, Frozen, PistaError, StorageError
from ledger.journal.anchor import Anchor, settle
from ledger.journal.batch import Batch, Candidate, Judge, Known, Receipt, Verdict
from ledger.journal.checkpoint import Checkpoint, sign_checkpoint
from ledger.journal.commit import append_rows, check_tiles, read_back
from ledger.journal.journal import Journal
from ledger.journal.proofs import LogProof, format_proof
from ledger.journal.store import BusyError
from ledger.journal.trees import LogTrees

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from ledger.journal.note import NoteSigner
    from ledger.journal.recorder import JournalRecorder

MAX_BATCH: Final = 1000  # members taken together, unless one call brings more
_RACES: Final = 32  # attempts against other processes before a batch is given back as busy


class _Group:
    """Candidates of one call, which are committed together, and what became of them."""

    def __init__(self, candidates: tuple[Candidate, ...]) -> None:
        self.candidates = candidates
        self.outcomes: list[Receipt | PistaError] | None = None
        self.failure: Exception | None = None

    @property
    def is_done(self) -> bool:
        return self.outcomes is not None or self.failure is not None


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

        `clock` gives aware UTC times. An empty log gets its anchor at size 0; its first candidate
        founds it.

        Raises:
            Frozen: when store, heads leaf and anchor contradict each other; nothing was signed.
            StorageError: when the anchor or the store cannot be used.
        """
        self.journal = Journal(recorder)
        self._recorder = recorder
        self._signer = note_signer
        self._anchor = anchor
        self._clock = clock
        self._judge = judge
        self._waiting: deque[_Group] = deque()
        self._writer = threading.Lock()
        self._frozen: Frozen | None = None
        self._published = -1
        self._checkpoint = b""
        with _translated():
            self._trees = LogTrees(self.journal)
            self._publish()

    def checkpoint(self) -> bytes:
        """Return the last checkpoint that was signed.

        Raises:
            Absent: when the log is empty (`no-checkpoint`).
        """
        if not self._checkpoint:
            raise Absent(
                "no-checkpoint",
                f"Il registro {self.journal.origin} non ha ancora registrazioni: la prima lo"
                " fonda.",
            )
        return self._checkpoint

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

        Raises:
            Frozen: when the ledger must not be written until a person has decided.
            Busy: when other processes kept the store for too long (`ledger-busy`); nothing of this
                call was recorded.
            StorageError: when the store failed (`store-failed`) or the anchor did; events may have
                been recorded: the same bytes sent again give their receipts.
        """
        group = _Group(tuple(candidates))
        self._waiting.append(group)
        with self._writer:
            while not group.is_done:
                self._lead()
        if group.failure is not None:
            raise group.failure
        return group.outcomes or []

    def _lead(self) -> None:
        """Commit what waits, for this and for other threads."""
        groups = self._take()
        try:
            outcomes = self._commit([one for group in groups for one in group.candidates])
        except Exception as failure:  # noqa: BLE001  every thread that waits raises it
            if isinstance(failure, Frozen):
                self._frozen = failure
            _fail(groups, failure)
            return
        except BaseException:
            _fail(groups, _interrupted())
            raise
        for group in groups:
            count = len(group.candidates)
            group.outcomes, outcomes = outcomes[:count], outcomes[count:]

    def _take(self) -> list[_Group]:
        groups: list[_Group] = []
        count = 0
        while self._waiting and (not groups or count < MAX_BATCH):
            groups.append(self._waiting.popleft())
            count += len(groups[-1].candidates)
        return groups

    def _commit(self, candidates: list[Candidate]) -> list[Receipt | PistaError]:
        """Judge and store the candidates, as often as another process is faster."""
        if self._frozen is not None:
            raise self._frozen
        with _translated():
            for _ in range(_RACES):
                verdicts = self._attempt(candidates)
                if verdicts is not None:
                    self._publish()
                    return [self._outcome(*pair) for pair in zip(candidates, verdicts, strict=True)]
        raise _busy()

    def _attempt(self, candidates: list[Candidate]) -> list[Verdict] | None:
        """Return verdicts that hold, their events stored; None when the log has moved on."""
        self._catch_up()
        stage = self._trees.stage()
        now = max(self._clock(), self._trees.last_received_at)
        batch = Batch(self.journal, stage, self._judge, now)
        try:
            verdicts = batch.judge_all(candidates)
            if not batch.rows:
                return None if _is_beyond(verdicts, stage.first) else verdicts
            if not append_rows(self._recorder, stage, batch.rows):
                self._judge.rolled_back()
                return None
            read_back(self._recorder, stage, batch.rows)
        except BaseException:
            self._judge.rolled_back()
            raise
        stage.commit()
        self._judge.committed(self._trees.size)
        return verdicts

    def _catch_up(self) -> None:
        """Take over what other processes wrote."""
        size = self.journal.size
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
            check_tiles(self._recorder, stage)
            stage.commit()
            self._judge.committed(size)

    def _publish(self) -> None:
        """Move the anchor to the tree, and only then sign its checkpoint."""
        size = self._trees.size
        if size == self._published:
            return
        root = self._trees.leaves.root()
        is_empty = size == 0 and self.journal.size == 0
        settle(self._anchor, size, root, self.journal.root_at, store_is_empty=is_empty)
        if size:
            self._checkpoint = self._sign(size, root)
        self._published = size

    def _sign(self, size: int, root: bytes) -> bytes:
        return sign_checkpoint(Checkpoint(self.journal.origin, size, root), self._signer)

    def _outcome(self, candidate: Candidate, verdict: Verdict) -> Receipt | PistaError:
        if isinstance(verdict, PistaError):
            return verdict
        if isinstance(verdict, Known):
            leaf, envelope = self.journal.entry(verdict.index)
            size = self.journal.closing_size(verdict.index)
            return self._receipt(candidate.id, verdict.index, size, leaf, envelope, first=False)
        size, envelope = self._published, candidate.raw
        return self._receipt(candidate.id, verdict.index, size, verdict.leaf, envelope, first=True)

    def _receipt(  # noqa: PLR0913  the parts of a receipt
        self, event_id: str, index: int, size: int, leaf: bytes, envelope: bytes, *, first: bool
    ) -> Receipt:
        """Return the receipt under the first checkpoint that covers the leaf.

        Ed25519 is deterministic: an older checkpoint signed again has the same bytes.
        """
        checkpoint = self._checkpoint
        if size != self._published:
            checkpoint = self._sign(size, self.journal.root_at(size))
        path = tuple(self.journal.inclusion(index, size))
        proof = format_proof(LogProof(index, path, checkpoint))
        return Receipt(index, event_id, envelope, leaf, proof, checkpoint, first)


def _is_beyond(verdicts: list[Verdict], size: int) -> bool:
    """Tell whether an id was found in leaves that came after the trees were looked at."""
    return any(isinstance(verdict, Known) and verdict.index >= size for verdict in verdicts)


def _fail(groups: list[_Group], failure: Exception) -> None:
    for group in groups:
        group.failure = failure


@contextmanager
def _translated() -> Iterator[None]:
    """Raise our errors in place of those of the store."""
    try:
        yield
    except BusyError as error:
        raise _busy() from error
    except PersistenceError as error:
        raise StorageError(
            "store-failed",
            f"L'archivio del registro non si può leggere o scrivere: {error}. Inviare di nuovo le"
            " stesse registrazioni: quelle già registrate danno la loro ricevuta.",
        ) from error


def _interrupted() -> StorageError:
    return StorageError(
        "store-failed",
        "Il programma è stato fermato mentre scriveva. Inviare di nuovo le stesse registrazioni:"
        " quelle già registrate danno la loro ricevuta.",
    )


def _busy() -> Busy:
    return Busy(
        "ledger-busy",
        "Altri programmi hanno tenuto occupato il registro troppo a lungo: nulla è stato"
        " registrato, riprovare tra poco.",
    )
