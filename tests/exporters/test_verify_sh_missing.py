"""verify.sh over packages from which something was taken, or to which something was added.

What is absent must be lawfully erased by a registration of the package, or withheld by a public one. A
line in reasons.json alone, which anybody can write, excuses nothing. What nothing calls for is refused.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.exporters.ledger_fixture import CUP, Built
from tests.exporters.script_judge import VISTO_AT, judge
from tests.exporters.verification.attacker import Forgery

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXT = {"text": "x"}
WITHHELD = {"kind": "withheld", "legal_basis": "x", **TEXT}


def give_reasons(forged: Forgery, *reasons: dict[str, Any]) -> None:
    """Write reasons.json."""
    lines = (json.dumps(one, sort_keys=True, separators=(",", ":")) for one in reasons)
    forged.path("reasons.json").write_text(f"[{','.join(sorted(lines))}]\n")


def take_document(forged: Forgery) -> str:
    """Remove the first document, and the folder that it leaves empty; return its commitment."""
    commit = forged.remove_document()
    if not any(forged.path("documents").iterdir()):
        forged.path("documents").rmdir()
    return commit


def without_envelope(**reason: object) -> Callable[[Forgery], None]:
    """Return the removal of the visto's envelope, with a reason made up."""

    def change(forged: Forgery) -> None:
        forged.path(f"events/{VISTO_AT}.jws").unlink()
        give_reasons(forged, {"index": VISTO_AT, **reason})

    return change


def without_document(**reason: object) -> Callable[[Forgery], None]:
    """Return the removal of the only document, with a reason made up."""

    def change(forged: Forgery) -> None:
        give_reasons(forged, {"commit": take_document(forged), **reason})

    return change


def unused(**reason: object) -> Callable[[Forgery], None]:
    """Return the addition of a reason for what is not absent, or not known."""
    return lambda forged: give_reasons(forged, reason)


def erased(event: int) -> dict[str, object]:
    """Return the reason of an erasure by the event at a leaf."""
    return {"kind": "erased", "event": event, **TEXT}


def written(name: str, data: bytes = b"falso\n") -> Callable[[Forgery], None]:
    """Return the writing of a file."""

    def change(forged: Forgery) -> None:
        path = forged.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    return change


def replaced(name: str, old: str, new: str) -> Callable[[Forgery], None]:
    """Return the replacement of text in a file."""

    def change(forged: Forgery) -> None:
        path = forged.path(name)
        data = path.read_bytes()
        assert old.encode() in data
        path.write_bytes(data.replace(old.encode(), new.encode(), 1))

    return change


def removed(name: str) -> Callable[[Forgery], None]:
    """Return the removal of a file."""
    return lambda forged: forged.path(name).unlink()


def rename_folder(forged: Forgery) -> None:
    """Give the folder of the package another name of the same form."""
    folder = next((forged.root / "data").iterdir())
    folder.rename(folder.with_name("C81F22001230006_46"))
    forged.data = forged.root / "data/C81F22001230006_46/representations/rep1/data"


def second_signature(forged: Forgery) -> None:
    """Add to log/checkpoint.log a line that log/checkpoint does not have."""
    path = forged.path("log/checkpoint.log")
    path.write_bytes(path.read_bytes() + "— altro.example AAAAAAAAAAAAAAAA\n".encode())


def other_certificate(forged: Forgery) -> None:
    """Add the certificate of a key that signed nothing."""
    source = next(one for one in forged.data.glob("keys/*.crt") if one.stem != "ca")
    shutil.copy(source, forged.path(f"keys/{'A' * 43}.crt"))


def other_leaf(built: Built) -> Callable[[Forgery], None]:
    """Return the addition of the leaf, with its proof, of a registration of another CUP."""

    def change(forged: Forgery) -> None:
        size = int(forged.path("log/checkpoint").read_text().split("\n")[1])
        shown = {int(path.stem) for path in forged.data.glob("leaves/*.leaf")}
        index = next(i for i in range(size) if i not in shown)
        head = forged.path("proofs/0.tlog-proof").read_text().partition("\n\n")[2]
        path = built.evidence.inclusion(index, size)
        lines = "".join(base64.b64encode(one).decode() + "\n" for one in path)
        proof = f"c2sp.org/tlog-proof@v1\nindex {index}\n{lines}\n{head}"
        forged.path(f"leaves/{index}.leaf").write_bytes(built.evidence.leaf(index))
        forged.path(f"proofs/{index}.tlog-proof").write_text(proof)

    return change


