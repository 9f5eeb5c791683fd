"""The three signature algorithms, and public keys as JWK.

    ES256    P-256 and SHA-256, signature r || s, 64 bytes            {"crv":"P-256","kty":"EC","x":..,"y":..}
    EdDSA    Ed25519, 64 bytes                                        {"crv":"Ed25519","kty":"OKP","x":..}
    RS256    RSA PKCS #1 v1.5 and SHA-256, as long as the modulus     {"e":"AQAB","kty":"RSA","n":..}

A JWK has exactly the members that its thumbprint covers. `parse_jwk` is the enrolment check: what it
returns is a key of a sound group, so that its holder cannot deny what it signed. A key knows its
algorithm; a signature under another name of algorithm is refused before any arithmetic.

The thumbprint (`kid`) is reproduced by

    printf '{"crv":"Ed25519","kty":"OKP","x":"..."}' | openssl dgst -sha256 -binary | basenc --base64url

Source: RFC 7515, 7517, 7518 sections 3.3, 3.4 and 6, 7638, 8032, 8037; NIST SP 800-89 section 5.3.3
(RSA); design FORMATS section 4.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledger.errors import NotVerified
from ledger.signing.canonical import encode_signed
from ledger.signing.edwards25519 import is_sound_key
from ledger.signing.octets import format_base64url, parse_base64url

if TYPE_CHECKING:
    from collections.abc import Mapping

ES256: Final = "ES256"
EDDSA: Final = "EdDSA"
RS256: Final = "RS256"
ALGORITHMS: Final = frozenset({ES256, EDDSA, RS256})

MIN_RSA_BITS: Final = 2048
MAX_RSA_BITS: Final = 8192
MIN_RSA_EXPONENT: Final = 65537
MAX_RSA_EXPONENT: Final = 2**32 - 1

_COORDINATE_BYTES: Final = 32
_SMALL_PRIMES: Final = math.prod(
    n for n in range(2, 752) if all(n % factor for factor in range(2, n))
)

RawKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A sound public key: its algorithm, its thumbprint (43 characters), the key of the library."""

    alg: str
    kid: str
    raw: RawKey


def parse_jwk(jwk: Mapping[str, object]) -> PublicKey:
    """Return the public key of a JWK with strict members; this is the check at enrolment.

    Raises:
        NotVerified: `jwk-malformed`, when members are missing, unknown or not canonical;
            `key-unsound`, when the key is not of a sound group: P-256 point off the curve, Ed25519
            not canonical or not of prime order, RSA below 2048 bits or with a bad exponent.
    """
    readers = {"EC": _parse_ec, "OKP": _parse_okp, "RSA": _parse_rsa}
    kind = jwk.get("kty")
    reader = readers.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise NotVerified(
            "jwk-malformed",
            f"Il campo kty di una JWK è EC, OKP o RSA, non {kind!r}: correggerlo.",
        )
    return public_key_of(reader(jwk))


def public_key_of(raw: object) -> PublicKey:
    """Return the public key for a key of the library, when it is sound.

    Raises:
        NotVerified: `key-unsound`; also for a kind of key or a curve that is none of the three.
    """
    sound = check_public_key(raw)
    return PublicKey(alg=_algorithm_of(sound), kid=thumbprint(_format_raw(sound)), raw=sound)


def format_jwk(key: PublicKey) -> dict[str, str]:
    """Return the JWK with the members of the thumbprint alone, in sorted order."""
    return _format_raw(key.raw)


def thumbprint(jwk: Mapping[str, str]) -> str:
    """Return the RFC 7638 SHA-256 thumbprint of a JWK that has no optional members."""
    return format_base64url(hashlib.sha256(encode_signed(dict(jwk))).digest())


