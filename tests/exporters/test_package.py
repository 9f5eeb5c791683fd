"""The package: its layout, its manifests, the same bytes each time, and what stops an export."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tracemalloc
import zipfile
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pytest

from exporters.container import open_container
from exporters.package import PackageInfo, write_folder, write_package
from ledger.errors import Absent, PistaError
from ledger.journal.note import Ed25519NoteSigner
from ledger.records import encode_digest
from ledger.signing.algorithms import ed25519_public
from ledger.signing.envelope import parse
from tests.exporters.journal_evidence import JournalEvidence
from tests.exporters.ledger_fixture import CUP, DETERMINA, OTHER_CUP, Built, build
from tests.exporters.ledger_writer import octets
from tests.exporters.unpacked import LAW, files_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROOT = rf"data/{CUP}_64/"
DATA = ROOT + "representations/rep1/data/"
NUMBER = r"(0|[1-9][0-9]*)"
DIGEST = "[A-Za-z0-9_-]{43}"
NAMES = "|".join(
    (
        r"bagit\.txt|bag-info\.txt|(tag)?manifest-sha256\.txt|VERIFICA\.txt|verify\.sh",
        rf"{ROOT}schemas/(state|history|intervention)-1\.(json|xsd)",
        rf"{ROOT}schemas/events/[a-z-]+-[1-9][0-9]*\.json",
        rf"{DATA}(events/{NUMBER}\.jws|leaves/{NUMBER}\.leaf|proofs/{NUMBER}\.tlog-proof)",
        rf"{DATA}(heads/{NUMBER}\.(row|proof)|log/consistency/{NUMBER}\.proof)",
        rf"{DATA}log/(checkpoint|checkpoint\.log|policy\.txt)",
        rf"{DATA}(keys/(ca|{DIGEST})\.crt|reasons\.json|documents/{DIGEST}/(content|salt))",
        rf"{DATA}state/(intervention|history)\.(json|xml)",
    )
)


@pytest.fixture(scope="module")
def folder(built: Built, tmp_path_factory: pytest.TempPathFactory) -> PackageInfo:
    return write_folder(built.evidence, [CUP], tmp_path_factory.mktemp("folder"), law=LAW)


def info_lines(path: Path) -> dict[str, list[str]]:
    """Return the values of bag-info.txt by label."""
    found: dict[str, list[str]] = {}
    for line in (path / "bag-info.txt").read_text().splitlines():
        label, _, value = line.partition(": ")
        found.setdefault(label, []).append(value)
    return found


def test_every_file_has_a_name_of_the_format(folder: PackageInfo) -> None:
    strange = [name for name in files_of(folder.path) if not re.fullmatch(NAMES, name)]
    assert strange == []


def test_folder_and_zip_have_the_same_members(
    built: Built, folder: PackageInfo, tmp_path: Path
) -> None:
    packed = write_package(built.evidence, [CUP], tmp_path, law=LAW)
    with zipfile.ZipFile(packed.path) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == files_of(folder.path)
    with open_container(packed.path) as container:
        assert container.names() == sorted(files_of(folder.path))
    assert packed.manifest == folder.manifest
    assert packed.sha256 == hashlib.sha256(packed.path.read_bytes()).hexdigest()
    assert packed.size_bytes == packed.path.stat().st_size


def test_a_ledger_built_again_gives_the_same_zip(built: Built, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = write_package(built.evidence, [CUP], tmp_path / "a", law=LAW)
    again = build(tmp_path)
    second = write_package(again.evidence, [CUP.lower()], tmp_path / "b", law=LAW)
    assert (first.path.name, first.sha256) == (second.path.name, second.sha256)


def test_bagit_finds_the_bag_valid(folder: PackageInfo) -> None:
    command = [sys.executable, "-m", "bagit", "--validate", "--quiet", str(folder.path)]
    judged = subprocess.run(command, capture_output=True, check=False)
    assert judged.returncode == 0, judged.stderr


@pytest.mark.parametrize("name", ["manifest-sha256.txt", "tagmanifest-sha256.txt"])
def test_sha256sum_accepts_both_manifests(folder: PackageInfo, name: str) -> None:
    command = ["sha256sum", "--strict", "--quiet", "-c", name]
    subprocess.run(command, cwd=folder.path, check=True, capture_output=True)


def test_the_manifest_digest_is_that_of_the_tag_manifest(folder: PackageInfo) -> None:
    data = (folder.path / "tagmanifest-sha256.txt").read_bytes()
    assert folder.manifest == hashlib.sha256(data).hexdigest()
    listed = {line[66:] for line in data.decode().splitlines()}
    tags = {name for name in files_of(folder.path) if not name.startswith("data/")}
    assert listed == tags - {"tagmanifest-sha256.txt"}


def test_the_name_and_the_dates_come_from_the_closing_head(folder: PackageInfo) -> None:
    assert folder.path.name == f"{CUP}_64_20260303T034403Z"
    assert info_lines(folder.path) == {
        "Bag-Software-Agent": ["Pista, formato del pacchetto 1"],
        "Bagging-Date": ["2026-03-03"],
        "External-Identifier": [f"{CUP}_64"],
        "Payload-Oxum": info_lines(folder.path)["Payload-Oxum"],
        "Pista-Origin": ["demo.comune.esempio.it/c_e506"],
        "Pista-CUP": [CUP],
        "Pista-Size": ["64"],
        "Pista-Head-Time": ["2026-03-03T03:44:03.950592Z"],
        "Pista-As-Of": ["2026-03-03"],
        "Pista-Known-At": ["64"],
        "Pista-Kind": ["completo"],
    }


def test_envelopes_and_leaves_are_verbatim(built: Built, folder: PackageInfo) -> None:
    files = files_of(folder.path)
    for name, data in files.items():
        index = re.search(r"([0-9]+)\.(jws|leaf)$", name)
        if index:
            read = built.evidence.envelope if index[2] == "jws" else built.evidence.leaf
            assert data == read(int(index[1]))


def test_every_proof_ends_with_the_checkpoint(folder: PackageInfo) -> None:
    files = files_of(folder.path)
    checkpoint = files[f"{DATA}log/checkpoint"]
    proofs = [data for name, data in files.items() if name.endswith(".tlog-proof")]
    assert proofs
    assert {data.partition(b"\n\n")[2] for data in proofs} == {checkpoint}
    assert folder.checkpoint == checkpoint


def test_each_basis_has_its_last_leaf_and_its_consistency(folder: PackageInfo) -> None:
    files = files_of(folder.path)
    bases = {parse(data).basis.size for name, data in files.items() if name.endswith(".jws")} - {0}
    proven = {int(re.findall(r"[0-9]+", name)[-1]) for name in files if "/consistency/" in name}
    assert bases == proven
    assert {f"{DATA}leaves/{size - 1}.leaf" for size in bases} <= files.keys()


def test_content_and_salt_make_the_commitment_of_the_envelope(folder: PackageInfo) -> None:
    files = files_of(folder.path)
    wanted = {
        encode_digest(ref.commit)
        for name, data in files.items()
        if name.endswith(".jws")
        for ref in parse(data).objects
    }
    found = {
        encode_digest(hashlib.sha256(files[name[:-7] + "salt"] + data).digest())
        for name, data in files.items()
        if name.endswith("/content")
    }
    assert found == wanted
    assert DETERMINA in files.values()


PLACES = {
    "before the wrong entry": (50, "AFFIDAMENTO"),
    "after the wrong entry": (52, "ESECUZIONE"),
    "after its correction": (54, "AFFIDAMENTO"),
    "at the head": (64, "AFFIDAMENTO"),
}


@pytest.mark.parametrize(("known_at", "phase"), PLACES.values(), ids=PLACES)
def test_the_state_is_that_of_the_day_as_known_at_the_place_asked(
    built: Built, tmp_path: Path, known_at: int, phase: str
) -> None:
    day = date(2026, 2, 21)
    package = write_folder(built.evidence, [CUP], tmp_path, law=LAW, as_of=day, known_at=known_at)
    files = files_of(package.path)
    state = json.loads(files[f"{DATA}state/intervention.json"])
    assert (state["as_of"], state["known_at"]) == ("2026-02-21", known_at)
    assert state["phase"]["phase"] == phase
    assert f"{DATA}events/60.jws" in files


def test_an_earlier_head_is_a_package_of_its_own(built: Built, tmp_path: Path) -> None:
    package = write_folder(built.evidence, [CUP], tmp_path, law=LAW, size=44)
    files = files_of(package.path)
    assert package.path.name.startswith(f"{CUP}_44_")
    assert not any(name.endswith("/events/44.jws") for name in files)
    assert any(name.endswith("/leaves/43.leaf") for name in files)


def test_several_cups_share_one_package_with_a_state_each(built: Built, tmp_path: Path) -> None:
    package = write_folder(built.evidence, [OTHER_CUP, CUP], tmp_path, law=LAW)
    files = files_of(package.path)
    assert package.question.package_id == f"{CUP}_e_altri_64"
    assert info_lines(package.path)["Pista-CUP"] == [CUP, OTHER_CUP]
    states = {name.rpartition("/state/")[2] for name in files if "/state/" in name}
    kinds = ("intervention.json", "intervention.xml", "history.json", "history.xml")
    assert states == {f"{cup}/{kind}" for cup in (CUP, OTHER_CUP) for kind in kinds}


def test_remarks_are_told_in_the_bag_and_in_the_instructions(built: Built, tmp_path: Path) -> None:
    package = write_folder(built.evidence, [CUP], tmp_path, law=LAW, remarks=["Dati dimostrativi"])
    assert info_lines(package.path)["Pista-Remark"] == ["Dati dimostrativi"]
    assert "Dati dimostrativi" in (package.path / "VERIFICA.txt").read_text()


REFUSALS = {
    "a cup that is none": ({"cups": ["X"]}, "cup-malformed"),
    "no cup at all": ({"cups": []}, "no-cup"),
    "a cup without events": ({"cups": ["H28I22000000006"]}, "no-such-cup"),
    "a size that closes no tree": ({"size": 43}, "no-such-head"),
    "a size beyond the log": ({"size": 66}, "no-such-head"),
    "a size of nothing": ({"size": 0}, "no-such-head"),
    "a place beyond the head": ({"size": 44, "known_at": 45}, "known-at-beyond-head"),
    "a place before everything": ({"known_at": 0}, "known-at-beyond-head"),
    "a kind that is not there yet": ({"kind": "pubblico"}, "package-kind-unknown"),
    "a remark of two lines": ({"remarks": ["a\nPista-CUP: X"]}, "remark-malformed"),
}


@pytest.mark.parametrize(("asked", "code"), REFUSALS.values(), ids=REFUSALS)
def test_what_cannot_be_asked_is_refused_and_leaves_nothing(
    built: Built, tmp_path: Path, asked: dict[str, object], code: str
) -> None:
    question: dict[str, object] = {"cups": [CUP], **asked}
    with pytest.raises(PistaError) as refused:
        write_package(built.evidence, folder=tmp_path, law=LAW, **question)  # type: ignore[arg-type]  # one table for all
    assert refused.value.code == code
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_left_alone(built: Built, tmp_path: Path) -> None:
    package = write_folder(built.evidence, [CUP], tmp_path, law=LAW)
    (package.path / "verify.sh").write_text("mine")
    with pytest.raises(PistaError, match="folder-exists"):
        write_folder(built.evidence, [CUP], tmp_path, law=LAW)
    assert (package.path / "verify.sh").read_text() == "mine"


@dataclass(frozen=True)
class LargeDocument:
    """A document of zeros that nobody keeps."""

    salt: bytes
    size_bytes: int

    def chunks(self) -> Iterator[bytes]:
        """Yield the content a mebibyte at a time."""
        for _ in range(self.size_bytes >> 20):
            yield bytes(1 << 20)


class LargeEvidence(JournalEvidence):
    """An Evidence whose documents are all large."""

    def document(self, commit: bytes) -> LargeDocument:  # type: ignore[override]  # another Document
        """Return a large document for every commitment."""
        del commit
        return LargeDocument(bytes(32), 48 << 20)


def test_documents_are_never_whole_in_memory(built: Built, tmp_path: Path) -> None:
    one = built.evidence
    evidence = LargeEvidence(one.journal, one.note_signer, one.vault, one.policy, one.ca)
    tracemalloc.start()
    write_package(evidence, [CUP], tmp_path, law=LAW)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 24 << 20


class LaterKeyEvidence(JournalEvidence):
    """An Evidence whose log had another key at the head that is asked for."""

    def policy_at(self, size: int) -> bytes:
        """Return a policy of the same log with another key."""
        del size
        seed = octets("earlier log key")
        earlier = Ed25519NoteSigner(self.origin, seed.__add__, ed25519_public(seed))
        return f"log {earlier.vkey}\nquorum none\n".encode()


def test_a_head_that_only_a_later_key_signs_is_not_exported(built: Built, tmp_path: Path) -> None:
    one = built.evidence
    evidence = LaterKeyEvidence(one.journal, one.note_signer, one.vault, one.policy, one.ca)
    with pytest.raises(Absent, match="head-of-another-key"):
        write_package(evidence, [CUP], tmp_path, law=LAW)
    assert list(tmp_path.iterdir()) == []


def test_xmllint_accepts_state_and_history(folder: PackageInfo) -> None:
    if shutil.which("xmllint") is None:
        if os.environ.get("CI"):
            pytest.fail("xmllint, the judge of the XML files, is not installed")
        pytest.skip("xmllint, the judge of the XML files, is not installed")
    schemas = folder.path / ROOT / "schemas"
    for name in ("intervention", "history"):
        document = folder.path / DATA / "state" / f"{name}.xml"
        schema = schemas / f"{name}-1.xsd"
        command = ["xmllint", "--noout", "--nonet", "--schema", str(schema), str(document)]
        subprocess.run(command, check=True, capture_output=True)
