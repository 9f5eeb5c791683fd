"""What is shown and sent to others: access to the record, data to national systems, the public page.

An access holds for the days up to `to`, included, unless it is revoked before; an answer of a national
system is about the last data sent to it that has none. Source: DOMAIN sections 9.9 and 11.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.altered import altered
from ledger.domain.files import FileName
from ledger.domain.references import ActorId, Sha256

AccessScope = Literal["storia", "documenti", "vault"]
System = Literal["padigitale", "regis", "bdap", "pcp"]


@dataclass(frozen=True, kw_only=True)
class AccessTerms:
    """Who may read what, until when, and why."""

    actor: ActorId
    scope: AccessScope
    to: date
    cause: str


@dataclass(frozen=True, kw_only=True)
class Access(AccessTerms):
    """An access granted from its legal day, `on`; a revocation holds from its own legal day."""

    on: date
    index: int
    revoked_on: date | None = None
    revoked_cause: str | None = None
    revoked_index: int | None = None

    def in_force(self, day: date) -> bool:
        """Return whether it lets the actor read on that day."""
        return self.on <= day <= self.to and (self.revoked_on is None or day < self.revoked_on)


@dataclass(frozen=True, kw_only=True)
class TransmissionTerms:
    """What was sent to a national system; `digest` is the SHA-256 of what was sent."""

    system: System
    what: str
    digest: Sha256


@dataclass(frozen=True, kw_only=True)
class TransmissionAnswer:
    """What the system said of it."""

    outcome: str
    errors: tuple[str, ...] = ()
    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class Transmission(TransmissionTerms):
    """Data sent, with the answer when there is one."""

    on: date
    index: int
    answer: TransmissionAnswer | None = None


@dataclass(frozen=True, kw_only=True)
class SnapshotTerms:
    """The public page as it was seen: address and picture or copy."""

    url: str
    doc: FileName


@dataclass(frozen=True, kw_only=True)
class Snapshot(SnapshotTerms):
    """The public page on its legal day."""

    on: date
    index: int


@dataclass(frozen=True)
class Disclosure:
    """Accesses, data sent and pages seen, each in order of the log."""

    accesses: tuple[Access, ...] = ()
    transmissions: tuple[Transmission, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()

    def access(self, actor: str, scope: str) -> Access | None:
        """Return the newest access of an actor to a scope, revoked or not."""
        mine = (one for one in self.accesses if (one.actor, one.scope) == (actor, scope))
        return max(mine, key=lambda one: one.index, default=None)

    def revoked(self, access: Access, on: date, cause: str, index: int) -> "Disclosure":
        """Return the slice with that access revoked."""
        after = tuple(
            altered(one, revoked_on=on, revoked_cause=cause, revoked_index=index)
            if one is access
            else one
            for one in self.accesses
        )
        return altered(self, accesses=after)

    def sent(self, system: str) -> tuple[Transmission, ...]:
        """Return what was sent to a system."""
        return tuple(one for one in self.transmissions if one.system == system)

    def waiting(self, system: str) -> Transmission | None:
        """Return the last data sent to a system that have no answer."""
        open_ = (one for one in reversed(self.transmissions) if one.answer is None)
        return next((one for one in open_ if one.system == system), None)

    def answered(self, sent: Transmission, answer: TransmissionAnswer) -> "Disclosure":
        """Return the slice with the answer to what was sent."""
        after = tuple(
            altered(one, answer=answer) if one is sent else one for one in self.transmissions
        )
        return altered(self, transmissions=after)
