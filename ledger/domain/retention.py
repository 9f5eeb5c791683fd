"""Keeping and erasing: holds, requests of erasure, what was erased.

    request    received -> refused, or approved by another -> erased
    hold       set -> released; while it is in force nothing in its scope is erased

The scope of a hold is the name of a document, a kind of document, the key of an act or a class of the
titolario; anything else, such as `intervento`, holds all contents. Source: DOMAIN sections 8 and 9.8.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.identifiers import ShortId
from ledger.domain.references import Base64Digest, EventId

HoldCause = Literal["audit", "contenzioso", "altro"]


@dataclass(frozen=True, kw_only=True)
class HoldTerms:
    """Why and over what contents are held."""

    hold: ShortId
    cause: HoldCause
    scope: str


@dataclass(frozen=True, kw_only=True)
class HoldRelease:
    """The end of a hold."""

    cause: str
    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class Hold(HoldTerms):
    """A hold, with its release when there is one."""

    on: date
    index: int
    released: HoldRelease | None = None


@dataclass(frozen=True, kw_only=True)
class ErasedEnvelope:
    """A signed event that was erased: its leaf, and the digest of its envelope."""

    index: int
    digest: Base64Digest


@dataclass(frozen=True, kw_only=True)
class ErasureRequestTerms:
    """Which contents and which signed events somebody asks to erase, and on which ground."""

    request: ShortId
    commits: tuple[Base64Digest, ...] = ()
    envelopes: tuple[ErasedEnvelope, ...] = ()
    received_on: date
    ground: str


@dataclass(frozen=True, kw_only=True)
class ErasureRefusal:
    """Why a request was refused."""

    legal_basis: str
    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class ErasureApproval:
    """The approval of a request; `approval` is its id, which the erasure names."""

    approval: EventId
    on: date
    index: int
    actor: str


@dataclass(frozen=True, kw_only=True)
class ErasureRequest(ErasureRequestTerms):
    """A request, with its answer when there is one."""

    index: int
    actor: str
    refused: ErasureRefusal | None = None
    approved: ErasureApproval | None = None

    @property
    def is_answered(self) -> bool:
        """Return whether it was refused or approved."""
        return self.refused is not None or self.approved is not None


@dataclass(frozen=True, kw_only=True)
class ErasureTerms:
    """What is erased, on which legal basis, by which approval."""

    commits: tuple[Base64Digest, ...]
    legal_basis: str
    approval: EventId
    request: ShortId | None = None
    envelopes: tuple[ErasedEnvelope, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Erasure(ErasureTerms):
    """An erasure as recorded."""

    on: date
    index: int
    actor: str


@dataclass(frozen=True)
class Retention:
    """Holds, requests and erasures, each in order of the log."""

    holds: tuple[Hold, ...] = ()
    requests: tuple[ErasureRequest, ...] = ()
    erasures: tuple[Erasure, ...] = ()

    @property
    def in_force(self) -> tuple[Hold, ...]:
        """Return the holds that were set and not released."""
        return tuple(one for one in self.holds if one.released is None)

    def hold(self, key: str) -> Hold | None:
        """Return the hold of that short id."""
        return next((one for one in self.holds if one.hold == key), None)

    def request(self, key: str) -> ErasureRequest | None:
        """Return the request of that short id."""
        return next((one for one in self.requests if one.request == key), None)

    def approved_by(self, event: str) -> ErasureRequest | None:
        """Return the request that the event of that id approved."""
        return next(
            (one for one in self.requests if one.approved and one.approved.approval == event), None
        )

    def has_erased(self, commit: str) -> bool:
        """Return whether the content of that commitment was erased."""
        return any(commit in done.commits for done in self.erasures)

    def is_erased(self, place: int) -> bool:
        """Return whether the envelope at that leaf was erased."""
        return any(one.index == place for done in self.erasures for one in done.envelopes)
