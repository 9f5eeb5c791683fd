"""verify.sh over packages that were tampered with; nobody but bash, coreutils and openssl judges.

Whoever tampers here also writes the manifests anew, as an attacker would, unless the row says so.
"""

from __future__ import annotations

import base64
import shutil
from typing import TYPE_CHECKING

import pytest

from exporters.manifest import format_manifest, list_member, member_of_bytes
from tests.exporters.ledger_fixture import CUP, DETERMINA, Built
from tests.exporters.script_judge import DETERMINA_AT, FOLDER, VISTO_AT, judge, trust_file
from tests.exporters.unpacked import files_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Files = dict[str, bytes]


def swap(data: bytes, old: bytes, new: bytes) -> bytes:
    """Replace bytes that must be there."""
    assert old in data
    return data.replace(old, new, 1)


def edit(name: str, old: bytes, new: bytes) -> Callable[[Files], None]:
    """Return the tampering that replaces bytes of one file."""

    def change(files: Files) -> None:
        files[FOLDER + name] = swap(files[FOLDER + name], old, new)

    return change


def drop(*names: str) -> Callable[[Files], None]:
    """Return the tampering that removes files."""

    def change(files: Files) -> None:
        for name in names:
            del files[FOLDER + name]

    return change


def copy_over(source: str, target: str) -> Callable[[Files], None]:
    """Return the tampering that shows one file in place of another."""

    def change(files: Files) -> None:
        files[FOLDER + target] = files[FOLDER + source]

    return change


def edit_event(files: Files) -> None:
    """Change the amount of the determina."""
    name = f"{FOLDER}events/{DETERMINA_AT}.jws"
    header, payload, signature = files[name].split(b".")
    plain = base64.urlsafe_b64decode(payload + b"==")
    changed = swap(plain, b"50000.00", b"90000.00")
    payload = base64.urlsafe_b64encode(changed).rstrip(b"=")
    files[name] = b".".join((header, payload, signature))


def edit_document(files: Files) -> None:
    """Change a byte of the determina's file."""
    (name,) = (name for name in files if files[name] == DETERMINA)
    files[name] = b"X" + DETERMINA[1:]


def other_salt(files: Files) -> None:
    """Show another salt."""
    (name,) = (name for name in files if name.endswith("/salt"))
    files[name] = bytes(32)


def drop_document(files: Files) -> None:
    """Remove a document and say nothing."""
    for name in [name for name in files if "/documents/" in name]:
        del files[name]


def omit_last_event(files: Files) -> None:
    """Remove the visto, its leaf and proof, and all that only it needs."""
    drop(*(f"{kind}/{VISTO_AT}.{end}" for kind, end in KINDS))(files)


KINDS = (("events", "jws"), ("leaves", "leaf"), ("proofs", "tlog-proof"))


def forge_row(files: Files) -> None:
    """Count one event less in the row of the CUP."""
    (name,) = (n for n in files if n.endswith(".row") and f"cup/{CUP} ".encode() in files[n])
    files[name] = swap(files[name], f"{CUP} 8 ".encode(), f"{CUP} 7 ".encode())


def drop_row(files: Files) -> None:
    """Leave out a whole stream."""
    (name,) = (n for n in files if n.endswith(".row") and b"act/" in files[n])
    for one in (name, name.replace(".row", ".proof")):
        del files[one]


def other_certificate(files: Files) -> None:
    """Show the certificate of another actor under a key's name."""
    names = sorted(n for n in files if "/keys/" in n and not n.endswith("ca.crt"))
    files[names[0]] = files[names[1]]


def other_ca(files: Files) -> None:
    """Show another certificate as the issuer."""
    names = sorted(n for n in files if "/keys/" in n and not n.endswith("ca.crt"))
    files[f"{FOLDER}keys/ca.crt"] = files[names[0]]


def unknown_document(files: Files) -> None:
    """Add a document that no envelope names."""
    files[f"{FOLDER}documents/{'A' * 43}/content"] = b""


def unlisted_elsewhere(files: Files) -> None:
    """Add an envelope that no leaf knows."""
    files[f"{FOLDER}events/99.jws"] = files[f"{FOLDER}events/{VISTO_AT}.jws"]


