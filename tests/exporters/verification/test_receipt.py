"""The receipt beside a package: it proves who handed it out, or contradicts."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from exporters.package import write_folder
from exporters.verification.verify import verify_package
from ledger.journal.checkpoint import Ed25519Cosigner
from ledger.journal.proofs import LogProof, format_proof
from ledger.records import load_law
from ledger.signing.algorithms import ed25519_public, sign_ed25519
from ledger.signing.canonical import encode_signed
from tests.exporters.ledger_fixture import Built, build
from tests.exporters.ledger_writer import RUP, octets
from tests.exporters.verification.attacker import codes

if TYPE_CHECKING:
    from pathlib import Path

    from exporters.package import PackageInfo


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


def test_a_receipt_without_the_quorum_of_the_trust_file_proves_no_issuer(
    issued: tuple[Built, PackageInfo], tmp_path: Path
) -> None:
    built, info = issued
    receipt = tmp_path / "receipt"
    receipt.write_bytes(receipt_of(built, info))
    seed = octets("w1")
    witness = Ed25519Cosigner("w1.example", lambda m: sign_ed25519(seed, m), ed25519_public(seed))
    log = built.policy.split(b"\n")[0].decode()
    policy = f"{log}\nwitness W {witness.vkey}\nquorum W\n".encode()
    report = verify_package(info.path, policy=policy, receipt=receipt)
    assert (report.issuer, report.failures) == ("not-proven", ())
    assert report.step(15).outcome == "incomplete"
    assert "ricevuta senza quorum" in report.step(15).detail


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
