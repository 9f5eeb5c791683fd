"""The catalogue: every event type, by stored name and by command.

Importing this module imports every family, and the rules that no type names: those common to all and
the findings. A new type needs no line here; a new family does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.domain.events import (
    act_effects,
    act_links,
    act_tracks,
    acts,
    albo,
    attestations,
    audits,
    checks,
    cigs,
    compliance,
    contracts,
    cups,
    declaration,
    declarations,
    disclosure,
    dnsh,
    document_life,
    documents,
    earlier,
    erasure,
    execution,
    funding,
    governance,
    holds,
    incomes,
    interventions,
    ledger,
    life,
    observations,
    oversight,
    payments,
    people,
    phases,
    procurement,
    schedule,
    scope,
    spending,
    targets,
)
from ledger.domain.rules import common, findings, membership, pieces
from ledger.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.domain.events.declaration import EventType

FAMILIES = (
    interventions,
    cups,
    scope,
    life,
    people,
    declarations,
    acts,
    act_links,
    act_tracks,
    albo,
    act_effects,
    phases,
    funding,
    spending,
    payments,
    incomes,
    dnsh,
    procurement,
    cigs,
    contracts,
    execution,
    schedule,
    targets,
    compliance,
    checks,
    attestations,
    documents,
    document_life,
    erasure,
    holds,
    oversight,
    audits,
    disclosure,
    observations,
    ledger,
    earlier,
    governance,
)

RULES = (common, findings, membership, pieces)


def event_types() -> Mapping[str, EventType]:
    """Return every event type by stored name: by family as above, then in order of declaration."""
    place = {family.__name__.rsplit(".", 1)[-1]: n for n, family in enumerate(FAMILIES)}
    declared = declaration.declared_types().values()
    return {one.name: one for one in sorted(declared, key=lambda one: place[one.family])}


def type_named(name: str) -> EventType:
    """Return the type of a stored name such as `phase-entered/1`.

    Raises:
        Refused: `type-unknown`, when this version of the program does not know it.
    """
    found = declaration.declared_types().get(name)
    if found is None:
        raise Refused("type-unknown", f"Il tipo {name!r} non è nel catalogo di questa versione.")
    return found


def newest_asked(stem: str) -> EventType:
    """Return the type that a command without its version leads to, such as `enter-phase`.

    Raises:
        Refused: `command-unknown`, with the nearest names.
    """
    for command, declared in declaration.asked_types().items():
        if declared.succeeded_by is None and command.rpartition("/")[0] == stem:
            return declared
    return type_asked(stem)


def type_asked(command: str) -> EventType:
    """Return the type that a command such as `enter-phase/1` leads to.

    Raises:
        Refused: `command-unknown`, with the nearest names.
    """
    found = declaration.asked_types().get(command)
    if found is None:
        stem = command.split("/", maxsplit=1)[0].split("-", maxsplit=1)[0]
        near = [name for name in declaration.asked_types() if name.startswith(stem)]
        hint = f" Forse: {', '.join(near)}." if near else " `pista commands` li elenca tutti."
        raise Refused("command-unknown", f"Il comando {command!r} non esiste.{hint}")
    return found
