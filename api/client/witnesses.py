"""Witnesses over HTTP: the `Ask` of ledger.transparency, by C2SP tlog-witness.

    POST <url of the policy>/add-checkpoint
    GET  <url of the policy>/<SHA-256 of the origin, hexadecimal>/checkpoint

The URL of a witness in a policy is its submission prefix; what it shows is looked for there as well,
since most witnesses have one prefix for both.

Source: C2SP tlog-witness, "add-checkpoint", "Monitor Retrieval Mechanism"; tlog-policy.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from ledger.errors import Absent
from ledger.journal.note import MAX_NOTE_BYTES
from ledger.transparency.asking import Reply

if TYPE_CHECKING:
    from api.client.exchange import Exchange
    from ledger.journal.policy import Witness

_OK: Final = 200


class HTTPWitnesses:
    """Speaks to the witnesses of a policy; safe for threads."""

    def __init__(self, exchange: Exchange) -> None:
        """Speak through this exchange, which bounds every answer."""
        self._exchange = exchange

    def add_checkpoint(self, witness: Witness, request: bytes) -> Reply:
        """Send a request and return the answer, of whatever status but a redirect.

        Raises:
            StorageError, ShapeError: as `Exchange.post`.
        """
        url = f"{witness.url.rstrip('/')}/add-checkpoint"
        answer = self._exchange.post(
            url, request, limit=MAX_NOTE_BYTES, headers={"Content-Type": "text/plain"}
        )
        return Reply(answer.status, answer.body)

    def latest(self, witness: Witness, origin: str) -> bytes:
        """Return the newest note of a log that the witness shows.

        Raises:
            Absent: when it shows none there (`witness-shows-nothing`).
            StorageError, ShapeError: as `Exchange.get`.
        """
        name = hashlib.sha256(origin.encode("utf-8", "surrogateescape")).hexdigest()
        url = f"{witness.url.rstrip('/')}/{name}/checkpoint"
        answer = self._exchange.get(url, limit=MAX_NOTE_BYTES)
        if answer.status != _OK:
            raise Absent(
                "witness-shows-nothing",
                f"{url} risponde {answer.status}: chiedere il punto di controllo a chi gestisce il"
                " testimone.",
            )
        return answer.body
