"""Links of an act to CUPs after its registration, and the atto ricognitivo.

Source: DOMAIN sections 3.4, 4.4 and 9.3; FAQ r-010.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ledger.domain.act_effects import ActEffect
from ledger.domain.act_statement import LinkedAct
from ledger.domain.acts import Act, Link
from ledger.domain.altered import altered
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.acts import InPieces
from ledger.domain.events.declaration import Fact, Missing, Parts, event
from ledger.domain.events.streams import (
    acts_remedied,
    cups_of_act,
    cups_remedied,
    linked_cups,
    linked_streams,
    named_act,
)
from ledger.domain.files import FileName
from ledger.domain.identifiers import CUP, ActKey
from ledger.domain.money import EUR
from ledger.domain.reconnaissance import Reconnaissance, ReconnaissanceTerms
from ledger.domain.rules.act_links import (
    act_already_linked,
    act_not_linked,
    links_beyond_total,
    reconnaissance_incomplete,
    share_not_whole,
    shares_above_amount,
)
from ledger.domain.rules.acts import (
    act_unknown,
    act_without_effect,
    cup_not_linked,
    link_repeated,
    links_too_many,
)
from ledger.domain.rules.funding import sum_mismatch
from ledger.domain.rules.interventions import nothing_changed, reference_unknown
from ledger.domain.taken import taken

# Findings whose remedy makes a void act good again; an atto ricognitivo may remedy others too.
OF_NULLITY: Final = frozenset({"cup-missing-in-text", "cup-wrong-in-document", "void-not-remedied"})


@event(
    "act-linked/1",
    ask="link-act/1",
    italian="Collegamento a CUP",
    says="Collegato l'atto {act} ad altri CUP: {cause}",
    streams=(named_act, linked_cups),
    by=("rup", "dirigente"),
    refusals=(
        act_unknown,
        shares_above_amount,
        sum_mismatch,
        cup_not_linked,
        links_too_many,
        links_beyond_total,
        link_repeated,
        act_already_linked,
    ),
)
@dataclass(frozen=True, kw_only=True)
class ActLinked(Fact):
    """More CUPs of an act: what did not fit in its registration, or was forgotten.

    Where shares are declared each link has its own; with the last one they make the amount.
    """

    act: ActKey
    links: tuple[Link, ...]
    cause: str

    def key(self, body: str) -> ActKey:  # noqa: ARG002  as of a registration
        """Return the act."""
        return self.act

    def parts_after(self, act: Act) -> Parts:
        """Return the act, the shares of the links that it has then, and its amount."""
        return f"l'atto {self.act}", [*act.shares, *(x.amount for x in self.links)], act.amount

    def links_after(self, act: Act | None) -> tuple[int, int | None]:
        """Return how many links there are then, and how many in all as far as it is said."""
        if act is None:
            return 0, None
        return len(act.every_link) + len(self.links), act.links_total

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Note the links: in the stream of the act all, in that of a CUP its own."""
        act = dossier.acts.get(self.act)
        if dossier.cup is None:
            links = (*act.continued, *self.links) if act is not None else ()
            return dossier if act is None else dossier.with_act(altered(act, continued=links))
        shares = [link.amount for link in self.links if dossier.owns(self.act, link)]
        given = [share for share in shares if share is not None]
        share = EUR(sum(given)) if given else None
        return dossier.with_linked_act(taken(LinkedAct, self, event, share=share))


@event(
    "act-relinked/1",
    ask="relink-act/1",
    italian="Atto su CUP errato",
    says="Spostato l'atto {act} dal CUP {wrong} al CUP {right}: {cause}",
    streams=(named_act, linked_streams),
    by=("rup", "dirigente"),
    refusals=(act_unknown, nothing_changed, share_not_whole, act_not_linked, act_already_linked),
)
@dataclass(frozen=True, kw_only=True)
class ActRelinked(Fact):
    """An act that was linked to another CUP by mistake; its share moves whole, both streams keep it.

    `amount` is the share, where the act has one on the wrong CUP: the right one knows it from here.
    """

    act: ActKey
    wrong: CUP
    right: CUP
    cause: str
    doc: FileName | None = None
    amount: EUR | None = None

    @property
    def links(self) -> tuple[Link, ...]:
        """Return the CUP that it is linked to from now on, with its share."""
        return (Link(cup=self.right, amount=self.amount),)

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the act when the two CUPs are the same."""
        return f"l'atto {self.act}" if self.wrong == self.right else None

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Move the link: away from the CUP that was wrong, and to the right one."""
        act = dossier.acts.get(self.act)
        if act is not None:
            [right] = self.links
            dossier = dossier.with_act(act.moved(self.wrong, right))
        if dossier.cup == self.wrong:
            return dossier.without_linked_act(self.act, self.right)
        if dossier.cup != self.right or act is not None:
            return dossier
        more = {"relinked_from": str(self.wrong), "share": self.amount}
        return dossier.with_linked_act(taken(LinkedAct, self, event, **more))


@event(
    "reconnaissance-adopted/1",
    ask="adopt-reconnaissance/1",
    italian="Atto ricognitivo",
    says="Adottato l'atto ricognitivo {act}",
    streams=(named_act, acts_remedied, cups_of_act, cups_remedied),
    by=("rup", "dirigente"),
    refusals=(act_unknown, reference_unknown, act_without_effect, reconnaissance_incomplete),
)
@dataclass(frozen=True, kw_only=True)
class ReconnaissanceAdopted(InPieces, ReconnaissanceTerms):
    """The determina that reconstructs and attests, with its fourteen items (FAQ r-010)."""

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the services that are not in the scope of a CUP that the act is of."""
        for one in self.covers if self.act in dossier.acts else ():
            if dossier.scope.item(one.item) is None:
                yield f"il servizio {one.item}", "add-scope-item/1"

    def effects(self, dossier: Dossier, event: Event) -> Iterator[ActEffect]:
        """Yield what it does to the acts that it remedies: those that it joins, or that are here."""
        subjects = dict.fromkeys(one.subject for one in self.remedies if one.code in OF_NULLITY)
        for subject in subjects:
            if f"act/{subject}" not in event.streams and subject not in dossier.acts:
                continue
            yield ActEffect(
                kind="ricognizione",
                act=ActKey.parse(subject),
                by=self.act,
                grounds="atto ricognitivo",
                on=event.day,
                index=event.index,
            )

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the act, and what it does to those that it remedies, unless the first piece has."""
        if self.is_told_in(dossier):
            return dossier
        adopted = taken(Reconnaissance, self, event)
        after = altered(dossier, reconnaissances=(*dossier.reconnaissances, adopted))
        for effect in self.effects(dossier, event):
            after = after.with_effect(effect)
        return after
