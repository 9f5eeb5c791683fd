"""The key directory: who could sign what, at which place in the log.

    directory = KeyDirectory()
    for index, envelope in ledger_events:           sys/log and actor/*, in the order of the log
        directory.apply(index, envelope)
    key = directory.signer_at(index, envelope)      the key in force before that leaf
    verified = verify(envelope, key.public)
    directory.roles_at(envelope.actor, index, day_of_receipt)

A pure fold of ledger events. It knows no clock and no meaning of a role; events of other types are
passed over. What it once said of a place it always says: later events add, and only `contested` may
learn of an earlier place that its key was in other hands.

The rules are in key_rules.py, the state in key_book.py. Source: design FORMATS section 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.signing.algorithms import format_jwk
from ledger.signing.key_authority import find_signer
from ledger.signing.key_book import KeyBook, Vote, holds
from ledger.signing.key_extract import book_of, extract_keys
from ledger.signing.key_roles import ADMINISTRATOR
from ledger.signing.key_rules import judge

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from ledger.signing.algorithms import PublicKey
    from ledger.signing.envelope import Envelope
    from ledger.signing.key_book import Adopted, Grant, KeyRecord, Proposal
    from ledger.signing.key_extract import KeyExtract


@dataclass(frozen=True, slots=True)
class KeyInForce:
    """A key that may sign at the place that was asked for, and whose it is."""

    actor: str
    kid: str
    jwk: dict[str, str]
    alg: str
    certificate_pem: str
    public: PublicKey


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A key as it stands: `state` is pending, active or revoked; places are leaf indexes."""

    kid: str
    alg: str
    state: str
    enrolled_at: int
    force_at: int | None
    revoked_at: int | None
    compromised_since: int | None


@dataclass(frozen=True, slots=True)
class ListedActor:
    """An actor with all keys, in the order of enrolment, and all grants of roles."""

    actor: str
    is_administrator: bool
    keys: tuple[ListedKey, ...]
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class PendingApproval:
    """An event that waits: who is for it, and how many administrators are still missing."""

    event_id: str
    type: str
    index: int
    streams: tuple[str, ...]
    approved_by: frozenset[str]
    missing: int


