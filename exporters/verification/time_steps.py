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

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from exporters.stamps import stamp_file
from exporters.timed import entry_of
from exporters.times import (
    TOLERANCE,
    Bound,
    Entry,
    intervals,
    time_findings,
    times_of,
    times_to_json,
)
from ledger.domain.days import format_day_it, legal_day
from ledger.errors import NotVerified

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from exporters.times import Interval
    from exporters.verification.case import Case

_SHOWN: Final = 20
_TOLD: Final = {
    "claimed-outside-interval": "ora dichiarata fuori intervallo (base, ricezione o prova)",
    "occurred-after-proof": "registrazioni con la data del fatto dopo il giorno in cui risultano già"
    " registrate (non ricalcolabile)",
}


def judge_times(case: Case) -> None:
    """Step 10: the times of every registration."""
    entries = [
        entry_of(index, leaf, case.envelopes.get(index)) for index, leaf in case.timed_leaves()
    ]
    _judge_order(case, entries)
    case.intervals = intervals(entries, _bounds(case))
    _judge_late(case)
    _judge_early(case, entries)
    case.tally.done(10, _summary(entries))
    _tell_proven(case)
    _tell_claims(case, entries)
    _judge_file(case, entries)


def _judge_order(case: Case, entries: Sequence[Entry]) -> None:
    for before, after in pairwise(entries):
        if after.received_at < before.received_at:
            case.tally.fail(
                10,
                "received-back",
                f"È ricevuta ({after.received_at}) prima della precedente.",
                index=after.index,
            )


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


def _judge_early(case: Case, entries: Sequence[Entry]) -> None:
    """Fail for what was received before a stamp over a head that lacks it: the ledger dates it back."""
    trusted = [(size, stamp) for size, stamp in case.stamps if stamp.is_trusted]
    for entry in entries:
        over = [one for one in trusted if one[0] <= entry.index]
        size, stamp = max(over, key=lambda one: one[1].no_earlier_than, default=(0, None))
        if stamp is not None and entry.received_at < stamp.no_earlier_than - TOLERANCE:
            case.tally.fail(
                10,
                "received-before-stamp",
                f"Si dice ricevuta il {_shown(entry.received_at)}, e il"
                f" {_shown(stamp.no_earlier_than)} il registro, marcato a {size} foglie, non l'aveva"
                " ancora: l'ora del registro è retrodatata.",
                index=entry.index,
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


def _tell_claims(case: Case, entries: Sequence[Entry]) -> None:
    """Say what signers claim that the intervals exclude: clocks of persons prove nothing."""
    found: dict[str, list[int]] = {}
    for one in time_findings(entries, case.intervals):
        found.setdefault(one.code, []).append(one.index)
    for code, indexes in found.items():
        case.tally.flag(10, f"{len(indexes)} {_TOLD[code]}: {_listed(indexes)}")


def _judge_file(case: Case, entries: Sequence[Entry]) -> None:
    """Compare state/times.json with what the stamps of the package give, whoever trusts them."""
    if not case.stamps or case.tally.has_failed(3):
        return
    head = 0 if case.checkpoint is None else case.checkpoint.size
    stamps = [
        (stamp_file(size, is_head=size == head and not case.package.has("stamp", size)), size, one)
        for size, one in case.stamps
    ]
    with case.tally.guard(10, file=case.package.path("times")):
        if not case.package.has("times"):
            raise NotVerified("member-missing", "Manca nel pacchetto.")
        expected = times_to_json(times_of(entries, stamps))
        if not case.package.equals(case.package.path("times"), expected):
            raise NotVerified(
                "times-differ", "Non è ciò che registrazioni e marche temporali danno."
            )


def _summary(entries: Sequence[Entry]) -> str:
    if not entries:
        return "nessuna ricezione"
    first, last = (format_day_it(legal_day(entries[n].received_at)) for n in (0, -1))
    return f"ricezioni in ordine dal {first} al {last}"


def _by(one: Interval) -> str:
    what = "la marca temporale" if one.by == "time-stamp" else "la firma di un testimone"
    return f"{what} su {one.size} foglie"


def _shown(at: datetime | None) -> str:
    return "" if at is None else f"{at:%d/%m/%Y %H:%M:%S} UTC"


def _listed(indexes: Iterable[int]) -> str:
    every = list(indexes)
    return ", ".join(map(str, every[:_SHOWN])) + (", ..." if len(every) > _SHOWN else "")
