"""Signed notes: the example of the specification, strict reading, known and unknown signatures."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import NotVerified, Unreadable
from ledger.journal.note import (
    COSIGNATURE_V1,
    ED25519,
    Ed25519NoteSigner,
    Note,
    Signature,
    VerifierKey,
    find_signature,
    format_note,
    format_vkey,
    keep_signatures,
    parse_note,
    parse_vkey,
    verifier_key,
    verify_note,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "journal"
EXAMPLE = (VECTORS / "c2sp-example.note").read_bytes()
EXAMPLE_KEY = (VECTORS / "c2sp-example.vkey").read_text().strip()
LINE = "— example.com/foo Uw2QOkn8srU=\n".encode()
SHORT = b"text\n\n" + LINE


def signer(name: str, seed: int) -> Ed25519NoteSigner:
    private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return Ed25519NoteSigner(name, private.sign, private.public_key().public_bytes_raw())


A, B = signer("a.example", 1), signer("b.example", 2)
TEXT = "first\n\nsecond\n"
BOTH = Note(TEXT, (A.sign_note(TEXT), B.sign_note(TEXT)))

NOT_A_NOTE = {
    "no bytes": b"",
    "no empty line": b"text\n" + LINE,
    "no signature": b"text\n\n",
    "no text": b"\n" + LINE,
    "a missing final newline": SHORT[:-1],
    "an empty line at the end": SHORT + b"\n",
    "a line that is no signature": SHORT + b"garbage\n",
    "a carriage return": SHORT.replace(b"\n", b"\r\n"),
    "a tab": SHORT.replace(b"text", b"te\txt"),
    "a NUL": SHORT.replace(b"text", b"te\x00xt"),
    "bytes that are not UTF-8": SHORT.replace(b"text", b"te\xffxt"),
    "an encoded surrogate": SHORT.replace(b"text", b"te\xed\xa0\x80xt"),
    "a hyphen instead of an em dash": SHORT.replace("—".encode(), b"-"),
    "two spaces": SHORT.replace(b"foo ", b"foo  "),
    "a space at the end of a line": SHORT.replace(b"=\n", b"= \n"),
    "no key name": SHORT.replace(b"example.com/foo", b""),
    "a plus in the key name": SHORT.replace(b"com/foo", b"com+foo"),
    "a no-break space in the key name": SHORT.replace(b"com/foo", "com\u00a0foo".encode()),
    "an ideographic space in the key name": SHORT.replace(b"com/foo", "com\u3000foo".encode()),
    "a signature of only the key id": SHORT.replace(b"Uw2QOkn8srU=", b"Uw2QOg=="),
    "a signature without padding": SHORT.replace(b"srU=", b"srU"),
    "a signature with stray bits": SHORT.replace(b"srU=", b"srV="),
    "a signature that is no base64": SHORT.replace(b"Uw2Q", b"Uw2!"),
    "over 32 signatures": b"text\n\n" + LINE * 33,
    "over 64 KiB": b"a" * 65536 + b"\n\n" + LINE,
}

NOT_A_KEY = {
    "no text": "",
    "no parts": "example.com",
    "two parts": "example.com+530d903a",
    "an empty name": EXAMPLE_KEY.replace("example.com/foo", ""),
    "a space in the name": EXAMPLE_KEY.replace("com/foo", "com foo"),
    "a newline in the name": EXAMPLE_KEY.replace("com/foo", "com\nfoo"),
    "a lone surrogate in the name": EXAMPLE_KEY.replace("com/foo", "com\udcfffoo"),
    "another name than the id is of": EXAMPLE_KEY.replace("foo", "bar"),
    "another id": EXAMPLE_KEY.replace("530d903a", "530d903b"),
    "an id in upper case": EXAMPLE_KEY.replace("530d903a", "530D903A"),
    "a short id": EXAMPLE_KEY.replace("530d903a", "530d903"),
    "no key": EXAMPLE_KEY[: EXAMPLE_KEY.rindex("+") + 1],
    "a key of 31 bytes": "a+00000000+" + base64.b64encode(bytes([1] + [0] * 31)).decode(),
    "a type that is not supported": "a+00000000+" + base64.b64encode(bytes([2] * 33)).decode(),
    "a newline at the end": EXAMPLE_KEY + "\n",
    "key bytes with stray bits": EXAMPLE_KEY[:-1] + "l",
}


def test_the_example_of_the_specification_verifies() -> None:
    key = parse_vkey(EXAMPLE_KEY)
    note = parse_note(EXAMPLE)
    assert note.text == "This is an example message.\n"
    assert verify_note(note, [key]) == [key]
    assert format_note(note) == EXAMPLE
    assert format_vkey(key) == EXAMPLE_KEY


@pytest.mark.parametrize("place", range(len(EXAMPLE)))
def test_no_byte_of_the_example_can_be_changed(place: int) -> None:
    changed = EXAMPLE[:place] + bytes([EXAMPLE[place] ^ 1]) + EXAMPLE[place + 1 :]
    with pytest.raises(NotVerified):
        verify_note(parse_note(changed), [parse_vkey(EXAMPLE_KEY)])


def test_the_note_that_the_bad_ones_are_made_from_is_good() -> None:
    assert format_note(parse_note(SHORT)) == SHORT
    assert len(parse_note(b"text\n\n" + LINE * 32).signatures) == 32


@pytest.mark.parametrize("name", NOT_A_NOTE)
def test_bytes_that_break_the_grammar_are_no_note(name: str) -> None:
    with pytest.raises(Unreadable, match="note-unreadable"):
        parse_note(NOT_A_NOTE[name])


@pytest.mark.parametrize("name", NOT_A_KEY)
def test_text_that_breaks_the_grammar_is_no_key(name: str) -> None:
    with pytest.raises(Unreadable, match="key-unreadable"):
        parse_vkey(NOT_A_KEY[name])


names = st.text(
    st.characters(exclude_categories=("Z", "C"), exclude_characters="+"), min_size=1, max_size=20
)


@settings(max_examples=50)
@given(names, st.sampled_from([ED25519, COSIGNATURE_V1]), st.binary(min_size=32, max_size=32))
def test_a_key_is_read_back_as_it_was_written(name: str, kind: int, public: bytes) -> None:
    key = verifier_key(name, kind, public)
    assert parse_vkey(format_vkey(key)) == key


texts = st.text(st.characters(exclude_categories=["C"], include_characters="\n"), max_size=40)
lines = st.builds(
    Signature, names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=80)
)


@settings(max_examples=50)
@given(texts, st.lists(lines, min_size=1, max_size=4))
def test_a_note_is_read_back_as_it_was_written(text: str, signatures: list[Signature]) -> None:
    note = Note(text + "\n", tuple(signatures))
    assert parse_note(format_note(note)) == note


NOT_WRITABLE = {
    "a text without final newline": Note("text", BOTH.signatures),
    "no signature": Note("text\n", ()),
    "a control character": Note("te\tt\n", BOTH.signatures),
    "a signature in the name": Note("text\n", (Signature("a b", bytes(4), b"s"),)),
    "a long key id": Note("text\n", (Signature("a", bytes(5), b"s"),)),
}


@pytest.mark.parametrize("name", NOT_WRITABLE)
def test_a_note_that_could_not_be_read_back_is_not_written(name: str) -> None:
    with pytest.raises(Unreadable, match="note-unreadable"):
        format_note(NOT_WRITABLE[name])


def test_the_text_ends_at_the_last_empty_line() -> None:
    assert parse_note(format_note(BOTH)).text == TEXT


def test_each_known_signer_is_returned_and_unknown_ones_are_ignored() -> None:
    assert verify_note(BOTH, [A.key, B.key]) == [A.key, B.key]
    assert verify_note(BOTH, [B.key, signer("c.example", 3).key]) == [B.key]


def test_a_note_without_a_known_signature_is_refused() -> None:
    with pytest.raises(NotVerified) as caught:
        verify_note(BOTH, [signer("c.example", 3).key])
    assert caught.value.code == "signature-missing"


def test_a_key_of_the_same_name_and_another_id_is_unknown() -> None:
    with pytest.raises(NotVerified) as caught:
        verify_note(BOTH, [signer("a.example", 3).key])
    assert caught.value.code == "signature-missing"


def test_a_wrong_signature_of_a_known_key_rejects_the_whole_note() -> None:
    wrong = Signature("b.example", B.key.key_id, A.sign_note(TEXT).signature)
    with pytest.raises(NotVerified) as caught:
        verify_note(Note(TEXT, (BOTH.signatures[0], wrong)), [A.key, B.key])
    assert caught.value.code == "signature-invalid"


@pytest.mark.parametrize("length", [1, 63, 65])
def test_a_signature_of_another_length_is_refused(length: int) -> None:
    wrong = Signature("a.example", A.key.key_id, (BOTH.signatures[0].signature * 2)[:length])
    with pytest.raises(NotVerified):
        verify_note(Note(TEXT, (wrong,)), [A.key])


def test_a_known_key_signs_once() -> None:
    twice = Note(TEXT, (BOTH.signatures[0], BOTH.signatures[0]))
    with pytest.raises(NotVerified) as caught:
        verify_note(twice, [A.key])
    assert caught.value.code == "signature-repeated"


def test_a_cosignature_key_does_not_verify_a_note() -> None:
    key = verifier_key("a.example", COSIGNATURE_V1, A.key.public)
    line = Signature("a.example", key.key_id, A.sign_note(TEXT).signature)
    with pytest.raises(Unreadable, match="key-unreadable"):
        verify_note(Note(TEXT, (line,)), [key])


def test_keys_of_two_types_over_the_same_bytes_have_different_ids() -> None:
    assert verifier_key("a", ED25519, bytes(32)).key_id != verifier_key("a", 4, bytes(32)).key_id


def test_a_signer_gives_the_key_that_verifies_it() -> None:
    assert parse_vkey(A.vkey) == VerifierKey("a.example", A.key.key_id, ED25519, A.key.public)
    assert verify_note(Note(TEXT, (A.sign_note(TEXT),)), [parse_vkey(A.vkey)]) == [A.key]


def test_the_signatures_of_chosen_keys_can_be_kept() -> None:
    assert keep_signatures(BOTH, [B.key]) == Note(TEXT, BOTH.signatures[1:])
    assert find_signature(BOTH, B.key) == BOTH.signatures[1]
    assert find_signature(keep_signatures(BOTH, [B.key]), A.key) is None
