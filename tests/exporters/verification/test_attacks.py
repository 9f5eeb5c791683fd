"""Attacks on a package: each is found, in the step and at the item that it concerns."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

import pytest

from ledger.journal.heads import Row, format_row, parse_row
from ledger.journal.leaf import EventLeaf, format_leaf, parse_leaf
from ledger.signing.envelope import assemble, parse
from ledger.signing.signer import key_signer
from tests.exporters.ledger_writer import private_key
from tests.exporters.verification.attacker import Forgery, codes, places

if TYPE_CHECKING:
    from pathlib import Path

    from tests.exporters.ledger_fixture import Built


@pytest.fixture
def forged(package: Path, tmp_path: Path) -> Forgery:
    """Return a copy of the package to tamper with."""
    return Forgery(package, tmp_path)


def indexes_of(built: Built, stream: str) -> list[int]:
    """Return the leaf indexes of a stream at the head of the package."""
    return list(built.evidence.stream(stream, built.size))


@pytest.mark.parametrize("place", [0, 3, -1], ids=["the first", "a middle", "the last"])
def test_an_event_that_is_left_out_is_missed(forged: Forgery, built: Built, place: int) -> None:
    index = indexes_of(built, f"cup/{built.cup}")[place]
    forged.remove_event(index)
    forged.seal()
    report = forged.verify(built.policy)
    assert report.exit == 1
    assert "events-missing" in codes(report, 6)


def test_the_last_event_left_out_with_a_forged_row_breaks_the_rows(
    forged: Forgery, built: Built
) -> None:
    indexes = indexes_of(built, f"cup/{built.cup}")
    forged.remove_event(indexes[-1])
    path = forged.row_of(f"cup/{built.cup}")
    row = parse_row(path.read_bytes())
    leaf = parse_leaf(built.evidence.leaf(indexes[-2]))
    assert isinstance(leaf, EventLeaf)
    path.write_bytes(format_row(Row(row.stream, row.count - 1, indexes[-2], leaf.envelope_digest)))
    forged.seal()
    assert codes(forged.verify(built.policy), 5) == {"inclusion-not-proven"}


def test_a_whole_stream_left_out_is_called_for_by_the_others(forged: Forgery, built: Built) -> None:
    row = forged.row_of(f"act/{built.act}")
    row.unlink()
    row.with_suffix(".proof").unlink()
    forged.seal()
    assert "row-missing" in codes(forged.verify(built.policy), 5)


def test_an_edited_leaf_is_not_included(forged: Forgery, built: Built) -> None:
    index = indexes_of(built, f"cup/{built.cup}")[2]
    path = forged.path(f"leaves/{index}.leaf")
    leaf = parse_leaf(path.read_bytes())
    assert isinstance(leaf, EventLeaf)
    path.write_bytes(
        format_leaf(
            EventLeaf(leaf.received_at.replace(year=2020), leaf.envelope_digest, leaf.streams)
        )
    )
    forged.seal()
    report = forged.verify(built.policy)
    assert "inclusion-not-proven" in codes(report, 6)
    assert "received-back" in codes(report, 10)
    assert str(index) in places(report)


def test_an_edited_payload_with_manifests_made_anew_is_found_by_its_leaf(
    forged: Forgery, built: Built
) -> None:
    index = indexes_of(built, f"cup/{built.cup}")[0]
    path = forged.path(f"events/{index}.jws")
    header, payload, signature = path.read_bytes().split(b".")
    text = base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4))
    edited = base64.urlsafe_b64encode(text.replace(b"cloud", b"clowd")).rstrip(b"=")
    path.write_bytes(b".".join([header, edited, signature]))
    forged.seal()
    report = forged.verify(built.policy)
    assert codes(report, 7) == {"digest-differs"}
    assert [failure.index for failure in report.step(7).failures] == [index]


def test_an_envelope_signed_again_with_another_key_is_found(forged: Forgery, built: Built) -> None:
    index = indexes_of(built, f"cup/{built.cup}")[-1]
    path = forged.path(f"events/{index}.jws")
    envelope = parse(path.read_bytes())
    forged_raw = assemble(
        envelope.signing_input, key_signer(private_key("x", "x")).sign(envelope.signing_input)
    )
    path.write_bytes(forged_raw)
    leaf = parse_leaf(forged.path(f"leaves/{index}.leaf").read_bytes())
    assert isinstance(leaf, EventLeaf)
    digest = hashlib.sha256(forged_raw).digest()
    forged.path(f"leaves/{index}.leaf").write_bytes(
        format_leaf(EventLeaf(leaf.received_at, digest, leaf.streams))
    )
    forged.seal()
    report = forged.verify(built.policy)
    assert codes(report, 6) >= {"inclusion-not-proven", "last-differs"}
    assert codes(report, 8) == {"signature-invalid"}


def test_two_events_that_change_places_are_found(forged: Forgery, built: Built) -> None:
    one, two = indexes_of(built, f"cup/{built.cup}")[1:3]
    for folder, suffix in (("events", "jws"), ("leaves", "leaf"), ("proofs", "tlog-proof")):
        first = forged.path(f"{folder}/{one}.{suffix}")
        second = forged.path(f"{folder}/{two}.{suffix}")
        data = first.read_bytes()
        first.write_bytes(second.read_bytes())
        second.write_bytes(data)
    forged.seal()
    report = forged.verify(built.policy)
    assert codes(report, 6) == {"proof-of-another", "seq-broken"}
    assert codes(report, 10) == {"received-back"}


def test_a_replaced_document_is_found(forged: Forgery, built: Built) -> None:
    path = min(forged.data.glob("documents/*/content"))
    path.write_bytes(path.read_bytes().replace(b"n", b"m"))
    forged.seal()
    report = forged.verify(built.policy)
    assert codes(report, 11) == {"commitment-differs"}
    assert [step.number for step in report.steps if step.outcome == "failed"] == [11]


def test_a_document_taken_away_needs_an_event_that_erases_it(forged: Forgery, built: Built) -> None:
    forged.remove_document()
    forged.seal()
    assert codes(forged.verify(built.policy), 11) == {"absent-without-reason"}


def test_a_reason_that_no_event_backs_excuses_nothing(forged: Forgery, built: Built) -> None:
    commit = forged.remove_document()
    forged.path("reasons.json").write_text(
        f'[{{"commit":"{commit}","event":40,"kind":"erased","text":"x"}}]\n', encoding="ascii"
    )
    forged.seal()
    assert codes(forged.verify(built.policy), 11) == {"absent-without-reason"}


def test_nothing_may_be_withheld_from_a_complete_package(forged: Forgery, built: Built) -> None:
    commit = forged.remove_document()
    forged.path("reasons.json").write_text(
        f'[{{"commit":"{commit}","kind":"withheld","legal_basis":"x","text":"y"}}]\n',
        encoding="ascii",
    )
    forged.seal()
    report = forged.verify(built.policy)
    assert codes(report, 11) == {"withheld"}
    assert codes(report, 15) == set()


UNUSED = {
    "an envelope that is there": '{"event":40,"index":8,"kind":"erased","text":"x"}',
    "an envelope of another stream": '{"index":62,"kind":"withheld","legal_basis":"b","text":"x"}',
    "a place beyond the head": '{"index":900,"kind":"withheld","legal_basis":"b","text":"x"}',
    "an object nobody named": f'{{"commit":"{"A" * 43}=","event":40,"kind":"erased","text":"x"}}',
}


@pytest.mark.parametrize("entry", UNUSED.values(), ids=UNUSED.keys())
def test_a_reason_for_what_is_not_absent_is_refused(
    forged: Forgery, built: Built, entry: str
) -> None:
    forged.path("reasons.json").write_text(f"[{entry}]\n", encoding="ascii")
    forged.seal()
    report = forged.verify(built.policy)
    assert [(f.step, f.code) for f in report.failures] == [(15, "reason-unused")]


def test_an_edited_state_is_folded_again(forged: Forgery, built: Built) -> None:
    path = forged.path("state/intervention.json")
    path.write_bytes(path.read_bytes().replace(b"252118.00", b"252119.00"))
    forged.seal()
    report = forged.verify(built.policy)
    assert codes(report, 12) == {"state-differs"}
    assert [step.number for step in report.steps if step.outcome == "failed"] == [12]


ADDED = {
    "beside the bag": "/leggimi.txt",
    "in the payload": "altro/nota.txt",
    "a leaf nobody called for": "leaves/1000.leaf",
    "a number with a leading zero": "events/012.jws",
    "a document nobody named": f"documents/{'A' * 43}/content",
    "a second package": "/data/altro/representations/rep1/data/log/checkpoint",
    "a schema that no event uses": "/data/C81C22001220006_64/schemas/events/x-1.json",
}


@pytest.mark.parametrize("name", ADDED.values(), ids=ADDED.keys())
def test_a_file_that_nothing_calls_for_is_refused(forged: Forgery, built: Built, name: str) -> None:
    path = forged.path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x\n")
    forged.seal()
    report = forged.verify(built.policy)
    assert codes(report, 15) & {"file-unknown", "file-unexpected"}
    assert path.relative_to(forged.root).as_posix() in places(report)


REMOVED = (
    "/bagit.txt",
    "/bag-info.txt",
    "/manifest-sha256.txt",
    "/tagmanifest-sha256.txt",
    "/VERIFICA.txt",
    "/verify.sh",
    "events/0.jws",
    "leaves/0.leaf",
    "leaves/63.leaf",
    "proofs/63.tlog-proof",
    "heads/0.proof",
    "log/checkpoint",
    "log/checkpoint.log",
    "log/policy.txt",
    "keys/ca.crt",
    "reasons.json",
    "state/history.xml",
    "/data/C81C22001220006_64/schemas/state-1.json",
)


@pytest.mark.parametrize("name", REMOVED)
def test_a_file_that_is_taken_away_is_missed(forged: Forgery, built: Built, name: str) -> None:
    forged.path(name).unlink()
    if not name.endswith(("manifest-sha256.txt", "bag-info.txt")):
        forged.seal()
    assert forged.verify(built.policy).exit == 1


def test_a_renamed_file_is_both_missing_and_unknown(forged: Forgery, built: Built) -> None:
    forged.path("events/0.jws").rename(forged.path("events/0.JWS"))
    forged.seal()
    report = forged.verify(built.policy)
    assert "file-unknown" in codes(report, 15)
    assert "absent-without-reason" in codes(report, 7)
