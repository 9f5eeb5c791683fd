"""A home on disk, founded once and copied for each test."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from api.home import Home
from tests.api.home_kit import make_told_home

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A founded home with its people and one intervention; not to be written to."""
    folder = tmp_path_factory.mktemp("told") / "home"
    make_told_home(Home(folder))
    return folder


@pytest.fixture
def home(told: Path, tmp_path: Path) -> Home:
    """A home of one's own."""
    folder = tmp_path / "home"
    shutil.copytree(told, folder)
    return Home(folder)
