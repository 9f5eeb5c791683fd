"""No byte of a package can change: each kind of file, at telling offsets, even when sealed again."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exporters.verification.attacker import Forgery, places

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.exporters.ledger_fixture import Built

TAG_FILES = (
    "/bagit.txt",
    "/bag-info.txt",
    "/manifest-sha256.txt",
    "/tagmanifest-sha256.txt",
    "/VERIFICA.txt",
    "/verify.sh",
)
PAYLOAD = {
    "the founding envelope": "events/0.jws",
    "an envelope": "events/2?.jws",
    "the founding leaf": "leaves/0.leaf",
    "the closing leaf": "leaves/63.leaf",
    "a proof": "proofs/2?.tlog-proof",
    "a row": "heads/*.row",
    "a proof of a row": "heads/*.proof",
    "the checkpoint": "log/checkpoint",
    "the checkpoint with one signature": "log/checkpoint.log",
    "the copy of the policy": "log/policy.txt",
    "a consistency proof": "log/consistency/*.proof",
    "the issuing certificate": "keys/ca.crt",
    "a certificate": "keys/[!c]*.crt",
    "the reasons": "reasons.json",
    "a document": "documents/*/content",
    "a salt": "documents/*/salt",
    "the state": "state/intervention.json",
    "the state in XML": "state/intervention.xml",
    "the history": "state/history.json",
    "the history in XML": "state/history.xml",
}
SEPARATOR = re.compile(rb"[^A-Za-z0-9]")
CASED = re.compile(rb"[a-fA-F]")


def offsets(data: bytes) -> list[int]:
    """Return first, middle, last, the first of each kind of separator, a letter of a digest.

    The middle is that of what comes before the findings, which other tables of law may change (D66).
    """
    findings = data.find(b"findings")
    middle = len(data) if findings < 0 else findings
    found = {0, middle // 2, len(data) - 1}
    kinds: dict[bytes, int] = {}
    for match in SEPARATOR.finditer(data[:2000]):
        kinds.setdefault(match[0], match.start())
    found.update(sorted(kinds.values())[:3])
    found.update(match.start() for match in list(CASED.finditer(data))[-1:])
    return sorted(found)


def changed(data: bytes, offset: int) -> bytes:
    """Return the data with one bit of one byte the other way: the case of a letter."""
    return data[:offset] + bytes([data[offset] ^ 0x20]) + data[offset + 1 :]


def named(forged: Forgery, path: Path) -> set[str]:
    """Return by what a failure may name a file: its path, the index in its name, its document."""
    paths = (path, path.with_name("content") if path.name == "salt" else path)
    return {path.name.split(".")[0], *(p.relative_to(forged.root).as_posix() for p in paths)}


@pytest.fixture(scope="module")
def forged(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Forgery:
    """Return a copy that is put right after each change."""
    return Forgery(package, tmp_path_factory.mktemp("changed"))


@pytest.fixture(scope="module")
def pristine(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Forgery:
    """Return a copy for changes that are drawn at random."""
    return Forgery(package, tmp_path_factory.mktemp("drawn"))


def survivors(forged: Forgery, path: Path, policy: bytes, *, sealed: bool) -> Iterator[str]:
    """Yield each offset at which a change is not found, or found without naming the file."""
    original = path.read_bytes()
    manifests = [forged.path(f"/{name}") for name in ("manifest-sha256.txt", "bag-info.txt")]
    manifests.append(forged.path("/tagmanifest-sha256.txt"))
    kept = [one.read_bytes() for one in manifests]
    for offset in offsets(original):
        path.write_bytes(changed(original, offset))
        if sealed:
            forged.seal()
        report = forged.verify(policy)
        if report.exit != 1 or not named(forged, path) & places(report):
            yield f"{path.name}@{offset}: exit {report.exit} {places(report)}"
        path.write_bytes(original)
        for one, data in zip(manifests, kept, strict=True):
            one.write_bytes(data)


@pytest.mark.parametrize("name", TAG_FILES)
def test_a_changed_byte_of_a_tag_file_is_found(forged: Forgery, built: Built, name: str) -> None:
    assert not list(survivors(forged, forged.path(name), built.policy, sealed=False))


@pytest.mark.parametrize("pattern", PAYLOAD.values(), ids=PAYLOAD.keys())
def test_a_changed_byte_is_found_even_when_the_manifests_are_made_anew(
    forged: Forgery, built: Built, pattern: str
) -> None:
    path = min(forged.data.glob(pattern))
    assert not list(survivors(forged, path, built.policy, sealed=True))


@settings(max_examples=25, deadline=None)
@given(file=st.integers(0, 10**6), place=st.floats(0, 1), bit=st.integers(0, 7))
def test_any_changed_bit_of_the_evidence_is_found(
    pristine: Forgery, built: Built, file: int, place: float, bit: int
) -> None:
    paths = sorted(path for path in pristine.data.rglob("*") if path.is_file())
    path = paths[file % len(paths)]
    original = path.read_bytes()
    offset = int(place * max(len(original) - 1, 0))
    flipped = bytearray(original or b"\0")
    flipped[offset] ^= 1 << bit
    path.write_bytes(flipped)
    pristine.seal()
    report = pristine.verify(built.policy)
    path.write_bytes(original)
    assert report.exit == 1
    assert "step-broken" not in {failure.code for failure in report.failures}


TOLD = ("/VERIFICA.txt", "/verify.sh", "/data/C81C22001220006_64/schemas/state-1.json")


@pytest.mark.parametrize("name", TOLD)
def test_a_text_beside_the_evidence_that_differs_from_ours_is_told(
    package: Path, built: Built, tmp_path: Path, name: str
) -> None:
    edited = Forgery(package, tmp_path)
    path = edited.path(name)
    path.write_bytes(path.read_bytes() + b" ")
    edited.seal()
    report = edited.verify(built.policy)
    assert report.exit == 0
    assert path.name in report.step(15).detail


@pytest.mark.skipif(
    not os.environ.get("PISTA_EXHAUSTIVE"), reason="some minutes; set PISTA_EXHAUSTIVE to run it"
)
def test_a_changed_byte_of_any_file_is_found(forged: Forgery, built: Built) -> None:
    paths = [path for path in sorted(forged.root.rglob("*")) if path.is_file()]
    assert not [s for p in paths for s in survivors(forged, p, built.policy, sealed=False)]