TAMPERED: dict[str, tuple[Callable[[Files], None], str]] = {
    "an amount was edited": (edit_event, "passo 5: events/42.jws non è la busta"),
    "two envelopes changed places": (
        copy_over("events/44.jws", "events/42.jws"),
        "passo 5: events/42.jws non è la busta",
    ),
    "an envelope is missing": (drop("events/42.jws"), "passo 5: manca la busta 42"),
    "an envelope has no leaf": (unlisted_elsewhere, "passo 5: events/99.jws"),
    "a time of receipt was edited": (
        edit(
            "leaves/44.leaf",
            b".",
            b",",
        ),
        "passo 3",
    ),
    "a closing leaf was edited": (edit("leaves/45.leaf", b"heads\n45", b"heads\n44"), "passo 3"),
    "a proof is of another leaf": (
        copy_over("proofs/42.tlog-proof", "proofs/44.tlog-proof"),
        "passo 3: proofs/44.tlog-proof non è la prova",
    ),
    "a proof has a hash that is none": (
        edit("proofs/44.tlog-proof", b"index 44\n", b"index 44\nAAAA"),
        "passo 3",
    ),
    "a proof shows another checkpoint": (
        edit("proofs/44.tlog-proof", b"\n46\n", b"\n47\n"),
        "passo 3: proofs/44.tlog-proof è di un'altra testata",
    ),
    "the checkpoint grew": (
        edit("log/checkpoint", b"\n46\n", b"\n48\n"),
        "passo 2: Pista-Size non è la dimensione",
    ),
    "the last event was left out": (omit_last_event, "passo 3: manca la foglia 44"),
    "an event in the middle was left out": (
        drop(*(f"{kind}/{DETERMINA_AT}.{end}" for kind, end in KINDS)),
        "passo 4",
    ),
    "a row counts less": (forge_row, "passo 4"),
    "a stream was left out": (drop_row, "passo 4: manca la riga del flusso act/"),
    "a certificate is of another key": (other_certificate, "passo 5: keys/"),
    "the issuer is another": (other_ca, "passo 5: keys/ca.crt"),
    "a basis has no proof": (drop("log/consistency/44.proof"), "passo 6: manca"),
    "a basis has the proof of another": (
        copy_over("log/consistency/42.proof", "log/consistency/44.proof"),
        "passo 6: la base 44",
    ),
    "a document was edited": (edit_document, "passo 7"),
    "a salt was replaced": (other_salt, "passo 7"),
    "a document is missing": (drop_document, "passo 7: manca il documento"),
    "a document that nobody names": (unknown_document, "passo 7"),
}


def written_anew(whole: Path, target: Path, change: Callable[[Files], None]) -> Path:
    """Copy a package, tamper with it, and write its manifests anew."""
    files = files_of(whole)
    change(files)
    for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        files.pop(name)
        listed = [
            list_member(member_of_bytes(path, data))
            for path, data in files.items()
            if path.startswith("data/") == (name == "manifest-sha256.txt")
        ]
        files[name] = format_manifest(listed)
    for name, data in files.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(data)
    return target


@pytest.mark.parametrize(("change", "told"), TAMPERED.values(), ids=TAMPERED)
def test_a_package_with_new_manifests_does_not_pass_when(
    whole: Path, tools: Path, tmp_path: Path, change: Callable[[Files], None], told: str
) -> None:
    judged = judge(written_anew(whole, tmp_path, change), tools)
    assert judged.returncode == 1, judged.stdout
    assert told in judged.stderr


def test_a_package_written_anew_without_tampering_passes(
    whole: Path, tools: Path, tmp_path: Path
) -> None:
    judged = judge(written_anew(whole, tmp_path, lambda _: None), tools)
    assert (judged.returncode, judged.stderr) == (0, "")


def append_byte(package: Path) -> None:
    """Append a byte to an envelope."""
    with (package / FOLDER / "events/42.jws").open("ab") as file:
        file.write(b"\n")


def add_file(package: Path) -> None:
    """Add a file that nothing lists."""
    (package / ".nascosto").touch()


def link_file(package: Path) -> None:
    """Put a link in place of a file."""
    name = package / "VERIFICA.txt"
    name.rename(package.parent / "VERIFICA.txt")
    name.symlink_to(package.parent / "VERIFICA.txt")


def lists_outside(package: Path) -> None:
    """List a file outside the package."""
    with (package / "manifest-sha256.txt").open("a") as file:
        file.write(f"{'0' * 64}  data/../../VERIFICA.txt\n")


CARELESS: dict[str, tuple[Callable[[Path], None], str]] = {
    "an envelope grew": (append_byte, "manifest-sha256.txt"),
    "a file is listed nowhere": (add_file, ".nascosto non è elencato"),
    "a file is a link": (link_file, "VERIFICA.txt è un collegamento"),
    "a manifest names a file outside": (lists_outside, "non è un nome ammesso"),
}


@pytest.mark.parametrize(("change", "told"), CARELESS.values(), ids=CARELESS)
def test_a_package_with_its_old_manifests_does_not_pass_when(
    whole: Path, tools: Path, tmp_path: Path, change: Callable[[Path], None], told: str
) -> None:
    package = tmp_path / "package"
    shutil.copytree(whole, package)
    change(package)
    judged = judge(package, tools)
    assert judged.returncode == 1
    assert "passo 1" in judged.stderr
    assert told in judged.stderr


def test_a_checkpoint_signed_by_nobody_is_not_anchored(
    built: Built, whole: Path, tools: Path, tmp_path: Path
) -> None:
    def change(files: Files) -> None:
        old = files[f"{FOLDER}log/checkpoint"]
        line = old.splitlines()[-1]
        forged = line[:-8] + b"AAAAAAA="
        for name, data in files.items():
            files[name] = data.replace(line, forged)

    (tmp_path / "package").mkdir()
    package = written_anew(whole, tmp_path / "package", change)
    judged = judge(package, tools, "--trust", trust_file(tmp_path, built.policy))
    assert judged.returncode == 1
    assert "passo 2" in judged.stderr
