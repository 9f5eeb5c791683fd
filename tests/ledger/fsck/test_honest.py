"""No false alarm: ledgers of every kind, in which nothing is wrong, examined on the way and at the end.

PISTA_EXHAUSTIVE=1 makes 200 of them; PISTA_SEED begins elsewhere.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tests.ledger.fsck.random_ledgers import random_ledger

if TYPE_CHECKING:
    import pytest

COUNT = 200 if os.environ.get("PISTA_EXHAUSTIVE") else 24
SEED = int(os.environ.get("PISTA_SEED", "20260921"))


def test_honest_ledgers_raise_no_alarm(tmp_path_factory: pytest.TempPathFactory) -> None:
    alarms: dict[int, list[str]] = {}
    for seed in range(SEED, SEED + COUNT):
        found = random_ledger(tmp_path_factory.mktemp("honest"), seed)
        if found:
            alarms[seed] = found
    print(f"{COUNT} honest ledgers, seeds from {SEED}")  # noqa: T201  the numbers are the result
    assert alarms == {}
