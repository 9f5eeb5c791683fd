"""Refusals about erasure: what is held, what is kept, who approves. Source: DOMAIN sections 8, 9.12."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.domain.days import format_day_it
from ledger.domain.keeping import OVERRIDING, Keeper, running_until
from ledger.domain.rules.refusal import Broken, refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ledger.domain.dossier import Dossier
    from ledger.domain.event import Event
    from ledger.domain.keeping import Content
    from ledger.domain.situation import Situation

OF_KEYS: Final = ("actor/", "sys/")  # streams that every package and every verification needs whole


@dataclass(frozen=True)
class _Asked:
    """One thing that is to be erased: its name, what it is, the streams that rest on it.

    `content` is None for an envelope, and for a file that no dossier lists.
    """

    name: str
    content: Content | None
    streams: frozenset[str]


def _asked(event: Event, situation: Situation) -> Iterator[_Asked]:
    """Yield what is to be erased, each with the streams whose holds and terms keep it."""
    dossiers = [situation.dossier(name) for name in event.streams]
    for commit in event.data.commits:
        brought = situation.naming([commit])
        streams = {name for one in brought for name in one.streams}
        found = (one.documents.committed(commit) for one in dossiers)
        content = next((one for one in found if one is not None), None)
        name = content.name if content is not None else commit
        yield _Asked(name, content, _resting(streams, situation))
    for envelope in event.data.envelopes:
        placed = situation.placed(envelope.index)
        streams = set(placed.streams) if placed is not None else set()
        name = f"registrazione n. {envelope.index}"
        yield _Asked(name, None, _resting(streams, situation))


def _resting(streams: Iterable[str], situation: Situation) -> frozenset[str]:
    """Return the streams with what rests on them: an act is evidence of every CUP that it has."""
    keys = (name.removeprefix("act/") for name in streams if name.startswith("act/"))
    acts = [act for act in map(situation.act, keys) if act is not None]
    cups = {cup for act in acts for cup in (*act.cups, *(link.cup for link in act.continued))}
    return frozenset({*streams, *(f"cup/{cup}" for cup in cups)})


def _kept(event: Event, situation: Situation) -> Iterator[tuple[Dossier, list[_Asked]]]:
    """Yield the dossier of each CUP concerned, and of the ledger, with what it has of it.

    The file of an act of two CUPs is kept for both: also for the one where nobody asks to erase it.
    """
    asked = list(_asked(event, situation))
    for stream in sorted({name for one in asked for name in one.streams}):
        if not stream.startswith("act/"):
            yield situation.dossier(stream), [one for one in asked if stream in one.streams]


@refusal(
    "never-erased",
    it="{item} non si cancella: riguarda le chiavi, il registro, o una cancellazione.",
    en="{item} is never erased: it is of keys, of the ledger, or of an erasure.",
    source="FORMATS 5 e 7",
    remedy="",
)
def never_erased(event: Event, situation: Situation) -> Broken:
    """Refuse what keys, roles and erasures are proven by."""
    of_ledger = (one for one in situation.naming(event.data.commits) if one.type.is_ledger)
    named: dict[str, object] = {ref.commit: ref.name for one in of_ledger for ref in one.objects}
    yield from ({"item": named[commit]} for commit in event.data.commits if commit in named)
    for envelope in event.data.envelopes:
        placed = situation.placed(envelope.index)
        if placed is None:
            continue
        told = placed.event.newest() if placed.event is not None else None
        is_of_erasure = told is not None and told.data.asks_every_stream
        if is_of_erasure or any(name.startswith(OF_KEYS) for name in placed.streams):
            yield {"item": f"La registrazione n. {envelope.index}"}


@refusal(
    "hold-in-force",
    it="{item} non si cancella: è bloccato da {hold} ({cause}). Attendere che il blocco finisca.",
    en="{item} is not erased: hold {hold} ({cause}) is in force.",
    source="DL 77/2021 art. 9 c. 4; DOMAIN 8",
    remedy="release-retention-hold/1",
)
def hold_in_force(event: Event, situation: Situation) -> Broken:
    """Refuse to erase what a hold in force keeps."""
    for dossier, asked in _kept(event, situation):
        keeper = Keeper.of(dossier, situation.law, event.day)
        for one in asked:
            for hold in keeper.holding(one.content):
                yield {"item": one.name, "hold": hold.hold, "cause": hold.cause}


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
    if event.data.legal_basis in situation.law.words(OVERRIDING, event.day):
        return
    for dossier, asked in _kept(event, situation):
        keeper = Keeper.of(dossier, situation.law, event.day)
        for one in asked:
            rules = keeper.kept_by(one.content)
            until = running_until(rules)
            if until is not None and event.day <= until:
                yield {
                    "item": one.name,
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
    for dossier in situation.asked(event).values():
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
