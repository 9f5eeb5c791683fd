"""What the key directory knows: keys, administrators, roles, proposals, each with its places.

    KeyRecord    kid, actor, force_at 12, revoked_at 90, compromised_since 85
                 may sign leaves 13 to 90; leaves 85 to 90 are contested until reaffirmed
    Term         an administrator since 40 (not included), until 77 (included)
    Grant        a role of an actor, in force after its k-th approval, from and to in days
    Proposal     an event that needs k administrators, and who voted for it

A place is a leaf index. Something that took force at place f and ended at place e holds for every
leaf i with f < i <= e. What is founded has force_at -1, so that it holds from leaf 0. Records are
frozen and replaced, so that a book is copied by copying its maps.

Source: design FORMATS section 4.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from ledger.signing.algorithms import PublicKey
    from ledger.signing.key_effects import Effect

FOUNDED: Final = -1


def holds(force_at: int | None, end_at: int | None, index: int) -> bool:
    """Tell whether something in force after `force_at` and until `end_at` holds for a leaf."""
    return force_at is not None and force_at < index and (end_at is None or index <= end_at)


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key of an actor with its certificate (PEM, and 32 byte digest) and its places."""

    actor: str
    public: PublicKey
    certificate_pem: str
    certificate_digest: bytes
    enrolled_at: int
    force_at: int | None = None
    revoked_at: int | None = None
    compromised_since: int | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """A time as administrator."""

    force_at: int
    end_at: int | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """A role granted to an actor by an event; the days include both ends."""

    event_id: str
    actor: str
    role: str
    from_on: date
    to_on: date | None
    force_at: int | None = None
    revoked_at: int | None = None


@dataclass(frozen=True, slots=True)
class Vote:
    """The word of an administrator for a proposal, or of a holder for contested events."""

    event_id: str
    actor: str
    kid: str
    index: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """An event that takes force at the k-th distinct administrator; the signer's vote is first."""

    event_id: str
    type: str
    index: int
    streams: tuple[str, ...]
    effect: Effect
    votes: tuple[Vote, ...]
    force_at: int | None = None


@dataclass(frozen=True, slots=True)
class Adopted:
    """What k administrators adopted: the event with its data as signed, and where it took force."""

    event_id: str
    type: str
    index: int
    data: Mapping[str, Any]
    force_at: int | None = None


@dataclass(slots=True)
class KeyBook:
    """The state of the key directory; changed by effects alone (key_effects.py)."""

    whole_log: bool = True
    origin: str = ""
    approvals: int = 0
    log_key: str = ""
    ca_pem: str = ""
    last_index: int = -1
    keys: dict[str, KeyRecord] = field(default_factory=dict)
    kids: dict[str, tuple[str, ...]] = field(default_factory=dict)
    terms: dict[str, tuple[Term, ...]] = field(default_factory=dict)
    grants: dict[str, tuple[Grant, ...]] = field(default_factory=dict)
    proposals: dict[str, Proposal] = field(default_factory=dict)
    reaffirmations: dict[str, tuple[Vote, ...]] = field(default_factory=dict)
    adopted: tuple[Adopted, ...] = ()

    def copy(self) -> KeyBook:
        """Return a book that changes apart from this one."""
        return replace(
            self,
            keys=dict(self.keys),
            kids=dict(self.kids),
            terms=dict(self.terms),
            grants=dict(self.grants),
            proposals=dict(self.proposals),
            reaffirmations=dict(self.reaffirmations),
        )

    def put_key(self, record: KeyRecord) -> None:
        """Add a key, or replace its record."""
        kid = record.public.kid
        if kid not in self.keys:
            self.kids[record.actor] = (*self.kids.get(record.actor, ()), kid)
        self.keys[kid] = record

    def is_administrator(self, actor: str, index: int) -> bool:
        """Tell whether an actor is an administrator for a leaf."""
        return any(holds(t.force_at, t.end_at, index) for t in self.terms.get(actor, ()))

    def administrators(self) -> frozenset[str]:
        """Return the administrators for the next leaf."""
        return frozenset(
            actor for actor, terms in self.terms.items() if any(t.end_at is None for t in terms)
        )

    def has_key_in_force(self, actor: str) -> bool:
        """Tell whether an actor could sign the next leaf."""
        records = (self.keys[kid] for kid in self.kids.get(actor, ()))
        return any(r.force_at is not None and r.revoked_at is None for r in records)

    def is_contested(self, vote: Vote) -> bool:
        """Tell whether an event lies where its key may have been in other hands.

        An event is out of doubt when its actor reaffirmed it after the revocation, with a key that
        is not itself contested at that place.
        """
        record = self.keys[vote.kid]
        since, until = record.compromised_since, record.revoked_at
        if since is None or until is None or not since <= vote.index <= until:
            return False
        return not any(
            later.actor == record.actor and later.index > until and not self.is_contested(later)
            for later in self.reaffirmations.get(vote.event_id, ())
        )

    def support(self, proposal: Proposal) -> frozenset[str]:
        """Return who counts for a proposal: administrators still, by votes out of doubt."""
        voters = {vote.actor for vote in proposal.votes if not self.is_contested(vote)}
        return frozenset(voters & self.administrators())
