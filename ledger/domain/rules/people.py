"""Refusals about nominations. Source: DOMAIN section 9.2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.domain.days import format_day_it
from ledger.domain.rules.refusal import Broken, refusal

if TYPE_CHECKING:
    from ledger.domain.event import Event
    from ledger.domain.situation import Situation


@refusal(
    "role-dates-reversed",
    it="La nomina a {item} comincia il {begin}: non può cessare il {end}.",
    en="The nomination as {item} begins on {begin}: it cannot end on {end}.",
    source="contraddizione con il registro",
    remedy="",
)
def ended_before_begun(event: Event, situation: Situation) -> Broken:
    """Refuse the end of a nomination before its first day."""
    for dossier in situation.dossiers(event).values():
        found = dossier.people.open_on(event.data.person, event.data.role, event.data.to)
        if found is not None and event.data.to < found.from_:
            yield {
                "item": event.data.role,
                "begin": format_day_it(found.from_),
                "end": format_day_it(event.data.to),
            }


@refusal(
    "owners-missing",
    it="Indicare almeno un titolare effettivo di {item}.",
    en="Name at least one beneficial owner of {item}.",
    source="Reg. (UE) 2021/241 art. 22",
    remedy="",
)
def owners_missing(event: Event, situation: Situation) -> Broken:
    """Refuse an identification of nobody."""
    del situation
    if not event.data.persons:
        yield {"item": event.data.op}
