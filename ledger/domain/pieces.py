"""A fact told in several events, since one event joins at most 500 streams.

    {"act": "c_e506/...", "grounds": "vizio", ..., "piece": {"number": 1, "of": 6}}
    {"act": "c_e506/...", "grounds": "vizio", ..., "piece": {"number": 2, "of": 6, "first": "<event id>"}}

Each piece says the whole fact to streams of its own, and stands in that of the act, where the first one
has said it. Files go with the first: whoever holds the act itself is among its streams, and the others
know the act by its key. All pieces are recorded together, or none. What has pieces is `InPieces`
(events/acts.py).

Source: FORMATS section 1 ("a longer act continues in linked events"); DOMAIN section 3.4.
"""

from dataclasses import dataclass
from typing import Final

from ledger.domain.references import EventId

STREAMS_LIMIT: Final = 500


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Which of several events it is that tell one fact; all but the first name the first."""

    number: int
    of: int
    first: EventId | None = None
