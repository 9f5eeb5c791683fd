"""What is said to be erased never passes, and opens no door for what nobody called for."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

from exporters.package import write_folder
from exporters.verification.verify import verify_package
from ledger.journal.proofs import LogProof, RowProof, format_proof, format_row_proof
from ledger.records import encode_digest, load_law
from ledger.signing.envelope import parse
from tests.exporters.ledger_erasure import erase
from tests.exporters.ledger_fixture import Built, build
from tests.exporters.ledger_writer import ADMINISTRATOR, PUBLISHER, RUP
from tests.exporters.verification.attacker import Forgery, codes

if TYPE_CHECKING:
    from pathlib import Path

STRANGER = "f" * 26


@pytest.fixture
def fresh(tmp_path: Path) -> Built:
    """Return a ledger of its own, whose server lets everything pass."""
    return build(tmp_path)


def erased(
    built: Built, index: int, folder: Path, *, by: str = PUBLISHER, named: bool = True
) -> Forgery:
    """Return a package without an envelope that a later registration says it erased."""
    digest = encode_digest(parse(built.evidence.envelope(index)).digest)
    envelopes = [{"index": index, "digest": digest}] if named else []
    at = erase(built.ledger, built.cup, by, envelopes=envelopes).index
    package = write_folder(built.evidence, [built.cup], folder, law=load_law())
    forged = Forgery(package.path, folder / "forged")
    forged.path(f"events/{index}.jws").unlink()
    entry = {"event": at, "index": index, "kind": "erased", "text": "Cancellato."}
    text = json.dumps([entry], separators=(",", ":"))
    forged.path("reasons.json").write_text(text + "\n", encoding="ascii")
    forged.seal()
    return forged


def of_cup(built: Built) -> int:
    """Return the index of a registration of the CUP."""
    return built.evidence.stream(f"cup/{built.cup}", built.size)[3]


def test_an_envelope_that_is_said_to_be_erased_is_not_judged(fresh: Built, tmp_path: Path) -> None:
    report = erased(fresh, of_cup(fresh), tmp_path).verify(fresh.policy)
    assert (report.failures, report.exit) == ((), 3)
    assert report.step(7).outcome == "incomplete"
    assert report.step(12).outcome == "incomplete"
    assert "questa versione non giudica le cancellazioni" in report.step(7).detail


def test_a_document_that_is_said_to_be_erased_is_not_judged(fresh: Built, tmp_path: Path) -> None:
    (index,) = fresh.evidence.stream(f"cup/{fresh.cup}", fresh.size)[-1:]
    (ref,) = parse(fresh.evidence.envelope(index)).objects
    erase(fresh.ledger, fresh.cup, commits=[encode_digest(ref.commit)])
    package = write_folder(fresh.evidence, [fresh.cup], tmp_path, law=load_law())
    report = verify_package(package.path, policy=fresh.policy)
    assert (report.failures, report.exit) == ((), 3)
    assert report.step(11).outcome == "incomplete"


def test_an_erasure_that_does_not_name_the_envelope_excuses_nothing(
    fresh: Built, tmp_path: Path
) -> None:
    report = erased(fresh, of_cup(fresh), tmp_path, named=False).verify(fresh.policy)
    assert codes(report, 7) == {"absent-without-reason"}


def test_an_erasure_by_a_key_that_is_not_in_force_excuses_nothing(
    fresh: Built, tmp_path: Path
) -> None:
    holder = fresh.ledger.enter(STRANGER, "first")
    streams = [f"actor/{STRANGER}"]
    fresh.ledger.record(ADMINISTRATOR, "actor-enrolled/1", streams, fresh.ledger.key_data(holder))
    fresh.ledger.holders[STRANGER] = holder
    report = erased(fresh, of_cup(fresh), tmp_path, by=STRANGER).verify(fresh.policy)
    assert codes(report, 7) == {"absent-without-reason"}


@pytest.mark.parametrize("stream", ["sys/log", f"actor/{RUP}"])
def test_what_keys_and_roles_rest_on_is_never_erased(
    fresh: Built, tmp_path: Path, stream: str
) -> None:
    index = fresh.evidence.stream(stream, fresh.size)[-1]
    report = erased(fresh, index, tmp_path).verify(fresh.policy)
    assert codes(report, 7) == {"absent-without-reason"}


def foreign_members(built: Built) -> dict[str, bytes]:
    """Return a registration of a CUP that was not asked, with leaf, proof and row: all true."""
    evidence, size = built.evidence, built.evidence.last_head()
    name = f"cup/{built.third_cup}"
    index = evidence.stream(name, size)[0]
    count, found = evidence.rows([name], size)
    ordinal, row, path = found[name]
    note, inclusion = evidence.checkpoint(size), tuple(evidence.inclusion(index, size))
    return {
        f"events/{index}.jws": evidence.envelope(index),
        f"leaves/{index}.leaf": evidence.leaf(index),
        f"proofs/{index}.tlog-proof": format_proof(LogProof(index, inclusion, note)),
        f"heads/{ordinal}.row": row,
        f"heads/{ordinal}.proof": format_row_proof(RowProof(ordinal, count, tuple(path))),
    }


def test_an_absent_envelope_lets_in_no_registration_of_others(fresh: Built, tmp_path: Path) -> None:
    forged = erased(fresh, of_cup(fresh), tmp_path)
    added = foreign_members(fresh)
    for name, data in added.items():
        forged.path(name).write_bytes(data)
    forged.seal()
    report = forged.verify(fresh.policy)
    found = {str(f.file) for f in report.failures if f.code == "file-unexpected"}
    assert {name.rpartition("rep1/data/")[2] for name in found} == set(added)


OPEN = {
    "a document": f"documents/{base64.urlsafe_b64encode(bytes(32)).decode().rstrip('=')}/content",
    "a certificate": f"keys/{'A' * 43}.crt",
    "a consistency proof": "log/consistency/3.proof",
}


@pytest.mark.parametrize("name", OPEN.values(), ids=OPEN.keys())
def test_what_an_absent_envelope_may_have_called_for_is_told_and_does_not_pass(
    fresh: Built, tmp_path: Path, name: str
) -> None:
    forged = erased(fresh, of_cup(fresh), tmp_path)
    path = forged.path(name)
    assert not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x\n")
    forged.seal()
    report = forged.verify(fresh.policy)
    assert (report.failures, report.step(15).outcome) == ((), "incomplete")
    assert path.relative_to(forged.root).as_posix() in report.step(15).detail
