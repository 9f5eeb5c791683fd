"""How it is said which streams an event joins: from its data, the CUP named beside it, the record.

    joins: Streams = (Asked, Surroundings) -> names of streams

The selectors themselves are in ledger.domain.events.streams. Source: DOMAIN section 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ledger.domain.acts import Act
    from ledger.domain.event import Event


class Surroundings(Protocol):
    """What the streams of an event may depend on."""

    @property
    def body(self) -> str:
        """Return the IPA code of the body that keeps the ledger."""

    def act(self, key: str) -> Act | None:
        """Return the act of that key as recorded, if it is."""

    def is_registered(self, cup: str) -> bool:
        """Return whether an intervention is registered on that CUP."""

    def cups_resting_on(self, act: str) -> Iterable[str]:
        """Return the CUPs of the facts that rest on an act, be it linked to them or not."""

    def event(self, event_id: str) -> Event | None:
        """Return the recorded event of that id, if there is one."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of an event before its streams are: data, the CUP named beside it, corrections."""

    data: Any
    cup: str | None
    corrects: tuple[str, ...] = ()


Streams = Callable[[Asked, Surroundings], Iterable[str]]
