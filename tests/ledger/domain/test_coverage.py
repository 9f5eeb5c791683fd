"""Days that certificates cover, from award to completion. Source: DOMAIN sections 7.1 and 9.13."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.albo import Interval
from ledger.domain.coverage import coverages, days_of, gaps_of_holders, uncovered
from tests.ledger.domain.facts import completed, determina, live, phase, registered, service
from tests.ledger.domain.facts_compliance import CLOUD, SUPPLIER, certificate_withdrawn, certified
from tests.ledger.domain.facts_procurement import (
    MERGED,
    PARTNER,
    awarded,
    contract,
    deserted,
    procedure,
    succeeded,
)
from tests.ledger.domain.worlds import World

FIRST = date(2024, 1, 1)
DAY = timedelta(days=1)
AWARD = (registered(), determina(), procedure(), awarded())
ENDED = date(2024, 6, 30)


def days(first: int, last: int) -> Interval:
    """Return the days from one to another, counted from the first of January."""
    return Interval(from_=FIRST + first * DAY, to=FIRST + last * DAY)


def gaps(world: World, day: date = ENDED) -> list[tuple[str, str, list[tuple[str, str]], int]]:
    """Return what is uncovered of each holder and standard."""
    return [
        (
            str(one.holder),
            str(one.standard),
            [(gap.from_.isoformat(), gap.to.isoformat()) for gap in one.gaps],
            one.days,
        )
        for one in coverages(world.dossier(), day)
    ]


@given(
    st.lists(st.tuples(st.integers(-10, 50), st.integers(0, 20)), max_size=6), st.integers(0, 40)
)
def test_what_is_uncovered_is_what_no_interval_holds(
    spans: list[tuple[int, int]], last: int
) -> None:
    intervals = [days(begin, begin + length) for begin, length in spans]
    asked = [FIRST + number * DAY for number in range(last + 1)]
    none = [day for day in asked if not any(one.holds(day) for one in intervals)]
    found = uncovered(intervals, FIRST, FIRST + last * DAY)
    assert list(days_of(found)) == none
    assert all(one.days > 0 for one in found)
    assert all(one.to + DAY < other.from_ for one, other in pairwise(found))


def test_certificates_that_follow_each_other_leave_no_day() -> None:
    assert uncovered([days(0, 9), days(10, 20)], FIRST, FIRST + 20 * DAY) == ()
    assert uncovered([days(0, 9), days(11, 20)], FIRST, FIRST + 20 * DAY) == (days(10, 10),)


def test_nothing_is_asked_of_certificates_before_the_award() -> None:
    world = World().given(registered(), certified())
    assert coverages(world.dossier(), ENDED) == ()
    world.given(determina(), procedure(), awarded())
    assert coverages(world.dossier(), date(2023, 1, 31)) == ()
    assert gaps(world, date(2023, 2, 1)) == [
        (SUPPLIER, "iso14001", [("2023-02-01", "2023-02-01")], 1)
    ]


def test_a_deserted_procedure_awards_nothing_and_the_phase_tells_then() -> None:
    world = World().given(registered(), procedure(), deserted(), certified(from_="2024-02-01"))
    assert coverages(world.dossier(), ENDED) == ()
    world.given(phase("AFFIDAMENTO", "2024-01-02"), completed("AFFIDAMENTO", "2024-02-01"))
    assert gaps(world) == [(SUPPLIER, "iso14001", [], 0)]


def test_without_completion_certificates_cover_up_to_the_day_asked() -> None:
    world = World().given(*AWARD, certified(from_="2023-02-01", to="2024-06-29"))
    assert gaps(world) == [(SUPPLIER, "iso14001", [("2024-06-30", "2024-06-30")], 1)]
    assert gaps(world, date(2024, 6, 29)) == [(SUPPLIER, "iso14001", [], 0)]


def test_the_last_funded_service_completes() -> None:
    named = certified(from_="2023-02-01", to="2023-10-01")
    services = (service("s01"), service("s02"), service("s03", funded=False))
    world = World().given(
        registered(), *services, *AWARD[1:], named, live("s01"), live("s02", on="2023-10-01")
    )
    assert gaps(world) == [(SUPPLIER, "iso14001", [], 0)]
    half = World().given(registered(), *services, *AWARD[1:], named, live("s01"))
    assert gaps(half, date(2023, 10, 2))[0][3] == 1


def test_without_services_the_end_of_execution_completes() -> None:
    done = (phase("ESECUZIONE", "2023-03-01"), completed("ESECUZIONE", "2023-12-31"))
    world = World().given(*AWARD, *done, certified(from_="2023-02-01", to="2023-12-31"))
    assert gaps(world) == [(SUPPLIER, "iso14001", [], 0)]


def test_a_withdrawal_ends_a_certificate_on_the_day_before() -> None:
    named = certified(from_="2023-02-01")
    world = World().given(*AWARD, named, certificate_withdrawn(on="2024-06-30"))
    assert gaps(world) == [(SUPPLIER, "iso14001", [("2024-06-30", "2024-06-30")], 1)]


def test_a_certificate_withdrawn_before_its_first_day_covers_nothing() -> None:
    later = certified(from_="2024-06-01")
    world = World().given(*AWARD, later, certificate_withdrawn(on="2024-05-01"))
    assert gaps(world)[0][3] == (ENDED - date(2023, 2, 1)).days + 1


def test_standards_and_holders_count_apart() -> None:
    world = World().given(
        *AWARD,
        certified("iso", "2023-02-01", "2024-01-31"),
        certified("emas", "2024-02-01", "2024-12-31", standard="emas"),
        certified("cloud", "2023-01-01", "2024-12-31", holder=CLOUD),
    )
    assert [(one[0], one[1], one[3]) for one in gaps(world)] == [
        (CLOUD, "iso14001", 0),
        (SUPPLIER, "emas", 365),
        (SUPPLIER, "iso14001", 151),
    ]
    [least] = gaps_of_holders(world.dossier(), ENDED)
    assert (least.holder, least.standard, least.days) == (SUPPLIER, "iso14001", 151)


def test_a_holder_whom_one_standard_covers_has_no_gap() -> None:
    world = World().given(
        *AWARD,
        certified("iso", "2023-02-01", "2024-12-31"),
        certified("emas", "2024-02-01", "2024-12-31", standard="emas"),
    )
    assert list(gaps_of_holders(world.dossier(), ENDED)) == []


def test_who_takes_over_covers_from_its_day_and_who_leaves_until_the_day_before() -> None:
    world = World().given(
        *AWARD,
        contract(),
        certified("vecchio", "2023-02-01", "2023-10-01", holder=PARTNER),
        certified("nuovo", "2023-10-02", "2024-12-31", holder=MERGED),
        succeeded(),
    )
    assert {one[3] for one in gaps(world)} == {0}


def test_who_was_there_already_covers_all_days_though_another_left_to_it() -> None:
    world = World().given(
        *AWARD,
        contract(),
        certified("iso", "2023-10-02", "2024-12-31"),
        succeeded(new=SUPPLIER, cause="recesso-mandante"),
    )
    assert gaps(world)[0][2] == [("2023-02-01", "2023-10-01")]
