"""How it is said which streams an event joins: from its data, the CUP named beside it, the record.

    joins: Streams = (Asked, Surroundings) -> names of streams

The selectors themselves are in ledger.domain.events.streams. Source: DOMAIN section 3.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ledger.domain.acts import Act
    from ledger.domain.dossier import Dossier
    from ledger.domain.event import Event


@dataclass(frozen=True, slots=True)
class Placed:
    """What stands at a leaf: its streams, the digest of its envelope (SHA-256, base64), its event.

    `event` is None when the envelope was erased.
    """

    streams: tuple[str, ...]
    digest: str
    event: Event | None


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

    def dossier(self, stream: str) -> Dossier:
        """Return the dossier of a stream; an empty one when it has no events."""

    def naming(self, commits: Collection[str]) -> Sequence[Event]:
        """Return the events that name one of these contents among their objects."""

    def placed(self, index: int) -> Placed | None:
        """Return what stands at a leaf, None when no event does."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of an event before its streams are: data, the CUP named beside it, corrections.

    `joined` are the streams of an event that is there already, whose streams are looked at again;
    none while it is proposed.
    """

    data: Any
    cup: str | None
    corrects: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()


Streams = Callable[[Asked, Surroundings], Iterable[str]]
