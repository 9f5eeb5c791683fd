"""A frozen value with some fields in a new form, as dataclasses.replace gives it."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from ledger.domain.altered import altered
from ledger.domain.dossier import Dossier
from ledger.domain.phases import Phases


def test_it_gives_what_the_standard_library_gives_and_leaves_the_first_value_as_it_was() -> None:
    before = Dossier("cup/C81C22001220006", count=3)
    after = altered(before, count=4, phases=Phases())
    assert after == replace(before, count=4, phases=Phases())
    assert (before.count, after.count) == (3, 4)


def test_the_new_value_is_frozen_like_the_first() -> None:
    after = altered(Dossier("cup/C81C22001220006"), count=4)
    with pytest.raises(FrozenInstanceError):
        after.count = 5  # type: ignore[misc]  # this is what is refused


def test_a_field_that_the_class_has_not_is_refused() -> None:
    with pytest.raises(TypeError, match="coutn"):
        altered(Dossier("cup/C81C22001220006"), coutn=4)
