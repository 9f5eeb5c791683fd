"""One ledger and one package for all tests of this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exporters.package import PackageInfo, write_folder, write_package
from ledger.records import load_law
from tests.exporters.ledger_fixture import Built, build

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return a small, complete ledger."""
    return build(tmp_path_factory.mktemp("ledger"))


@pytest.fixture(scope="session")
def folder_package(built: Built, tmp_path_factory: pytest.TempPathFactory) -> PackageInfo:
    """Return the package of its CUP, unpacked."""
    folder = tmp_path_factory.mktemp("unpacked")
    return write_folder(built.evidence, [built.cup], folder, law=load_law(), size=built.size)


@pytest.fixture(scope="session")
def zip_package(built: Built, tmp_path_factory: pytest.TempPathFactory) -> PackageInfo:
    """Return the package of its CUP as a ZIP."""
    folder = tmp_path_factory.mktemp("zipped")
    return write_package(built.evidence, [built.cup], folder, law=load_law(), size=built.size)


@pytest.fixture(scope="session")
def package(folder_package: PackageInfo) -> Path:
    """Return the path of the unpacked package; tests copy it and leave it as it is."""
    return folder_package.path
