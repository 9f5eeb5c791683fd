"""What is done to an act by a later one: rectified, suspended, revoked, annulled, voided, validated.

Each joins the streams of the act, of the act by which it is done, of the acts that the first one
affects, of all their CUPs and of those whose commitments, payments and other facts rest on them: so
that whoever reads one of them knows what still stands.
Source: DOMAIN sections 4.2 and 9.3; L. 241/1990 arts. 21-quater, 21-quinquies, 21-nonies.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar, Literal, Self

from typing_extensions import override

from ledger.domain.act_effects import ActEffect, EffectKind
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.acts import InPieces
from ledger.domain.events.declaration import Period, Role, event
from ledger.domain.events.streams import (
    acts_affected,
    by_act,
    cups_of_both,
    cups_resting,
    named_act,
)
from ledger.domain.identifiers import ActKey
from ledger.domain.keys import PaymentKey
from ledger.domain.money import EUR
from ledger.domain.pieces import Piece
from ledger.domain.rules.act_effects import (
    act_on_itself,
    author_missing,
    author_without_effect,
    payments_unlisted,
    same_effect,
)
from ledger.domain.rules.acts import act_unknown, before_adoption, dates_reversed
from ledger.domain.rules.funding import amount_not_positive

SIGNERS: tuple[Role, ...] = ("dirigente", "segretario")
STREAMS = (named_act, by_act, acts_affected, cups_of_both, cups_resting)
REFUSALS = (act_unknown, act_on_itself, author_without_effect, same_effect, before_adoption)


@dataclass(frozen=True, kw_only=True)
class DoneToAct(InPieces):
    """What is done to an act, `act`, by another, `by`."""

    kind: ClassVar[EffectKind]

    def effect(self, event: Event) -> ActEffect:
        """Return what is done."""
        raise NotImplementedError(event.type.name)

    def made(self, event: Event, **more: Any) -> ActEffect:  # noqa: ANN401  members of ActEffect
        """Return an effect of this kind on the act."""
        by = getattr(self, "by", None)
        members = {"on": event.day, "index": event.index, "by": by, **more}
        return ActEffect(kind=self.kind, act=self.act, **members)

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Note what is done to the act, in every dossier that the event is in, unless it is there."""
        return dossier if self.is_told_in(dossier) else dossier.with_effect(self.effect(event))


@event(
    "act-rectified/1",
    ask="rectify-act/1",
    italian="Rettifica",
    says="Rettificato l'atto {act} con l'atto {by}: {what}",
    streams=STREAMS,
    by=SIGNERS,
    refusals=REFUSALS,
)
@dataclass(frozen=True, kw_only=True)
class ActRectified(DoneToAct):
    """The text of an act is corrected by another; the legal date is its adoption."""

    kind: ClassVar[EffectKind] = "rettifica"

    by: ActKey
    what: str

    def effect(self, event: Event) -> ActEffect:
        """Return the rectification."""
        return self.made(event, grounds=self.what)


@event(
    "act-suspended/1",
    ask="suspend-act/1",
    italian="Sospensione",
    says="Sospeso l'atto {act}",
    streams=STREAMS,
    by=SIGNERS,
    refusals=(*REFUSALS, author_missing, dates_reversed),
)
@dataclass(frozen=True, kw_only=True)
class ActSuspended(DoneToAct):
    """An act has no effect for a time, by an act or by the order of a judge (art. 21-quater).

    A later one sets another term, longer or shorter; without a term it lasts until its act ends.
    """

    kind: ClassVar[EffectKind] = "sospensione"

    by: ActKey | None = None
    order: str | None = None
    to: date | None = None

    @property
    def author(self) -> str | None:
        """Return the act or the order on which it rests."""
        return self.by or self.order

    @property
    def period(self) -> Period:
        """Return the last day; the first is the legal date of the event."""
        return None, self.to

    def effect(self, event: Event) -> ActEffect:
        """Return the suspension."""
        grounds = self.order or "sospensione"
        return self.made(event, grounds=grounds, order=self.order, until=self.to)


