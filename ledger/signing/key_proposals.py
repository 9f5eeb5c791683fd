"""Events that need k administrators: what they propose, and who has approved it.

    {"event": "<id of the event>"}        approval-given/1, in the streams of that event

The administrator who signs an event is the first for it; others give approval-given/1, each once.
It takes force at the k-th, for the leaves after. k, and who is an administrator, are those of the
moment of each approval; a vote counts while its giver is an administrator and its key not contested.

Source: design FORMATS section 4.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ledger.errors import NotVerified
from ledger.signing.key_authority import check_administrator
from ledger.signing.key_book import Proposal, Vote
from ledger.signing.key_data import read_event_id
from ledger.signing.key_effects import Nothing

if TYPE_CHECKING:
    from ledger.signing.envelope import Envelope
    from ledger.signing.key_book import KeyBook
    from ledger.signing.key_effects import Effect


@dataclass(frozen=True, slots=True)
class Propose(Nothing):
    """An event waits for its administrators; with k = 1 its signer is enough."""

    proposal: Proposal

    def check(self, book: KeyBook) -> None:
        """Accept a book to which the proposed effect could be done at once."""
        self.proposal.effect.check(book)

    def propose(self, book: KeyBook, index: int) -> None:
        """Note the proposal."""
        self.proposal.effect.propose(book, index)
        book.proposals[self.proposal.event_id] = self.proposal

    def take(self, book: KeyBook, index: int) -> None:
        """Put it in force when its signer is enough."""
        settle(book, self.proposal, index)


@dataclass(frozen=True, slots=True)
class Approve(Nothing):
    """One more administrator is for a proposal."""

    proposal: Proposal
    vote: Vote

    def check(self, book: KeyBook) -> None:
        """Accept a book to which the proposed effect can be done, when this is the k-th vote."""
        voted = self._voted()
        if len(book.support(voted)) >= book.approvals:
            voted.effect.check(book)

    def take(self, book: KeyBook, index: int) -> None:
        """Count the vote, and put the proposal in force when it is the k-th."""
        settle(book, self._voted(), index)

    def _voted(self) -> Proposal:
        """Return the proposal with this vote."""
        return replace(self.proposal, votes=(*self.proposal.votes, self.vote))


def settle(book: KeyBook, proposal: Proposal, index: int) -> None:
    """Keep a proposal as it now stands, and put it in force when k administrators support it."""
    if len(book.support(proposal)) >= book.approvals:
        proposal.effect.take(book, index)
        proposal = replace(proposal, force_at=index)
    book.proposals[proposal.event_id] = proposal


def propose(book: KeyBook, index: int, envelope: Envelope, effect: Effect) -> Effect:
    """Return the effect of an event that takes force at the k-th administrator.

    Raises:
        NotVerified: `not-administrator`; `event-id-reused`.
    """
    check_administrator(book, index, envelope)
    if envelope.id in book.proposals:
        raise NotVerified(
            "event-id-reused",
            f"La registrazione {envelope.id} è già nel registro: prepararne una nuova con un nuovo"
            " identificativo.",
        )
    streams = tuple(claim.name for claim in envelope.streams)
    votes = (vote(index, envelope),)
    return Propose(Proposal(envelope.id, envelope.type, index, streams, effect, votes))


def approve(book: KeyBook, index: int, envelope: Envelope) -> Effect:
    """Return the effect of approval-given/1.

    Raises:
        NotVerified: `approval-unknown`, `approval-not-needed`, `approval-repeated`, when the
            administrator signed or approved the event already; `not-administrator`.
    """
    check_administrator(book, index, envelope)
    event_id = read_event_id(envelope.data, "event")
    proposal = book.proposals.get(event_id)
    if proposal is None:
        raise NotVerified(
            "approval-unknown",
            f"Nessuna registrazione {event_id} attende approvazione: controllare l'identificativo.",
        )
    if proposal.force_at is not None:
        raise NotVerified(
            "approval-not-needed",
            f"La registrazione {event_id} è già in vigore dalla posizione {proposal.force_at}: non"
            " serve altra approvazione.",
        )
    check_streams(envelope, *proposal.streams)
    if any(v.actor == envelope.actor and not book.is_contested(v) for v in proposal.votes):
        raise NotVerified(
            "approval-repeated",
            f"{envelope.actor} ha già firmato o approvato {event_id}: deve approvarla un altro"
            " amministratore.",
        )
    return Approve(proposal, vote(index, envelope))


def vote(index: int, envelope: Envelope) -> Vote:
    """Return the word of the signer for an event."""
    return Vote(envelope.id, envelope.actor, envelope.header.kid, index)


def check_streams(envelope: Envelope, *names: str) -> None:
    """Accept an event that joins exactly these streams.

    Raises:
        NotVerified: `streams-mismatch`.
    """
    if tuple(claim.name for claim in envelope.streams) != names:
        raise NotVerified(
            "streams-mismatch",
            f"{envelope.type} {envelope.id} entra nei soli flussi {', '.join(names)}: prepararla"
            " di nuovo con questi.",
        )