class KeyDirectory:
    """Keys, roles and administrators of one ledger, folded from its events."""

    def __init__(self, *, whole_log: bool = True) -> None:
        """Begin before leaf 0.

        With `whole_log` false only the streams of some actors are folded, as a package holds them;
        then it is not asked whether a new administrator has a key.
        """
        self._book = KeyBook(whole_log=whole_log)

    def copy(self) -> KeyDirectory:
        """Return a directory that goes on apart from this one."""
        twin = KeyDirectory()
        twin._book = self._book.copy()
        return twin

    def extract(self, kids: Collection[str]) -> KeyExtract:
        """Return what it knows of some keys, to be sent to another process."""
        return extract_keys(self._book, kids)

    @classmethod
    def of_extract(cls, extract: KeyExtract) -> KeyDirectory:
        """Return a directory that answers for the keys of an extract; nothing is folded into it."""
        directory = cls(whole_log=False)
        directory._book = book_of(extract)
        return directory

    def check_admissible(self, index: int, envelope: Envelope) -> None:
        """Accept an event that `apply` would take at a place; nothing is changed.

        Raises:
            NotVerified: when a ledger event is not admissible at its place (key_rules.py).
            Unreadable: when its data cannot be read.
        """
        judge(self._book, index, envelope)

    def apply(self, index: int, envelope: Envelope) -> None:
        """Take the next event of sys/log or actor/*; the signature of a ledger event is verified.

        Raises:
            NotVerified: when a ledger event is not admissible at its place; nothing was changed.
            Unreadable: when its data cannot be read; nothing was changed.
        """
        effect = judge(self._book, index, envelope)
        effect.propose(self._book, index)
        effect.take(self._book, index)
        self._book.last_index = max(index, self._book.last_index)

    def signer_at(self, index: int, envelope: Envelope) -> KeyInForce:
        """Return the key that the header names, when it may sign at a place; verify with it.

        Raises:
            NotVerified: `key-unknown`, `key-not-yet-in-force`, `key-revoked`,
                `algorithm-mismatch`, `certificate-mismatch`, `actor-mismatch`.
        """
        return _in_force(find_signer(self._book, index, envelope))

    def find_key(self, kid: str) -> KeyInForce | None:
        """Return a key by its thumbprint, whether it may sign now or not; None when unknown."""
        record = self._book.keys.get(kid)
        return None if record is None else _in_force(record)

    def enrolled_at(self, kid: str) -> int | None:
        """Return the leaf at which a key entered the directory, None when it never did."""
        record = self._book.keys.get(kid)
        return None if record is None else record.enrolled_at

    def roles_at(self, actor: str, index: int, day: date | None) -> frozenset[str]:
        """Return the roles of an actor for a leaf received on a day; without a day, of any day."""
        roles = {
            grant.role
            for grant in self._book.grants.get(actor, ())
            if holds(grant.force_at, grant.revoked_at, index) and _covers(grant, day)
        }
        if self._book.is_administrator(actor, index):
            roles.add(ADMINISTRATOR)
        return frozenset(roles)

    def contested(self, index: int, envelope: Envelope) -> str | None:
        """Return the key of an event when it may have been in other hands there, else None.

        The event lies from `compromised_since` to the revocation of its key, both included, and its
        actor has not reaffirmed it since.
        """
        kid = envelope.header.kid
        if kid not in self._book.keys:
            return None
        vote = Vote(envelope.id, envelope.actor, kid, index)
        return kid if self._book.is_contested(vote) else None

    def force_index(self, event_id: str) -> int | None:
        """Return the leaf at which an event of k administrators took force; None until then."""
        proposal = self._book.proposals.get(event_id)
        return None if proposal is None else proposal.force_at

    def adopted(self) -> tuple[Adopted, ...]:
        """Return what k administrators adopted, in the order of taking force."""
        return self._book.adopted

    def administrators(self) -> frozenset[str]:
        """Return the administrators for the next leaf."""
        return self._book.administrators()

    def actors(self) -> tuple[ListedActor, ...]:
        """Return all actors in the order of their first enrolment."""
        administrators = self._book.administrators()
        return tuple(
            ListedActor(
                actor=actor,
                is_administrator=actor in administrators,
                keys=tuple(_list_key(self._book.keys[kid]) for kid in kids),
                grants=self._book.grants.get(actor, ()),
            )
            for actor, kids in self._book.kids.items()
        )

    def pending(self) -> tuple[PendingApproval, ...]:
        """Return the events that wait for administrators, in the order of the log."""
        waiting = (p for p in self._book.proposals.values() if p.force_at is None)
        return tuple(self._list_proposal(proposal) for proposal in waiting)

    @property
    def origin(self) -> str:
        """Return the origin of the ledger; empty before it is founded."""
        return self._book.origin

    @property
    def k(self) -> int:
        """Return how many administrators must agree."""
        return self._book.approvals

    @property
    def log_key(self) -> str:
        """Return the verifier key of the log."""
        return self._book.log_key

    @property
    def ca_pem(self) -> str:
        """Return the certificate of the CA that issues now."""
        return self._book.ca_pem

    def _list_proposal(self, proposal: Proposal) -> PendingApproval:
        """Return a proposal for people to look at."""
        support = self._book.support(proposal)
        return PendingApproval(
            event_id=proposal.event_id,
            type=proposal.type,
            index=proposal.index,
            streams=proposal.streams,
            approved_by=support,
            missing=max(self._book.approvals - len(support), 1),
        )


def _covers(grant: Grant, day: date | None) -> bool:
    """Tell whether a day is within a grant, both ends included."""
    return day is None or (grant.from_on <= day and (grant.to_on is None or day <= grant.to_on))


def _in_force(record: KeyRecord) -> KeyInForce:
    """Return what others may see of a key."""
    return KeyInForce(
        actor=record.actor,
        kid=record.public.kid,
        jwk=format_jwk(record.public),
        alg=record.public.alg,
        certificate_pem=record.certificate_pem,
        public=record.public,
    )


def _list_key(record: KeyRecord) -> ListedKey:
    """Return a key for people to look at."""
    begun = "pending" if record.force_at is None else "active"
    return ListedKey(
        kid=record.public.kid,
        alg=record.public.alg,
        state=begun if record.revoked_at is None else "revoked",
        enrolled_at=record.enrolled_at,
        force_at=record.force_at,
        revoked_at=record.revoked_at,
        compromised_since=record.compromised_since,
    )
