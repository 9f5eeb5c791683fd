"""The verification as a whole: what is verified, what is not anchored, what cannot be opened."""

from __future__ import annotations

import json
import shutil
import zipfile
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from exporters.package import write_folder
from exporters.verification.verify import verify_package
from ledger.errors import Unopenable
from ledger.journal.checkpoint import Checkpoint, Ed25519Cosigner, sign_checkpoint
from ledger.journal.note import Ed25519NoteSigner, Note, format_note, parse_note
from ledger.journal.proofs import LogProof, format_proof
from ledger.records import load_law
from ledger.signing.algorithms import ed25519_public, sign_ed25519
from ledger.signing.canonical import encode_signed
from tests.exporters.ledger_fixture import Built, build
from tests.exporters.ledger_writer import ORIGIN, RUP, octets
from tests.exporters.verification.attacker import Forgery, codes

if TYPE_CHECKING:
    from pathlib import Path

    from exporters.package import PackageInfo

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
        "ESITO verificato (0); emittente non provato"
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
    assert verify_package(package.path, policy=built.policy).failures == ()


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


def cosigned(package: Path, tmp_path: Path, policy: bytes) -> Forgery:
    """Return the package with a cosignature on its checkpoint, wherever it stands."""
    forged = Forgery(package, tmp_path)
    old = forged.path("log/checkpoint").read_bytes()
    note = parse_note(old)
    line = witness("w1").cosign(note.text, int(LATER.timestamp()))
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
    old = forged.path("log/checkpoint").read_bytes()
    head = Checkpoint(ORIGIN, built.size, built.evidence.journal.root_at(built.size))
    new = sign_checkpoint(head, signer)
    forged.path("log/checkpoint").write_bytes(new)
    forged.path("log/checkpoint.log").write_bytes(new)
    for path in forged.data.glob("proofs/*"):
        path.write_bytes(path.read_bytes().replace(old, new))
    forged.seal()
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
    assert set(told) == set(range(1, 16)) - {3}


# Receipts


def receipt_of(built: Built, info: PackageInfo, **changed: object) -> bytes:
    """Record the export of a package and return the receipt."""
    root = built.evidence.journal.root_at(info.question.size).hex()
    data = {
        "scope": "completo",
        "as_of": {"size": info.question.size, "root": root},
        "manifest": info.manifest,
        **changed,
    }
    streams = [f"cup/{built.cup}"]
    built.ledger.record(RUP, "package-exported/1", streams, data, role="rup", on=date(2026, 3, 3))
    evidence = built.evidence
    size = evidence.last_head()
    index = evidence.stream(streams[0], size)[-1]
    path = tuple(evidence.inclusion(index, size))
    parts = {
        "v": 1,
        "envelope": evidence.envelope(index).decode(),
        "leaf": evidence.leaf(index).decode(),
        "proof": format_proof(LogProof(index, path, evidence.checkpoint(size))).decode(),
    }
    return encode_signed(parts) + b"\n"


@pytest.fixture
def issued(tmp_path: Path) -> tuple[Built, PackageInfo]:
    """Return a ledger of its own with a package."""
    fresh = build(tmp_path)
    return fresh, write_folder(fresh.evidence, [fresh.cup], tmp_path, law=load_law())


def test_a_receipt_beside_the_package_proves_the_issuer(issued: tuple[Built, PackageInfo]) -> None:
    built, info = issued
    receipt = info.path.with_name(f"{info.path.name}.receipt")
    receipt.write_bytes(receipt_of(built, info))
    report = verify_package(info.path, policy=built.policy)
    assert (report.issuer, report.exit) == ("proven", 0)
    assert RUP in report.step(15).detail


@pytest.mark.parametrize(
    "changed",
    [
        {"manifest": "0" * 64},
        {"as_of": {"size": 10, "root": "0" * 64}},
    ],
    ids=["of another package", "of another head"],
)
def test_a_receipt_of_something_else_contradicts(
    issued: tuple[Built, PackageInfo], tmp_path: Path, changed: dict[str, object]
) -> None:
    built, info = issued
    receipt = tmp_path / "receipt"
    receipt.write_bytes(receipt_of(built, info, **changed))
    report = verify_package(info.path, policy=built.policy, receipt=receipt)
    assert codes(report, 15) == {"receipt-of-another"}
    assert report.issuer == "not-proven"


