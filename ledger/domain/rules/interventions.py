"""Refusals about the intervention, its services, people and documents.

Source: DOMAIN sections 3, 5.4 and 9.12.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.domain.days import format_day_it
from ledger.domain.open_items import open_items
from ledger.domain.rules.refusal import Broken, refusal
from ledger.domain.shared import concerned

if TYPE_CHECKING:
    from ledger.domain.event import Event
    from ledger.domain.identifiers import TaxCode
    from ledger.domain.situation import Situation


@refusal(
    "duplicate-key",
    it="{item} è già registrato.",
    en="{item} is already registered.",
    source="DOMAIN 3",
    remedy="correct-error/1",
)
def duplicate_key(event: Event, situation: Situation) -> Broken:
    """Refuse a natural key that was claimed before on the same CUP, or in the same intervention."""
    asked = situation.asked if event.data.asks_every_stream else situation.wholes
    for name, whole in asked(event).items():
        for key in event.data.claimed(whole, concerned(whole, event)):
            yield {"item": f"{key} ({name})"}


@refusal(
    "tax-code-personal",
    it="{item} è il codice fiscale di una persona: indicare l'ente o l'impresa con il suo codice.",
    en="{item} is the tax code of a person: name the body or company by its own code.",
    source="DOMAIN 8",
    remedy="",
)
def tax_code_personal(event: Event, situation: Situation) -> Broken:
    """Refuse the tax code of a person for the body or a subject; operators refuse it by their form."""
    del situation
    named: dict[str, TaxCode] = {"body.tax_code": event.data.body.tax_code}
    for number, subject in enumerate(event.data.subjects):
        named[f"subjects.{number}.tax_code"] = subject.tax_code
    for place, code in named.items():
        if code.is_person:
            yield {"item": place}


@refusal(
    "nothing-changed",
    it="La registrazione non cambia nulla: {item} è già così.",
    en="The event changes nothing: {item} already is so.",
    source="contraddizione con il registro",
    remedy="",
)
def nothing_changed(event: Event, situation: Situation) -> Broken:
    """Refuse an event after which the state is what it was before."""
    for cup, dossier in situation.asked(event).items():
        same = event.data.unchanged(dossier, event)
        if same is not None:
            yield {"item": f"{same} ({cup})"}
    for same in event.data.unchanged_elsewhere(event, situation):
        yield {"item": same}


@refusal(
    "reference-unknown",
    it="{where} non risulta {item}: registrarlo prima ({remedy}).",
    en="{item} is not recorded here: record it first ({remedy}).",
    source="contraddizione con il registro",
    remedy="",
)
def reference_unknown(event: Event, situation: Situation) -> Broken:
    """Refuse a reference to something that the streams do not hold."""
    asked = situation.asked(event)
    for name, dossier in asked.items():
        where = "Su questo CUP" if len(asked) == 1 else f"Su {name}"
        for missing, remedy in event.data.missing(dossier):
            yield {"item": missing, "remedy": remedy, "where": where}
    for missing, remedy in event.data.missing_among(tuple(asked.values())):
        yield {"item": missing, "remedy": remedy, "where": "Su questo CUP"}
    for event_id, remedy in event.data.named_events():
        named = situation.event(event_id)
        if named is None or not set(named.streams) & set(event.streams):
            missing = f"la registrazione {event_id}"
            yield {"item": missing, "remedy": remedy, "where": "Su questo CUP"}
    for missing, remedy in event.data.missing_elsewhere(situation):
        yield {"item": missing, "remedy": remedy, "where": "Nel registro"}


@refusal(
    "reference-closed",
    it="{item} è già concluso.",
    en="{item} is already closed.",
    source="contraddizione con il registro",
    remedy="",
)
def reference_closed(event: Event, situation: Situation) -> Broken:
    """Refuse a reference to something that has ended."""
    for dossier in situation.asked(event).values():
        for closed in event.data.closed_on(dossier, event.day):
            yield {"item": closed}


@refusal(
    "scope-frozen",
    it=(
        "Il servizio {item} non si può aggiungere, cambiare o togliere: dopo il decreto del {decree}"
        " una candidatura finanziata cambia solo con una modifica approvata."
    ),
    en="Service {item} may not be added, changed or removed: the scope is frozen since {decree}.",
    source="FAQ p-034",
    remedy="record-modification/1",
)
def scope_frozen(event: Event, situation: Situation) -> Broken:
    """Refuse changes of funded services with a legal date after the first funding decree.

    A modification that was approved for the service lifts it; B in the place of the A that was
    financed is allowed (FAQ c-004).
    """
    for dossier in situation.dossiers(event).values():
        decree = dossier.funding.first_decree_on
        if decree is None or event.day <= decree or not event.data.touches_funded(dossier):
            continue
        approved = dossier.life.modification(event.data.modification or "")
        if approved is None or event.data.item not in approved.items:
            yield {"item": event.data.item, "decree": format_day_it(decree)}


@refusal(
    "migration-not-eligible",
    it="Il servizio {item} non è finanziabile da {origin} a {destination}: registrarlo con funded = false.",
    en="Service {item} is not eligible from {origin} to {destination}: record it as not funded.",
    source="FAQ c-001",
    remedy="add-scope-item/1 con funded = false",
)
def migration_not_eligible(event: Event, situation: Situation) -> Broken:
    """Refuse as funded a migration that the table of the measure does not admit in that mode.

    Of a measure that the table does not have nothing is refused.
    """
    migrations = situation.law.migrations
    for dossier in situation.dossiers(event).values():
        after = event.data.after(dossier, event)
        if after is None or not after.funded or after.removed_on is not None:
            continue
        if after.origin is None or after.destination is None:
            continue
        measures = [found.measure for found in dossier.registrations]
        rows = [row for one in measures for row in migrations.of(one, event.day)]
        if rows and not any(row.admits(after) for row in rows):
            yield {"item": after.item, "origin": after.origin, "destination": after.destination}


@refusal(
    "closure-with-open-items",
    it="L'intervento non si chiude con {item}: concludere prima ({remedy}), o indicare il motivo.",
    en="The intervention is not closed with {item} open: end it first ({remedy}), or give a reason.",
    source="dichiarazione in contrasto con il registro",
    remedy="",
)
def closure_with_open_items(event: Event, situation: Situation) -> Broken:
    """Refuse to close with commitments, recoveries, checklists or audits open, without a reason."""
    if event.reason is not None:
        return
    for dossier in situation.dossiers(event).values():
        for what, remedy in open_items(dossier):
            yield {"item": what, "remedy": remedy}
