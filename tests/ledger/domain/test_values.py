"""Data classes of the domain are values: frozen, and built by name where they have many members."""

from __future__ import annotations

import dataclasses
import pkgutil
from importlib import import_module

import pytest

import ledger.domain
from ledger.domain.rules.finding import Finding, FindingRule, View
from ledger.domain.rules.refusal import Rule
from ledger.domain.rules.standing import FindingStatement, PastFinding

MUTABLE = {"_Told"}  # the place of a walk through the record, which goes on
MODULES = [one.name for one in pkgutil.walk_packages(ledger.domain.__path__, "ledger.domain.")]


def data_classes() -> list[type]:
    """Return the data classes of the domain that are values."""
    found = (
        value
        for name in MODULES
        for value in vars(import_module(name)).values()
        if isinstance(value, type) and value.__module__ == name
    )
    return [one for one in found if dataclasses.is_dataclass(one) and one.__name__ not in MUTABLE]


def test_every_data_class_is_frozen() -> None:
    found = data_classes()
    assert len(found) > 400
    assert [one for one in found if not one.__dataclass_params__.frozen] == []  # type: ignore[attr-defined]  # a data class has them


@pytest.mark.parametrize("cls", [Finding, FindingStatement, PastFinding])
def test_what_is_found_is_built_by_name(cls: type) -> None:
    assert all(field.kw_only for field in dataclasses.fields(cls))


@pytest.mark.parametrize("cls", [Rule, FindingRule, View])
def test_a_rule_and_its_view_have_the_members_that_they_declare_and_no_others(cls: type) -> None:
    with pytest.raises(AttributeError):
        object.__setattr__(cls.__new__(cls), "also", 1)
