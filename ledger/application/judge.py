"""What is decided at the place of append: authority of the key, and the rules of the domain.

The sequencer calls it inside its turn, one candidate after the other; the candidate's token is the
parsed envelope with its typed event. Drafts look at the same state from other threads: whoever
reads it holds `turn`, and what a batch has accepted is not folded a second time before it is stored.
Source: FORMATS sections 4 and 5; DOMAIN section 11.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ledger.application.signers import Signers
from ledger.domain.days import legal_day
from ledger.domain.decide import judge as decide
from ledger.domain.situation import Situation
from ledger.errors import NotAuthorised, NotVerified, Refused
from ledger.records import adopted_law
from ledger.views.histories import Histories

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ledger.domain.event import Event
    from ledger.domain.law import Law
    from ledger.journal.batch import Candidate
    from ledger.journal.journal import Journal
    from ledger.signing.envelope import Envelope
    from ledger.signing.key_book import Adopted
    from ledger.signing.keys import KeyDirectory


@dataclass(frozen=True, slots=True)
class Submission:
    """A candidate's token: the strictly parsed envelope and its event, and whether more is sent with it."""

    envelope: Envelope
    event: Event
    more_follows: bool = False


class PlaceJudge:
    """Judges candidates at the end of the log; implements the sequencer's Judge."""

    def __init__(self, journal: Journal, law: Law, body: Callable[[], str]) -> None:
        """Fold the keys of the ledger from the journal; dossiers are read when needed."""
        self._journal = journal
        self._table = law
        self._law = law
        self._laid: tuple[Adopted, ...] = ()
        self._body = body
        self.turn = threading.RLock()
        self.histories = Histories(journal)
        self._signers = Signers(journal)
        self._accepted = 0

    @property
    def keys(self) -> KeyDirectory:
        """The keys, roles and administrators at the end of the log."""
        return self._signers.keys

    @property
    def law(self) -> Law:
        """The tables of the program with what the ledger has adopted over them, to the end of the log."""
        adopted = self.keys.adopted()
        if adopted is not self._laid:
            self._law, self._laid = adopted_law(self._table, adopted), adopted
        return self._law

    def follow(self) -> None:
        """Fold the keys of what others stored since the last time; not within a batch."""
        with self.turn:
            if not self._accepted:
                self._signers.follow(self._journal.size)

    def situation(self, actor: str, index: int, received_at: datetime) -> Situation:
        """Return the situation in which an actor would act at this place; the caller has `turn`."""
        today = legal_day(received_at)
        roles = self.keys.roles_at(actor, index, today)
        return Situation(
            body=self._body(),
            today=today,
            roles=frozenset(roles),
            law=self.law.at(index),
            record=self.histories,
        )

    def judge(self, candidate: Candidate, index: int, received_at: datetime) -> None:
        """Accept the candidate at this place, or raise.

        Raises:
            NotAuthorised: when the key may not sign here, or the role may not sign this.
            Refused: `basis-older`, when the key has named a newer head before; or a rule.
        """
        submission = submitted(candidate)
        envelope, event = submission.envelope, submission.event.at(index, received_at)
        with self.turn:
            self._check_key(index, envelope)
            self._check_basis(candidate)
            situation = self.situation(event.actor, index, received_at)
            decide(event, replace(situation, more_follows=submission.more_follows))
            self.histories.rehearse(event)

    def _check_basis(self, candidate: Candidate) -> None:
        """Refuse a head older than the one that the same key named before."""
        if candidate.basis_size < self._signers.newest_basis(candidate.kid):
            raise Refused(
                "basis-older",
                "La firma si appoggia a un punto di controllo più vecchio dell'ultimo che la stessa"
                " chiave ha dichiarato: aggiornare e firmare di nuovo.",
                item=candidate.id,
            )

    def _check_key(self, index: int, envelope: Envelope) -> None:
        """Check the key at this place; a ledger event is judged by the directory alone."""
        try:
            if index > 0:
                self.keys.signer_at(index, envelope)
            self.keys.check_admissible(index, envelope)
        except NotVerified as error:
            raise NotAuthorised(error.code, error.sentence, item=envelope.actor) from error

    def accepted(self, candidate: Candidate, index: int, received_at: datetime) -> None:
        """Let the candidate stand for the rest of the batch; `judge` has rehearsed it."""
        submission = submitted(candidate)
        with self.turn:
            changes_keys = submission.event.type.is_ledger
            self._signers.accept(index, submission.envelope, changes_keys=changes_keys)
            self.histories.accept(submission.event.at(index, received_at))
            self._accepted += 1

    def committed(self, size: int) -> None:
        """Take what was accepted as stored, up to this number of leaves.

        When another process wrote some of them, the keys are folded anew from what was stored.
        """
        heads_leaf = 1
        with self.turn:
            if size - self._signers.seen == self._accepted + heads_leaf:
                self._signers.keep(size)
            else:
                self._signers.restore()
            self._accepted = 0
            self.histories.settle()
            self.follow()

    def rolled_back(self) -> None:
        """Forget what was accepted since the last commit, and follow what others stored."""
        with self.turn:
            self._signers.restore()
            self._accepted = 0
            self.histories.forget()
            self.follow()


def submitted(candidate: Candidate) -> Submission:
    """Return the token of a candidate that the door has checked.

    Raises:
        TypeError: when it was made elsewhere.
    """
    token = candidate.token
    if not isinstance(token, Submission):
        message = "the candidate was not made by the application"
        raise TypeError(message)
    return token
