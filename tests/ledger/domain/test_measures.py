"""Measures, sub-measures, milestones: shape and the key that compares spellings."""

from __future__ import annotations

import pytest

from ledger.domain import measures
from ledger.domain.codes import Milestone, SubMeasure
from ledger.domain.identifiers import Measure
from ledger.errors import ShapeError

SAME = {
    "zeros in front and behind": ("M1C1I1.2", "M1C1I1.02.00"),
    "without the last level": ("M1C1I1.02", "M1C1I1.02.00"),
    "three levels": ("M1C1I1.4.1", "M1C1I1.04.01"),
    "level not used in the middle": ("M1C1I3.1", "M1C1I3.00.01"),
    "component of Mission 7 left out": ("M7I1", "M7C1I1"),
    "Mission 7 in the spelling of ReGiS": ("M7I1.1", "M7C1I01.1.00"),
    "letters of a sub-measure": ("M2C4I2.1.A1", "M2C4I2.01.A1"),
    "lower case": ("m1c1i1.2", "M1C1I1.2"),
}
DIFFERENT = {
    "two levels": ("M1C1I1.2", "M1C1I2.1"),
    "reform and investment": ("M1C1I1.9", "M1C1R1.9"),
    "suffix": ("M1C1R1.9", "M1C1R1.9BIS"),
    "ten is not one": ("M7C1I10.1", "M7C1I1.1"),
    "parts of one measure": ("M7C1I15.1.01", "M7C1I15.1.02"),
    "components": ("M1C1I1.2", "M1C2I1.2"),
}
REFUSED_MEASURES = {
    "official misprint": ("M4C1II4.1", "M4C1I4.1"),
    "a milestone": ("M1C1-147", None),
    "mission 8": ("M8C1I1.2", None),
    "component 6": ("M1C6I1.2", None),
    "four levels": ("M1C1I1.2.3.4", None),
    "empty": ("", None),
    "words": ("Misura 1.2", None),
}
REFUSED_MILESTONES = {
    "an indicator": "T0079",
    "a measure": "M1C1I1.2",
    "without number": "M1C1-",
    "unknown suffix": "M1C1-139X",
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_two_spellings_of_one_measure_have_one_key(one: str, other: str) -> None:
    assert Measure.parse(one).key == Measure.parse(other).key


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_two_measures_have_two_keys(one: str, other: str) -> None:
    assert Measure.parse(one).key != Measure.parse(other).key


def test_a_key_is_a_measure_with_itself_as_key() -> None:
    for one, other in [*SAME.values(), *DIFFERENT.values()]:
        for raw in (one, other):
            key = Measure.parse(raw).key
            assert Measure.parse(key).key == key


def test_the_key_of_what_is_no_measure_is_an_error() -> None:
    with pytest.raises(ValueError, match="not a measure"):
        measures.key("M1C1-139")


@pytest.mark.parametrize(("raw", "proposal"), REFUSED_MEASURES.values(), ids=REFUSED_MEASURES)
def test_a_malformed_measure_is_refused(raw: str, proposal: str | None) -> None:
    with pytest.raises(ShapeError) as caught:
        Measure.parse(raw)
    assert (caught.value.code, caught.value.proposal) == ("measure-malformed", proposal)


def test_a_sub_measure_is_spelt_in_full() -> None:
    for raw in ("M1C1I1.02.00", "M2C4I2.01.A1", "M7C1I15.1.02"):
        assert SubMeasure.parse(raw) == raw
    for raw in ("M1C1I1.2", "M7I1", "M1C1I1.02"):
        with pytest.raises(ShapeError, match="measure-malformed"):
            SubMeasure.parse(raw)


def test_milestones_and_targets_are_european_or_national() -> None:
    for raw in ("M1C1-139", "M1C1-139-ITA-1", "M1C1-00-ITA-5", "M7-4", "M1C1-72BIS"):
        assert Milestone.parse(raw) == raw


@pytest.mark.parametrize("raw", REFUSED_MILESTONES.values(), ids=REFUSED_MILESTONES)
def test_a_malformed_milestone_is_refused(raw: str) -> None:
    with pytest.raises(ShapeError, match="milestone-malformed"):
        Milestone.parse(raw)
