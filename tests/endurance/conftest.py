"""Sizes, seeds and places of the proofs.

PISTA_EXHAUSTIVE=1 asks for the full size (`make endurance`), PISTA_SEED for the seed of an earlier
run; both are told at the end.
"""

from __future__ import annotations

import os
import random
import secrets
from dataclasses import dataclass

import pytest

from tests.endurance.telling import TOLD

IS_EXHAUSTIVE = os.environ.get("PISTA_EXHAUSTIVE", "") not in ("", "0")


@dataclass(frozen=True)
class Size:
    """How large the proofs are."""

    requests: int
    kills: int
    seconds: float
    steps: int
    examples: int


@dataclass(frozen=True)
class Proof:
    """One proof: how large it is, what its choices come from, and what it tells at the end."""

    size: Size
    seed: int
    properties: list[tuple[str, object]]

    @property
    def chance(self) -> random.Random:
        """Return choices that the seed repeats."""
        return random.Random(self.seed)  # noqa: S311  no secret

    def tell(self, text: str) -> None:
        """Tell a line at the end of the run."""
        self.properties.append((TOLD, text))


FULL = Size(requests=5000, kills=20, seconds=60.0, steps=60, examples=200)
SHORT = Size(requests=40, kills=3, seconds=6.0, steps=30, examples=16)


@pytest.fixture
def proof(request: pytest.FixtureRequest) -> Proof:
    """The size that was asked for, a seed of its own or that of PISTA_SEED, and who tells."""
    seed = int(os.environ.get("PISTA_SEED", "0")) or secrets.randbelow(2**31) + 1
    made = Proof(FULL if IS_EXHAUSTIVE else SHORT, seed, request.node.user_properties)
    made.tell(f"seed {seed} (PISTA_SEED={seed} repeats it)")
    return made


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> str:
    """Where the ledger is: nothing said, which is a file of SQLite, or a schema of PostgreSQL."""
    if request.param == "sqlite":
        return ""
    url: str = request.getfixturevalue("postgres_url")
    return url
