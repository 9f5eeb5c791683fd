"""VERIFICA.txt: its recipes, run as they are printed, accept a whole package."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from exporters.instructions import read_script
from exporters.package import write_folder
from ledger.records import encode_digest
from ledger.signing.envelope import parse
from tests.exporters.ledger_fixture import ACT, CUP, OTHER_CUP, build
from tests.exporters.script_judge import DETERMINA_AT, FOLDER
from tests.exporters.test_absences import record_erasure
from tests.exporters.unpacked import LAW, files_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.exporters.ledger_fixture import Built

COMMANDS = ("(", "sha256sum", "cat", "find", "echo", "head", "openssl", "cut", "sed", "grep")


def recipe(package: Path, number: int) -> list[str]:
    """Return the commands of one numbered recipe, as printed."""
    text = (package / "VERIFICA.txt").read_text()
    found = re.search(rf"^{number} [A-Z].*?(?=^[A-Z0-9]|\Z)", text, re.DOTALL | re.MULTILINE)
    assert found, f"no recipe {number}"
    lines = [line[4:] for line in found[0].splitlines() if line.startswith("    ")]
    return [line for line in lines if line.startswith(COMMANDS)]


def run(folder: Path, scratch: Path, lines: list[str]) -> str:
    """Run commands one after the other, their scratch files in a folder of the test."""
    printed = "\n".join(["set -eo pipefail", *lines])
    script = printed.replace("/tmp/", f"{scratch}/")  # noqa: S108  the folder that the recipes name
    judged = subprocess.run(
        ["bash", "-c", script], cwd=folder, capture_output=True, text=True, check=False
    )
    assert judged.returncode == 0, judged.stderr
    return judged.stdout


def test_the_recipes_of_the_shell_hold(whole: Path, tmp_path: Path) -> None:
    assert "FAILED" not in run(whole, tmp_path, recipe(whole, 1))
    assert run(whole, tmp_path, recipe(whole, 2)) == ""


def test_the_recipe_of_the_checkpoint_holds(built: Built, whole: Path, tmp_path: Path) -> None:
    key = built.policy.decode().split()[1].split("+", 2)[2]
    signature = (whole / FOLDER / "log/checkpoint").read_text().split()[-1]
    lines = [f"K='{key}' F='{signature}'", *recipe(whole, 3)]
    assert "Verified Successfully" in run(whole / FOLDER, tmp_path, lines)


def test_the_recipe_of_a_registration_gives_its_digest_and_its_certificate(
    whole: Path, tmp_path: Path
) -> None:
    digest, leaf = recipe(whole, 4)[:2]
    lines = [line.replace("N.", f"{DETERMINA_AT}.") for line in (digest, leaf)]
    first, second = run(whole / FOLDER, tmp_path, lines).split()
    assert first == second
    (issued,) = (line for line in recipe(whole, 4) if line.startswith("openssl verify"))
    (name,) = {
        path.stem for path in (whole / FOLDER / "keys").iterdir() if path.stem != "ca"
    } & set(re.findall(r"[\w-]{43}", read_header(whole)))
    assert "OK" in run(whole / FOLDER, tmp_path, [issued.replace("KID", name)])


def read_header(whole: Path) -> str:
    """Return the header of the determina, by the recipe's own means."""
    name = whole / FOLDER / f"events/{DETERMINA_AT}.jws"
    command = f"cut -d. -f1 {name} | tr -- '-_' '+/' | base64 -d 2>/dev/null || true"
    return subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=True
    ).stdout


def test_the_recipe_of_a_document_gives_the_name_of_its_folder(whole: Path, tmp_path: Path) -> None:
    (name,) = {name.split("/")[-2] for name in files_of(whole) if "/documents/" in name}
    (line,) = recipe(whole, 5)
    printed = run(whole / FOLDER, tmp_path, [line.replace("/C/", f"/{name}/")])
    assert printed.strip().rstrip("=") == name


def test_the_recipes_say_which_seals_are_not_there(whole: Path) -> None:
    text = (whole / "VERIFICA.txt").read_text()
    for words in ("PIndex", "RFC 3161", "NON è in questo pacchetto", "COMANDI NON PROVANO"):
        assert words in text


def test_the_script_in_the_package_is_the_one_of_the_program(whole: Path) -> None:
    assert (whole / "verify.sh").read_bytes() == read_script()


def test_the_recipe_of_what_is_erased_shows_the_erasure_and_its_streams(tmp_path: Path) -> None:
    built = build(tmp_path)
    registered = built.evidence.stream(f"act/{ACT}", built.size)[0]
    (ref,) = parse(built.evidence.envelope(registered)).objects
    at = record_erasure(built, registered, commits=[encode_digest(ref.commit)])
    package = write_folder(built.evidence, [CUP], tmp_path, law=LAW).path
    (folder,) = package.glob("data/*/representations/rep1/data")
    shown = [line for line in recipe(package, 8) if line.startswith(("cut", "sed"))]
    lines = [line.replace("N.", f"{at}.") for line in shown]
    printed = run(folder, tmp_path, [f"{lines[0]} || true", "echo", lines[1]])
    assert encode_digest(ref.commit) in printed
    assert printed.splitlines()[-3:] == [
        f"act/{ACT} {built.evidence.stream(f'act/{ACT}', at + 1).index(at)}",
        f"cup/{CUP} {built.evidence.stream(f'cup/{CUP}', at + 1).index(at)}",
        f"cup/{OTHER_CUP} {built.evidence.stream(f'cup/{OTHER_CUP}', at + 1).index(at)}",
    ]
