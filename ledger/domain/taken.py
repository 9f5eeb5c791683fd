"""What an event says, taken over into the state by the names of its fields.

    class ContractTerms:                        the fields, declared once, in the file of the state
    class ContractSigned(Fact, ContractTerms):  the data of the event
    class Contract(ContractTerms):              the state: the same, with its place and what came after
        on: date
        index: int

    taken(Contract, data, event)                a Contract with the terms of the data, `on` and `index`

Every field of the state is in the data, is the place (`on`, `index`, `actor`), or is given beside.
"""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from ledger.domain.event import Event

State = TypeVar("State")

_PLACE = ("on", "index", "actor")  # legal date, place in the log, who signed: those that it has


def taken(state: type[State], data: Any, event: Event, **more: Any) -> State:  # noqa: ANN401  any data class
    """Return a state with the fields it shares with the data, its place, and `more`.

    Raises:
        TypeError: when a field of the state that has no default is in none of them.
    """
    made: Any = state
    source: Any = type(data)
    shared: tuple[str, ...] = _shared(made, source)
    said = {name: getattr(data, name) for name in shared}
    place = {name: _of_place(event, name) for name in _PLACE if name in _names(made)}
    found: State = made(**{**said, **place, **more})
    return found


def taken_over(made: type[State], whole: Any, **more: Any) -> State:  # noqa: ANN401  any data class
    """Return a value with the fields it shares with another one, and `more`.

    Raises:
        TypeError: as `taken`.
    """
    target: Any = made
    source: Any = type(whole)
    shared = {name: getattr(whole, name) for name in _names(target) & _names(source)}
    found: State = target(**{**shared, **more})
    return found


def _of_place(event: Event, name: str) -> object:
    return {"on": event.occurred_on, "index": event.index, "actor": event.actor}[name]


@cache
def _names(cls: Any) -> frozenset[str]:  # noqa: ANN401  any data class
    return frozenset(field.name for field in fields(cls))


@cache
def _shared(state: Any, data: type) -> tuple[str, ...]:  # noqa: ANN401  any data class
    return tuple(sorted(_names(state) & _names(data) - set(_PLACE)))
