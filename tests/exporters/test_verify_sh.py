"""verify.sh over packages whole and tampered with; nobody but bash, coreutils and openssl judges.

Whoever tampers here also writes the manifests anew, as an attacker would, unless the row says so.
"""

from __future__ import annotations

import base64
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from exporters.manifest import format_manifest, list_member, member_of_bytes
from exporters.package import write_folder
from ledger.errors import NotVerified
from ledger.journal.checkpoint import Ed25519Cosigner, open_checkpoint
from ledger.journal.note import Note, format_note, parse_vkey
from ledger.signing.algorithms import ed25519_public, sign_ed25519
from ledger.signing.envelope import assemble, parse
from tests.exporters.journal_evidence import JournalEvidence
from tests.exporters.ledger_fixture import CUP, DETERMINA, Built, build
from tests.exporters.ledger_writer import ADMINISTRATOR, RUP, Ledger, octets
from tests.exporters.unpacked import LAW, files_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TOOLS = "bash openssl sha256sum base64 od mktemp tr wc cat sort head rm mkdir dirname realpath"
SIZE = 46  # the head just after the visto: three algorithms less one, one document, two CUPs
FOLDER = f"data/{CUP}_{SIZE}/representations/rep1/data/"
DETERMINA_AT, VISTO_AT = 42, 44

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(tmp_path_factory.mktemp("ledger"))


