"""Which roles may sign a type: those of its declaration, and those that the body lets by a setting.

    sod.istruttore-registers = yes      an istruttore signs registrations of acts and invoices too

What was adopted counts from its place in the log; the day is that of receipt, as for every authority.
Source: DOMAIN section 11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import date

    from ledger.domain.events.declaration import EventType
    from ledger.domain.law import Law

ISTRUTTORE_REGISTERS: Final = "sod.istruttore-registers"
_REGISTRATIONS: Final = frozenset(
    {"determina-registered", "deliberazione-registered", "act-registered", "invoice-received"}
)


def signers(event_type: EventType, law: Law, day: date) -> tuple[str, ...]:
    """Return the roles that may sign an event of a type received on a day, under this law."""
    is_registration = event_type.name.partition("/")[0] in _REGISTRATIONS
    if is_registration and law.setting(ISTRUTTORE_REGISTERS, day) == "yes":
        return (*event_type.by, "istruttore")
    return event_type.by
