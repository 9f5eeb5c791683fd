"""Acts: determine and deliberazioni registered, visto, enforceability, publication.

Source: DOMAIN sections 4 and 9.3.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar, Literal, Self, TypeVar

from ledger.domain.act_tracks import Tracks
from ledger.domain.acts import (
    Act,
    CigAbsence,
    DeliberazioneSubtype,
    DeterminaSubtype,
    Link,
    Organ,
    OtherKind,
)
from ledger.domain.altered import altered
from ledger.domain.documents import Document, Numbered, SignatureReport
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import Fact, Parts, event
from ledger.domain.events.streams import linked_cups, own_act
from ledger.domain.files import FileName
from ledger.domain.identifiers import CIG, IPA, ActKey, ActNumber, PersonRef, RegisterSlug
from ledger.domain.keys import ProcedureKey
from ledger.domain.money import EUR
from ledger.domain.pieces import Piece
from ledger.domain.rules.act_links import links_beyond_total
from ledger.domain.rules.acts import (
    act_already_registered,
    act_without_cup,
    cig_and_absence,
    cup_not_linked,
    link_repeated,
    links_too_many,
)
from ledger.domain.rules.funding import amount_not_positive, sum_mismatch
from ledger.domain.shapes import Field, Many, Scalar
from ledger.domain.stream_names import act_stream
from ledger.domain.taken import taken

Said = TypeVar("Said", bound=Tracks)  # an act, or what a CUP knows of one that was linked later
ACT_REFUSALS = (
    act_already_registered,
    amount_not_positive,
    sum_mismatch,
    cup_not_linked,
    links_too_many,
    links_beyond_total,
    link_repeated,
    act_without_cup,
    cig_and_absence,
)
ACT_FINDINGS = (
    "cup-missing-in-text",
    "cup-wrong-in-document",
    "cig-missing",
    "act-registered-late",
    "act-year-mismatch",
    "publication-missing",
)


@dataclass(frozen=True, kw_only=True)
class ActRegistered(Fact):
    """The fields that every act has (DOMAIN 9.3); `links` names each CUP and its share.

    `links_total` says how many links it has in all, when they do not fit here: `act-linked` brings the
    others, and with the last one the shares make the amount.
    """

    register: RegisterSlug
    year: int
    number: ActNumber
    adopted_on: date
    subject: str
    office: str
    signatory: PersonRef
    links: tuple[Link, ...]
    cup_in_text: Literal["si", "no", "errato"]
    file: FileName
    ipa: IPA | None = None
    proposal: Numbered | None = None
    sector_number: str | None = None
    protocollo: Numbered | None = None
    numbered_on: date | None = None
    amount: EUR | None = None
    cigs: tuple[CIG, ...] = ()
    cig_absence: CigAbsence | None = None
    procedure: ProcedureKey | None = None
    chapters: tuple[str, ...] = ()
    rup: PersonRef | None = None
    public_subject: str | None = None
    void: bool = False
    form: str | None = None
    signature_report: SignatureReport | None = None
    links_total: int | None = None

    def key(self, body: str) -> ActKey:
        """Return (IPA, register, year, number); the IPA is the body's own unless given."""
        return ActKey.parse(f"{self.ipa or body}/{self.register}/{self.year}/{self.number}")

    def parts(self) -> Parts:
        """Return what it is, the shares of the CUPs and the amount."""
        shares = [link.amount for link in self.links]
        return f"l'atto {self.register} {self.number}/{self.year}", shares, self.amount

    def links_after(self, act: Act | None) -> tuple[int, int | None]:  # noqa: ARG002
        """Return how many links there are then, and how many in all as far as it is said."""
        return len(self.links), self.links_total

    def act(self, event: Event) -> Act:
        """Return the act as it is on its registration."""
        raise NotImplementedError(event.type.name)

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the act, and its file among the documents of each CUP."""
        act = self.act(event)
        after = dossier.with_act(act)
        ref = event.object_named(self.file)
        if ref is None or dossier.cup is None:
            return after
        document = Document(
            name=self.file,
            kind="atto",
            title=self.subject,
            act=act.key,
            commit=ref.commit,
            size_bytes=ref.size_bytes,
            media_type=ref.media_type,
            on=event.day,
            index=event.index,
        )
        return altered(after, documents=after.documents.attached(document))


def _act_key_of(event: Event) -> ActKey:
    """Return the key in the name of the act stream that the registration claims."""
    name = next(name for name in event.streams if name.startswith("act/"))
    return ActKey.parse(name[len("act/") :])


@dataclass(frozen=True, kw_only=True)
class InPieces(Fact):
    """Base of what is told of a recorded act, in several events where it concerns too many CUPs.

    `of_its_cups` are the fields of which each piece has what is of its own CUPs.
    """

    of_its_cups: ClassVar[tuple[str, ...]] = ()

    act: ActKey
    piece: Piece | None = None

    @property
    def core(self) -> str:
        """Return the stream that every piece joins: that of the act."""
        return act_stream(self.act)

    def is_told_in(self, dossier: Dossier) -> bool:
        """Return whether the first piece has said it in this stream already: it is that of the act."""
        is_later = self.piece is not None and self.piece.first is not None
        return is_later and dossier.stream == self.core

    def as_piece(
        self,
        piece: Piece,
        told_to: Sequence[Dossier],  # noqa: ARG002
        elsewhere: Sequence[Dossier],  # noqa: ARG002
    ) -> Self:
        """Return what is said in a piece: told to the streams of some dossiers, and not of others."""
        files = {} if piece.first is None else self._without_files()
        return replace(self, piece=piece, **files)

    def whole(self, pieces: Sequence[Self]) -> Self:  # noqa: ARG002
        """Return what was asked, from the first piece, which this is, and all of them."""
        return replace(self, piece=None)

    def _without_files(self) -> dict[str, Any]:
        """Return the fields that name files and may be left out, without any."""
        fields = (one for one in self.declared.shape.fields if not one.required)
        named = (one for one in fields if _names_files(one))
        return {one.attribute: () if isinstance(one.kind, Many) else None for one in named}


def _names_files(field: Field) -> bool:
    kind = field.kind.item if isinstance(field.kind, Many) else field.kind
    return isinstance(kind, Scalar) and kind.of is FileName


@dataclass(frozen=True, kw_only=True)
class OfAct(InPieces):
    """What is said of one act; where the stream has no such act it changes nothing.

    The stream of a CUP to which an act was linked later knows it by its key, and what is said since.
    """

    def changed(self, act: Said, event: Event) -> Said:
        """Return the act, or what is known of it, after this event."""
        raise NotImplementedError(event.type.name)

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Put the act in its new form, unless the first piece has done so."""
        if self.is_told_in(dossier):
            return dossier
        act = dossier.acts.get(self.act)
        after = dossier if act is None else dossier.with_act(self.changed(act, event))
        linked = [one for one in after.linked_acts if one.act == self.act]
        if not linked:
            return after
        known = tuple(
            self.changed(one, event) if one.act == self.act else one for one in after.linked_acts
        )
        return altered(after, linked_acts=known)


