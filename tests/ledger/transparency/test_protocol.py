"""What goes between a log and a witness is written in one way only, and is the text of C2SP."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Unreadable
from ledger.journal.checkpoint import Checkpoint
from ledger.journal.leaf import format_hash
from ledger.journal.merkle import leaf_hash
from ledger.journal.note import Signature, parse_note
from ledger.transparency.protocol import (
    MAX_PROOF,
    MAX_REQUEST_BYTES,
    AddCheckpoint,
    OtherSize,
    format_add_checkpoint,
    format_signatures,
    format_size,
    parse_add_checkpoint,
    parse_signatures,
    parse_size,
    submitted_checkpoint,
)

# The examples of the specification of 2026, which end with signatures that nobody can verify.
NOTE = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
\u2014 example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
"""  # noqa: E501  a signature is one line
REQUEST = f"""old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

{NOTE}"""
ANSWER = """\u2014 witness.example/w1 CMp+6LWBU0anHGH5aNDTJkH/gj79sG+T6+iP2ThYN5krrDJbR1HDnucjL39QsZTSvVjyQLrdk3DXDqI5G2HgLatVs0pWh6Up69HVOw==
\u2014 witness.example/w1 I7rEps0pvK2UqkS2gSpVUDhrhVtQV9lgF6pRrWAvjJHjyWpW7VcE3SiOlVlbQNt64vWhO+DlkL0+UfzuOBMh9ChdMkP1vi/lCAsmlw==
\u2014 witness.example/w2 AWui8Sk55XjYLOijihBjhqEH6nS1ndDymE0a+6idX7pLcnoB+dhnz0854aLZgrrKbYKA7nC3HNJhm/kWl7oJlqU3rXXvpysAdyP3wQ==
"""  # noqa: E501  a signature is one line
HASH = format_hash(leaf_hash(b""))


def test_the_request_of_the_specification_reads_and_is_written_back() -> None:
    request = parse_add_checkpoint(REQUEST.encode())
    assert (request.old_size, len(request.proof)) == (20852014, 4)
    assert request.note == NOTE.encode()
    assert format_add_checkpoint(request) == REQUEST.encode()
    found = submitted_checkpoint(parse_note(request.note).text)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)


def test_the_answer_of_the_specification_reads_and_is_written_back() -> None:
    signatures = parse_signatures(ANSWER.encode())
    assert [one.name for one in signatures] == ["witness.example/w1"] * 2 + ["witness.example/w2"]
    assert {len(one.signature) for one in signatures} == {8 + 64}
    assert format_signatures(signatures) == ANSWER.encode()


hashes = st.binary(min_size=32, max_size=32)


@given(st.integers(0, 2**63 - 1), st.lists(hashes, max_size=MAX_PROOF))
def test_a_request_formatted_and_parsed_is_the_same(size: int, proof: list[bytes]) -> None:
    request = AddCheckpoint(size, tuple(proof), NOTE.encode())
    data = format_add_checkpoint(request)
    assert parse_add_checkpoint(data) == request
    assert len(data) <= MAX_REQUEST_BYTES


@given(st.integers(0, 2**63 - 1))
def test_a_size_formatted_and_parsed_is_the_same(size: int) -> None:
    assert parse_size(format_size(size)) == size
    assert format_size(size) == b"%d\n" % size


def changed(old: str, new: str) -> bytes:
    assert old in REQUEST
    return REQUEST.replace(old, new, 1).encode()


BAD_REQUESTS: dict[str, bytes] = {
    "nothing": b"",
    "two line ends": b"\n\n",
    "no old line": changed("old 20852014\n", ""),
    "another word": changed("old ", "new "),
    "a capital letter": changed("old ", "Old "),
    "two spaces": changed("old ", "old  "),
    "a tabulation": changed("old ", "old\t"),
    "no number": changed("old 20852014", "old "),
    "a leading zero": changed("old 2", "old 02"),
    "two zeros": changed("old 20852014", "old 00"),
    "a sign": changed("old 2", "old +2"),
    "a negative size": changed("old 2", "old -2"),
    "a hexadecimal size": changed("old 20852014", "old 0x13e2d2e"),
    "Arabic digits": changed("old 20852014", "old \u0662\u0660"),
    "a size over 63 bits": changed("old 20852014", f"old {2**63}"),
    "a size of a thousand digits": changed("old 20852014", "old " + "9" * 1000),
    "something after the size": changed("old 20852014", "old 20852014 "),
    "a carriage return": changed("old 20852014\n", "old 20852014\r\n"),
    "a short hash": changed("PlRNCrwH", "PlRN"),
    "a long hash": changed("PlRNCrwH", "PlRNPlRNCrwH"),
    "base64 of the URL kind": changed("5+pKlUdi2LeF/B", "5-pKlUdi2LeF_B"),
    "base64 without padding": changed("DDpkaw=", "DDpkaw"),
    "base64 with stray bits": changed("DDpkaw=", "DDpkax="),
    "a hash after a space": changed("PlRN", " PlRN"),
    "two hashes on a line": changed("DDpkaw=\n", "DDpkaw="),
    "64 hashes": changed("PlRN", f"{HASH}\n" * 60 + "PlRN"),
    "no empty line": changed("j/0=\n\n", "j/0=\n"),
    "an empty line among the hashes": changed("jrJZ", "\njrJZ"),
    "no note": REQUEST.partition("\n\n")[0].encode() + b"\n\n",
    "a note without signatures": REQUEST.partition("\n\n\u2014")[0].encode(),
    "a signature cut off": REQUEST.encode()[:-1],
    "bytes after the note": REQUEST.encode() + b"x",
    "an empty line after the note": REQUEST.encode() + b"\n",
    "a signature of 4 bytes": changed("Az3grlgt", "Az3grg==\n\u2014 x "),
    "a signature with a hyphen": changed("\u2014", "-"),
    "bytes that are no UTF-8": REQUEST.encode().replace(b"sofa", b"so\xff\xfe", 1),
    "a NUL": changed("behind", "be\x00hind"),
    "33 signatures": (NOTE.splitlines(keepends=True)[-1] * 31)
    .encode()
    .join([REQUEST.encode(), b""]),
    "over 64 KiB of note": changed("behind-the-sofa\n", "x" * 65536 + "\n"),
}


