"""The README is run: each command does what the README says, on a demonstration made for it.

Commands run verbatim, in a folder that looks like the checkout after `make demo`: `.venv` leads to
this environment, `var/demo` is a copy of the demonstration. Left out are `make`, which sets up what
is there already, and what a comment of the README is about.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api.cli import exits
from ledger.domain.events.catalogue import event_types

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CUP = "C81C22001220006"
UNPACK = "unzip -q -d pacchetto var/demo/packages/*.zip"

# What the README promises of each command: its beginning, its exit code, and a word of its output.
PROMISES: tuple[tuple[str, int, str], ...] = (
    (".venv/bin/pista verify", exits.OK, "ESITO verificato (0)"),
    ("unzip -q -d pacchetto", exits.OK, "ESITO    coerente e firmato dal registro"),
    ("openssl dgst", exits.OK, "="),
    (".venv/bin/pista --ledger var/demo commands", exits.OK, "register-determina/1"),
    (".venv/bin/pista --ledger var/demo record", exits.OK, "registrata n."),
    (".venv/bin/pista --ledger var/demo intervention list", exits.OK, CUP),
    (".venv/bin/pista --ledger var/demo history", exits.OK, "Registrato l'intervento"),
    (f".venv/bin/pista --ledger var/demo replay {CUP} --as-of", exits.OK, "stato al 30/06/2023"),
    # Known until index 60 means known at 61 leaves.
    (f".venv/bin/pista --ledger var/demo replay {CUP} --known-at", exits.OK, '"known_at":61'),
    (f".venv/bin/pista --ledger var/demo diff {CUP}", exits.OK, "campi cambiati"),
    (".venv/bin/pista --ledger var/demo export", exits.OK, "pacchetto var/demo/packages/"),
    (".venv/bin/pista --ledger var/demo checkpoint publish", exits.OK, "DUE ha firmato"),
    (".venv/bin/pista --ledger var/demo key list", exits.OK, "active"),
    # Attention: the demonstration has its witnesses at home and no time stamps, as the README says.
    (".venv/bin/pista --ledger var/demo doctor", exits.INCOMPLETE, "testimoni"),
    (".venv/bin/pista --ledger var/demo fsck", exits.OK, "nessun guasto"),
    (".venv/bin/pista --ledger var/demo backup", exits.OK, "sha256sum -c manifest-sha256.txt"),
    (".venv/bin/pista witness init", exits.OK, "witness w1.example/rescan w1.example/rescan+"),
    ("pista --ledger var/lecce init", exits.OK, "fondato in var/lecce"),
)
NEEDED = ("bash", "openssl", "unzip", "xxd")


def commands() -> Iterator[str]:
    """Yield the commands of the README: indented lines, and `pista ...` with options in the text."""
    for line in README.splitlines():
        if re.match(r"    (\.venv/bin/pista|openssl|unzip) ", line):
            yield line.split("  #")[0].split("      #")[0].strip()
    yield from re.findall(r"`(pista --ledger [^`]+)`", README)


def rows(*headings: str) -> list[list[str]]:
    """Return the rows of the table with these headings."""
    head = "| " + " | ".join(headings) + " |\n"
    assert README.count(head) == 1, f"the README has no table {head}"
    lines = README.split(head)[1].splitlines()[1:]
    body = lines[: next((n for n, line in enumerate(lines) if not line.startswith("|")), None)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in body]


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of the README in a folder, as bash does."""
    command = re.sub(r"^pista ", ".venv/bin/pista ", command)
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the demonstration once, through the installed entry point."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    made = subprocess.run(
        [Path(sys.executable).parent / "pista", "demo", "--to", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == exits.OK, made.stdout + made.stderr
    return folder


@pytest.fixture
def checkout(demonstration: Path, tmp_path: Path) -> Path:
    """Return a folder with `.venv`, `var/demo`, and what the README lets a reader bring along."""
    missing = [tool for tool in NEEDED if shutil.which(tool) is None]
    if missing:
        told = pytest.fail if os.environ.get("CI") else pytest.skip
        told(f"the commands of the README need {', '.join(missing)}")
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parent.parent)
    shutil.copytree(demonstration, tmp_path / "var" / "demo")
    (tmp_path / "keys").mkdir()
    shutil.copy(demonstration / "keys" / "rup-2.pem", tmp_path / "keys" / "rup.pem")
    request: dict[str, Any] = {
        "command": "describe-intervention/1",
        "cup": CUP,
        "role": "rup",
        "occurred_on": "2026-11-20",
        "data": {"description": "Una descrizione che nessuno ha ancora dato"},
    }
    (tmp_path / "requests.ndjson").write_text(json.dumps(request) + "\n", encoding="utf-8")
    return tmp_path