@pytest.fixture(scope="module")
def whole(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("whole")
    return write_folder(built.evidence, [CUP], out, law=LAW, size=SIZE).path


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PATH with the tools that verify.sh may use, and no Python."""
    folder = tmp_path_factory.mktemp("tools")
    for name in TOOLS.split():
        found = shutil.which(name)
        assert found, f"{name} is not installed"
        (folder / name).symlink_to(found)
    return folder


def judge(package: Path, tools: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run verify.sh with a PATH of few tools."""
    return subprocess.run(
        ["bash", "verify.sh", *arguments],
        cwd=package,
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def trust_file(folder: Path, text: bytes) -> str:
    """Write a trust file and return its path."""
    path = folder / "fiducia.txt"
    path.write_bytes(text)
    return str(path)


def test_a_whole_package_is_coherent_and_not_anchored(whole: Path, tools: Path) -> None:
    judged = judge(whole, tools)
    assert (judged.returncode, judged.stderr) == (0, "")
    assert "NON ancorato" in judged.stdout
    assert "Non controllato qui" in judged.stdout


def test_without_a_trust_file_a_strict_reader_gets_three(whole: Path, tools: Path) -> None:
    assert judge(whole, tools, "--strict-trust").returncode == 3


def test_the_trust_file_anchors_the_whole_ledger_in_all_algorithms(
    built: Built, tools: Path, tmp_path: Path
) -> None:
    package = write_folder(built.evidence, [CUP], tmp_path, law=LAW).path
    trust = trust_file(tmp_path, built.policy)
    judged = judge(package, tools, "--trust", trust, "--strict-trust")
    assert (judged.returncode, judged.stderr) == (0, "")
    assert "firmato dal registro del file di fiducia" in judged.stdout
    envelopes = [data for name, data in files_of(package).items() if name.endswith(".jws")]
    assert {parse(one).header.alg for one in envelopes} == {"ES256", "EdDSA", "RS256"}


def test_the_script_may_come_from_elsewhere(whole: Path, tools: Path, tmp_path: Path) -> None:
    copy = tmp_path / "verify.sh"
    shutil.copy(whole / "verify.sh", copy)
    command = ["bash", str(copy)]
    judged = subprocess.run(
        command, cwd=whole, env={"PATH": str(tools)}, capture_output=True, check=False
    )
    assert judged.returncode == 0


def test_several_cups_are_judged_together(built: Built, tools: Path, tmp_path: Path) -> None:
    cups = [CUP, built.other_cup, built.third_cup]
    package = write_folder(built.evidence, cups, tmp_path, law=LAW, size=SIZE).path
    assert judge(package, tools).returncode == 0


def test_one_registration_is_shown_and_verified(whole: Path, tools: Path) -> None:
    judged = judge(whole, tools, "registrazione", str(DETERMINA_AT))
    assert judged.returncode == 0, judged.stderr
    assert "determina-registered/1" in judged.stdout
    assert "la sua firma è valida" in judged.stdout


MISUSES = {
    "an unknown word": ("storie",),
    "a number with a zero in front": ("registrazione", "042"),
    "no number": ("registrazione",),
    "a trust file that is not there": ("--trust", "nessuno.txt"),
}


@pytest.mark.parametrize("arguments", MISUSES.values(), ids=MISUSES)
def test_a_misuse_is_told_with_exit_two(
    whole: Path, tools: Path, arguments: tuple[str, ...]
) -> None:
    judged = judge(whole, tools, *arguments)
    assert judged.returncode == 2
    assert "Uso:" in judged.stderr


def test_a_registration_that_is_not_here_fails(whole: Path, tools: Path) -> None:
    assert judge(whole, tools, "registrazione", "41").returncode == 1


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
    "a stream was renamed in a leaf": (edit("leaves/44.leaf", b"act/", b"axt/"), "passo 3"),
    "a closing leaf was edited": (edit("leaves/45.leaf", b"heads\n45", b"heads\n44"), "passo 3"),
    "a proof is of another leaf": (
        copy_over("proofs/42.tlog-proof", "proofs/44.tlog-proof"),
        "passo 3: proofs/44.tlog-proof non è la prova",
    ),
    "a proof lost a hash": (
        edit("proofs/44.tlog-proof", b"index 44\n", b"index 44\nAAAA"),
        "passo 3",
    ),
    "a proof shows another checkpoint": (
        edit("proofs/44.tlog-proof", b"\n46\n", b"\n47\n"),
        "passo 3: proofs/44.tlog-proof è di un'altra testata",
    ),
    "the checkpoint grew": (edit("log/checkpoint", b"\n46\n", b"\n48\n"), "passo 3"),
    "the last event was left out": (omit_last_event, "passo 4"),
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


def note(ledger: Ledger) -> dict[str, Any]:
    """Return the payload of one more event of the RUP on the CUP."""
    data = {"phase": "COLLAUDO"}
    streams, on = [f"cup/{CUP}"], date(2026, 3, 2)
    return ledger.draft(RUP, "phase-entered/1", streams, data, role="rup", on=on)


def signed_by_nobody(ledger: Ledger) -> bytes:
    """Return an envelope whose signature is made up."""
    return assemble(ledger.sign(RUP, note(ledger)).rpartition(b".")[0], bytes(63) + b"\x01")


def signed_by_another(ledger: Ledger) -> bytes:
    """Return an envelope in the name of the RUP with the key of an administrator."""
    return ledger.sign(RUP, note(ledger), ledger.holders[ADMINISTRATOR])


def signed_with_a_new_key(ledger: Ledger) -> bytes:
    """Return an envelope signed with a key that nobody enrolled."""
    return ledger.sign(RUP, note(ledger), ledger.enter(RUP, "third"))


def signed_under_another_certificate(ledger: Ledger) -> bytes:
    """Return an envelope whose header names the certificate of another key."""
    mixed = replace(ledger.holders[RUP], certificate=ledger.holders[ADMINISTRATOR].certificate)
    return ledger.sign(RUP, note(ledger), mixed)


def for_another_ledger(ledger: Ledger) -> bytes:
    """Return an envelope that was signed for another ledger."""
    return ledger.sign(RUP, {**note(ledger), "ledger": "altro.example/x"})


LIES: dict[str, tuple[Callable[[Ledger], bytes], str]] = {
    "nobody signed": (signed_by_nobody, "busta 64: la firma è falsa"),
    "another actor's key signed": (signed_by_another, "busta 64: la chiave è di un altro attore"),
    "the certificate is another": (
        signed_under_another_certificate,
        "busta 64: il certificato non è quello firmato",
    ),
    "it was for another ledger": (for_another_ledger, "la busta 64 è di un altro registro"),
}


@pytest.mark.parametrize(("lie", "told"), LIES.values(), ids=LIES)
def test_an_event_that_the_log_let_in_does_not_pass_when(
    tools: Path, tmp_path: Path, lie: Callable[[Ledger], bytes], told: str
) -> None:
    built = build(tmp_path)
    built.ledger.submit(lie(built.ledger))
    package = write_folder(built.evidence, [CUP], tmp_path, law=LAW).path
    judged = judge(package, tools, "registrazione", "64")
    assert judged.returncode == 1, judged.stdout
    assert told in judged.stderr


def test_an_event_of_a_key_that_was_never_enrolled_is_not_even_exported(tmp_path: Path) -> None:
    built = build(tmp_path)
    built.ledger.submit(signed_with_a_new_key(built.ledger))
    with pytest.raises(NotVerified, match="certificate-missing"):
        write_folder(built.evidence, [CUP], tmp_path, law=LAW)


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


def other_key(policy: bytes) -> bytes:
    """Return a policy with the key of another log under the same name."""
    name = parse_vkey(policy.decode().split()[1]).name
    other = Ed25519Cosigner(name, bytes, ed25519_public(octets("other"))).key
    public = base64.b64encode(b"\x01" + other.public).decode()
    return f"log {name}+00000000+{public}\nquorum none\n".encode()


UNTRUSTED: dict[str, Callable[[bytes], bytes]] = {
    "a key whose id does not fit": other_key,
    "the key of another log": lambda policy: policy.replace(b"demo.", b"altro."),
    "no log at all": lambda _: b"quorum none\n",
}


@pytest.mark.parametrize("policy", UNTRUSTED.values(), ids=UNTRUSTED)
def test_a_trust_file_does_not_anchor_with(
    built: Built, whole: Path, tools: Path, tmp_path: Path, policy: Callable[[bytes], bytes]
) -> None:
    trust = trust_file(tmp_path, policy(built.policy))
    judged = judge(whole, tools, "--trust", trust)
    assert judged.returncode == 1
    assert "passo 2" in judged.stderr


def test_the_policy_inside_the_package_gives_no_trust(whole: Path, tools: Path) -> None:
    judged = judge(whole, tools, "--trust", f"{FOLDER}log/policy.txt")
    assert judged.returncode == 1
    assert "non può dare fiducia" in judged.stderr


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


class CosignedEvidence(JournalEvidence):
    """An Evidence whose checkpoints bear the cosignature of a witness."""

    def checkpoint(self, size: int) -> bytes:
        """Return the note with two signatures."""
        note = open_checkpoint(super().checkpoint(size), self.note_signer.key).note
        return format_note(Note(note.text, (*note.signatures, WITNESS.cosign(note.text, 1 << 31))))


def witness(label: str) -> Ed25519Cosigner:
    """Return a fixed witness."""
    seed = octets(label)
    return Ed25519Cosigner(label, lambda message: sign_ed25519(seed, message), ed25519_public(seed))


WITNESS = witness("testimone.example")
QUORUMS = {
    "one of one, there": ("witness W {there}\nquorum W\n", 0),
    "any of two": ("witness W {there}\nwitness V {away}\ngroup g any W V\nquorum g\n", 0),
    "all of two": ("witness W {there}\nwitness V {away}\ngroup g all W V\nquorum g\n", 3),
    "one that did not cosign": ("witness V {away}\nquorum V\n", 3),
}


@pytest.mark.parametrize(("text", "outcome"), QUORUMS.values(), ids=QUORUMS)
def test_a_quorum_of_witnesses_is_counted(
    built: Built, tools: Path, tmp_path: Path, text: str, outcome: int
) -> None:
    one = built.evidence
    evidence = CosignedEvidence(one.journal, one.note_signer, one.vault, one.policy, one.ca)
    package = write_folder(evidence, [built.third_cup], tmp_path, law=LAW, size=32).path
    lines = text.format(there=WITNESS.vkey, away=witness("altro.example").vkey)
    policy = one.policy.splitlines()[0] + b"\n" + lines.encode()
    judged = judge(package, tools, "--trust", trust_file(tmp_path, policy))
    assert judged.returncode == outcome, judged.stderr
