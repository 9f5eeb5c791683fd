"""Rows: one line a stream, read back as written."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import Unreadable
from ledger.journal.heads import Row, format_row, parse_row
from ledger.journal.merkle import leaf_hash

VECTORS = Path(__file__).parents[2] / "vectors" / "journal"
DIGEST = base64.b64encode(bytes(32))
GOOD = b"pista/row/v1 cup/C81C22001220006 18 1288 " + DIGEST + b"\n"

NOT_A_ROW = {
    "no bytes": b"",
    "a missing final newline": GOOD[:-1],
    "two lines": GOOD + GOOD,
    "an empty line": GOOD + b"\n",
    "a carriage return": GOOD.replace(b"\n", b"\r\n"),
    "another version": GOOD.replace(b"/v1", b"/v2"),
    "two spaces": GOOD.replace(b" 18", b"  18"),
    "a tab": GOOD.replace(b" 18", b"\t18"),
    "a field less": GOOD.replace(b" 1288", b""),
    "a field more": GOOD.replace(b" 1288", b" 1288 7"),
    "a count of zero": GOOD.replace(b" 18 ", b" 0 "),
    "a leading zero": GOOD.replace(b" 18 ", b" 018 "),
    "a negative index": GOOD.replace(b" 1288", b" -1288"),
    "an index over 63 bits": GOOD.replace(b" 1288", b" 9223372036854775808"),
    "a stream name out of grammar": GOOD.replace(b"cup/", b"cup:"),
    "a stream name over 100 bytes": GOOD.replace(b"cup/", b"c" * 90),
    "a short hash": GOOD.replace(DIGEST, base64.b64encode(bytes(31))),
    "base64 with stray bits": GOOD.replace(b"AAA=", b"AAB="),
}

rows = st.builds(
    Row,
    st.from_regex(r"[A-Za-z0-9._/-]{1,100}", fullmatch=True),
    st.integers(1, 2**63 - 1),
    st.integers(0, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
)


def test_the_golden_row_has_these_fields_and_the_hash_that_openssl_computes() -> None:
    data = (VECTORS / "1.row").read_bytes()
    row = Row("cup/C81C22001220006", 1, 0, sha256_by_openssl(b"an envelope"))
    assert parse_row(data) == row
    assert format_row(row) == data
    assert leaf_hash(data) == sha256_by_openssl(b"\x00" + data)


def test_the_row_that_the_bad_ones_are_made_from_is_good() -> None:
    assert format_row(parse_row(GOOD)) == GOOD


@pytest.mark.parametrize("name", NOT_A_ROW)
def test_bytes_that_break_the_grammar_are_no_row(name: str) -> None:
    with pytest.raises(Unreadable, match="row-unreadable"):
        parse_row(NOT_A_ROW[name])


@settings(max_examples=50)
@given(rows)
def test_a_row_is_read_back_as_it_was_written(row: Row) -> None:
    assert parse_row(format_row(row)) == row


@pytest.mark.parametrize(
    "row",
    [
        Row("", 1, 0, bytes(32)),
        Row("cup/a b", 1, 0, bytes(32)),
        Row("cup/a\n", 1, 0, bytes(32)),
        Row("cup/a", 0, 0, bytes(32)),
        Row("cup/a", 1, -1, bytes(32)),
        Row("cup/a", 1, 0, bytes(33)),
    ],
)
def test_a_row_that_could_not_be_read_back_is_not_written(row: Row) -> None:
    with pytest.raises(Unreadable):
        format_row(row)


def sha256_by_openssl(data: bytes) -> bytes:
    command = ["openssl", "dgst", "-sha256", "-binary"]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout
