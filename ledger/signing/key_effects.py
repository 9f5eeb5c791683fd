"""What a ledger event does to the key book, once it may.

    check(book)             raises when it cannot be done to the book as it stands
    propose(book, index)    what happens at the event's own leaf
    take(book, index)       what happens at the leaf of the k-th administrator, for leaves after it

An event that needs one signature only is proposed and taken at its own leaf. Nothing here judges who
signed: that is key_rules.py.

Source: design FORMATS section 4.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from ledger.errors import NotVerified
from ledger.signing.key_book import Term, holds

if TYPE_CHECKING:
    from ledger.signing.key_book import Adopted, Grant, KeyBook, KeyRecord, Vote


class Effect(Protocol):
    """A change of the book in two steps."""

    def check(self, book: KeyBook) -> None:
        """Accept a book to which this can be done."""

    def propose(self, book: KeyBook, index: int) -> None:
        """Do what happens at the leaf of the event."""

    def take(self, book: KeyBook, index: int) -> None:
        """Do what happens when it takes force."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """A change of nothing in the book, such as an anchor noted."""

    def check(self, book: KeyBook) -> None:
        """Accept any book."""

    def propose(self, book: KeyBook, index: int) -> None:
        """Do nothing."""

    def take(self, book: KeyBook, index: int) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class EnterKey(Nothing):
    """A key is enrolled: known from its leaf, in force from the approval."""

    record: KeyRecord

    def check(self, book: KeyBook) -> None:
        """Accept a book in which the key is new, or still waits.

        Raises:
            NotVerified: `key-revoked`, when it was revoked while it waited.
        """
        known = book.keys.get(self.record.public.kid)
        if known is not None and known.revoked_at is not None:
            raise NotVerified(
                "key-revoked",
                f"La firma {known.public.kid} è stata disattivata prima dell'approvazione:"
                " abilitarne una nuova.",
            )

    def propose(self, book: KeyBook, index: int) -> None:
        """Note the key as one that waits."""
        book.put_key(replace(self.record, enrolled_at=index))

    def take(self, book: KeyBook, index: int) -> None:
        """Put the key in force."""
        book.put_key(replace(book.keys[self.record.public.kid], force_at=index))


@dataclass(frozen=True, slots=True)
class RotateKey(Nothing):
    """A key gives way to another of the same actor."""

    old: str
    record: KeyRecord

    def take(self, book: KeyBook, index: int) -> None:
        """Put the new key in force and end the old one."""
        book.put_key(replace(book.keys[self.old], revoked_at=index))
        book.put_key(replace(self.record, enrolled_at=index, force_at=index))


@dataclass(frozen=True, slots=True)
class RevokeKey(Nothing):
    """A key ends; a key that ended before may still be found compromised."""

    kid: str
    compromised_since: int | None

    def take(self, book: KeyBook, index: int) -> None:
        """End the key, and note from where on it is contested; the earliest place counts."""
        record = book.keys[self.kid]
        places = [p for p in (record.compromised_since, self.compromised_since) if p is not None]
        book.put_key(
            replace(
                record,
                revoked_at=index if record.revoked_at is None else record.revoked_at,
                compromised_since=min(places, default=None),
            )
        )


@dataclass(frozen=True, slots=True)
class Reaffirm(Nothing):
    """A holder confirms events that may have been signed by somebody else."""

    vote: Vote
    events: tuple[str, ...]

    def take(self, book: KeyBook, index: int) -> None:  # noqa: ARG002  the vote has its place
        """Note the confirmation of each event."""
        for event in self.events:
            book.reaffirmations[event] = (*book.reaffirmations.get(event, ()), self.vote)


@dataclass(frozen=True, slots=True)
class GrantRole(Nothing):
    """A role is granted: known from its leaf, in force from the approval."""

    grant: Grant

    def check(self, book: KeyBook) -> None:
        """Accept a book in which the grant is new, or still waits.

        Raises:
            NotVerified: `role-revoked`, when it was revoked while it waited.
        """
        for known in book.grants.get(self.grant.actor, ()):
            if known.event_id == self.grant.event_id and known.revoked_at is not None:
                raise NotVerified(
                    "role-revoked",
                    f"La concessione {known.event_id} è stata revocata prima dell'approvazione:"
                    " concedere di nuovo il ruolo.",
                )

    def propose(self, book: KeyBook, index: int) -> None:  # noqa: ARG002  it has no place yet
        """Note the grant as one that waits."""
        book.grants[self.grant.actor] = (*book.grants.get(self.grant.actor, ()), self.grant)

    def take(self, book: KeyBook, index: int) -> None:
        """Put the grant in force."""
        book.grants[self.grant.actor] = tuple(
            replace(known, force_at=index) if known.event_id == self.grant.event_id else known
            for known in book.grants[self.grant.actor]
        )


@dataclass(frozen=True, slots=True)
class RevokeRole(Nothing):
    """All grants of a role to an actor end."""

    actor: str
    role: str

    def take(self, book: KeyBook, index: int) -> None:
        """End the grants of the role that have not ended."""
        book.grants[self.actor] = tuple(
            replace(known, revoked_at=index)
            if known.role == self.role and known.revoked_at is None
            else known
            for known in book.grants[self.actor]
        )


@dataclass(frozen=True, slots=True)
class ChangeAdministrators(Nothing):
    """Administrators come and go, and how many must agree."""

    add: frozenset[str]
    remove: frozenset[str]
    approvals: int

    def check(self, book: KeyBook) -> None:
        """Accept a book after which enough administrators remain, each able to sign.

        Raises:
            NotVerified: `administrators-too-few`; `administrators-mismatch`, when one to add is
                there, or one to remove is not; `key-unknown`, when one to add has no key in force.
        """
        present = book.administrators()
        if self.add & present or self.remove - present:
            raise NotVerified(
                "administrators-mismatch",
                f"Fra {sorted(self.add & present | self.remove - present)}, chi è da aggiungere è"
                " già amministratore, o chi è da togliere non lo è: correggere l'elenco.",
            )
        if len((present | self.add) - self.remove) < self.approvals:
            raise NotVerified(
                "administrators-too-few",
                f"Devono concordare {self.approvals} amministratori, ma ne resterebbero meno:"
                " aggiungerne altri, o chiedere meno approvazioni.",
            )
        for actor in sorted(self.add):
            if book.whole_log and not book.has_key_in_force(actor):
                raise NotVerified(
                    "key-unknown", f"{actor} non ha una firma in vigore: prima abilitarne una."
                )

    def take(self, book: KeyBook, index: int) -> None:
        """Open and close the terms."""
        for actor in self.add:
            book.terms[actor] = (*book.terms.get(actor, ()), Term(index))
        for actor in self.remove:
            book.terms[actor] = tuple(
                replace(term, end_at=index)
                if holds(term.force_at, term.end_at, index + 1)
                else term
                for term in book.terms[actor]
            )
        book.approvals = self.approvals


@dataclass(frozen=True, slots=True)
class ReplaceLogKey(Nothing):
    """The log signs its checkpoints with another key."""

    log_key: str

    def take(self, book: KeyBook, index: int) -> None:  # noqa: ARG002  notes are judged by policy
        """Note the key."""
        book.log_key = self.log_key


@dataclass(frozen=True, slots=True)
class ReplaceCA(Nothing):
    """Another CA issues from here on; certificates issued before stay."""

    ca_pem: str

    def take(self, book: KeyBook, index: int) -> None:  # noqa: ARG002  each record has its own
        """Note the CA."""
        book.ca_pem = self.ca_pem


@dataclass(frozen=True, slots=True)
class Adopt(Nothing):
    """A setting, a set of rules or schemas, a name of the body is adopted; what it means is for others."""

    adopted: Adopted

    def take(self, book: KeyBook, index: int) -> None:
        """Note it, in the order of taking force."""
        book.adopted = (*book.adopted, replace(self.adopted, force_at=index))


@dataclass(frozen=True, slots=True)
class Found(Nothing):
    """A ledger begins."""

    book: KeyBook

    def take(self, book: KeyBook, index: int) -> None:  # noqa: ARG002  founding is at leaf 0
        """Take over all that the founding event says."""
        book.origin = self.book.origin
        book.approvals = self.book.approvals
        book.log_key = self.book.log_key
        book.ca_pem = self.book.ca_pem
        book.terms.update(self.book.terms)
        for record in self.book.keys.values():
            book.put_key(record)
