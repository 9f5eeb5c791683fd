"""Where tests find the material that is not copied into the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.endurance.telling import pytest_terminal_summary
from tests.postgres import postgres_server, postgres_url

__all__ = [  # fixtures and hooks of all tests
    "postgres_server",
    "postgres_url",
    "pytest_terminal_summary",
]

PROJECT_ROOT = Path(__file__).resolve().parent.parent


def folder_named(variable: str, name: str) -> Path:
    """Return a folder of shared material; skip the test without it, fail it in CI."""
    folder = Path(os.environ.get(variable, PROJECT_ROOT.parent / "shared" / name))
    if not folder.is_dir():
        reason = f"{name} not found: {folder} (set {variable})"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture
def realdata() -> Path:
    """Real open data of the intervention and its neighbours."""
    return folder_named("PISTA_REALDATA", "data")


@pytest.fixture
def standards() -> Path:
    """Official schemas and test vectors."""
    return folder_named("PISTA_STANDARDS", "standards")
