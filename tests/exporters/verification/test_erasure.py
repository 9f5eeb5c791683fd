"""What is erased by law passes and is told; what is not, or not lawfully, contradicts.

Each package here is of a ledger of its own, whose judge lets everything pass: a server may have let
in what it should have refused, and a verifier sees it.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from exporters.package import write_folder
from exporters.verification.verify import verify_package
from ledger.journal.leaf import EventLeaf, parse_leaf
from ledger.journal.proofs import LogProof, RowProof, format_proof, format_row_proof
from ledger.records import encode_digest, load_law
from ledger.signing.envelope import parse
from tests.exporters.ledger_erasure import erase
from tests.exporters.ledger_fixture import CUP, OTHER_CUP, Built, build
from tests.exporters.ledger_writer import RUP
from tests.exporters.unlawful_erasures import UNLAWFUL, What
from tests.exporters.verification.attacker import Forgery, codes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from exporters.verification.report import Report
    from tests.exporters.ledger_writer import Ledger


@pytest.fixture
def fresh(tmp_path: Path) -> Built:
    """Return a ledger of its own, whose server lets everything pass."""
    return build(tmp_path)


def of_cup(built: Built) -> int:
    """Return the index of a registration of the CUP that a phase does not rest on."""
    return built.evidence.stream(f"cup/{built.cup}", built.size)[3]


def streams_of(built: Built, index: int) -> list[str]:
    """Return the streams of the leaf at an index."""
    leaf = parse_leaf(built.evidence.leaf(index))
    assert isinstance(leaf, EventLeaf)
    return [place.name for place in leaf.streams]


def named(built: Built, index: int) -> dict[str, Any]:
    """Return the envelope at an index as an erasure names it."""
    digest = encode_digest(parse(built.evidence.envelope(index)).digest)
    return {"index": index, "digest": digest}


def without(built: Built, index: int, at: int, folder: Path) -> Forgery:
    """Return a package whose reasons say that an event erased an envelope, which is not there."""
    package = write_folder(built.evidence, [built.cup], folder, law=load_law())
    forged = Forgery(package.path, folder / "forged")
    forged.path(f"events/{index}.jws").unlink(missing_ok=True)
    entry = {"event": at, "index": index, "kind": "erased", "text": "Cancellato."}
    text = json.dumps([entry], separators=(",", ":"))
    forged.path("reasons.json").write_text(text + "\n", encoding="ascii")
    forged.seal()
    return forged


def erased(built: Built, index: int, folder: Path) -> Forgery:
    """Return a package without an envelope that was lawfully erased, wherever it stood."""
    names = streams_of(built, index)
    at = erase(built.ledger, names, envelopes=[named(built, index)]).index
    return without(built, index, at, folder)


def verified(built: Built, cup: str, folder: Path) -> Report:
    """Return the report over the package of a CUP as the exporter makes it."""
    package = write_folder(built.evidence, [cup], folder, law=load_law())
    return verify_package(package.path, policy=built.policy)


def test_an_envelope_that_is_lawfully_erased_passes_and_is_told(
    fresh: Built, tmp_path: Path
) -> None:
    index = of_cup(fresh)
    at = erase(fresh.ledger, [f"cup/{CUP}"], envelopes=[named(fresh, index)]).index
    report = verified(fresh, CUP, tmp_path)
    assert (report.failures, report.exit, report.verdict) == ((), 0, "verified")
    told = f"1 buste: cancellato secondo legge, registrazione n. {at}, approvata dalla n. "
    assert told in report.step(7).detail
    assert {report.step(number).outcome for number in (7, 11, 12)} == {"passed"}


def test_a_document_that_is_lawfully_erased_passes_in_each_package_that_has_it(
    fresh: Built, tmp_path: Path
) -> None:
    registered = fresh.evidence.stream(f"act/{fresh.act}", fresh.size)[0]
    (ref,) = parse(fresh.evidence.envelope(registered)).objects
    names = streams_of(fresh, registered)
    at = erase(fresh.ledger, names, commits=[encode_digest(ref.commit)]).index
    fresh.evidence.vault.erase(ref.commit)
    for cup in (CUP, OTHER_CUP):
        report = verified(fresh, cup, tmp_path)
        assert (report.failures, report.exit) == ((), 0), cup
        told = f"1 documenti: cancellato secondo legge, registrazione n. {at}, approvata dalla"
        assert told in report.step(11).detail, cup


def test_an_envelope_of_two_streams_is_erased_in_both(fresh: Built, tmp_path: Path) -> None:
    index = fresh.evidence.stream(f"act/{fresh.act}", fresh.size)[1]
    assert len(streams_of(fresh, index)) == 3
    report = erased(fresh, index, tmp_path).verify(fresh.policy)
    assert (report.failures, report.exit) == ((), 0)


def test_an_erasure_that_leaves_out_a_stream_of_what_it_erases_excuses_nothing(
    fresh: Built, tmp_path: Path
) -> None:
    index = fresh.evidence.stream(f"act/{fresh.act}", fresh.size)[1]
    at = erase(fresh.ledger, [f"cup/{CUP}"], envelopes=[named(fresh, index)]).index
    report = without(fresh, index, at, tmp_path).verify(fresh.policy)
    assert codes(report, 7) == {"erasure-not-lawful"}


def test_an_erasure_that_does_not_name_the_envelope_excuses_nothing(
    fresh: Built, tmp_path: Path
) -> None:
    other = fresh.evidence.stream(f"cup/{CUP}", fresh.size)[4]
    at = erase(fresh.ledger, [f"cup/{CUP}"], envelopes=[named(fresh, other)]).index
    report = without(fresh, of_cup(fresh), at, tmp_path).verify(fresh.policy)
    assert "absent-without-reason" in codes(report, 7)


@pytest.mark.parametrize("event", [0, 9_999])
def test_what_is_no_erasure_excuses_nothing(fresh: Built, tmp_path: Path, event: int) -> None:
    report = without(fresh, of_cup(fresh), event, tmp_path).verify(fresh.policy)
    assert codes(report, 7) == {"absent-without-reason"}


@pytest.mark.parametrize("stream", ["sys/log", f"actor/{RUP}"])
def test_what_keys_and_roles_rest_on_is_never_erased(
    fresh: Built, tmp_path: Path, stream: str
) -> None:
    index = fresh.evidence.stream(stream, fresh.size)[-1]
    at = erase(fresh.ledger, [f"cup/{CUP}"], envelopes=[]).index
    report = without(fresh, index, at, tmp_path).verify(fresh.policy)
    assert "absent-of-keys" in codes(report, 7)


@pytest.mark.parametrize("record", UNLAWFUL.values(), ids=UNLAWFUL)
def test_an_erasure_excuses_nothing_when(
    fresh: Built, tmp_path: Path, record: Callable[[Ledger, What], int]
) -> None:
    index = of_cup(fresh)
    at = record(fresh.ledger, {"envelopes": [named(fresh, index)]})
    report = without(fresh, index, at, tmp_path).verify(fresh.policy)
    assert codes(report, 7) == {"erasure-not-lawful"}
    assert report.exit == 1


def test_a_whole_package_withholds_nothing(fresh: Built, tmp_path: Path) -> None:
    report = withheld(fresh, tmp_path, kind="completo").verify(fresh.policy)
    assert codes(report, 7) == {"withheld"}


def test_what_a_public_package_withholds_is_told_and_does_not_pass(
    fresh: Built, tmp_path: Path
) -> None:
    report = withheld(fresh, tmp_path, kind="pubblico").verify(fresh.policy)
    assert (report.failures, report.exit, report.verdict) == ((), 3, "withheld")
    assert "1 buste: omesso" in report.step(7).detail
    assert {report.step(number).outcome for number in (7, 12)} == {"withheld"}
    assert report.lines()[-1].startswith("ESITO coerente, con le parti omesse")


def test_a_public_package_withholds_no_event_of_keys(fresh: Built, tmp_path: Path) -> None:
    index = fresh.evidence.stream(f"actor/{RUP}", fresh.size)[-1]
    report = withheld(fresh, tmp_path, kind="pubblico", index=index).verify(fresh.policy)
    assert "absent-of-keys" in codes(report, 7)


def withheld(built: Built, folder: Path, *, kind: str, index: int | None = None) -> Forgery:
    """Return a package of that kind that withholds an envelope."""
    index = of_cup(built) if index is None else index
    forged = without(built, index, 0, folder)
    entry = {"index": index, "kind": "withheld", "legal_basis": "omissis", "text": "Omesso."}
    text = json.dumps([entry], separators=(",", ":"))
    forged.path("reasons.json").write_text(text + "\n", encoding="ascii")
    info = forged.path("/bag-info.txt")
    info.write_bytes(
        info.read_bytes().replace(b"Pista-Kind: completo", f"Pista-Kind: {kind}".encode())
    )
    forged.seal()
    return forged


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
