"""Refusals about erasure: what is held, what is kept, who approves. Source: DOMAIN sections 8, 9.12."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.domain.days import format_day_it
from ledger.domain.keeping import OVERRIDING, Keeper, running_until
from ledger.domain.rules.refusal import Broken, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.domain.dossier import Dossier
    from ledger.domain.event import Event
    from ledger.domain.keeping import Content
    from ledger.domain.situation import Situation


def _contents(event: Event, dossier: Dossier) -> Iterator[tuple[str, Content | None]]:
    """Yield what is to be erased: each content by its name, and envelopes, which are no content."""
    for commit in event.data.commits:
        found = dossier.documents.committed(commit)
        yield (found.name if found is not None else commit), found
    for envelope in event.data.envelopes:
        yield f"registrazione n. {envelope.index}", None


def _kept(
    event: Event, situation: Situation
) -> Iterator[tuple[Dossier, list[tuple[str, Content | None]]]]:
    """Yield each dossier concerned, with what it has of what is to be erased.

    The file of an act of two CUPs is kept for both: also for the one where nobody asks to erase it.
    """
    mine = situation.dossiers(event)
    for dossier in mine.values():
        yield dossier, list(_contents(event, dossier))
    for cup in sorted(_others(event, situation) - set(mine)):
        dossier = situation.record.dossier(f"cup/{cup}")
        found = [(name, one) for name, one in _contents(event, dossier) if one is not None]
        envelopes = {one.index for one in event.data.envelopes}
        here = {one.index for one in situation.record.history(f"cup/{cup}")} & envelopes
        yield dossier, [*found, *((f"registrazione n. {place}", None) for place in sorted(here))]


def _others(event: Event, situation: Situation) -> set[str]:
    """Return the CUPs of the events that brought the contents, or that are erased."""
    cups: set[str] = set()
    for cup, dossier in situation.dossiers(event).items():
        found = [content for _, content in _contents(event, dossier) if content is not None]
        places = {one.index for one in (*found, *event.data.envelopes)}
        for brought in situation.record.history(f"cup/{cup}"):
            if brought.index in places:
                cups.update(brought.cups)
    return cups


@refusal(
    "hold-in-force",
    it="{item} non si cancella: è bloccato da {hold} ({cause}). Attendere che il blocco finisca.",
    en="{item} is not erased: hold {hold} ({cause}) is in force.",
    source="DL 77/2021 art. 9 c. 4; DOMAIN 8",
    remedy="release-retention-hold/1",
)
def hold_in_force(event: Event, situation: Situation) -> Broken:
    """Refuse to erase what a hold in force keeps."""
    for dossier, contents in _kept(event, situation):
        keeper = Keeper.of(dossier, situation.law)
        for name, content in contents:
            for hold in keeper.holding(content):
                yield {"item": name, "hold": hold.hold, "cause": hold.cause}


@refusal(
    "retention-running",
    it=(
        "{item} va conservato fino al {until} ({rules}): prima si oscura (unpublish-document/1),"
        " oppure serve un ordine del Garante o del giudice, o un trattamento illecito."
    ),
    en="{item} is kept until {until} ({rules}): unpublish it, or give a legal basis that overrides.",
    source="DL 77/2021 art. 9 c. 4; GDPR art. 17 par. 3; DOMAIN 8",
    remedy="unpublish-document/1",
)
def retention_running(event: Event, situation: Situation) -> Broken:
    """Refuse to erase before the due date, on a legal basis that does not override it."""
    if event.data.legal_basis in OVERRIDING:
        return
    for dossier, contents in _kept(event, situation):
        keeper = Keeper.of(dossier, situation.law)
        for name, content in contents:
            rules = keeper.kept_by(content)
            until = running_until(rules)
            if until is not None and event.day <= until:
                yield {
                    "item": name,
                    "until": format_day_it(until),
                    "rules": ", ".join(r.rule for r in rules if r.confirmed and r.until == until),
                }


@refusal(
    "self-approved",
    it="La cancellazione {item} la approva chi non l'ha chiesta, e la esegue chi non l'ha approvata.",
    en="Erasure {item} is approved by another than asked for it, and done by another than approved.",
    source="DOMAIN 9.13 e 11",
    remedy="",
)
def self_approved(event: Event, situation: Situation) -> Broken:
    """Refuse the approval by who asked, and the erasure by who approved; there is no exception."""
    for dossier in situation.dossiers(event).values():
        before = event.data.done_before_by(dossier)
        if before is not None and _is_one_person(before, event.actor, situation):
            yield {"item": event.data.request or event.data.approval}


def _is_one_person(one: str, other: str, situation: Situation) -> bool:
    """Return whether two actors are one, or were nominated as one person."""
    return one == other or not _persons(one, situation).isdisjoint(_persons(other, situation))


def _persons(actor: str, situation: Situation) -> frozenset[str]:
    """Return the persons named by the nominations behind the roles granted to an actor."""
    grants = (one.data for one in situation.record.history(f"actor/{actor}"))
    named = [getattr(data, "role_assignment", None) for data in grants]
    nominations = (situation.event(event_id) for event_id in named if event_id is not None)
    return frozenset(
        one.data.person for one in nominations if one is not None and hasattr(one.data, "person")
    )
