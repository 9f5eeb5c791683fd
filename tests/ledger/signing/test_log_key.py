"""The verifier key of a log."""

from __future__ import annotations

import hashlib

import pytest

from ledger.errors import NotVerified
from ledger.signing.algorithms import parse_jwk
from ledger.signing.log_key import format_log_key, log_key_jwk, parse_log_key
from ledger.signing.octets import format_base64
from tests.ledger.signing.signing_kit import LOG_PUBLIC, ORIGIN

EXAMPLE = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
TEXT = format_log_key(ORIGIN, LOG_PUBLIC)


def cosigner_key() -> str:
    """Return a verifier key of type 0x04, which signs cosignatures and no log."""
    key = b"\x04" + LOG_PUBLIC
    key_id = hashlib.sha256(ORIGIN.encode() + b"\n" + key).hexdigest()[:8]
    return f"{ORIGIN}+{key_id}+{format_base64(key)}"


def test_the_key_of_the_specification_is_read_and_written() -> None:
    public = parse_log_key(EXAMPLE, "example.com/foo")
    assert format_log_key("example.com/foo", public) == EXAMPLE
    assert parse_jwk(log_key_jwk(public)).alg == "EdDSA"


BAD = {
    "empty": "",
    "the key of another log": EXAMPLE,
    "another key id": TEXT.replace("+", "+0", 1),
    "a key id in upper case": f"{ORIGIN}+{TEXT.split('+', 2)[1].upper()}+{TEXT.split('+', 2)[2]}",
    "no padding where none belongs": TEXT + "=",
    "another type of key": cosigner_key(),
    "a key of small order": format_log_key(ORIGIN, (1).to_bytes(32, "little")),
}


@pytest.mark.parametrize("name", BAD)
def test_a_text_that_is_no_key_of_this_log_is_refused(name: str) -> None:
    with pytest.raises(NotVerified) as caught:
        parse_log_key(BAD[name], ORIGIN)
    assert caught.value.code in {
        "log-key-malformed",
        "key-unsound",
        "base64-not-canonical",
        "wrong-length",
    }