@event(
    "determina-registered/1",
    ask="register-determina/1",
    italian="Registrazione determina",
    says="Registrata la determina n. {number}/{year} del {adopted_on}: {subject}",
    streams=(own_act, linked_cups),
    by=("rup", "dirigente"),
    dated_by="adopted_on",
    refusals=ACT_REFUSALS,
    findings=(*ACT_FINDINGS, "visto-missing-late"),
)
@dataclass(frozen=True, kw_only=True)
class DeterminaRegistered(ActRegistered):
    """A determination of a manager (TUEL arts. 107, 183)."""

    subtype: DeterminaSubtype

    def act(self, event: Event) -> Act:
        """Return the determina."""
        return _act(self, event, kind="determina")


@event(
    "deliberazione-registered/1",
    ask="register-deliberazione/1",
    italian="Registrazione deliberazione",
    says="Registrata la deliberazione di {organ} n. {number}/{year} del {adopted_on}: {subject}",
    streams=(own_act, linked_cups),
    by=("rup", "dirigente", "segretario"),
    dated_by="adopted_on",
    refusals=ACT_REFUSALS,
    findings=ACT_FINDINGS,
)
@dataclass(frozen=True, kw_only=True)
class DeliberazioneRegistered(ActRegistered):
    """A resolution of Giunta, Consiglio or commissario (TUEL arts. 42, 48)."""

    organ: Organ
    subtype: DeliberazioneSubtype
    votes: str | None = None

    def act(self, event: Event) -> Act:
        """Return the deliberazione."""
        return _act(self, event, kind="deliberazione")


@event(
    "act-registered/1",
    ask="register-act/1",
    italian="Registrazione altro atto",
    says="Registrato l'atto ({kind}) n. {number}/{year} del {adopted_on}: {subject}",
    streams=(own_act, linked_cups),
    by=("rup", "dirigente"),
    dated_by="adopted_on",
    refusals=ACT_REFUSALS,
    findings=ACT_FINDINGS,
)
@dataclass(frozen=True, kw_only=True)
class OtherActRegistered(ActRegistered):
    """Another act: of the mayor, a service order, a contract, an act of who granted (DOMAIN 4.1)."""

    kind: OtherKind
    issuer: str | None = None

    def act(self, event: Event) -> Act:
        """Return the act."""
        return _act(self, event, kind="altro", subtype=self.kind)


def _act(data: ActRegistered, event: Event, **more: Any) -> Act:  # noqa: ANN401  members of Act
    """Return the act with the members of its registration."""
    return taken(Act, data, event, key=_act_key_of(event), days_late=event.days_late, **more)
