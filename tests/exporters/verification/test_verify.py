"""The verification as a whole: what is verified, what is not anchored, what cannot be opened."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from exporters.package import write_folder
from exporters.verification.verify import verify_package
from ledger.errors import Refused, Unopenable
from ledger.journal.checkpoint import Checkpoint, Ed25519Cosigner, sign_checkpoint
from ledger.journal.note import Ed25519NoteSigner, Note, format_note, parse_note
from ledger.records import load_law
from ledger.signing.algorithms import ed25519_public, sign_ed25519
from ledger.signing.canonical import encode_signed
from tests.exporters.ledger_writer import ORIGIN, octets
from tests.exporters.verification.attacker import Forgery, codes

if TYPE_CHECKING:
    from exporters.package import PackageInfo
    from tests.exporters.ledger_fixture import Built

LATER = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def note_signer(label: str) -> Ed25519NoteSigner:
    """Return a log of the same name with a key of its own."""
    seed = octets(label)
    return Ed25519NoteSigner(ORIGIN, lambda m: sign_ed25519(seed, m), ed25519_public(seed))


def witness(label: str) -> Ed25519Cosigner:
    """Return a witness with a fixed key."""
    seed = octets(label)
    return Ed25519Cosigner(
        f"{label}.example", lambda m: sign_ed25519(seed, m), ed25519_public(seed)
    )


def with_witness(policy: bytes, label: str) -> bytes:
    """Return the policy with one witness that must have cosigned."""
    log = policy.split(b"\n")[0].decode()
    return f"{log}\nwitness W {witness(label).vkey}\nquorum W\n".encode()


def test_a_zip_and_a_folder_are_verified(
    zip_package: PackageInfo, folder_package: PackageInfo, built: Built
) -> None:
    reports = [verify_package(p.path, policy=built.policy) for p in (zip_package, folder_package)]
    assert [report.lines()[-1] for report in reports] == [
        "ESITO verificato (0), stato al 03/03/2026, noto a 64 di 64 foglie; emittente non provato"
    ] * 2
    assert reports[0] == reports[1]


def test_the_report_is_json_with_every_step(folder_package: PackageInfo, built: Built) -> None:
    data = verify_package(folder_package.path, policy=built.policy).to_json()
    value = json.loads(data)
    assert (value["verdict"], value["exit"], value["subjects"]) == ("verified", 0, [built.cup])
    assert [step["number"] for step in value["steps"]] == list(range(1, 16))
    assert data == encode_signed(value) + b"\n"


def test_a_package_of_two_cups_is_verified(built: Built, tmp_path: Path) -> None:
    cups = [built.cup, built.other_cup]
    package = write_folder(built.evidence, cups, tmp_path, law=load_law(), size=built.size)
    report = verify_package(package.path, policy=built.policy)
    assert (report.subjects, report.failures, report.exit) == (tuple(sorted(cups)), (), 0)


def test_a_state_of_an_earlier_day_and_place_is_verified(built: Built, tmp_path: Path) -> None:
    package = write_folder(
        built.evidence,
        [built.cup],
        tmp_path,
        law=load_law(),
        size=built.size,
        as_of=date(2026, 1, 31),
        known_at=40,
    )
    report = verify_package(package.path, policy=built.policy)
    assert report.failures == ()
    assert "stato al 31/01/2026, noto a 40 di 64 foglie" in report.lines()[0]
    assert "non tiene conto delle ultime 24 foglie" in report.step(12).detail
    assert "prima della testata (03/03/2026)" in report.step(12).detail


def test_a_state_of_a_day_after_the_head_is_not_exported(built: Built, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="as-of-after-head"):
        write_folder(
            built.evidence, [built.cup], tmp_path, law=load_law(), size=64, as_of=date(2026, 3, 4)
        )


def test_the_folder_one_stands_in_is_verified(package: Path, built: Built) -> None:
    with contextlib.chdir(package):
        assert verify_package(Path(), policy=built.policy).exit == 0


def test_a_path_that_the_system_does_not_take_cannot_be_opened() -> None:
    with pytest.raises(Unopenable):
        verify_package(Path("x" * 5000), policy=None)


def test_a_package_of_an_earlier_head_is_verified(built: Built, tmp_path: Path) -> None:
    package = write_folder(built.evidence, [built.cup], tmp_path, law=load_law(), size=48)
    assert verify_package(package.path, policy=built.policy).exit == 0


def test_without_a_trust_file_the_package_is_coherent_and_not_anchored(package: Path) -> None:
    report = verify_package(package, policy=None)
    assert (report.exit, report.step(1).outcome, report.failures) == (3, "incomplete", ())
    assert "non ancorato" in report.step(1).detail


@pytest.mark.parametrize(
    ("policy", "step"),
    [
        (b"", 1),
        (b"quorum none\n", 2),
        (f"log {note_signer('another log').vkey}\nquorum none\n".encode(), 2),
    ],
    ids=["an empty file", "no log", "another key of the log"],
)
def test_a_wrong_trust_file_contradicts(package: Path, policy: bytes, step: int) -> None:
    report = verify_package(package, policy=policy)
    assert report.exit == 1
    assert report.step(step).outcome == "failed"


def test_a_missing_quorum_leaves_the_evidence_incomplete(package: Path, built: Built) -> None:
    report = verify_package(package, policy=with_witness(built.policy, "w1"))
    assert (report.exit, report.step(2).outcome, report.failures) == (3, "incomplete", ())


def cosigned(package: Path, tmp_path: Path, policy: bytes, at: datetime = LATER) -> Forgery:
    """Return the package with a cosignature on its checkpoint, wherever it stands."""
    forged = Forgery(package, tmp_path)
    old = forged.path("log/checkpoint").read_bytes()
    note = parse_note(old)
    line = witness("w1").cosign(note.text, int(at.timestamp()))
    new = format_note(Note(note.text, (*note.signatures, line)))
    forged.path("log/checkpoint").write_bytes(new)
    for path in forged.data.glob("proofs/*"):
        path.write_bytes(path.read_bytes().replace(old, new))
    forged.path("log/policy.txt").write_bytes(policy)
    forged.seal()
    return forged


def test_a_cosigned_checkpoint_reaches_its_quorum(
    package: Path, built: Built, tmp_path: Path
) -> None:
    forged = cosigned(package, tmp_path, built.policy)
    report = forged.verify(with_witness(built.policy, "w1"))
    assert (report.failures, report.exit) == ((), 0)
    assert "w1.example" in report.step(2).detail


def test_a_signature_line_that_no_key_explains_is_refused(
    package: Path, built: Built, tmp_path: Path
) -> None:
    forged = cosigned(package, tmp_path, built.policy)
    assert codes(forged.verify(built.policy), 2) == {"signature-unknown"}


def signed_by(package: Path, tmp_path: Path, signer: Ed25519NoteSigner, built: Built) -> Forgery:
    """Return the package with a checkpoint that another key of the same name has signed."""
    forged = Forgery(package, tmp_path)
    head = Checkpoint(ORIGIN, built.size, built.evidence.journal.root_at(built.size))
    forged.sign_again(sign_checkpoint(head, signer))
    return forged


def test_a_log_that_signs_with_a_key_it_does_not_name_is_found(
    package: Path, built: Built, tmp_path: Path
) -> None:
    other = note_signer("another log")
    forged = signed_by(package, tmp_path, other, built)
    report = forged.verify(f"log {other.vkey}\nquorum none\n".encode())
    assert codes(report, 2) == {"log-key-differs"}


def test_without_a_trust_file_the_checkpoint_must_fit_the_founding_event(
    package: Path, built: Built, tmp_path: Path
) -> None:
    forged = signed_by(package, tmp_path, note_signer("another log"), built)
    assert codes(forged.verify(None), 2) == {"signature-missing"}


@pytest.mark.parametrize(("days", "expected"), [(3, 0), (1, 3)])
def test_a_checkpoint_over_the_age_limit_is_incomplete(
    package: Path, built: Built, days: int, expected: int
) -> None:
    now = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
    limit = timedelta(days=days)
    assert verify_package(package, policy=built.policy, max_age=limit, now=now).exit == expected


def test_a_kept_checkpoint_of_a_basis_agrees(package: Path, built: Built) -> None:
    size = 20
    report = verify_package(package, policy=built.policy, kept=built.evidence.checkpoint(size))
    assert report.step(14).outcome == "passed"


def test_a_kept_checkpoint_that_nothing_proves_is_incomplete(package: Path, built: Built) -> None:
    report = verify_package(package, policy=built.policy, kept=built.evidence.checkpoint(21))
    assert (report.step(14).outcome, report.exit) == ("incomplete", 3)


@pytest.mark.parametrize("size", [20, 64], ids=["of a basis", "of the same size"])
def test_a_kept_checkpoint_with_another_root_shows_a_fork(
    package: Path, built: Built, size: int
) -> None:
    head = Checkpoint(ORIGIN, size, octets("another root"))
    kept = sign_checkpoint(head, built.evidence.note_signer)
    report = verify_package(package, policy=built.policy, kept=kept)
    assert codes(report, 14) == {"log-forked"}


@pytest.mark.parametrize("kept", [b"", b"x\n\n", b"\xff" * 100])
def test_a_kept_checkpoint_that_is_none_fails(package: Path, built: Built, kept: bytes) -> None:
    assert verify_package(package, policy=built.policy, kept=kept).step(14).outcome == "failed"


def test_progress_is_told_each_step(package: Path, built: Built) -> None:
    told: list[int] = []
    verify_package(package, policy=built.policy, progress=lambda number, _: told.append(number))
    assert set(told) == set(range(1, 16))
