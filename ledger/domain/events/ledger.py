"""Events of the ledger itself: founding, keys, approvals, roles.

They concern no intervention, so they carry no role and no legal date; whether a key may sign them
is judged by the key directory (ledger.signing.keys), which folds the same events. What concerns the
administrators together, and what they adopt, is in events.governance.
Source: FORMATS section 4; DOMAIN section 9.11.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from ledger.domain.events.declaration import Fact, Role, event
from ledger.domain.joins import Asked, Streams, Surroundings
from ledger.domain.references import ActorId, EventId, KeyId, Sha256
from ledger.domain.shapes import ENCODED
from ledger.domain.stream_names import SYS_LOG

if TYPE_CHECKING:
    from ledger.domain.rules.refusal import Rule

D = TypeVar("D")


def log(_: Asked, __: Surroundings) -> Iterator[str]:
    """Yield the stream of the ledger."""
    yield SYS_LOG


def own_actor(asked: Asked, _: Surroundings) -> Iterator[str]:
    """Yield the stream of the actor in the data."""
    yield f"actor/{asked.data.actor}"


def administrators(asked: Asked, _: Surroundings) -> Iterator[str]:
    """Yield the stream of each founding administrator."""
    for keeper in asked.data.administrators:
        yield f"actor/{keeper.actor}"


def approved(asked: Asked, around: Surroundings) -> Iterator[str]:
    """Yield the streams of the event that is approved."""
    found = around.event(asked.data.event)
    if found is not None:
        yield from found.streams


def ledger_event(  # noqa: PLR0913  the columns of the table
    name: str,
    *,
    ask: str,
    italian: str,
    says: str,
    streams: tuple[Streams, ...],
    refusals: tuple["Rule", ...] = (),
    with_files: bool = False,
) -> Callable[[type[D]], type[D]]:
    """Declare an event of the ledger: no role of an intervention signs it, none may correct it."""
    return event(
        name,
        ask=ask,
        italian=italian,
        says=says,
        streams=streams,
        by=(),
        refusals=refusals,
        correctable=False,
        with_files=with_files,
    )


@dataclass(frozen=True, kw_only=True)
class JWK:
    """A public key as JSON Web Key (RFC 7517): EC P-256, OKP Ed25519 or RSA."""

    kty: str
    crv: str | None = None
    x: str | None = None
    y: str | None = None
    n: str | None = None
    e: str | None = None


@dataclass(frozen=True, kw_only=True)
class Keeper:
    """A founding administrator with the key and its certificate (PEM)."""

    actor: ActorId
    kid: KeyId
    jwk: JWK = field(metadata=ENCODED)
    certificate: str = field(metadata=ENCODED)


@ledger_event(
    "ledger-founded/1",
    ask="found-ledger/1",
    italian="Fondazione del registro",
    says="Fondato il registro {origin}",
    streams=(log, administrators),
)
@dataclass(frozen=True, kw_only=True)
class LedgerFounded(Fact):
    """Leaf 0: who keeps the ledger, with which keys, how many must agree."""

    origin: str
    log_key: str = field(metadata=ENCODED)
    approvals: int
    administrators: tuple[Keeper, ...]
    ca: str = field(metadata=ENCODED)
    policy: Sha256
    schemas: Sha256
    rules: Sha256


@ledger_event(
    "actor-enrolled/1",
    ask="enrol-actor/1",
    italian="Abilitazione di una firma",
    says="Abilitata la firma di {actor}",
    streams=(own_actor,),
)
@dataclass(frozen=True, kw_only=True)
class ActorEnrolled(Fact):
    """A key with its certificate and the proof that its holder has it."""

    actor: ActorId
    kid: KeyId
    jwk: JWK = field(metadata=ENCODED)
    certificate: str = field(metadata=ENCODED)
    possession: str = field(metadata=ENCODED)


@ledger_event(
    "approval-given/1",
    ask="give-approval/1",
    italian="Approvazione",
    says="Approvata la registrazione {event}",
    streams=(approved,),
)
@dataclass(frozen=True, kw_only=True)
class ApprovalGiven(Fact):
    """The assent of another administrator to an event that needs k of them."""

    event: EventId


@ledger_event(
    "key-rotated/1",
    ask="rotate-key/1",
    italian="Cambio di firma",
    says="Cambiata la firma di {actor}",
    streams=(own_actor,),
)
@dataclass(frozen=True, kw_only=True)
class KeyRotated(Fact):
    """A new key of the same actor, signed by the old one, which is then as revoked."""

    actor: ActorId
    old: KeyId
    kid: KeyId
    jwk: JWK = field(metadata=ENCODED)
    certificate: str = field(metadata=ENCODED)
    possession: str = field(metadata=ENCODED)


@ledger_event(
    "key-revoked/1",
    ask="revoke-key/1",
    italian="Disattivazione di una firma",
    says="Disattivata una firma di {actor}: {cause}",
    streams=(own_actor,),
)
@dataclass(frozen=True, kw_only=True)
class KeyRevoked(Fact):
    """A key that may sign no more; `compromised_since` is the leaf from which it is contested."""

    actor: ActorId
    kid: KeyId
    cause: str
    compromised_since: int | None = None


@ledger_event(
    "events-reaffirmed/1",
    ask="reaffirm-events/1",
    italian="Conferma di registrazioni contestate",
    says="Confermate registrazioni contestate di {actor}",
    streams=(own_actor,),
)
@dataclass(frozen=True, kw_only=True)
class EventsReaffirmed(Fact):
    """Contested events that their holder confirms with a fresh key."""

    actor: ActorId
    events: tuple[EventId, ...]


@ledger_event(
    "role-granted/1",
    ask="grant-role/1",
    italian="Ruolo concesso",
    says="Concesso il ruolo {role} a {actor}",
    streams=(own_actor,),
)
@dataclass(frozen=True, kw_only=True)
class RoleGranted(Fact):
    """The authority of a key; `role_assignment` names the legal nomination behind it."""

    actor: ActorId
    role: Role
    from_: date
    to: date | None = None
    office: str
    role_assignment: EventId | None = None


@ledger_event(
    "role-revoked/1",
    ask="revoke-role/1",
    italian="Ruolo revocato",
    says="Revocato il ruolo {role} a {actor}: {cause}",
    streams=(own_actor,),
)
@dataclass(frozen=True, kw_only=True)
class RoleRevoked(Fact):
    """The end of an authority."""

    actor: ActorId
    role: Role
    cause: str
