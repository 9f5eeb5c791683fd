"""verify.sh over packages that attack their reader: nothing in a package is run.

Bash runs commands that it finds in arithmetic and in subscripts: `$((x[$(>PWNED)]))` makes a file.
Each row of the table puts such a text where a number or a hash belongs; the tree, its proofs and the
manifests are made to fit again, as anybody can do without the log's key.
"""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from ledger.journal.checkpoint import Checkpoint, sign_checkpoint
from ledger.journal.merkle import Tree, consistency_proof, leaf_hash
from ledger.journal.proofs import LogProof, format_consistency, format_proof
from tests.exporters.ledger_fixture import CUP, Built
from tests.exporters.script_judge import DETERMINA_AT, SIZE, judge
from tests.exporters.verification.attacker import Forgery

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EVIL = "BASH_VERSINFO[$(>PWNED)]"  # an array that bash always has
LAST = SIZE - 1


class Attack:
    """A forgery of a package together with the tree that it claims to come from."""

    def __init__(self, built: Built, whole: Path, folder: Path) -> None:
        """Copy the package."""
        self.forged = Forgery(whole, folder)
        self._evidence = built.evidence
        self._leaves = [built.evidence.leaf(index) for index in range(SIZE)]

    def edit(self, name: str, line: int, pattern: str, new: str) -> None:
        """Replace what a pattern matches once in one line of a file."""
        path = self.forged.path(name)
        lines = path.read_text().split("\n")
        lines[line], count = re.subn(pattern, lambda _: new, lines[line], count=1)
        assert count == 1, (name, lines)
        path.write_text("\n".join(lines))

    def edit_leaf(self, index: int, line: int, pattern: str, new: str) -> None:
        """Replace text in a leaf and in the tree."""
        self.edit(f"leaves/{index}.leaf", line, pattern, new)
        self._leaves[index] = self.forged.path(f"leaves/{index}.leaf").read_bytes()
        self._grow()

    def _grow(self) -> None:
        """Make checkpoint and proofs anew over the leaves."""
        tree = Tree()
        for leaf in self._leaves:
            tree.append(leaf_hash(leaf))
        head = Checkpoint(self._evidence.origin, SIZE, tree.root())
        note = sign_checkpoint(head, self._evidence.note_signer)
        for name in ("log/checkpoint", "log/checkpoint.log"):
            self.forged.path(name).write_bytes(note)
        for path in self.forged.data.glob("proofs/*.tlog-proof"):
            index = int(path.name.partition(".")[0])
            proof = LogProof(index, tuple(tree.inclusion_proof(index)), note)
            path.write_bytes(format_proof(proof))
        for path in self.forged.data.glob("log/consistency/*.proof"):
            proof_path = consistency_proof(tree, int(path.stem), SIZE)
            path.write_bytes(format_consistency(proof_path))

    def edit_events(self) -> None:
        """Put the text where the basis of the determina has its size."""
        path = self.forged.path(f"events/{DETERMINA_AT}.jws")
        header, payload, signature = path.read_bytes().split(b".")
        plain = base64.urlsafe_b64decode(payload + b"==")
        changed, count = re.subn(rb'"size":[0-9]+\},"claimed_at"', SIZE_EVIL, plain, count=1)
        assert count == 1
        payload = base64.urlsafe_b64encode(changed).rstrip(b"=")
        path.write_bytes(b".".join((header, payload, signature)))
        digest = base64.b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()
        self.edit_leaf(DETERMINA_AT, 3, ".*", digest)


SIZE_EVIL = b'"size":' + EVIL.encode() + b'},"claimed_at"'


def streams_of_heads(attack: Attack) -> None:
    """Count the streams with a command, in the closing leaf and in each row proof."""
    attack.edit_leaf(LAST, 4, ".*", EVIL)
    for path in attack.forged.data.glob("heads/*.proof"):
        attack.edit(f"heads/{path.name}", 2, ".*", EVIL)


def in_row(pattern: str, new: str) -> Callable[[Attack], None]:
    """Return the edit of the row of the CUP."""

    def change(attack: Attack) -> None:
        attack.edit(f"heads/{attack.forged.row_of(f'cup/{CUP}').name}", 0, pattern, new)

    return change


def in_row_proof(line: int) -> Callable[[Attack], None]:
    """Return the edit of one line of the proof of the row of the CUP."""

    def change(attack: Attack) -> None:
        row = attack.forged.row_of(f"cup/{CUP}")
        attack.edit(f"heads/{row.stem}.proof", line, ".*", EVIL)

    return change


def in_info(label: str) -> Callable[[Attack], None]:
    """Return the edit of the value of a label of bag-info.txt."""

    def change(attack: Attack) -> None:
        path = attack.forged.path("/bag-info.txt")
        text, count = re.subn(f"{label}: .*", lambda _: f"{label}: {EVIL}", path.read_text())
        assert count == 1
        path.write_text(text)

    return change


def in_size(attack: Attack) -> None:
    """Put the text where the checkpoint has its size."""
    for name in ("log/checkpoint", "log/checkpoint.log"):
        attack.edit(name, 1, ".*", EVIL)


def renamed(folder: str, ending: str) -> Callable[[Attack], None]:
    """Return the renaming of one file of a folder, whose number becomes a command."""

    def change(attack: Attack) -> None:
        path = min(attack.forged.data.glob(f"{folder}/*{ending}"))
        path.rename(path.with_name(f"{EVIL}{ending}"))

    return change


