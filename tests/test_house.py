"""The house is in order: its files, licence, lock, dependencies, and what no file may hold."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")

FILES = (
    "README.md",
    "CONTRIBUTING.md",
    "DECISIONS.md",
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "pyproject.toml",
    "requirements.lock",
    ".ci/run",
    ".ci/venv",
    "schemas/README.md",
)
PRODUCT = ("ledger", "exporters", "api", "schemas")
OURS = (*PRODUCT, "tests", ".ci")
MADE = {"__pycache__", ".hypothesis"}  # what programs leave behind
MOST_LINES = 300
# Longer files that are one subject all the same, each with the reason.
LONG = {
    "exporters/templates/verify.sh": "goes into a package, alone, for who has only bash",
}
# In pieces, so that this file does not hold what it looks for.
FORBIDDEN = {
    "a home folder": r"/(home|Users)/" + r"[a-z]",
    "the folder of root": r"(?<![\w.])/" + r"root/",
    "a folder of one machine": r"(?<![\w.*}])/(work|opt|mnt|srv)" + r"/[a-z]",
    "a drive": r"\b[A-Z]:\\" + r"Users",
    "a host of packages": "|".join((r"pypi\." + "org", "python" + "hosted", r"npm" + r"js\.")),
}


def files() -> Iterator[Path]:
    """Yield the files of the project that are text."""
    yield from (ROOT / name for name in FILES if (ROOT / name).is_file())
    for folder in OURS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and not MADE.intersection(path.parts):
                yield path


def text_of(path: Path) -> str:
    """Return the text of a file; bytes that are no UTF-8 are replaced."""
    return path.read_text(encoding="utf-8", errors="replace")


def required(*, runtime: bool) -> list[Requirement]:
    """Return the direct requirements: those of the program, or all with tools and build."""
    project = PROJECT["project"]
    names = list(project["dependencies"])
    if not runtime:
        names += project["optional-dependencies"]["dev"] + PROJECT["build-system"]["requires"]
    return [Requirement(name) for name in names]


def locked() -> dict[str, tuple[str, str]]:
    """Return version and the lines below it (hashes, why) of every entry of the lock."""
    entries = re.split(r"^(?=[A-Za-z0-9])", LOCK, flags=re.MULTILINE)[1:]
    found: dict[str, tuple[str, str]] = {}
    for entry in entries:
        head = re.match(r"([A-Za-z0-9._-]+)==(\S+) \\\n", entry)
        assert head is not None, f"not pinned: {entry[:60]}"
        found[canonicalize_name(head[1])] = head[2], entry
    return found


@pytest.mark.parametrize("name", FILES)
def test_the_file_is_there(name: str) -> None:
    """Each file of the house exists and is not empty."""
    assert (ROOT / name).stat().st_size > 0


def test_the_licence_is_the_eupl_1_2() -> None:
    """Text, metadata and README name the same licence."""
    assert "EUROPEAN UNION PUBLIC LICENCE v. 1.2" in text_of(ROOT / "LICENSE")
    assert PROJECT["project"]["license"] == "EUPL-1.2"
    assert "Licence: EUPL-1.2." in text_of(ROOT / "README.md")


def test_every_entry_of_the_lock_has_hashes() -> None:
    """A package is what it was when it was locked, or it is not installed."""
    without = [name for name, (_, rest) in locked().items() if "--hash=sha256:" not in rest]
    assert len(locked()) > 20
    assert without == []


def test_the_lock_pins_what_pyproject_allows() -> None:
    """Every requirement is in the lock, in a version within its bounds."""
    found = locked()
    outside = [
        str(one)
        for one in required(runtime=False)
        if canonicalize_name(one.name) not in found
        or not one.specifier.contains(found[canonicalize_name(one.name)][0], prereleases=True)
    ]
    assert outside == []


def test_the_lock_pins_nothing_that_nobody_asked_for() -> None:
    """What the lock says that the project itself asks for is what pyproject names, no more."""
    found = locked()
    asked = {name for name, (_, rest) in found.items() if "pista (pyproject.toml)" in rest}
    assert asked == {canonicalize_name(one.name) for one in required(runtime=False)}
    assert [name for name, (_, rest) in found.items() if "# via" not in rest] == []


def test_continuous_integration_runs_make_test() -> None:
    """What decides is what the README says, as the last step, and nothing swallows its failure."""
    lines = text_of(ROOT / ".ci/run").splitlines()
    assert lines[-1] == "make test"
    assert "set -euo pipefail" in lines


def test_every_dependency_has_its_decision() -> None:
    """D35 names what the program imports, each in its own code spans."""
    section = re.split(
        r"^## ", text_of(ROOT / "DECISIONS.md").split("## D35 ")[1], flags=re.MULTILINE
    )[0]
    named = set(re.findall(r"`([^`]+)`", section))
    assert [one.name for one in required(runtime=True) if one.name not in named] == []


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_names(what: str) -> None:
    """Nothing depends on, or tells of, the machine that it was written on."""
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files()
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if pattern.search(line)
    ]
    assert found == []


def test_the_forbidden_is_found_where_it_is() -> None:
    """The patterns match what they are for, so that an empty result means something."""
    samples = {
        "a home folder": "/ho" + "me/rossi/pista",
        "the folder of root": "'/ro" + "ot/.cache'",
        "a folder of one machine": "--find-links /o" + "pt/wheels",
        "a drive": "C:\\Us" + "ers\\rossi",
        "a host of packages": "https://pypi" + ".org/simple",
    }
    assert [what for what, text in samples.items() if not re.search(FORBIDDEN[what], text)] == []


def test_nothing_is_left_to_do_in_the_code() -> None:
    """What is not done stands in the README, not in a comment."""
    word = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    left = [
        str(path.relative_to(ROOT))
        for path in files()
        if path.relative_to(ROOT).parts[0] in PRODUCT and word.search(text_of(path))
    ]
    assert left == []


def test_no_file_has_two_subjects() -> None:
    """Code files have at most 300 lines, but for those that are named here with their reason."""
    long = {
        str(path.relative_to(ROOT))
        for path in files()
        if path.relative_to(ROOT).parts[0] in PRODUCT
        and path.suffix in {".py", ".sh"}
        and len(text_of(path).splitlines()) > MOST_LINES
    }
    assert long == LONG.keys()
