"""Which interventions of a shared CUP an event is about, by what it says and what the record holds.

    intervention: {measure, clp}          beside the data: the one that it is a fact of
    links: [{cup, measure, clp, amount}]  of an act, an invoice, a contract: one each share
    neither                               what is done to a recorded act: those that have met the act;
                                          what happens to a contract: those that have the contract

Source: DOMAIN section 3.2 and, for links, 9.13.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.domain.acts import Link

if TYPE_CHECKING:
    from ledger.domain.event import Event

Pair = tuple[str | None, str | None]  # measure and CLP as written, None where they are not


def links_of(event: Event) -> tuple[Link, ...]:
    """Return the links of an act to its CUPs; the links of a description are addresses."""
    found = getattr(event.data, "links", ())
    return tuple(link for link in found if isinstance(link, Link))


def chooses(event: Event) -> bool:
    """Return whether it must say which intervention it is about.

    What is done to an act says it by the act, what happens to a contract by the contract; what is about
    the CUP itself is about all.
    """
    is_of_one = event.type.concerns_one_cup or bool(links_of(event))
    is_said = event.data.registers or event.data.of_whole_cup or event.data.of_joint
    return is_of_one and not is_said


def selectors(event: Event, cup: str) -> list[Pair]:
    """Return the measure and CLP that select the intervention on one CUP, of each link to it.

    An act that has links, and none to this CUP, chooses nothing on it.
    """
    links = links_of(event)
    chosen = [selector(event, link) for link in links if link.cup == cup]
    return chosen if links else [beside(event)]


def selector(event: Event, link: Link) -> Pair:
    """Return what a link selects: by itself, or by the choice beside it."""
    return beside(event) if link.measure is None else (link.measure, link.clp)


def beside(event: Event) -> Pair:
    """Return what the event selects beside its links."""
    chosen = event.data.intervention
    return (None, None) if chosen is None else (chosen.measure, chosen.clp)


def acts_of(event: Event) -> frozenset[str]:
    """Return the keys of the acts whose streams it joins."""
    return frozenset(name[4:] for name in event.streams if name.startswith("act/"))
