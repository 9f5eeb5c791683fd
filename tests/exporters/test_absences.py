"""What is erased by law is left out and told; what is gone otherwise stops the export."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from exporters.absences import Absence, format_reasons
from exporters.package import PackageInfo, write_folder, write_package
from exporters.verification.verify import verify_package
from ledger.errors import PistaError
from ledger.journal.leaf import EventLeaf, parse_leaf
from ledger.records import encode_digest
from ledger.signing.envelope import parse
from tests.exporters.journal_evidence import JournalEvidence
from tests.exporters.ledger_erasure import erase
from tests.exporters.ledger_fixture import ACT, CUP, DETERMINA, Built, build
from tests.exporters.unpacked import LAW, files_of

if TYPE_CHECKING:
    from pathlib import Path


def test_nothing_absent_is_an_empty_list() -> None:
    assert format_reasons([]) == b"[]\n"


def test_reasons_are_sorted_by_their_bytes_and_not_by_when_they_were_found() -> None:
    late, early = Absence(9, index=10), Absence(9, index=2)
    commit = Absence(9, commit=bytes(32))
    entries = json.loads(format_reasons([late, early, commit]))
    assert [entry.get("index") for entry in entries] == [None, 10, 2]


def test_a_document_that_is_gone_without_a_reason_stops_the_export(tmp_path: Path) -> None:
    built = build(tmp_path)
    stored = next(iter(built.evidence.vault.list()))
    built.evidence.vault.erase(stored.commit)
    with pytest.raises(PistaError, match="document-missing"):
        write_package(built.evidence, [CUP], tmp_path, law=LAW)


def test_a_document_erased_by_law_is_left_out_with_its_reason(tmp_path: Path) -> None:
    built = build(tmp_path)
    registered = built.evidence.stream(f"act/{ACT}", built.size)[0]
    (ref,) = parse(built.evidence.envelope(registered)).objects
    erasure = record_erasure(built, registered, commits=[encode_digest(ref.commit)])
    built.evidence.vault.erase(ref.commit)
    package = write_folder(built.evidence, [CUP], tmp_path, law=LAW)
    assert reasons_of(package) == [
        {
            "commit": encode_digest(ref.commit),
            "event": erasure,
            "kind": "erased",
            "text": f"Documento cancellato secondo legge, registrazione n. {erasure}.",
        }
    ]
    assert [absence.commit for absence in package.withheld] == [ref.commit]
    assert DETERMINA not in files_of(package.path).values()
    assert f"registrazione n. {erasure}" in (package.path / "VERIFICA.txt").read_text()


def test_an_envelope_erased_by_law_leaves_its_leaf_and_the_state(tmp_path: Path) -> None:
    built = build(tmp_path)
    last = built.evidence.stream(f"cup/{CUP}", built.size)[-1]
    digest = hashlib.sha256(built.evidence.envelope(last)).digest()
    erased = [{"index": last, "digest": encode_digest(digest)}]
    erasure = record_erasure(built, last, envelopes=erased)
    package = write_folder(ErasedEvidence.of(built, last), [CUP], tmp_path, law=LAW)
    (entry,) = reasons_of(package)
    assert (entry["index"], entry["event"], entry["kind"]) == (last, erasure, "erased")
    names = {name.rpartition("/data/")[2] for name in files_of(package.path)}
    assert f"leaves/{last}.leaf" in names
    assert f"events/{last}.jws" not in names


def test_an_envelope_erased_by_law_is_left_out_also_while_its_bytes_are_there(
    tmp_path: Path,
) -> None:
    built = build(tmp_path)
    last = built.evidence.stream(f"cup/{CUP}", built.size)[-1]
    named = parse(built.evidence.envelope(last))
    erased = [{"index": last, "digest": encode_digest(named.digest)}]
    record_erasure(built, last, envelopes=erased)
    for name in ("there", "gone"):
        (tmp_path / name).mkdir()
    there = write_folder(built.evidence, [CUP], tmp_path / "there", law=LAW)
    gone = write_folder(ErasedEvidence.of(built, last), [CUP], tmp_path / "gone", law=LAW)
    assert files_of(there.path) == files_of(gone.path)
    assert "Relazione sullo stato" not in str(files_of(there.path))
    assert verify_package(there.path, policy=built.policy).exit == 0


def test_an_erasure_of_another_digest_takes_no_envelope_out(tmp_path: Path) -> None:
    built = build(tmp_path)
    last = built.evidence.stream(f"cup/{CUP}", built.size)[-1]
    record_erasure(built, last, envelopes=[{"index": last, "digest": encode_digest(bytes(32))}])
    package = write_folder(built.evidence, [CUP], tmp_path, law=LAW)
    assert reasons_of(package) == []


def test_an_envelope_that_is_gone_without_a_reason_stops_the_export(
    tmp_path: Path,
) -> None:
    built = build(tmp_path)
    last = built.evidence.stream(f"cup/{CUP}", built.size)[-1]
    with pytest.raises(PistaError, match="envelope-missing"):
        write_package(ErasedEvidence.of(built, last), [CUP], tmp_path, law=LAW)


def record_erasure(built: Built, index: int, **named: object) -> int:
    """Erase by law what stands at a leaf, in all its streams, and return the index of the erasure."""
    leaf = parse_leaf(built.evidence.leaf(index))
    assert isinstance(leaf, EventLeaf)
    return erase(built.ledger, [place.name for place in leaf.streams], **named).index


def reasons_of(package: PackageInfo) -> list[dict[str, object]]:
    """Return the entries of reasons.json."""
    (data,) = (one for name, one in files_of(package.path).items() if "reasons.json" in name)
    entries: list[dict[str, object]] = json.loads(data)
    return entries


class ErasedEvidence(JournalEvidence):
    """An Evidence in which one envelope was erased."""

    gone: int

    @classmethod
    def of(cls, built: Built, gone: int) -> ErasedEvidence:
        """Return the evidence of a ledger without the envelope at an index."""
        one = built.evidence
        made = cls(one.journal, one.note_signer, one.vault, one.policy, one.ca)
        object.__setattr__(made, "gone", gone)
        return made

    def envelope(self, index: int) -> bytes:
        """Return an envelope, empty when erased."""
        return b"" if index == self.gone else super().envelope(index)
