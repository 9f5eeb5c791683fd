"""Bytes made to harm or to break a reader: refused whole, or a failure; never an exception."""

from __future__ import annotations

import shutil
import zipfile
from typing import TYPE_CHECKING

import pytest

from exporters.verification.verify import verify_package
from ledger.errors import Unopenable
from tests.exporters.verification.attacker import Forgery, codes

if TYPE_CHECKING:
    from pathlib import Path

    from exporters.package import PackageInfo
    from tests.exporters.ledger_fixture import Built


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