def check_public_key(raw: object) -> RawKey:
    """Return a key of the library, when it is sound.

    The library itself refuses P-256 points that are off the curve.

    Raises:
        NotVerified: `key-unsound`, saying what is wrong with it.
    """
    if isinstance(raw, rsa.RSAPublicKey):
        _check_rsa(raw.public_numbers())
        return raw
    if isinstance(raw, ed25519.Ed25519PublicKey):
        _check_ed25519(raw.public_bytes(Encoding.Raw, PublicFormat.Raw))
        return raw
    if isinstance(raw, ec.EllipticCurvePublicKey) and isinstance(raw.curve, ec.SECP256R1):
        return raw
    raise NotVerified("key-unsound", "La chiave non è P-256, Ed25519 o RSA: farne un'altra.")


def verify_signature(key: PublicKey, alg: str, signature: bytes, message: bytes) -> None:
    """Accept a signature over a message by a key whose algorithm is `alg`.

    Raises:
        NotVerified: `algorithm-mismatch`, when the key is of another algorithm;
            `signature-invalid`.
    """
    if alg != key.alg:
        raise NotVerified(
            "algorithm-mismatch",
            f"La chiave {key.kid} è {key.alg}, l'intestazione dice {alg}: firmare di nuovo.",
        )
    try:
        _verify_raw(key.raw, signature, message)
    except InvalidSignature as error:
        raise NotVerified(
            "signature-invalid",
            f"La firma non è della chiave {key.kid} su questi byte: prenderli all'origine.",
        ) from error


def verify_ed25519(public: bytes, signature: bytes, message: bytes) -> None:
    """Accept an Ed25519 signature (64 bytes) by a public key of 32 bytes, as notes carry it.

    Raises:
        NotVerified: `key-unsound`; `signature-invalid`.
    """
    _check_ed25519(public)
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature as error:
        raise NotVerified(
            "signature-invalid",
            f"La firma su questi byte non è di {format_base64url(public)}: prenderli all'origine.",
        ) from error


def sign_ed25519(seed: bytes, message: bytes) -> bytes:
    """Return the Ed25519 signature (64 bytes) by a private key given as its seed of 32 bytes."""
    return ed25519.Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def ed25519_public(seed: bytes) -> bytes:
    """Return the public key (32 bytes) of a private key given as its seed of 32 bytes."""
    private = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
    return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def is_signature_length(alg: str, length: int) -> bool:
    """Tell whether a signature of an algorithm can have so many bytes."""
    if alg == RS256:
        return MIN_RSA_BITS // 8 <= length <= MAX_RSA_BITS // 8
    return length == 2 * _COORDINATE_BYTES


def _verify_raw(raw: RawKey, signature: bytes, message: bytes) -> None:
    """Verify with the library; ES256 signatures are r || s, the library wants DER."""
    if isinstance(raw, rsa.RSAPublicKey):
        raw.verify(signature, message, padding.PKCS1v15(), SHA256())
    elif isinstance(raw, ed25519.Ed25519PublicKey):
        raw.verify(signature, message)
    elif len(signature) != 2 * _COORDINATE_BYTES:
        raise InvalidSignature
    else:
        r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
        raw.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))


def _algorithm_of(raw: RawKey) -> str:
    """Return the one algorithm that a kind of key signs with."""
    if isinstance(raw, rsa.RSAPublicKey):
        return RS256
    return EDDSA if isinstance(raw, ed25519.Ed25519PublicKey) else ES256


@lru_cache(maxsize=4096)
def _check_ed25519(public: bytes) -> None:
    """Accept 32 bytes that are a sound Ed25519 key; remembered, since it takes milliseconds.

    Raises:
        NotVerified: `key-unsound`.
    """
    if not is_sound_key(public):
        raise NotVerified(
            "key-unsound",
            f"{public.hex()} non è una chiave Ed25519 di ordine primo: farne un'altra.",
        )


