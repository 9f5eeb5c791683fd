"""Step 10: between which times each registration was made, by what others than its signer say.

    not before    the last registration before its basis: the signer had seen it (step 9)
    received_at   the time of the ledger, which never goes back
    not after     the first time stamp, or cosignature of a witness, that covers it and is trusted

Two things contradict, since tokens are only taken over the newest head and by a clock minutes apart at
most (D92): a registration that says it was received after a trusted stamp that already covers it,
and one received before a stamp over a head that does not have it yet. In both the ledger dates it
otherwise than it was. What a person claims is told: an hour outside the interval, a legal date after
the day by which the registration is proven to have been there. What rests on stamps cannot be computed
again from the registrations alone, so none of it is in the state (FORMATS 7, step 12).
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

from ledger.domain.days import format_date, format_day_it, legal_day
from ledger.domain.events.catalogue import event_types
from ledger.domain.rules.common import VALID_FROM

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from exporters.verification.case import Case
    from ledger.signing.envelope import Envelope

TOLERANCE: Final = timedelta(minutes=10)
_SHOWN: Final = 20

Bound = Literal["time-stamp", "witness"]


@dataclass(frozen=True, slots=True)
class Interval:
    """When a registration was made: `after` by its basis, `before` by what covers it; None unknown.

    `by` says what bounds it from above, `size` the leaves of the head that was stamped or cosigned.
    """

    index: int
    received_at: datetime
    after: datetime | None
    before: datetime | None
    by: Bound | None
    size: int | None


def judge_times(case: Case) -> None:
    """Step 10: the times of every registration."""
    received = [(index, leaf.received_at) for index, leaf in case.timed_leaves()]
    _judge_order(case, received)
    case.intervals = _intervals(case, received)
    _judge_late(case)
    _judge_early(case, received)
    case.tally.done(10, _summary(received))
    _tell_proven(case)
    _tell_claimed(case)
    _tell_legal(case)


def _judge_order(case: Case, received: Sequence[tuple[int, datetime]]) -> None:
    for (_, before), (index, after) in pairwise(received):
        if after < before:
            case.tally.fail(
                10, "received-back", f"È ricevuta ({after}) prima della precedente.", index=index
            )


def _intervals(case: Case, received: Sequence[tuple[int, datetime]]) -> list[Interval]:
    """Return the interval of each registration whose leaf is shown, in order of the log."""
    bounds = _bounds(case)
    indexes = [index for index, _ in received]
    found = []
    for index, at in received:
        envelope = case.envelopes.get(index)
        seen = 0 if envelope is None else bisect_left(indexes, envelope.basis.size)
        after = received[seen - 1][1] if seen else None
        over = min((one for one in bounds if one[1] > index), default=None)
        before, size, by = over or (None, None, None)
        found.append(Interval(index, at, after, before, by, size))
    return found


def _bounds(case: Case) -> list[tuple[datetime, int, Bound]]:
    """Return (time, leaves covered, what says it) of all that is trusted to bound from above."""
    found: list[tuple[datetime, int, Bound]] = [
        (stamp.no_later_than, size, "time-stamp") for size, stamp in case.stamps if stamp.is_trusted
    ]
    if case.cosigned_at is not None and case.checkpoint is not None:
        found.append((case.cosigned_at, case.checkpoint.size, "witness"))
    return found


def _judge_late(case: Case) -> None:
    """Fail for what was received after it is proven to have been there: the ledger dates it later.

    The clock of one witness proves less than that of an authority, so that it is told.
    """
    late = [
        one
        for one in case.intervals
        if one.before is not None and one.received_at > one.before + TOLERANCE
    ]
    for one in late:
        if one.by == "time-stamp":
            case.tally.fail(
                10,
                "received-after-stamp",
                f"Si dice ricevuta il {_shown(one.received_at)}, ed era già nel registro entro il"
                f" {_shown(one.before)}, come prova {_by(one)}: l'ora del registro è falsa.",
                index=one.index,
            )
    if told := [one.index for one in late if one.by == "witness"]:
        words = "si dicono ricevute dopo che un testimone le ha viste: uno dei due orologi è falso"
        case.tally.flag(10, f"{len(told)} {words}: {_listed(told)}")


def _judge_early(case: Case, received: Sequence[tuple[int, datetime]]) -> None:
    """Fail for what was received before a stamp over a head that lacks it: the ledger dates it back."""
    trusted = [(size, stamp) for size, stamp in case.stamps if stamp.is_trusted]
    for index, at in received:
        over = [one for one in trusted if one[0] <= index]
        size, stamp = max(over, key=lambda one: one[1].no_earlier_than, default=(0, None))
        if stamp is not None and at < stamp.no_earlier_than - TOLERANCE:
            case.tally.fail(
                10,
                "received-before-stamp",
                f"Si dice ricevuta il {_shown(at)}, e il {_shown(stamp.no_earlier_than)} il registro,"
                f" marcato a {size} foglie, non l'aveva ancora: l'ora del registro è retrodatata.",
                index=index,
            )


def _tell_proven(case: Case) -> None:
    """Say of how many registrations it is proven by when they were there."""
    shown = [one for one in case.intervals if one.index in case.envelopes]
    proven = [one for one in shown if one.before is not None]
    if not proven:
        case.tally.flag(10, "nessuna registrazione ha una data provata da altri che il registro")
        return
    last = proven[-1]
    case.tally.flag(
        10,
        f"{len(proven)} registrazioni su {len(shown)} provate entro una data da altri che il registro,"
        f" l'ultima (n. {last.index}) entro il {_shown(last.before)}, {_by(last)}",
    )


def _tell_claimed(case: Case) -> None:
    """Say which signers claim a time that their interval excludes: clocks of persons prove nothing."""
    outside = [
        one.index for one in case.intervals if _is_outside(one, case.envelopes.get(one.index))
    ]
    if outside:
        words = "ora dichiarata fuori intervallo (base, ricezione o prova)"
        case.tally.flag(10, f"{len(outside)} {words}: {_listed(outside)}")


def _is_outside(one: Interval, envelope: Envelope | None) -> bool:
    if envelope is None:
        return False
    latest = one.received_at if one.before is None else min(one.received_at, one.before)
    too_early = one.after is not None and envelope.claimed_at < one.after.replace(microsecond=0)
    return too_early or envelope.claimed_at > latest + TOLERANCE


def _tell_legal(case: Case) -> None:
    """Say which facts have a legal date after the day by which they are proven to be registered."""
    types = event_types()
    late = []
    for one in case.intervals:
        envelope = case.envelopes.get(one.index)
        if envelope is None or envelope.occurred_on is None or one.before is None:
            continue
        declared = types.get(envelope.type)
        may_be_later = declared is None or declared.dated_by == VALID_FROM
        if not may_be_later and envelope.occurred_on > _iso(one.before + TOLERANCE):
            late.append(one.index)
    if late:
        words = "registrazioni con la data del fatto dopo il giorno in cui risultano già registrate"
        case.tally.flag(10, f"{len(late)} {words} (non ricalcolabile): {_listed(late)}")


def _iso(at: datetime) -> str:
    """Return the legal day of a time as envelopes write it, which sorts as days do."""
    return format_date(legal_day(at))


def _summary(received: Sequence[tuple[int, datetime]]) -> str:
    if not received:
        return "nessuna ricezione"
    first, last = received[0][1], received[-1][1]
    return f"ricezioni in ordine dal {format_day_it(legal_day(first))} al {format_day_it(legal_day(last))}"


def _by(one: Interval) -> str:
    what = "la marca temporale" if one.by == "time-stamp" else "la firma di un testimone"
    return f"{what} su {one.size} foglie"


def _shown(at: datetime | None) -> str:
    return "" if at is None else f"{at:%d/%m/%Y %H:%M:%S} UTC"


def _listed(indexes: Iterable[int]) -> str:
    every = list(indexes)
    return ", ".join(map(str, every[:_SHOWN])) + (", ..." if len(every) > _SHOWN else "")