def test_no_byte_of_a_receipt_can_change(issued: tuple[Built, PackageInfo], tmp_path: Path) -> None:
    built, info = issued
    data = receipt_of(built, info)
    receipt = tmp_path / "receipt"
    for offset in range(0, len(data), 97):
        receipt.write_bytes(data[:offset] + bytes([data[offset] ^ 0x20]) + data[offset + 1 :])
        report = verify_package(info.path, policy=built.policy, receipt=receipt)
        assert (offset, report.issuer, report.exit) == (offset, "not-proven", 1)


# Containers that are not opened


def hostile(kind: str, good: Path, folder: Path) -> Path:
    """Write a container of one kind that must not be opened."""
    path = folder / "hostile.zip"
    data = good.read_bytes()
    match kind:
        case "absent":
            pass
        case "truncated":
            path.write_bytes(data[: len(data) // 2])
        case "not a zip":
            path.write_bytes(b"%PDF-1.7\n")
        case "trailing bytes":
            path.write_bytes(data + b"\0")
        case "bomb":
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
                bomb.writestr("bagit.txt", b"\0" * (1 << 22))
        case "traversal":
            with zipfile.ZipFile(path, "w") as traversal:
                traversal.writestr("../bagit.txt", b"x")
        case "duplicates":
            shutil.copy(good, path)
            with zipfile.ZipFile(path, "a") as twice, pytest.warns(UserWarning, match="Duplicate"):
                twice.writestr("bagit.txt", b"x")
    return path


@pytest.mark.parametrize(
    "kind",
    ["absent", "truncated", "not a zip", "trailing bytes", "bomb", "traversal", "duplicates"],
)
def test_a_container_that_is_not_safe_is_not_opened(
    zip_package: PackageInfo, built: Built, tmp_path: Path, kind: str
) -> None:
    with pytest.raises(Unopenable):
        verify_package(hostile(kind, zip_package.path, tmp_path), policy=built.policy)


def test_a_damaged_member_of_a_zip_contradicts_and_is_named(
    zip_package: PackageInfo, built: Built, tmp_path: Path
) -> None:
    data = bytearray(zip_package.path.read_bytes())
    with zipfile.ZipFile(zip_package.path) as archive:
        content = next(i for i in archive.infolist() if i.filename.endswith("/content"))
    data[content.header_offset + 30 + len(content.filename) + 10] ^= 1
    path = tmp_path / zip_package.path.name
    path.write_bytes(data)
    report = verify_package(path, policy=built.policy)
    assert (report.exit, codes(report, 15)) == (1, {"member-damaged"})
    assert {failure.file for failure in report.failures} == {content.filename}


# Bytes made to break a reader

GARBAGE = {
    "nothing": b"",
    "a newline": b"\n",
    "not text": b"\xff\xfe\x00",
    "deep brackets": b"[" * 20000 + b"]" * 20000 + b"\n",
    "a long number": b"9" * 5000 + b"\n",
    "too much": b"x" * (1 << 18),
}
READ = (
    "events/0.jws",
    "leaves/0.leaf",
    "proofs/0.tlog-proof",
    "heads/0.row",
    "heads/0.proof",
    "log/checkpoint",
    "log/policy.txt",
    "reasons.json",
    "keys/ca.crt",
    "state/intervention.json",
    "/bag-info.txt",
    "/manifest-sha256.txt",
)


@pytest.mark.parametrize("data", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_in_any_file_is_a_failure_and_never_an_exception(
    package: Path, built: Built, tmp_path: Path, data: bytes
) -> None:
    forged = Forgery(package, tmp_path)
    for name in READ:
        path = forged.path(name)
        original = path.read_bytes()
        path.write_bytes(data)
        report = forged.verify(built.policy)
        assert (name, report.exit) == (name, 1)
        assert "step-broken" not in {failure.code for failure in report.failures}
        path.write_bytes(original)
