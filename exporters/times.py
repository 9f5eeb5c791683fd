"""When each registration was made, as far as others than its signer and the ledger say.

    {"v": 1, "replayable": false,
     "stamps": [{"size": 64, "file": "log/checkpoint.log.tsr", "at": "2026-03-03T03:44:08Z",
       "no_later_than": "2026-03-03T03:44:09Z", "authority": "CN=...", "policy": "1.3...", "serial": "64"}],
     "registrations": [{"index": 26, "received_at": "...", "claimed_at": "...",
       "after": "...", "before": "...", "size": 64}],
     "findings": [{"code": "occurred-after-proof", "index": 26, "sentence": "..."}]}

`after` is the receipt of the last registration shown before the basis of its signer, `before` the time
of the first stamp that covers it. It rests on tokens, whose authorities a reader trusts or does not, so
it does not follow from the registrations alone (`replayable` is false): it is in `state/times.json`,
apart from the state, and only in a package that has stamps.

Source: design FORMATS section 7 (steps 10 and 12).
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from ledger.domain.days import format_day_it, legal_day
from ledger.domain.events.catalogue import event_types
from ledger.domain.rules.common import VALID_FROM
from ledger.domain.shapes import shape_of
from ledger.signing.canonical import encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ledger.signing.timestamps import TimeStamp

VERSION: Final = 1
TIMES: Final = "state/times.json"
TOLERANCE: Final = timedelta(minutes=10)

Bound = Literal["time-stamp", "witness"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a registration says of its times; `basis_size` and what follows None without envelope."""

    index: int
    received_at: datetime
    basis_size: int | None = None
    claimed_at: datetime | None = None
    occurred_on: date | None = None
    type: str | None = None


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


@dataclass(frozen=True, kw_only=True)
class StampStatement:
    """A time stamp over the head of so many leaves: its file, and what its authority says."""

    size: int
    file: str
    at: datetime
    no_later_than: datetime
    authority: str
    policy: str
    serial: str


@dataclass(frozen=True, kw_only=True)
class TimedRegistration:
    """When a registration was made: not before `after`, not after `before`, the time of that head."""

    index: int
    received_at: datetime
    claimed_at: datetime | None = None
    after: datetime | None = None
    before: datetime | None = None
    size: int | None = None


@dataclass(frozen=True, kw_only=True)
class TimeFinding:
    """What a signer says of a registration and its interval excludes; no evidence of who is right."""

    code: str
    index: int
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Times:
    """The times of all registrations of a package, which its time stamps bound."""

    v: int
    replayable: bool
    stamps: tuple[StampStatement, ...]
    registrations: tuple[TimedRegistration, ...]
    findings: tuple[TimeFinding, ...]


def intervals(
    entries: Sequence[Entry], bounds: Iterable[tuple[datetime, int, Bound]]
) -> list[Interval]:
    """Return the interval of each registration, in order of the log.

    `bounds` are (time, leaves covered, what says it) of all that bounds from above.
    """
    above = list(bounds)
    indexes = [entry.index for entry in entries]
    found = []
    for entry in entries:
        seen = 0 if entry.basis_size is None else bisect_left(indexes, entry.basis_size)
        after = entries[seen - 1].received_at if seen else None
        over = min((one for one in above if one[1] > entry.index), default=None)
        before, size, by = over or (None, None, None)
        found.append(Interval(entry.index, entry.received_at, after, before, by, size))
    return found


def time_findings(entries: Sequence[Entry], found: Sequence[Interval]) -> Iterator[TimeFinding]:
    """Yield what signers say that the intervals exclude, in order of the log."""
    for entry, interval in zip(entries, found, strict=True):
        if _claims_outside(entry, interval):
            yield TimeFinding(
                code="claimed-outside-interval",
                index=entry.index,
                sentence=f"Chi firma dichiara il {_shown(entry.claimed_at)}, fuori dall'intervallo"
                f" fra {_shown(interval.after)} e {_shown(_latest(interval))}.",
            )
        if _occurred_after(entry, interval):
            yield TimeFinding(
                code="occurred-after-proof",
                index=entry.index,
                sentence=f"Il fatto è datato {_day(entry.occurred_on)}, e risulta già registrato entro il"
                f" {_shown(interval.before)}.",
            )


def times_of(entries: Sequence[Entry], stamps: Sequence[tuple[str, int, TimeStamp]]) -> Times:
    """Return the times of the registrations of a package with these stamps: (file, size, stamp)."""
    found = intervals(entries, [(one.no_later_than, size, "time-stamp") for _, size, one in stamps])
    return Times(
        v=VERSION,
        replayable=False,
        stamps=tuple(_statement(file, size, one) for file, size, one in stamps),
        registrations=tuple(
            TimedRegistration(
                index=entry.index,
                received_at=entry.received_at,
                claimed_at=entry.claimed_at,
                after=interval.after,
                before=interval.before,
                size=interval.size,
            )
            for entry, interval in zip(entries, found, strict=True)
        ),
        findings=tuple(time_findings(entries, found)),
    )


def times_to_json(times: Times) -> bytes:
    """Return the canonical JSON of the times, with a final line feed."""
    return encode(shape_of(Times).told(times)) + b"\n"


def _statement(file: str, size: int, stamp: TimeStamp) -> StampStatement:
    return StampStatement(
        size=size,
        file=file,
        at=stamp.at,
        no_later_than=stamp.no_later_than,
        authority=stamp.authority,
        policy=stamp.policy,
        serial=str(stamp.serial),
    )


def _latest(interval: Interval) -> datetime:
    before = interval.before
    return interval.received_at if before is None else min(interval.received_at, before)


def _claims_outside(entry: Entry, interval: Interval) -> bool:
    claimed = entry.claimed_at
    if claimed is None:
        return False
    too_early = interval.after is not None and claimed < interval.after.replace(microsecond=0)
    return too_early or claimed > _latest(interval) + TOLERANCE


def _occurred_after(entry: Entry, interval: Interval) -> bool:
    """Tell whether a fact that cannot be dated later is dated after the day it is proven by."""
    if entry.occurred_on is None or interval.before is None or entry.type is None:
        return False
    declared = event_types().get(entry.type)
    if declared is None or declared.dated_by == VALID_FROM:
        return False
    return entry.occurred_on > legal_day(interval.before + TOLERANCE)


def _shown(at: datetime | None) -> str:
    return "l'inizio del registro" if at is None else f"{at:%d/%m/%Y %H:%M:%S} UTC"


def _day(day: date | None) -> str:
    return "" if day is None else format_day_it(day)