@pytest.mark.parametrize("data", BAD_REQUESTS.values(), ids=BAD_REQUESTS.keys())
def test_a_request_out_of_grammar_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable):
        parse_add_checkpoint(data)


@given(st.integers(0, len(REQUEST.encode()) - 1), st.integers(0, 255))
def test_what_reads_after_a_changed_byte_is_written_back_with_it(at: int, value: int) -> None:
    data = bytearray(REQUEST.encode())
    data[at] = value
    try:
        request = parse_add_checkpoint(bytes(data))
    except Unreadable:
        return
    assert format_add_checkpoint(request) == bytes(data)


BAD_ANSWERS: dict[str, bytes] = {
    "nothing": b"",
    "a line end": b"\n",
    "a whole note": NOTE.encode(),
    "an empty line first": b"\n" + ANSWER.encode(),
    "an empty line between": ANSWER.replace("\n", "\n\n", 1).encode(),
    "no line end": ANSWER.encode()[:-1],
    "a word": b"firmato\n",
    "33 signatures": ANSWER.encode() * 11,
    "another dash": ANSWER.replace("\u2014", "\u2013").encode(),
}


@pytest.mark.parametrize("data", BAD_ANSWERS.values(), ids=BAD_ANSWERS.keys())
def test_an_answer_of_anything_but_signatures_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable):
        parse_signatures(data)


BAD_SIZES = (
    b"",
    b"\n",
    b"5",
    b"05\n",
    b"5\n\n",
    b"5\n6\n",
    b"-1\n",
    b" 5\n",
    b"5\r\n",
    b"9" * 20 + b"\n",
)


@pytest.mark.parametrize("data", BAD_SIZES)
def test_an_answer_that_is_no_size_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable):
        parse_size(data)


@pytest.mark.parametrize(
    "made",
    [
        AddCheckpoint(-1, (), NOTE.encode()),
        AddCheckpoint(2**63, (), NOTE.encode()),
        AddCheckpoint(1, (b"short",), NOTE.encode()),
        AddCheckpoint(1, (bytes(32),) * 64, NOTE.encode()),
        AddCheckpoint(1, (), b"no note"),
        AddCheckpoint(1, (), NOTE.replace("20852163", "many").encode()),
    ],
    ids=[
        "a negative size",
        "a size over 63 bits",
        "a short hash",
        "64 hashes",
        "no note",
        "no checkpoint",
    ],
)
def test_a_request_that_could_not_be_read_back_is_not_made(made: AddCheckpoint) -> None:
    with pytest.raises(Unreadable):
        format_add_checkpoint(made)


def test_an_answer_without_signatures_is_not_made() -> None:
    with pytest.raises(Unreadable):
        format_signatures(())
    with pytest.raises(Unreadable):
        format_signatures([Signature("a name with blanks", bytes(4), bytes(72))])


ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
SUBMITTED: dict[str, tuple[str, bool]] = {
    "three lines": (f"a\n7\n{ROOT}\n", True),
    "an origin with blanks": (f"go.sum database tree\n7\n{ROOT}\n", True),
    "extension lines": (f"a\n7\n{ROOT}\nTimestamp: 1\nmore\n", True),
    "an empty tree": (f"a\n0\n{ROOT}\n", True),
    "two lines": ("a\n7\n", False),
    "an empty origin": (f"\n7\n{ROOT}\n", False),
    "an empty line at the end": (f"a\n7\n{ROOT}\n\n", False),
    "an empty line within": (f"a\n7\n{ROOT}\n\nmore\n", False),
    "no number": (f"a\nb\n{ROOT}\n", False),
    "a leading zero": (f"a\n07\n{ROOT}\n", False),
    "no root": ("a\n7\nroot\n", False),
}


@pytest.mark.parametrize(("text", "reads"), SUBMITTED.values(), ids=SUBMITTED.keys())
def test_a_submitted_checkpoint_is_three_lines_or_more(text: str, *, reads: bool) -> None:
    if reads:
        origin, size, *_ = text.split("\n")
        assert submitted_checkpoint(text) == Checkpoint(origin, int(size), parse_root(ROOT))
        return
    with pytest.raises(Unreadable) as refused:
        submitted_checkpoint(text)
    assert refused.value.code == "checkpoint-unreadable"


def parse_root(text: str) -> bytes:
    return submitted_checkpoint(f"a\n1\n{text}\n").root


def test_a_wrong_old_size_tells_the_right_one() -> None:
    error = OtherSize("example.com/log", 1287)
    assert (error.code, error.size, error.heads) == (
        "old-size-differs",
        1287,
        {"example.com/log": 1287},
    )
    assert "1287" in error.sentence
