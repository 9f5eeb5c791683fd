"""Checkpoints and cosignatures, judged by openssl and by the golden vectors."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import NotVerified, Unreadable
from ledger.journal.checkpoint import (
    Checkpoint,
    Cosigner,
    Ed25519Cosigner,
    cosigned_message,
    format_checkpoint,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
    verify_cosignatures,
)
from ledger.journal.merkle import EMPTY_ROOT, leaf_hash, node_hash
from ledger.journal.note import (
    Ed25519NoteSigner,
    Note,
    Signature,
    format_note,
    keep_signatures,
    parse_note,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "journal"
ORIGIN = "pnrr.comune.lecce.it/c_e506"
WITNESS_TIME = 1790000000
SPKI_ED25519 = bytes.fromhex("302a300506032b6570032100")
BODY = f"{ORIGIN}\n1291\n{base64.b64encode(bytes(32)).decode()}\n"


def private_key(seed: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)


def log_signer(name: str, seed: int) -> Ed25519NoteSigner:
    private = private_key(seed)
    return Ed25519NoteSigner(name, private.sign, private.public_key().public_bytes_raw())


def witness_signer(name: str, seed: int) -> Ed25519Cosigner:
    private = private_key(seed)
    return Ed25519Cosigner(name, private.sign, private.public_key().public_bytes_raw())


LOG, WITNESS = log_signer(ORIGIN, 1), witness_signer("witness.example/w1", 2)
GOLDEN = (VECTORS / "checkpoint").read_bytes()
GOLDEN_CHECKPOINT = Checkpoint(
    ORIGIN,
    2,
    node_hash(*(leaf_hash((VECTORS / f"{index}.leaf").read_bytes()) for index in (0, 1))),
)

NOT_A_CHECKPOINT = {
    "no text": "",
    "no final newline": BODY[:-1],
    "an extension line": BODY + "extension\n",
    "an empty line": BODY + "\n",
    "a line less": BODY[: BODY.index("\n") + 1],
    "an empty origin": BODY.replace(ORIGIN, ""),
    "a leading zero": BODY.replace("1291", "01291"),
    "a sign": BODY.replace("1291", "+1291"),
    "a space": BODY.replace("1291", "1291 "),
    "hexadecimal digits": BODY.replace("1291", "0x50b"),
    "a size over 63 bits": BODY.replace("1291", "9223372036854775808"),
    "a short root": BODY.replace("AAAAA", "A", 1),
    "a root with stray bits": BODY.replace("A=", "B="),
    "a root of zeros for the empty tree": BODY.replace("1291", "0"),
}


def test_the_golden_checkpoint_is_made_again_from_the_same_keys() -> None:
    log_note = sign_checkpoint(GOLDEN_CHECKPOINT, LOG)
    assert log_note == (VECTORS / "checkpoint.log").read_bytes()
    note = parse_note(log_note)
    cosignature = WITNESS.cosign(note.text, WITNESS_TIME)
    assert format_note(Note(note.text, (*note.signatures, cosignature))) == GOLDEN


def test_the_golden_checkpoint_verifies_with_its_cosignature() -> None:
    verified = open_checkpoint(GOLDEN, LOG.key, [WITNESS.key])
    assert verified.checkpoint == GOLDEN_CHECKPOINT
    assert verified.log_key == LOG.key
    assert verified.cosigners == (Cosigner(WITNESS.key, WITNESS_TIME),)
    assert verified.cosigners[0].name == "witness.example/w1"
    assert verified.unknown == ()


def test_openssl_verifies_both_signatures_of_the_golden_checkpoint(tmp_path: Path) -> None:
    body, _, lines = GOLDEN.partition(b"\n\n")
    log_line, witness_line = (base64.b64decode(line.split(b" ")[2]) for line in lines.splitlines())
    body += b"\n"
    time = int.from_bytes(witness_line[4:12], "big")
    cosigned = b"cosignature/v1\ntime %d\n" % time + body
    assert cosigned_message(body.decode(), WITNESS_TIME) == cosigned
    verify_by_openssl(tmp_path, LOG.key.public, body, log_line[4:])
    verify_by_openssl(tmp_path, WITNESS.key.public, cosigned, witness_line[12:])


def verify_by_openssl(folder: Path, public: bytes, message: bytes, signature: bytes) -> None:
    files = {"key": SPKI_ED25519 + public, "message": message, "signature": signature}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    key = ["-pubin", "-keyform", "DER", "-inkey", "key"]
    command = ["openssl", "pkeyutl", "-verify", *key, "-rawin", "-in", "message"]
    subprocess.run([*command, "-sigfile", "signature"], cwd=folder, check=True, capture_output=True)


@pytest.mark.parametrize("place", range(len(GOLDEN)))
def test_no_byte_of_the_golden_checkpoint_can_be_changed(place: int) -> None:
    changed = GOLDEN[:place] + bytes([GOLDEN[place] ^ 1]) + GOLDEN[place + 1 :]
    try:
        verified = open_checkpoint(changed, LOG.key, [WITNESS.key])
    except NotVerified:
        return
    assert verified.unknown, "a changed name or key id leaves a line that nobody explains"


def test_the_text_that_the_bad_ones_are_made_from_is_good() -> None:
    assert format_checkpoint(parse_checkpoint(BODY)) == BODY


@pytest.mark.parametrize("name", NOT_A_CHECKPOINT)
def test_text_that_breaks_the_grammar_is_no_checkpoint(name: str) -> None:
    with pytest.raises(Unreadable, match="checkpoint-unreadable"):
        parse_checkpoint(NOT_A_CHECKPOINT[name])


@settings(max_examples=50)
@given(
    st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=30),
    st.integers(1, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
)
def test_a_checkpoint_is_read_back_as_it_was_written(origin: str, size: int, root: bytes) -> None:
    checkpoint = Checkpoint(origin, size, root)
    assert parse_checkpoint(format_checkpoint(checkpoint)) == checkpoint


def test_the_empty_tree_has_a_checkpoint() -> None:
    data = sign_checkpoint(Checkpoint(ORIGIN, 0, EMPTY_ROOT), LOG)
    assert open_checkpoint(data, LOG.key).checkpoint == Checkpoint(ORIGIN, 0, EMPTY_ROOT)


@pytest.mark.parametrize(
    "checkpoint",
    [
        Checkpoint("", 1, bytes(32)),
        Checkpoint("a\nb", 1, bytes(32)),
        Checkpoint("a", -1, bytes(32)),
        Checkpoint("a", 0, bytes(32)),
        Checkpoint("a", 1, bytes(31)),
    ],
)
def test_a_checkpoint_that_could_not_be_read_back_is_not_written(checkpoint: Checkpoint) -> None:
    with pytest.raises(Unreadable):
        format_checkpoint(checkpoint)


def test_a_log_signs_only_under_its_origin() -> None:
    with pytest.raises(Unreadable, match="checkpoint-unreadable"):
        sign_checkpoint(Checkpoint("another.example", 1, bytes(32)), LOG)


def refused(code: str, data: bytes, log: Ed25519NoteSigner = LOG) -> None:
    with pytest.raises(NotVerified) as caught:
        open_checkpoint(data, log.key, [WITNESS.key])
    assert caught.value.code == code


def test_a_checkpoint_of_another_log_is_refused() -> None:
    refused("origin-mismatch", GOLDEN, log_signer("another.example", 1))


def test_a_checkpoint_that_the_log_did_not_sign_is_refused() -> None:
    only_witness = keep_signatures(parse_note(GOLDEN), [WITNESS.key])
    refused("signature-missing", format_note(only_witness))
    refused("signature-missing", GOLDEN, log_signer(ORIGIN, 3))


def with_cosignature(stamped: bytes) -> bytes:
    log_note = parse_note(sign_checkpoint(GOLDEN_CHECKPOINT, LOG))
    line = Signature(WITNESS.name, WITNESS.key.key_id, stamped)
    return format_note(Note(log_note.text, (*log_note.signatures, line)))


GOOD_STAMP = WITNESS.cosign(format_checkpoint(GOLDEN_CHECKPOINT), WITNESS_TIME).signature
WRONG_STAMPS = {
    "another time": (WITNESS_TIME + 1).to_bytes(8, "big") + GOOD_STAMP[8:],
    "a time over 63 bits": (2**63).to_bytes(8, "big") + GOOD_STAMP[8:],
    "no time": GOOD_STAMP[8:],
    "a byte more": GOOD_STAMP + b"\x00",
    "only a time": GOOD_STAMP[:8],
    "a signature of the body alone": GOOD_STAMP[:8]
    + private_key(2).sign(format_checkpoint(GOLDEN_CHECKPOINT).encode()),
}


@pytest.mark.parametrize("name", WRONG_STAMPS)
def test_a_wrong_cosignature_of_a_known_witness_rejects_the_checkpoint(name: str) -> None:
    refused("signature-invalid", with_cosignature(WRONG_STAMPS[name]))


def test_a_witness_cosigns_once() -> None:
    note = parse_note(GOLDEN)
    later = WITNESS.cosign(note.text, WITNESS_TIME + 1)
    refused("signature-repeated", format_note(Note(note.text, (*note.signatures, later))))


def test_unknown_signatures_prove_nothing_and_are_shown() -> None:
    verified = open_checkpoint(GOLDEN, LOG.key)
    assert verified.cosigners == ()
    assert [line.name for line in verified.unknown] == ["witness.example/w1"]


def test_a_log_key_is_no_witness_key() -> None:
    with pytest.raises(Unreadable, match="key-unreadable"):
        verify_cosignatures(parse_note(GOLDEN), [LOG.key])


def test_a_log_that_changes_its_key_may_sign_with_either() -> None:
    new = log_signer(ORIGIN, 3)
    body = format_checkpoint(GOLDEN_CHECKPOINT)
    both = format_note(Note(body, (LOG.sign_note(body), new.sign_note(body))))
    assert open_checkpoint(both, new.key, rotated=[LOG.key]).unknown == ()
    assert open_checkpoint(GOLDEN, new.key, rotated=[LOG.key]).log_key == LOG.key
    stranger = log_signer("another.example", 3)
    foreign = format_note(Note(body, (stranger.sign_note(body),)))
    with pytest.raises(NotVerified, match="signature-missing"):
        open_checkpoint(foreign, new.key, rotated=[stranger.key])


def test_a_cosignature_has_a_time_of_63_bits() -> None:
    assert WITNESS.cosign(BODY, 2**63 - 1).signature[:8] == (2**63 - 1).to_bytes(8, "big")
    with pytest.raises(Unreadable):
        WITNESS.cosign(BODY, 2**63)
