"""Sizes, seeds and places of the proofs.

PISTA_EXHAUSTIVE=1 asks for the full size (`make endurance`), PISTA_SEED for the seed of an earlier
run; both are told at the end.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.endurance.telling import TOLD

if TYPE_CHECKING:
    from collections.abc import Callable

IS_EXHAUSTIVE = os.environ.get("PISTA_EXHAUSTIVE", "") not in ("", "0")


@dataclass(frozen=True)
class Size:
    """How large the proofs are."""

    requests: int
    kills: int
    seconds: float
    steps: int
    examples: int


FULL = Size(requests=5000, kills=20, seconds=60.0, steps=60, examples=200)
SHORT = Size(requests=70, kills=3, seconds=6.0, steps=25, examples=12)


@pytest.fixture
def size() -> Size:
    """The size that was asked for."""
    return FULL if IS_EXHAUSTIVE else SHORT


@pytest.fixture
def told(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """What tells a line at the end of the run, and at once where output is shown."""

    def tell(text: str) -> None:
        request.node.user_properties.append((TOLD, text))

    return tell


@pytest.fixture
def seed(told: Callable[[str], None]) -> int:
    """A seed of its own for each run, or that of PISTA_SEED."""
    chosen = int(os.environ.get("PISTA_SEED", "0")) or secrets.randbelow(2**31) + 1
    told(f"seed {chosen} (PISTA_SEED={chosen} repeats it)")
    return chosen


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> str:
    """Where the ledger is: nothing said, which is a file of SQLite, or a schema of PostgreSQL."""
    if request.param == "sqlite":
        return ""
    url: str = request.getfixturevalue("postgres_url")
    return url
