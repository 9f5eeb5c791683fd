"""Decisions about observations of open data. Source: DOMAIN sections 9.10, 9.13 and 15."""

from __future__ import annotations

import pytest

from tests.ledger.domain.cases import Accepted, Refusal
from tests.ledger.domain.facts import RUP_PERSON, but, registered
from tests.ledger.domain.facts_oversight import absent, adopted, national_row, source
from tests.ledger.domain.worlds import World

START = (registered(),)
NEXT = "2022-10-24T06:00:00Z"
SECOND = "cd" * 32
FULL = (*START, source())
SEEN = (*FULL, source(20_946, NEXT, digest=SECOND))
GONE = absent(digest=SECOND)


def shrunk(rows: int, **more: object) -> dict[str, object]:
    """Return a file of the next day with so many rows."""
    return source(rows, NEXT, digest=SECOND, **more)


ACCEPTED = {
    "a file": Accepted(
        START, source(), lambda d: [f.rows for f in d.sources.files], [20_947], stream="sys/sources"
    ),
    "a file with five percent fewer rows": Accepted(
        (source(20_000),), shrunk(19_000), lambda d: len(d.sources.files), 2, stream="sys/sources"
    ),
    "a file with more rows": Accepted(
        (source(20_000),), shrunk(30_000), lambda d: len(d.sources.files), 2, stream="sys/sources"
    ),
    "a file that shrank and is accepted by a person": Accepted(
        (source(20_000),),
        shrunk(0, accepted_by=RUP_PERSON, complete=False),
        lambda d: [f.accepted_by for f in d.sources.files],
        [None, RUP_PERSON],
        stream="sys/sources",
    ),
    "the whole file again, after one that shrank": Accepted(
        (source(20_000), shrunk(0, accepted_by=RUP_PERSON, complete=False)),
        source(20_000, "2022-10-25T06:00:00Z"),
        lambda d: len(d.sources.files),
        3,
        stream="sys/sources",
    ),
    "an older file that is recorded later": Accepted(
        (source(20_000),),
        source(3, "2022-10-06T06:00:00Z", digest=SECOND),
        lambda d: len(d.sources.files),
        2,
        stream="sys/sources",
    ),
    "a small file of another source": Accepted(
        (source(20_000),),
        shrunk(3, source="opencup"),
        lambda d: len(d.sources.files),
        2,
        stream="sys/sources",
    ),
    "a file that shrank no more than the body has set": Accepted(
        (source(20_000), adopted("source.shrunk_percent", "10")),
        shrunk(18_000),
        lambda d: len(d.sources.files),
        2,
        stream="sys/sources",
    ),
    "a row": Accepted(
        START,
        national_row(),
        lambda d: [[c.value for c in r.row] for r in d.national.rows.values()],
        [["T0079", "0.00"]],
    ),
    "a row that has changed": Accepted(
        (*START, national_row()),
        national_row("1.00", "2025-07-01T06:00:00Z"),
        lambda d: [[c.value for c in r.row] for r in d.national.rows.values()],
        [["T0079", "1.00"]],
    ),
    "the same row as it was at an earlier time": Accepted(
        (*START, national_row("1.00", "2025-07-01T06:00:00Z")),
        national_row("1.00"),
        lambda d: d.count,
        3,
    ),
    "a row without a key": Accepted(
        (*START, national_row()),
        national_row(key="T0080"),
        lambda d: sorted(d.national.rows),
        [("regis", "indicatori", "T0079"), ("regis", "indicatori", "T0080")],
    ),
    "a row that is in a complete file no more": Accepted(
        SEEN, GONE, lambda d: [a.key for a in d.national.absences.values()], [GONE["data"]["key"]]
    ),
}
REFUSED = {
    "a file without rows, the first of its source": Refusal(START, source(0), "source-shrunk"),
    "a file without rows": Refusal(FULL, shrunk(0), "source-shrunk"),
    "a file with one row less than five percent fewer": Refusal(
        (source(20_000),), shrunk(18_999), "source-shrunk"
    ),
    "a file that shrank and is not complete, accepted by nobody": Refusal(
        FULL, shrunk(0, complete=False), "source-shrunk"
    ),
    "a file that shrank, accepted as complete": Refusal(
        FULL, shrunk(0, accepted_by=RUP_PERSON), "source-shrunk"
    ),
    "a file that shrank against the last complete one": Refusal(
        (source(20_000), shrunk(10, accepted_by=RUP_PERSON, complete=False)),
        source(11, "2022-10-25T06:00:00Z", digest="ef" * 32),
        "source-shrunk",
    ),
    "a file that shrank more than the body has set": Refusal(
        (source(20_000), adopted("source.shrunk_percent", "10")), shrunk(17_999), "source-shrunk"
    ),
    "the same file again": Refusal(FULL, source(20_947, NEXT), "nothing-changed"),
    "the same row again, its columns in another order": Refusal(
        (*START, national_row()),
        national_row(
            at="2025-07-01T06:00:00Z",
            row=[{"column": "realizzato", "value": "0.00"}, {"column": "codice", "value": "T0079"}],
        ),
        "nothing-changed",
    ),
    "an absence from a file that is not recorded": Refusal(START, absent(), "reference-unknown"),
    "an absence from a file that is not complete": Refusal(
        (*FULL, shrunk(3, accepted_by=RUP_PERSON, complete=False)), GONE, "source-shrunk"
    ),
    "an absence that was observed": Refusal((*SEEN, GONE), GONE, "nothing-changed"),
    "a file observed after the day of receipt": Refusal(
        START, but(source(at="2027-01-01T06:00:00Z"), occurred_on="2026-08-31"), "future-date"
    ),
}


