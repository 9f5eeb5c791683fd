"""Refusals about the intervention, its services, people and documents.

Source: DOMAIN sections 3, 5.4 and 9.12.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.domain.days import format_day_it
from ledger.domain.rules.refusal import Broken, refusal
from ledger.domain.scope import eligible_mode

if TYPE_CHECKING:
    from ledger.domain.event import Event
    from ledger.domain.situation import Situation


@refusal(
    "duplicate-key",
    it="{item} è già registrato.",
    en="{item} is already registered.",
    source="DOMAIN 3",
    remedy="correct-error/1",
)
def duplicate_key(event: Event, situation: Situation) -> Broken:
    """Refuse a natural key that was claimed before in the same stream."""
    for cup, dossier in situation.dossiers(event).items():
        for key in event.data.natural_keys(dossier):
            yield {"item": f"{key} ({cup})"}


@refusal(
    "nothing-changed",
    it="La registrazione non cambia nulla: {item} è già così.",
    en="The event changes nothing: {item} already is so.",
    source="contraddizione con il registro",
    remedy="",
)
def nothing_changed(event: Event, situation: Situation) -> Broken:
    """Refuse an event after which the state is what it was before."""
    for cup, dossier in situation.dossiers(event).items():
        same = event.data.unchanged(dossier, event)
        if same is not None:
            yield {"item": f"{same} ({cup})"}


@refusal(
    "reference-unknown",
    it="Su questo CUP non risulta {item}: registrarlo prima ({remedy}).",
    en="{item} is not recorded on this CUP: record it first ({remedy}).",
    source="contraddizione con il registro",
    remedy="",
)
def reference_unknown(event: Event, situation: Situation) -> Broken:
    """Refuse a reference to something that the streams do not hold."""
    for dossier in situation.dossiers(event).values():
        for missing, remedy in event.data.missing(dossier):
            yield {"item": missing, "remedy": remedy}
    for event_id, remedy in event.data.named_events():
        named = situation.event(event_id)
        if named is None or not set(named.streams) & set(event.streams):
            yield {"item": f"la registrazione {event_id}", "remedy": remedy}


@refusal(
    "reference-closed",
    it="{item} è già concluso.",
    en="{item} is already closed.",
    source="contraddizione con il registro",
    remedy="",
)
def reference_closed(event: Event, situation: Situation) -> Broken:
    """Refuse a reference to something that has ended."""
    for dossier in situation.dossiers(event).values():
        for closed in event.data.closed(dossier):
            yield {"item": closed}


@refusal(
    "scope-frozen",
    it=(
        "Il servizio {item} non si può aggiungere: dopo il decreto del {decree} una candidatura"
        " finanziata cambia solo con una modifica approvata."
    ),
    en="Service {item} may not be added: the scope is frozen since the decree of {decree}.",
    source="FAQ p-034",
    remedy="record-modification/1",
)
def scope_frozen(event: Event, situation: Situation) -> Broken:
    """Refuse funded services with a legal date after the first funding decree."""
    for dossier in situation.dossiers(event).values():
        decree = dossier.funding.first_decree_on
        if event.data.funded and decree is not None and event.day > decree:
            yield {"item": event.data.item, "decree": format_day_it(decree)}


@refusal(
    "migration-not-eligible",
    it="Il servizio {item} non è finanziabile da {origin} a {destination}: registrarlo con funded = false.",
    en="Service {item} is not eligible from {origin} to {destination}: record it as not funded.",
    source="FAQ c-001",
    remedy="add-scope-item/1 con funded = false",
)
def migration_not_eligible(event: Event, situation: Situation) -> Broken:
    """Refuse as funded a migration that the table of eligibility does not admit in that mode."""
    del situation
    data = event.data
    if not data.funded or data.origin is None or data.destination is None:
        return
    mode = eligible_mode(
        data.origin,
        data.destination,
        origin_qualified=bool(data.origin_qualified),
        second_step=data.second_step,
    )
    if mode is None or (data.mode is not None and data.mode != mode):
        yield {"item": data.item, "origin": data.origin, "destination": data.destination}