@event(
    "act-revoked/1",
    ask="revoke-act/1",
    italian="Revoca, ex nunc",
    says="Revocato l'atto {act} dal {effective_on}: {grounds}",
    streams=STREAMS,
    by=SIGNERS,
    dated_by="effective_on",
    refusals=(*REFUSALS, amount_not_positive),
)
@dataclass(frozen=True, kw_only=True)
class ActRevoked(DoneToAct):
    """An act ends from now on, for supervening public interest, with indemnity (art. 21-quinquies)."""

    kind: ClassVar[EffectKind] = "revoca"

    by: ActKey
    effective_on: date
    grounds: str
    indemnity: EUR | None = None

    @property
    def amount(self) -> EUR | None:
        """Return the indemnity, which must be above zero when there is one."""
        return self.indemnity

    def effect(self, event: Event) -> ActEffect:
        """Return the revocation."""
        return self.made(event, grounds=self.grounds, indemnity=self.indemnity)


@event(
    "act-annulled/1",
    ask="annul-act/1",
    italian="Annullamento, ex tunc",
    says="Annullato l'atto {act} ({scope}): {grounds}",
    streams=STREAMS,
    by=SIGNERS,
    refusals=(*REFUSALS, author_missing, payments_unlisted),
    findings=("annulment-out-of-term",),
)
@dataclass(frozen=True, kw_only=True)
class ActAnnulled(DoneToAct):
    """An act is taken away from its first day, whole or in part (art. 21-nonies), or by a judge."""

    kind: ClassVar[EffectKind] = "annullamento"
    of_its_cups: ClassVar[tuple[str, ...]] = ("payments",)
    holds_for_every_day: ClassVar[bool] = True

    by: ActKey | None = None
    judgment: str | None = None
    grounds: str
    scope: Literal["totale", "parziale"]
    payments: tuple[PaymentKey, ...]
    parts: str | None = None

    @property
    def author(self) -> str | None:
        """Return the act or the judgment on which it rests."""
        return self.by or self.judgment

    @override
    def as_piece(
        self, piece: Piece, told_to: Sequence[Dossier], elsewhere: Sequence[Dossier]
    ) -> Self:
        """Return a piece, with the payments of its CUPs; the first has those of none, too."""
        here, others = (
            {key for one in some for key in one.spending.payments_on_act(self.act)}
            for some in (told_to, elsewhere)
        )
        its = here if piece.first is not None else here | (set(self.payments) - others)
        made = super().as_piece(piece, told_to, elsewhere)
        return replace(made, payments=tuple(one for one in self.payments if one in its))

    @override
    def whole(self, pieces: Sequence[Self]) -> Self:
        """Return what was asked, with the payments of all pieces."""
        payments = dict.fromkeys(one for piece in pieces for one in piece.payments)
        return replace(self, piece=None, payments=tuple(payments))

    def effect(self, event: Event) -> ActEffect:
        """Return the annulment."""
        more = {"scope": self.scope, "payments": self.payments, "parts": self.parts}
        return self.made(event, grounds=self.grounds, order=self.judgment, **more)


@event(
    "act-voided/1",
    ask="declare-act-void/1",
    italian="Nullità",
    says="Dichiarata la nullità dell'atto {act}: {grounds}",
    streams=STREAMS,
    by=SIGNERS,
    refusals=REFUSALS,
)
@dataclass(frozen=True, kw_only=True)
class ActVoided(DoneToAct):
    """An act that never had effect, such as one without CUP (L. 3/2003 art. 11 c. 2-bis)."""

    kind: ClassVar[EffectKind] = "nullita"
    holds_for_every_day: ClassVar[bool] = True

    grounds: str
    by: ActKey | None = None

    def effect(self, event: Event) -> ActEffect:
        """Return the nullity."""
        return self.made(event, grounds=self.grounds)


@event(
    "act-validated/1",
    ask="validate-act/1",
    italian="Convalida",
    says="Convalidato l'atto {act} con l'atto {by}: {what}",
    streams=STREAMS,
    by=SIGNERS,
    refusals=REFUSALS,
)
@dataclass(frozen=True, kw_only=True)
class ActValidated(DoneToAct):
    """A voidable act is made good by another, from its first day (art. 21-nonies c. 2)."""

    kind: ClassVar[EffectKind] = "convalida"
    holds_for_every_day: ClassVar[bool] = True

    by: ActKey
    what: str

    def effect(self, event: Event) -> ActEffect:
        """Return the validation."""
        return self.made(event, grounds=self.what)
