"""The machine of ledger_machine.py, driven over every store."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.endurance.breaking_parts import MemoryStore, PostgresStore, SQLiteStore
from tests.endurance.doors_of_one_ledger import Done
from tests.endurance.ledger_machine import LedgerMachine
from tests.ledger.application.door_kit import ORIGIN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.endurance.breaking_parts import Store
    from tests.endurance.conftest import Proof

SHARE = {"memory": 1.0, "sqlite": 0.5, "postgres": 0.25}  # of the examples: what a store costs


@pytest.fixture(params=SHARE)
def new_store(request: pytest.FixtureRequest) -> Callable[[Path], Store]:
    """What makes an empty store in a folder."""
    kind = request.param

    def make(folder: Path) -> Store:
        if kind == "memory":
            return MemoryStore(ORIGIN)
        if kind == "sqlite":
            return SQLiteStore(folder / "ledger.sqlite", ORIGIN)
        return PostgresStore(request.getfixturevalue("postgres_server").new_schema(), ORIGIN)

    make.kind = kind  # type: ignore[attr-defined]
    return make


def test_a_ledger_holds_whatever_happens_to_it(
    tmp_path: Path, new_store: Callable[[Path], Store], proof: Proof
) -> None:
    done, numbers = Done(), itertools.count()
    examples = max(int(proof.size.examples * SHARE[new_store.kind]), 2)  # type: ignore[attr-defined]

    @seed(proof.seed)
    def machine() -> LedgerMachine:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        return LedgerMachine(new_store(folder), folder, done)

    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=examples,
                stateful_step_count=proof.size.steps,
                deadline=None,
                database=None,
                phases=(Phase.generate, Phase.shrink),
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        rules = ", ".join(f"{name} {count}" for name, count in sorted(done.rules.items()))
        outcomes = ", ".join(f"{name} {count}" for name, count in sorted(done.outcomes.items()))
        proof.tell(
            f"{done.machines} ledgers, {done.steps} steps; sent: {rules}; came back: {outcomes}"
        )