REFUSED: dict[str, tuple[Callable[[Forgery], None], str]] = {
    "an envelope is withheld from a whole package": (
        without_envelope(**WITHHELD),
        "solo un pacchetto pubblico",
    ),
    "an envelope is erased by what is no erasure": (
        without_envelope(**erased(0)),
        "la registrazione 0 non è una cancellazione",
    ),
    "an envelope is erased by what is not there": (
        without_envelope(**erased(999)),
        "la registrazione 999 non è una cancellazione",
    ),
    "a document is withheld from a whole package": (
        without_document(**WITHHELD),
        "solo un pacchetto pubblico",
    ),
    "a document is erased by what is no erasure": (
        without_document(**erased(VISTO_AT)),
        "non è una cancellazione",
    ),
    "a reason is for an envelope that is there": (
        unused(index=VISTO_AT, **WITHHELD),
        "ma non manca",
    ),
    "a reason is for a document nobody names": (
        unused(commit=f"{'A' * 43}=", **WITHHELD),
        "che nessuna registrazione nomina",
    ),
    "a reason has two objects": (
        unused(commit=f"{'A' * 43}=", index=1, **erased(2)),
        "una voce non nomina",
    ),
    "a reason is of no kind": (unused(index=1, kind="lost", **TEXT), "non è leggibile"),
    "reasons are followed by a comma": (written("reasons.json", b"[,]\n"), "non è leggibile"),
    "a file is beside the tag files": (written("/LEGGIMI.txt"), "LEGGIMI.txt non è previsto"),
    "a file is beside the parts": (written("contratto.pdf"), "contratto.pdf non è previsto"),
    "a file is beside a document's": (
        written(f"documents/{'A' * 43}/extra"),
        "extra non è previsto",
    ),
    "a document is of no envelope": (
        written(f"documents/{'A' * 43}/content"),
        "non è nominato",
    ),
    "a state is of another CUP": (
        written("state/C81F22001230006/history.json"),
        "non è di un CUP chiesto",
    ),
    "a schema is of a type that does not occur": (
        written("../../../schemas/events/phase-lost-1.json"),
        "non è di un tipo che ci sia",
    ),
    "a schema has no known name": (
        written("../../../schemas/altro.json"),
        "altro.json non è previsto",
    ),
    "a certificate is of a key that did not sign": (other_certificate, "nessuna busta è firmata"),
    "a proof has no leaf": (written("proofs/7777.tlog-proof"), "non ha una foglia"),
    "a row proof has no row": (written("heads/7777.proof"), "non ha una riga"),
    "a folder is empty": (
        lambda forged: forged.path("extra").mkdir(),
        "extra è una cartella vuota",
    ),
    "a state is missing": (removed("state/history.xml"), "manca state/history.xml"),
    "the policy is missing": (removed("log/policy.txt"), "manca"),
    "the policy is another": (replaced("log/policy.txt", "quorum none", "quorum  none"), "policy"),
    "the log-signed checkpoint is something else": (written("log/checkpoint.log"), "checkpoint"),
    "the log-signed checkpoint has one more signature": (second_signature, "checkpoint.log non è"),
    "the folder has another name": (rename_folder, "External-Identifier"),
    "the identifier is another": (
        replaced("/bag-info.txt", "Identifier: C81C22001220006_46", "Identifier: ALTRO_46"),
        "External-Identifier",
    ),
    "the size is another": (replaced("/bag-info.txt", "Size: 46", "Size: 9"), "non è di questi"),
    "the origin is another": (
        replaced("/bag-info.txt", "Origin: demo", "Origin: altro"),
        "Pista-Origin",
    ),
    "the state is known beyond the head": (
        replaced("/bag-info.txt", "Known-At: 46", "Known-At: 47"),
        "Pista-Known-At",
    ),
    "the time of the head is another": (
        replaced("/bag-info.txt", "Head-Time: 2026-", "Head-Time: 2027-"),
        "Pista-Head-Time",
    ),
    "the day of the bag is another": (
        replaced("/bag-info.txt", "Bagging-Date: 2026-", "Bagging-Date: 2027-"),
        "Bagging-Date",
    ),
    "a CUP is named twice": (
        replaced("/bag-info.txt", f"Pista-CUP: {CUP}\n", f"Pista-CUP: {CUP}\n" * 2),
        "i CUP non sono in ordine",
    ),
}


def sealed(forged: Forgery) -> Path:
    """Write the manifests anew, and bag-info.txt as the attacker left it; return the package."""
    info = forged.path("/bag-info.txt").read_bytes()
    forged.seal()
    if forged.path("/bag-info.txt").read_bytes() != info:
        left, sums = (
            dict(line.split(b": ", 1) for line in data.splitlines())
            for data in (info, forged.path("/bag-info.txt").read_bytes())
        )
        info = info.replace(left[b"Payload-Oxum"], sums[b"Payload-Oxum"])
        old = hashlib.sha256(forged.path("/bag-info.txt").read_bytes()).hexdigest()
        forged.path("/bag-info.txt").write_bytes(info)
        tags = forged.path("/tagmanifest-sha256.txt")
        tags.write_text(tags.read_text().replace(old, hashlib.sha256(info).hexdigest()))
    return forged.root


@pytest.mark.parametrize(("change", "told"), REFUSED.values(), ids=REFUSED)
def test_a_package_does_not_pass_when(
    whole: Path, tools: Path, tmp_path: Path, change: Callable[[Forgery], None], told: str
) -> None:
    forged = Forgery(whole, tmp_path)
    change(forged)
    judged = judge(sealed(forged), tools)
    assert judged.returncode == 1, judged.stdout
    assert told in judged.stderr
    assert "imprevisto" not in judged.stderr


def test_a_leaf_of_another_cup_is_refused(
    built: Built, whole: Path, tools: Path, tmp_path: Path
) -> None:
    forged = Forgery(whole, tmp_path)
    other_leaf(built)(forged)
    judged = judge(sealed(forged), tools)
    assert judged.returncode == 1
    assert "non serve" in judged.stderr
