"""verify.sh over whole packages: what it accepts, whom it trusts, how it is called."""

from __future__ import annotations

import base64
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from exporters.package import write_folder
from ledger.journal.checkpoint import Ed25519Cosigner, open_checkpoint
from ledger.journal.note import Note, format_note, parse_vkey
from ledger.signing.algorithms import ed25519_public, sign_ed25519
from ledger.signing.envelope import parse
from tests.exporters.journal_evidence import JournalEvidence
from tests.exporters.ledger_fixture import CUP, Built
from tests.exporters.ledger_writer import octets
from tests.exporters.script_judge import DETERMINA_AT, FOLDER, SIZE, judge, trust_file
from tests.exporters.unpacked import LAW, files_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_a_whole_package_is_coherent_and_not_anchored(whole: Path, tools: Path) -> None:
    judged = judge(whole, tools)
    assert (judged.returncode, judged.stderr) == (0, "")
    assert "NON ancorato" in judged.stdout
    assert "Non controllato qui" in judged.stdout


def test_without_a_trust_file_a_strict_reader_gets_three(whole: Path, tools: Path) -> None:
    assert judge(whole, tools, "--strict-trust", "registrazione", "0").returncode == 3


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
    command = ["bash", str(copy), "registrazione", "0"]
    judged = subprocess.run(
        command, cwd=whole, env={"PATH": str(tools)}, capture_output=True, check=False
    )
    assert judged.returncode == 0


def test_leaves_for_a_scan_are_named_and_not_read(
    built: Built, tools: Path, tmp_path: Path
) -> None:
    package = write_folder(built.evidence, [CUP], tmp_path, law=LAW, size=SIZE, scan=True).path
    judged = judge(package, tools)
    assert (judged.returncode, judged.stderr) == (0, "")
    assert "nessuno in più, foglie in log/tile/ non rilette" in judged.stdout
    bundle = package / FOLDER / f"log/tile/entries/000.p/{SIZE}"
    bundle.rename(bundle.with_name("046"))
    assert judge(package, tools).returncode == 1


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
