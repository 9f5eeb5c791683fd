"""Refusals about what administrators adopt, at their limits. Source: DOMAIN 9.11."""

from __future__ import annotations

import pytest

from tests.ledger.domain.cases import Refusal, Told
from tests.ledger.domain.facts_oversight import governed, renamed

FIRST, LAST = "00" * 32, "ff" * 32
REFUSED = {
    f"{what} of a digest that is {where} in order": Refusal(
        (), governed(command, digest=digest, changes="-"), code
    )
    for what, command, code in (
        ("tables", "adopt-rule-set/1", "rule-set-differs"),
        ("schemas", "adopt-schema-set/1", "schema-set-differs"),
    )
    for where, digest in (("first", FIRST), ("last", LAST))
}
TOLD = {
    "a code that comes after that of the body": Told(
        (), renamed(old="c_z999"), (("body-not-this", "c_z999"),)
    ),
    "a code that comes before that of the body": Told(
        (), renamed(old="c_a001"), (("body-not-this", "c_a001"),)
    ),
    "a second code from the same day": Told(
        (renamed(),), renamed(old="c_m999", new="c_b002"), (("body-renamed-since", "c_b002"),)
    ),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused(case: Refusal) -> None:
    case.check()


@pytest.mark.parametrize("case", TOLD.values(), ids=TOLD)
def test_it_is_refused_for_this_and_nothing_else(case: Told) -> None:
    case.check()
