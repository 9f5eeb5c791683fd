"""Separation of duties by key, and the exceptions of small bodies.

    visto          - registration of the act       finanziario   / rup, dirigente, segretario
    review         - answers and signature         verificatore  / rup, dirigente
    payment        - liquidation of the expense    finanziario   / rup, dirigente, finanziario

A pair that one key may not sign is refused, unless an exception is in force on the legal date of the
second event; never for auditors, the data protection officer and erasures. That the two *persons*
are one is left to findings. Source: DOMAIN section 11; TUEL art. 147-bis.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.domain.rules.refusal import Broken, refusal
from ledger.domain.stream_names import SYS_LOG

if TYPE_CHECKING:
    from collections.abc import Collection

    from ledger.domain.dossier import Dossier
    from ledger.domain.event import Event
    from ledger.domain.people import SoDException
    from ledger.domain.situation import Situation

NEVER: Final = frozenset({"auditor", "dpo", "amministratore", "importatore"})


def is_excepted(event: Event, situation: Situation, others: Collection[str]) -> bool:
    """Return whether an exception lets the role of this event and one of the others be one key.

    Exceptions stand with the interventions concerned, each of which must have one, or in the stream of
    the ledger.
    """
    pair = frozenset({event.role}), frozenset(others)
    if any(
        _covers(one.roles, *pair) for one in _in_force(situation.record.dossier(SYS_LOG), event)
    ):
        return True
    found = situation.dossiers(event).values()
    return bool(found) and all(
        any(_covers(one.roles, *pair) for one in _in_force(dossier, event)) for dossier in found
    )


def _in_force(dossier: Dossier, event: Event) -> list[SoDException]:
    return [one for one in dossier.people.exceptions if one.in_force(event.day)]


def _covers(roles: Collection[str], mine: frozenset[str | None], others: frozenset[str]) -> bool:
    """Return whether one of the two roles is mine and the other one of the others."""
    first, second = roles
    return (first in mine and second in others) or (second in mine and first in others)


@refusal(
    "exception-of-two",
    it="Una deroga riguarda due funzioni diverse: qui sono {item}.",
    en="An exception is of two different roles: here they are {item}.",
    source="DOMAIN 11",
    remedy="",
)
def exception_of_two(event: Event, situation: Situation) -> Broken:
    """Refuse other than two different roles."""
    del situation
    if len(event.data.roles) != len(set(event.data.roles)) or len(event.data.roles) != 2:  # noqa: PLR2004  a pair
        yield {"item": ", ".join(event.data.roles) or "nessuna"}


@refusal(
    "exception-not-allowed",
    it="La funzione {item} resta sempre separata: per questa non c'è deroga.",
    en="Role {item} is always kept apart: there is no exception for it.",
    source="DOMAIN 11",
    remedy="",
)
def exception_of_others(event: Event, situation: Situation) -> Broken:
    """Refuse an exception for auditors, the data protection officer and the keepers of the ledger."""
    del situation
    for role in event.data.roles:
        if role in NEVER:
            yield {"item": role}