def _check_rsa(numbers: rsa.RSAPublicNumbers) -> None:
    """Accept an RSA key that passes the partial validation of NIST SP 800-89 5.3.3.

    Raises:
        NotVerified: `key-unsound`.
    """
    if not MIN_RSA_BITS <= numbers.n.bit_length() <= MAX_RSA_BITS:
        fault = f"il modulo ha {numbers.n.bit_length()} bit"
    elif math.gcd(numbers.n, _SMALL_PRIMES) != 1:
        fault = "il modulo ha un fattore piccolo"
    elif numbers.e % 2 == 0 or not MIN_RSA_EXPONENT <= numbers.e <= MAX_RSA_EXPONENT:
        fault = f"l'esponente è {numbers.e}"
    else:
        return
    raise NotVerified(
        "key-unsound",
        f"La chiave RSA non va: {fault}. Usare da {MIN_RSA_BITS} a {MAX_RSA_BITS} bit e 65537.",
    )


def _parse_ec(jwk: Mapping[str, object]) -> RawKey:
    """Return the P-256 key of a JWK (RFC 7518 6.2)."""
    x, y = (_octets(jwk, name, ("crv", "kty", "x", "y"), "P-256") for name in ("x", "y"))
    try:
        return ec.EllipticCurvePublicNumbers(
            int.from_bytes(x, "big"), int.from_bytes(y, "big"), ec.SECP256R1()
        ).public_key()
    except ValueError as error:
        raise NotVerified(
            "key-unsound", "Il punto non è sulla curva P-256: fare un'altra chiave."
        ) from error


def _parse_okp(jwk: Mapping[str, object]) -> RawKey:
    """Return the Ed25519 key of a JWK (RFC 8037)."""
    public = _octets(jwk, "x", ("crv", "kty", "x"), "Ed25519")
    return ed25519.Ed25519PublicKey.from_public_bytes(public)


def _parse_rsa(jwk: Mapping[str, object]) -> RawKey:
    """Return the RSA key of a JWK (RFC 7518 6.3); numbers without leading zero bytes."""
    texts = [_octets(jwk, name, ("e", "kty", "n"), None) for name in ("e", "n")]
    if any(not octets or octets[0] == 0 for octets in texts):
        raise NotVerified(
            "jwk-malformed",
            "I numeri della chiave RSA mancano o cominciano con zero: scriverli di nuovo.",
        )
    numbers = rsa.RSAPublicNumbers(*(int.from_bytes(octets, "big") for octets in texts))
    _check_rsa(numbers)
    return numbers.public_key()


def _octets(
    jwk: Mapping[str, object], name: str, members: tuple[str, ...], curve: str | None
) -> bytes:
    """Return one number of a JWK that has exactly these members and this curve.

    Raises:
        NotVerified: `jwk-malformed`.
    """
    text = jwk.get(name)
    if tuple(sorted(jwk)) != members or jwk.get("crv") != curve or not isinstance(text, str):
        raise NotVerified(
            "jwk-malformed",
            f"Una JWK di questo tipo ha i soli campi {', '.join(members)}: scriverla così.",
        )
    return parse_base64url(text, None if curve is None else _COORDINATE_BYTES)


def _format_raw(raw: RawKey) -> dict[str, str]:
    """Return the JWK of a key of the library."""
    if isinstance(raw, rsa.RSAPublicKey):
        numbers = raw.public_numbers()
        return {"e": _format_number(numbers.e), "kty": "RSA", "n": _format_number(numbers.n)}
    if isinstance(raw, ed25519.Ed25519PublicKey):
        octets = raw.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return {"crv": "Ed25519", "kty": "OKP", "x": format_base64url(octets)}
    point = raw.public_numbers()
    x, y = (format_base64url(n.to_bytes(_COORDINATE_BYTES, "big")) for n in (point.x, point.y))
    return {"crv": "P-256", "kty": "EC", "x": x, "y": y}


def _format_number(number: int) -> str:
    """Return a positive number as base64url of its big-endian bytes, as few as hold it."""
    return format_base64url(number.to_bytes((number.bit_length() + 7) // 8, "big"))