HOSTILE: dict[str, Callable[[Attack], None]] = {
    "heads leaf: number of streams": streams_of_heads,
    "heads leaf: number of leaves": lambda attack: attack.edit_leaf(LAST, 2, ".*", EVIL),
    "heads leaf: root": lambda attack: attack.edit_leaf(LAST, 3, ".*", EVIL),
    "heads leaf: root of the rows": lambda attack: attack.edit_leaf(LAST, 5, ".*", EVIL),
    "another heads leaf: streams": lambda attack: attack.edit_leaf(43, 4, ".*", EVIL),
    "event leaf: place in the stream": lambda a: a.edit_leaf(DETERMINA_AT, 4, "[0-9]+$", EVIL),
    "event leaf: stream": lambda a: a.edit_leaf(DETERMINA_AT, 4, "^[^ ]+", EVIL),
    "event leaf: digest": lambda a: a.edit_leaf(DETERMINA_AT, 3, ".*", EVIL),
    "event leaf: time": lambda a: a.edit_leaf(DETERMINA_AT, 2, ".*", EVIL),
    "row: count": in_row(" [0-9]+ ", f" {EVIL} "),
    "row: last leaf": in_row(r" [0-9]+ (?=[^ ]+$)", f" {EVIL} "),
    "row: stream": in_row("cup/[^ ]+", EVIL),
    "row: digest": in_row("[^ ]+$", EVIL),
    "row proof: index": in_row_proof(1),
    "row proof: size": in_row_proof(2),
    "row proof: hash": in_row_proof(3),
    "proof: index": lambda a: a.edit("proofs/42.tlog-proof", 1, "[0-9]+", EVIL),
    "proof: hash": lambda a: a.edit("proofs/42.tlog-proof", 2, ".*", EVIL),
    "checkpoint: size": in_size,
    "consistency: hash": lambda a: a.edit("log/consistency/42.proof", 0, ".*", EVIL),
    "envelope: size of the basis": Attack.edit_events,
    "bag-info: size": in_info("Pista-Size"),
    "bag-info: known at": in_info("Pista-Known-At"),
    "bag-info: CUP": in_info("Pista-CUP"),
    "bag-info: identifier": in_info("External-Identifier"),
    "reasons: index": lambda a: a.edit("reasons.json", 0, ".*", reason("index", EVIL)),
    "reasons: event": lambda a: a.edit("reasons.json", 0, ".*", reason("event", EVIL)),
    "name of a consistency proof": renamed("log/consistency", ".proof"),
    "name of a leaf": renamed("leaves", ".leaf"),
    "name of a proof": renamed("proofs", ".tlog-proof"),
    "name of a row": renamed("heads", ".row"),
    "name of an envelope": renamed("events", ".jws"),
    "name of a certificate": renamed("keys", ".crt"),
}


def reason(field: str, value: str) -> str:
    """Return a reason with one number replaced."""
    numbers = {"event": "0", "index": str(DETERMINA_AT), field: value}
    said = '"kind":"erased","text":"x"'
    return f'[{{"event":{numbers["event"]},"index":{numbers["index"]},{said}}}]'


def reseal(forged: Forgery) -> None:
    """Write both manifests anew with sha256sum, whatever the names are."""
    for manifest, wanted in (
        ("manifest-sha256.txt", "data/*"),
        ("tagmanifest-sha256.txt", "[!dt]*"),
    ):
        files = [path for path in sorted(forged.root.glob(wanted)) if path.is_file()]
        if wanted == "data/*":
            files = [path for path in sorted((forged.root / "data").rglob("*")) if path.is_file()]
        lines = (
            f"{hashlib.sha256(path.read_bytes()).hexdigest()}"
            f"  {path.relative_to(forged.root).as_posix()}\n"
            for path in files
        )
        (forged.root / manifest).write_text("".join(lines))


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_nothing_is_run_that_stands_in_a_number_or_name_of(
    built: Built, whole: Path, tools: Path, tmp_path: Path, change: Callable[[Attack], None]
) -> None:
    attack = Attack(built, whole, tmp_path)
    change(attack)
    reseal(attack.forged)
    judged = judge(attack.forged.root, tools)
    assert judged.returncode == 1, judged.stdout
    assert "FALLITO" in judged.stderr
    assert "imprevisto" not in judged.stderr
    one = judge(attack.forged.root, tools, "registrazione", str(DETERMINA_AT))
    assert list(tmp_path.rglob("PWNED")) == []
    assert one.returncode in {0, 1}
    assert "imprevisto" not in one.stderr


def test_the_attack_on_the_tree_is_true_to_form_but_for_the_text(
    built: Built, whole: Path, tools: Path, tmp_path: Path
) -> None:
    attack = Attack(built, whole, tmp_path)
    attack.edit_leaf(LAST, 1, "heads", "heads")
    reseal(attack.forged)
    assert judge(attack.forged.root, tools).returncode == 0


BROKEN = {
    "a division by zero in step 4": ("  step=4\n", "  step=4\n  : $((1 / 0))\n"),
    "a false number in step 6": ("  step=6\n", "  step=6\n  : $((1 +))\n"),
    "an unknown word in step 3": ("  step=3\n", "  step=3\n  : $unknown\n"),
    "a step that is left out": ("then step_bases; fi", "then :; fi"),
    "a step that ends early": ("  step=7\n", "  step=7\n  return 0\n"),
}


@pytest.mark.parametrize(("old", "new"), BROKEN.values(), ids=BROKEN)
def test_an_outcome_is_told_only_after_every_step_despite(
    whole: Path, tools: Path, tmp_path: Path, old: str, new: str
) -> None:
    script = (whole / "verify.sh").read_text()
    assert script.count(old) == 1
    (tmp_path / "verify.sh").write_text(script.replace(old, new))
    judged = subprocess.run(
        ["bash", str(tmp_path / "verify.sh")],
        cwd=whole,
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == 1
    assert "ESITO" not in judged.stdout
    assert "FALLITO" in judged.stderr
