"""The import contracts hold, and would notice being broken."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("ledger", "exporters", "api", "schemas")
BREACHES = {
    "the domain reaches for the clock": ("ledger/domain/money.py", "import time"),
    "the journal learns what bytes mean": (
        "ledger/journal/leaf.py",
        "import ledger.domain.money",
    ),
    "verification opens a database": ("exporters/verification/verify.py", "import sqlite3"),
    "an exporter writes": ("exporters/package.py", "import ledger.application.door"),
    "a view signs with the cipher library": ("ledger/views/store.py", "import cryptography"),
    "a page asks somebody over the network": ("api/pages/plain.py", "import httpx"),
    "a door reads time-stamp tokens by itself": ("api/home.py", "import rfc3161_client"),
    "a module without a place": ("ledger/helpers.py", "VALUE = 1"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter in a folder."""
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(folder)!r}); {program}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the product that may be broken."""
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_are_kept(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("breach", BREACHES)
def test_a_broken_contract_is_noticed(copy: Path, breach: str) -> None:
    name, line = BREACHES[breach]
    target = copy / name
    before = target.read_text(encoding="utf-8") if target.exists() else '"""Lost."""\n'
    target.write_text(f"{before}\n{line}\n", encoding="utf-8")
    done = lint(copy)
    assert done.returncode != 0, done.stdout
    assert "BROKEN" in done.stdout + done.stderr or "exhaustive" in done.stdout + done.stderr


@pytest.mark.parametrize("package", PACKAGES)
def test_an_init_holds_a_docstring_and_nothing_else(package: str) -> None:

    for path in (ROOT / package).rglob("__init__.py"):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        assert len(body) == 1, path
        assert isinstance(body[0], ast.Expr), path
