"""Which days certificates cover: the union of intervals, and the days between them.

    uncovered([1 January - 1 March, 12 March - 31 December], 1 January, 31 December)
                                                     -> 2 March - 11 March, ten days

A certificate is evidence only if it is valid on every day from award to completion. Certificates of
the same standard and holder count together; both ends are included, and a withdrawal ends one on the
day before. Without completion they must cover up to the day asked; who took the place of another
supplier must cover from that day, the other until the day before. Source: DOMAIN sections 7.1, 9.13.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from ledger.domain.albo import Interval
from ledger.domain.checks import Certificate
from ledger.domain.dossier import Dossier
from ledger.domain.identifiers import ShortId
from ledger.domain.keys import OperatorKey

DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class CertificateCoverage:
    """What the certificates of one holder and standard cover of the days from award to completion."""

    holder: OperatorKey
    standard: ShortId
    from_: date
    to: date
    gaps: tuple[Interval, ...] = ()
    days: int


def uncovered(intervals: Iterable[Interval], first: date, last: date) -> tuple[Interval, ...]:
    """Return the days from the first to the last that no interval holds, as intervals."""
    gaps, next_day = [], first
    for one in sorted(intervals, key=lambda one: one.from_):
        if one.from_ > last:
            break
        if one.from_ > next_day:
            gaps.append(Interval(from_=next_day, to=one.from_ - DAY))
        next_day = max(next_day, one.to + DAY)
    if next_day <= last:
        gaps.append(Interval(from_=next_day, to=last))
    return tuple(gaps)


def days_of(gaps: Iterable[Interval]) -> Iterator[date]:
    """Yield the days of some intervals, one by one."""
    for gap in gaps:
        for number in range(gap.days):
            yield gap.from_ + timedelta(days=number)


def coverages(dossier: Dossier, day: date) -> tuple[CertificateCoverage, ...]:
    """Return the coverage of each holder and standard, as of a day; none before the award."""
    span = award_to_completion(dossier, day)
    if span is None:
        return ()
    groups: dict[tuple[OperatorKey, ShortId], list[Interval]] = {}
    for one in dossier.checks.certificates:
        groups.setdefault((one.holder, one.standard), []).extend(_valid(one))
    return tuple(
        _coverage(holder, standard, groups[holder, standard], _span_of(holder, span, dossier))
        for holder, standard in sorted(groups)
    )


def _span_of(holder: OperatorKey, span: Interval, dossier: Dossier) -> Interval:
    """Return the days on which a holder is a supplier: those between its coming and its going."""
    first, last = span.from_, span.to
    for contract in dossier.contracts.signed:
        is_new = all(one.op != holder for one in contract.operators)
        for one in contract.replacements:
            first = max(first, one.on) if is_new and one.new == holder else first
            last = min(last, one.on - DAY) if one.old == holder else last
    return Interval(from_=first, to=last)


def _coverage(
    holder: OperatorKey, standard: ShortId, valid: list[Interval], span: Interval
) -> CertificateCoverage:
    gaps = uncovered(valid, span.from_, span.to)
    return CertificateCoverage(
        holder=holder,
        standard=standard,
        from_=span.from_,
        to=span.to,
        gaps=gaps,
        days=sum(gap.days for gap in gaps),
    )


def gaps_of_holders(dossier: Dossier, day: date) -> Iterator[CertificateCoverage]:
    """Yield the coverage of each holder of whom no standard covers every day: the least uncovered."""
    found = coverages(dossier, day)
    for holder in sorted({one.holder for one in found}):
        best = min((one for one in found if one.holder == holder), key=lambda one: one.days)
        if best.gaps:
            yield best


def _valid(certificate: Certificate) -> Iterator[Interval]:
    """Yield the days on which it is valid, none when it was withdrawn before its first."""
    last = certificate.to
    if certificate.withdrawn is not None:
        last = min(last, certificate.withdrawn.on - DAY)
    if certificate.from_ <= last:
        yield Interval(from_=certificate.from_, to=last)


def award_to_completion(dossier: Dossier, day: date) -> Interval | None:
    """Return the days from award to completion, to `day` without one; None before the award."""
    award = _awarded_on(dossier)
    if award is None or award > day:
        return None
    done = _completed_on(dossier)
    return Interval(from_=award, to=day if done is None else max(award, min(done, day)))


def _awarded_on(dossier: Dossier) -> date | None:
    """Return the day of the first award; where none is recorded, the phase of the award ended."""
    procedures = (one for one in dossier.procurement.procedures if one.failure is None)
    awards = [award.on for procedure in procedures for award in procedure.awards]
    ended = [one.on for one in dossier.phases.completions("AFFIDAMENTO")]
    return min(awards or ended, default=None)


def _completed_on(dossier: Dossier) -> date | None:
    """Return the day on which the last funded service went live; without any, execution ended."""
    services = [item.completion for item in dossier.scope.items if item.funded]
    live = [one.live_on for one in services if one is not None]
    if services:
        return max(live) if len(live) == len(services) else None
    return max((one.on for one in dossier.phases.completions("ESECUZIONE")), default=None)
