"""Proof files: golden ones recomputed by openssl, bad ones refused."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import NotVerified, Unreadable
from ledger.journal.checkpoint import parse_checkpoint
from ledger.journal.leaf import HeadsLeaf, parse_leaf
from ledger.journal.merkle import leaf_hash, verify_consistency, verify_inclusion
from ledger.journal.note import parse_note
from ledger.journal.policy import Policy, parse_policy
from ledger.journal.proofs import (
    LogProof,
    RowProof,
    format_consistency,
    format_proof,
    format_row_proof,
    parse_consistency,
    parse_proof,
    parse_row_proof,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "journal"
NODE = base64.b64encode(bytes(32)) + b"\n"
NOTE = (VECTORS / "checkpoint").read_bytes()
PROOF = b"c2sp.org/tlog-proof@v1\nindex 7\n" + NODE + b"\n" + NOTE
ROW = b"pista/row-proof/v1\n1\n2\n" + NODE

NOT_A_PROOF = {
    "no bytes": b"",
    "another version": PROOF.replace(b"@v1", b"@v2"),
    "an extra line": PROOF.replace(b"index", b"extra YWJj\nindex"),
    "an extra line behind the index": PROOF.replace(b"index 7\n", b"index 7\nextra YWJj\n"),
    "no index": PROOF.replace(b"index 7\n", b""),
    "an index with a leading zero": PROOF.replace(b"index 7", b"index 07"),
    "an index with a sign": PROOF.replace(b"index 7", b"index -7"),
    "two spaces before the index": PROOF.replace(b"index 7", b"index  7"),
    "a space at the end of the index": PROOF.replace(b"index 7", b"index 7 "),
    "carriage returns": PROOF.replace(b"\n", b"\r\n"),
    "a short hash": PROOF.replace(NODE, base64.b64encode(bytes(31)) + b"\n"),
    "a hash with stray bits": PROOF.replace(b"AAA=\n", b"AAB=\n"),
    "over 63 hashes": PROOF.replace(NODE, NODE * 64),
    "no empty line": PROOF.replace(b"\n\npnrr", b"\npnrr"),
    "two empty lines": PROOF.replace(b"\n\npnrr", b"\n\n\npnrr"),
    "no checkpoint": PROOF[: PROOF.index(b"\n\n") + 2],
    "a note that is no checkpoint": PROOF.replace(b"\n2\n", b"\n2\nextension\n"),
    "a missing final newline": PROOF[:-1],
    "a line behind the checkpoint": PROOF + b"garbage\n",
}

NOT_A_ROW_PROOF = {
    "no bytes": b"",
    "another version": ROW.replace(b"/v1", b"/v2"),
    "a number less": ROW.replace(b"1\n2\n", b"1\n"),
    "an index that is not below the rows": ROW.replace(b"1\n2\n", b"2\n2\n"),
    "no rows": ROW.replace(b"1\n2\n", b"0\n0\n"),
    "a leading zero": ROW.replace(b"1\n2\n", b"01\n2\n"),
    "a negative number": ROW.replace(b"1\n2\n", b"-1\n2\n"),
    "carriage returns": ROW.replace(b"\n", b"\r\n"),
    "a missing final newline": ROW[:-1],
    "an empty line": ROW + b"\n",
    "a short hash": ROW.replace(NODE, base64.b64encode(bytes(31)) + b"\n"),
    "over 63 hashes": ROW + NODE * 63,
}

NOT_A_CONSISTENCY_PROOF = {
    "a missing final newline": NODE[:-1],
    "an empty line": b"\n",
    "a carriage return": NODE.replace(b"\n", b"\r\n"),
    "a header": b"consistency\n" + NODE,
    "a hash with stray bits": NODE.replace(b"A=", b"B="),
    "a long hash": base64.b64encode(bytes(33)) + b"\n",
    "over 64 hashes": NODE * 65,
}

paths = st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple)


def openssl(data: bytes) -> bytes:
    command = ["openssl", "dgst", "-sha256", "-binary"]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


def test_the_golden_proof_leads_from_the_leaf_to_the_checkpoint() -> None:
    data = (VECTORS / "0.tlog-proof").read_bytes()
    proof = parse_proof(data)
    sibling = openssl(b"\x00" + (VECTORS / "1.leaf").read_bytes())
    assert proof == LogProof(0, (sibling,), NOTE)
    assert format_proof(proof) == data
    leaf = openssl(b"\x00" + (VECTORS / "0.leaf").read_bytes())
    checkpoint = parse_checkpoint(parse_note(proof.checkpoint).text)
    assert openssl(b"\x01" + leaf + sibling) == checkpoint.root
    verify_inclusion(leaf, proof.index, checkpoint.size, proof.path, checkpoint.root)


@pytest.mark.parametrize("place", range(len((VECTORS / "0.tlog-proof").read_bytes())))
def test_no_byte_of_the_golden_proof_can_be_changed(place: int) -> None:
    policy = parse_policy((VECTORS / "policy.txt").read_bytes())
    leaf = leaf_hash((VECTORS / "0.leaf").read_bytes())
    data = (VECTORS / "0.tlog-proof").read_bytes()
    changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
    with pytest.raises(NotVerified):
        verify_proof(changed, leaf, policy)
    verify_proof(data, leaf, policy)


def verify_proof(data: bytes, leaf: bytes, policy: Policy) -> None:
    proof = parse_proof(data)
    head = policy.verify_checkpoint(proof.checkpoint).checkpoint
    verify_inclusion(leaf, proof.index, head.size, proof.path, head.root)


def test_the_golden_row_proof_leads_from_the_row_to_the_heads_leaf() -> None:
    data = (VECTORS / "0.row-proof").read_bytes()
    proof = parse_row_proof(data)
    assert proof == RowProof(0, 2, (openssl(b"\x00" + (VECTORS / "1.row").read_bytes()),))
    assert format_row_proof(proof) == data
    heads = parse_leaf((VECTORS / "1.leaf").read_bytes())
    assert isinstance(heads, HeadsLeaf)
    row = leaf_hash((VECTORS / "0.row").read_bytes())
    verify_inclusion(row, proof.index, heads.streams, proof.path, heads.rows_root)


def test_the_golden_consistency_proof_leads_from_the_first_leaf_to_the_checkpoint() -> None:
    data = (VECTORS / "1.consistency").read_bytes()
    proof = parse_consistency(data)
    assert format_consistency(proof) == data
    first = openssl(b"\x00" + (VECTORS / "0.leaf").read_bytes())
    checkpoint = parse_checkpoint(parse_note(NOTE).text)
    verify_consistency(1, first, checkpoint.size, checkpoint.root, proof)


def test_the_texts_that_the_bad_ones_are_made_from_are_good() -> None:
    assert format_proof(parse_proof(PROOF)) == PROOF
    assert format_row_proof(parse_row_proof(ROW)) == ROW
    assert format_consistency(parse_consistency(NODE)) == NODE


@pytest.mark.parametrize("name", NOT_A_PROOF)
def test_bytes_that_break_the_grammar_are_no_proof(name: str) -> None:
    with pytest.raises(Unreadable, match=r"(proof|note|checkpoint)-unreadable"):
        parse_proof(NOT_A_PROOF[name])


@pytest.mark.parametrize("name", NOT_A_ROW_PROOF)
def test_bytes_that_break_the_grammar_are_no_row_proof(name: str) -> None:
    with pytest.raises(Unreadable, match="row-proof-unreadable"):
        parse_row_proof(NOT_A_ROW_PROOF[name])


@pytest.mark.parametrize("name", NOT_A_CONSISTENCY_PROOF)
def test_bytes_that_break_the_grammar_are_no_consistency_proof(name: str) -> None:
    with pytest.raises(Unreadable, match="consistency-unreadable"):
        parse_consistency(NOT_A_CONSISTENCY_PROOF[name])


@settings(max_examples=40)
@given(st.integers(0, 2**63 - 1), paths)
def test_a_proof_is_read_back_as_it_was_written(index: int, path: tuple[bytes, ...]) -> None:
    proof = LogProof(index, path, NOTE)
    assert parse_proof(format_proof(proof)) == proof


@settings(max_examples=40)
@given(st.integers(0, 2**62), st.integers(1, 2**62 - 1), paths)
def test_a_row_proof_is_read_back_as_it_was_written(
    index: int, more: int, path: tuple[bytes, ...]
) -> None:
    proof = RowProof(index, index + more, path)
    assert parse_row_proof(format_row_proof(proof)) == proof


@settings(max_examples=40)
@given(paths)
def test_a_consistency_proof_is_read_back_as_it_was_written(path: tuple[bytes, ...]) -> None:
    assert parse_consistency(format_consistency(path)) == path


def test_an_empty_consistency_proof_is_an_empty_file() -> None:
    assert format_consistency([]) == b""
    assert parse_consistency(b"") == ()


def test_a_proof_that_could_not_be_read_back_is_not_written() -> None:
    for proof in (
        LogProof(-1, (), NOTE),
        LogProof(0, (bytes(31),), NOTE),
        LogProof(0, (bytes(32),) * 64, NOTE),
        LogProof(0, (), b"no note"),
    ):
        with pytest.raises(Unreadable):
            format_proof(proof)
    for row in (RowProof(2, 2, ()), RowProof(-1, 2, ()), RowProof(0, 2**63, ())):
        with pytest.raises(Unreadable):
            format_row_proof(row)
    with pytest.raises(Unreadable):
        format_consistency([bytes(32)] * 65)