def test_every_command_of_the_readme_has_a_promise() -> None:
    """A command that is added to the README, or taken from it, is added or taken here."""
    found = list(commands())
    starts = [start for start, _, _ in PROMISES]
    assert [next((s for s in starts if c.startswith(s)), c) for c in found] == starts


@pytest.mark.parametrize(("start", "code", "word"), PROMISES, ids=[row[0] for row in PROMISES])
def test_the_command_does_what_the_readme_says(
    start: str, code: int, word: str, checkout: Path
) -> None:
    """Each command is run on its own copy, so that none rests on another."""
    command = next(one for one in commands() if one.startswith(start))
    folder = checkout
    if start.startswith("openssl"):
        folder = unpacked(checkout)
    done = run(command, folder)
    assert done.returncode == code, done.stdout + done.stderr
    assert word in done.stdout


def unpacked(checkout: Path) -> Path:
    """Return the folder that the README names for checks by hand."""
    assert "`data/*/representations/rep1/data`" in README
    assert run(UNPACK, checkout).returncode == 0
    (found,) = (checkout / "pacchetto").glob("data/*/representations/rep1/data")
    return found


def test_the_digest_by_hand_is_the_line_after_the_time_in_the_leaf(checkout: Path) -> None:
    """The leaf that the comment names holds what the command prints."""
    line = next(one for one in README.splitlines() if "openssl dgst" in one)
    leaf = re.search(r"the line after the time in (\S+)", line)
    assert leaf is not None
    folder = unpacked(checkout)
    printed = run(line.split("  #")[0].strip(), folder).stdout.strip()
    lines = (folder / leaf[1]).read_text(encoding="utf-8").splitlines()
    (time,) = [n for n, text in enumerate(lines) if re.fullmatch(r"\d{4}-\d\d-\d\dT.*Z", text)]
    assert printed == lines[time + 1]


def test_the_table_of_verify_is_what_verify_does(checkout: Path) -> None:
    """Agreement, contradiction, no trust file and no package end as the table says."""
    (package,) = (checkout / "var/demo/packages").glob("*.zip")
    verify, trust = ".venv/bin/pista verify", "--trust var/demo/trust.txt"
    assert run(UNPACK, checkout).returncode == 0
    (state,) = (checkout / "pacchetto").rglob("state/intervention.json")
    state.write_bytes(state.read_bytes().replace(b"319556.00", b"319557.00"))
    (checkout / "broken.zip").write_bytes(package.read_bytes()[:-1])
    asked = (f"{package} {trust}", f"pacchetto {trust}", f"{package}", f"broken.zip {trust}")
    found = [run(f"{verify} {one}", checkout).returncode for one in asked]
    assert found == [int(row[1]) for row in rows("what `pista verify` says", "exit")]


def test_the_table_of_exit_codes_is_that_of_the_program() -> None:
    """Each code has its line, and the line names what the constant is called."""
    cells = [
        row for row in rows("exit", "meaning", "exit", "meaning") for row in (row[:2], row[2:])
    ]
    table = {int(code): meaning for code, meaning in cells if code}
    program = {
        value: name.lower().replace("_", " ")
        for name, value in vars(exits).items()
        if name.isupper() and isinstance(value, int)
    }
    assert table.keys() == program.keys()
    assert {code: table[code] for code in table if program[code] not in table[code]} == {}


def test_the_folders_that_the_readme_names_exist() -> None:
    """The table of folders speaks of what is there, and leaves out no folder of the program."""
    text = " ".join(cell for row in rows("folder", "what") for cell in row)
    named = re.findall(r"`([a-z]+(?:/[a-z]+)*)`", text)
    assert [name for name in named if not (ROOT / name).is_dir()] == []
    inside = {f"ledger/{path.parent.name}" for path in ROOT.glob("ledger/*/__init__.py")}
    assert inside <= set(named)


def test_the_files_that_the_readme_names_exist() -> None:
    """Documents are found where the README sends the reader."""
    named = set(re.findall(r"`((?:[a-z]+/)*[A-Z]+\.md)`", README))
    assert {"DECISIONS.md", "CONTRIBUTING.md", "CHANGELOG.md", "schemas/README.md"} <= named
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []


def test_the_readme_counts_the_event_types() -> None:
    """README and CHANGELOG give the number of types that the catalogue has."""
    types = {name: one for name, one in event_types().items() if one.succeeded_by is None}
    of_ledger = sum(declared.is_ledger for declared in types.values())
    assert f"The catalogue has all its {len(types)} event types." in README
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    rest = len(types) - of_ledger
    counted = f"{len(types)} event types: {rest} of interventions, {of_ledger} of the ledger itself"
    assert counted in changes


def test_the_readme_has_at_most_120_lines() -> None:
    """What does not fit belongs to another document."""
    assert len(README.splitlines()) <= 120
