"""What the tests of the audit package share: one ledger, one small package, one PATH."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from exporters.package import write_folder
from tests.exporters.ledger_fixture import CUP, Built, build
from tests.exporters.script_judge import SIZE, TOOLS
from tests.exporters.unpacked import LAW

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(tmp_path_factory.mktemp("ledger"))


@pytest.fixture(scope="session")
def whole(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("whole")
    return write_folder(built.evidence, [CUP], out, law=LAW, size=SIZE).path


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PATH with the tools that verify.sh may use, and no Python."""
    folder = tmp_path_factory.mktemp("tools")
    for name in TOOLS.split():
        found = shutil.which(name)
        assert found, f"{name} is not installed"
        (folder / name).symlink_to(found)
    return folder
