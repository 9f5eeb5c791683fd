"""Public keys as JWK, thumbprints, and signatures of the three algorithms."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa, x25519

from ledger.errors import NotVerified
from ledger.signing.algorithms import (
    ed25519_public,
    format_jwk,
    is_signature_length,
    parse_jwk,
    public_key_of,
    sign_ed25519,
    thumbprint,
    verify_ed25519,
    verify_signature,
)
from ledger.signing.octets import format_base64url
from tests.ledger.signing.signing_kit import vector_signer

ALGORITHMS = ("ES256", "EdDSA", "RS256")
P256_X = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
P256_Y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
P256 = {"crv": "P-256", "kty": "EC", "x": P256_X, "y": P256_Y}
ED25519_X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
ED25519 = {"crv": "Ed25519", "kty": "OKP", "x": ED25519_X}
RSA_N = vector_signer("RS256").jwk()["n"]
RSA = {"e": "AQAB", "kty": "RSA", "n": RSA_N}
RFC_7638_N = (
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECP"
    "ebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY"
    "368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0f"
    "M4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
)


def number(value: int) -> str:
    """Return the JWK text of a positive number."""
    return format_base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


@pytest.mark.parametrize("jwk", [P256, ED25519, RSA])
def test_a_jwk_comes_back_from_its_key(jwk: dict[str, str]) -> None:
    key = parse_jwk(jwk)
    assert format_jwk(key) == jwk
    assert key.kid == thumbprint(jwk)


def test_the_thumbprints_of_the_standards_are_reproduced() -> None:
    rfc_7638 = parse_jwk({"e": "AQAB", "kty": "RSA", "n": RFC_7638_N})
    assert rfc_7638.kid == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    assert parse_jwk(ED25519).kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


MALFORMED: dict[str, dict[str, object]] = {
    "no kty": {"crv": "P-256", "x": P256_X, "y": P256_Y},
    "unknown kty": {**P256, "kty": "oct"},
    "kty of another type": {**P256, "kty": ["EC"]},
    "a member too many": {**P256, "use": "sig"},
    "a private member": {**ED25519, "d": ED25519_X},
    "a missing member": {"crv": "P-256", "kty": "EC", "x": P256_X},
    "a null member": {**ED25519, "y": None},
    "another curve": {**P256, "crv": "P-384"},
    "another Edwards curve": {**ED25519, "crv": "Ed448"},
    "a number that is no text": {**ED25519, "x": 5},
    "a short coordinate": {**P256, "x": P256_X[:-2]},
    "a padded coordinate": {**P256, "x": P256_X + "="},
    "unused bits in a coordinate": {**P256, "x": P256_X[:-1] + "V"},
    "an RSA modulus with a leading zero": {**RSA, "n": "AA" + RSA_N},
    "an empty RSA exponent": {**RSA, "e": ""},
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_jwk_is_refused(name: str) -> None:
    with pytest.raises(NotVerified) as caught:
        parse_jwk(MALFORMED[name])
    assert caught.value.code in {"jwk-malformed", "base64url-not-canonical", "wrong-length"}


UNSOUND: dict[str, dict[str, str]] = {
    "a P-256 point off the curve": {**P256, "y": P256_X},
    "the P-256 point (0, 0)": {**P256, "x": "A" * 43, "y": "A" * 43},
    "an Ed25519 point of order 1": {**ED25519, "x": number(1 << 248)},
    "an Ed25519 point of order 4": {**ED25519, "x": "A" * 43},
    "an Ed25519 encoding with y = p": {
        **ED25519,
        "x": format_base64url(b"\xed" + b"\xff" * 30 + b"\x7f"),
    },
    "RSA of 2047 bits": {**RSA, "n": number((1 << 2046) + 1)},
    "RSA of 8193 bits": {**RSA, "n": number((1 << 8192) + 1)},
    "an even RSA modulus": {**RSA, "n": number(1 << 2047)},
    "an RSA modulus with a small factor": {**RSA, "n": number(3 * ((1 << 2048) // 3))},
    "RSA exponent 3": {**RSA, "e": number(3)},
    "an even RSA exponent": {**RSA, "e": number(65538)},
    "a huge RSA exponent": {**RSA, "e": number((1 << 64) + 1)},
}


@pytest.mark.parametrize("name", UNSOUND)
def test_an_unsound_key_is_refused_at_enrolment(name: str) -> None:
    with pytest.raises(NotVerified) as caught:
        parse_jwk(UNSOUND[name])
    assert caught.value.code == "key-unsound"


@pytest.mark.parametrize(
    "raw",
    [
        x25519.X25519PrivateKey.from_private_bytes(bytes(32)).public_key(),
        ec.derive_private_key(5, ec.SECP256K1()).public_key(),
        rsa.RSAPublicNumbers(3, (1 << 2048) - 159).public_key(),
        b"key",
    ],
)
def test_a_key_of_another_kind_is_refused(raw: object) -> None:
    with pytest.raises(NotVerified, match="key-unsound"):
        public_key_of(raw)


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_a_signature_verifies_and_any_other_message_or_key_does_not(alg: str) -> None:
    signer = vector_signer(alg)
    key, signature = parse_jwk(signer.jwk()), signer.sign(b"message")
    assert signer.sign(b"message") == signature
    assert is_signature_length(alg, len(signature))
    verify_signature(key, alg, signature, b"message")
    other = parse_jwk({"ES256": P256, "EdDSA": ED25519}.get(alg, {**RSA, "n": RFC_7638_N}))
    for judge, given, message in (
        (key, signature, b"messagE"),
        (other, signature, b"message"),
        (key, signature[:-1], b"message"),
        (key, signature + b"\0", b"message"),
        (key, bytes(len(signature)), b"message"),
        (key, b"", b"message"),
    ):
        with pytest.raises(NotVerified, match="signature-invalid"):
            verify_signature(judge, alg, given, message)


@pytest.mark.parametrize("alg", ALGORITHMS)
@pytest.mark.parametrize("said", [*ALGORITHMS, "none", "HS256"])
def test_a_signature_under_another_algorithm_is_refused(alg: str, said: str) -> None:
    signer: Any = vector_signer(alg)
    if alg != said:
        with pytest.raises(NotVerified, match="algorithm-mismatch"):
            verify_signature(signer.public, said, signer.sign(b"m"), b"m")


def test_ed25519_signs_as_in_rfc_8032() -> None:
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    signature = sign_ed25519(seed, b"")
    assert signature.hex().startswith(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
    )
    verify_ed25519(ed25519_public(seed), signature, b"")
    with pytest.raises(NotVerified, match="signature-invalid"):
        verify_ed25519(ed25519_public(seed), signature, b"x")


def test_ed25519_with_a_low_order_key_verifies_nothing() -> None:
    neutral = (1).to_bytes(32, "little")
    with pytest.raises(NotVerified, match="key-unsound"):
        verify_ed25519(neutral, neutral + bytes(32), b"any message")


def test_lengths_of_signatures_are_exact() -> None:
    assert [is_signature_length("ES256", n) for n in (63, 64, 65)] == [False, True, False]
    assert [is_signature_length("RS256", n) for n in (255, 256, 1024, 1025)] == [
        False,
        True,
        True,
        False,
    ]