@pytest.mark.parametrize("case", ACCEPTED.values(), ids=ACCEPTED)
def test_it_is_recorded_and_changes_the_dossier(case: Accepted) -> None:
    case.check()


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused(case: Refusal) -> None:
    case.check()


def test_an_observation_of_an_earlier_time_does_not_take_the_place_of_a_newer_one() -> None:
    world = World().given(*START, national_row("1.00", "2025-07-01T06:00:00Z"), national_row())
    [row] = world.state().national_rows
    assert [cell.value for cell in row.row] == ["T0079", "1.00"]


def test_of_two_observations_of_one_time_the_later_recorded_counts() -> None:
    world = World().given(*START, national_row("0.00"), national_row("1.00"))
    [row] = world.state().national_rows
    assert (row.index, [cell.value for cell in row.row]) == (2, ["T0079", "1.00"])


def test_an_earlier_absence_does_not_take_the_place_of_a_newer_one() -> None:
    early = source(20_947, "2022-10-22T06:00:00Z", digest="ef" * 32)
    world = World().given(*SEEN, GONE, early, absent("2022-10-22", "2022-10-22T06:00:00Z", key="x"))
    world.given(absent("2022-10-22", "2022-10-22T06:00:00Z", digest="ef" * 32, key="x2"))
    assert [one.key for one in world.state().national_absences] == [GONE["data"]["key"], "x", "x2"]


def test_of_two_absences_of_one_key_the_one_observed_last_counts() -> None:
    """The earlier one is told after the row came back, so that it is not what is known already."""
    files = (
        source(20_947, "2025-05-01T06:00:00Z", digest=SECOND, source="regis"),
        source(20_947, "2025-04-15T06:00:00Z", digest="ef" * 32, source="regis"),
    )
    gone, gone_before = (
        absent(
            asked["data"]["observed_at"][:10],
            asked["data"]["observed_at"],
            source="regis",
            digest=asked["data"]["digest"],
            key="T0079",
        )
        for asked in files
    )
    world = World().given(*START, source(source="regis"), *files, national_row(), gone)
    world.given(national_row(at="2025-07-01T06:00:00Z"), gone_before)
    assert [one.index for one in world.state().national_absences] == [5]


def test_a_row_that_comes_back_is_observed_though_nothing_in_it_changed() -> None:
    world = World().given(registered(), source(source="regis"))
    world.given(source(20_947, "2025-05-01T06:00:00Z", digest=SECOND, source="regis"))
    world.given(national_row())
    gone = absent("2025-05-01", "2025-05-01T06:00:00Z", source="regis", digest=SECOND, key="T0079")
    world.given(gone, national_row(at="2025-07-01T06:00:00Z"))
    assert not world.dossier().national.is_gone("regis", "T0079")
    assert world.dossier().national.is_gone("regis", "T0081") is False
    world.given(source(20_947, "2025-08-01T06:00:00Z", digest="ef" * 32, source="regis"))
    world.given(but(gone, data={**gone["data"], "observed_at": "2025-08-01T06:00:00Z"}))
    assert world.dossier().national.is_gone("regis", "T0079")


def test_observations_leave_the_local_state_as_it_is() -> None:
    before = World().given(*START).state()
    after = World().given(*START, source(), national_row()).state()
    names = ("interventions", "phase", "phases", "funding", "services", "acts", "people")
    assert [getattr(after, name) for name in names] == [getattr(before, name) for name in names]
