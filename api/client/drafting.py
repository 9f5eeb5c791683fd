"""The drafts of a command, each signed: of one event, or of its pieces, each on the one before it.

    drafted(ledger, command, hand)      [(draft, envelope), ...], all on one basis, to be sent together

Where an event joins so many streams that its envelope would be too long, it is divided further.
Source: FORMATS section 1 (at most 500 streams and 64 KiB an event).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.errors import Unreadable
from ledger.signing.envelope import assemble

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ledger.application.door import Draft, Identity, Ledger
    from ledger.domain.commands.command import Command
    from ledger.signing.envelope import Basis

STREAMS: Final = (500, 400, 300, 200, 100)  # of an event, fewer where the envelope is too long


@dataclass(frozen=True, slots=True)
class Hand:
    """Who signs, how, on which head, and how many streams an event joins at most, in this order."""

    identity: Identity
    sign: Callable[[bytes], bytes]
    basis: Basis
    streams: Sequence[int] = STREAMS


def drafted(ledger: Ledger, command: Command, hand: Hand) -> list[tuple[Draft, bytes]]:
    """Return draft and envelope of each event of a command; nothing is sent.

    Raises:
        PistaError: as Ledger.plan and Ledger.draft.
        Unreadable: `too-long`, when no division makes the envelopes short enough.
    """
    *wide, last = hand.streams
    for limit in wide:
        plan = ledger.plan(command, hand.identity, limit)
        try:
            return _of_plan(ledger, plan, hand)
        except Unreadable as error:
            if error.code != "too-long" or len(plan) == 1:
                raise
    return _of_plan(ledger, ledger.plan(command, hand.identity, last), hand)


def _of_plan(ledger: Ledger, plan: Sequence[Command], hand: Hand) -> list[tuple[Draft, bytes]]:
    found: list[tuple[Draft, bytes]] = []
    for at, command in enumerate(plan, start=1):
        draft = ledger.draft(
            command,
            hand.identity,
            hand.basis,
            before=[raw for _, raw in found],
            more_follows=at < len(plan),
        )
        found.append((draft, assemble(draft.signing_input, hand.sign(draft.signing_input))))
    return found
