"""Proof of possession: a new key signs for itself that it belongs to an actor of one ledger.

    header    {"alg":"ES256","cty":"pista-possession+json","iat":1790000000,"kid":"<thumbprint>",
               "typ":"JOSE"}
    payload   {"actor":"<26 characters>","kid":"<thumbprint>","ledger":"<origin>",
               "nonce":"<16 bytes, base64url>"}

A compact JWS, nested as text in the event that enrols the key, or rotates to it. It is made before
the key has a certificate, so the header has none. It keeps an administrator from enrolling, under a
name of their own, a key that somebody else holds.

Source: design FORMATS section 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ledger.errors import NotVerified
from ledger.signing.algorithms import ALGORITHMS, parse_jwk, verify_signature
from ledger.signing.grammar import check_members, is_nonce, is_thumbprint, is_time
from ledger.signing.jws import JOSE, format_jws, format_signing_input, parse_jws
from ledger.signing.octets import format_base64url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.signing.grammar import Predicate
    from ledger.signing.signer import Signer

CONTENT_TYPE: Final = "pista-possession+json"

_HEADER: Final[Mapping[str, Predicate]] = {
    "alg": lambda value: isinstance(value, str) and value in ALGORITHMS,
    "cty": lambda value: value == CONTENT_TYPE,
    "iat": is_time,
    "kid": is_thumbprint,
    "typ": lambda value: value == JOSE,
}
_PAYLOAD: Final[Mapping[str, Predicate]] = {
    "actor": lambda value: isinstance(value, str),
    "kid": is_thumbprint,
    "ledger": lambda value: isinstance(value, str),
    "nonce": is_nonce,
}


def build_possession(signer: Signer, actor: str, ledger: str, nonce: bytes, iat: int) -> str:
    """Return the compact JWS by which a key claims an actor; nonce of 16 bytes, iat in seconds."""
    header: dict[str, Any] = {
        "alg": signer.alg,
        "cty": CONTENT_TYPE,
        "iat": iat,
        "kid": signer.kid,
        "typ": JOSE,
    }
    payload = {
        "actor": actor,
        "kid": signer.kid,
        "ledger": ledger,
        "nonce": format_base64url(nonce),
    }
    signing_input = format_signing_input(header, payload)
    return format_jws(signing_input, signer.sign(signing_input)).decode("ascii")


def verify_possession(text: str, jwk: Mapping[str, object], actor: str, ledger: str) -> None:
    """Accept a proof that the holder of a key claims this actor in this ledger.

    Raises:
        NotVerified: `possession-mismatch`, when it is for another key, actor or ledger;
            `algorithm-mismatch`, `signature-invalid`; `jwk-malformed`, `key-unsound`.
        Unreadable: when its grammar is broken (jws.py, grammar.py).
    """
    key = parse_jwk(jwk)
    parts = parse_jws(text.encode("utf-8", "surrogatepass"))
    check_members(parts.header, _HEADER, frozenset(), "nell'intestazione della prova di possesso")
    check_members(parts.payload, _PAYLOAD, frozenset(), "nel contenuto della prova di possesso")
    claimed = {**parts.payload, "header": parts.header["kid"]}
    claimed.pop("nonce")
    if claimed != {"actor": actor, "kid": key.kid, "ledger": ledger, "header": key.kid}:
        raise NotVerified(
            "possession-mismatch",
            f"La prova di possesso non è per la chiave {key.kid}, la persona {actor}, il registro"
            f" {ledger}: farne una nuova con questa chiave.",
        )
    verify_signature(key, parts.header["alg"], parts.signature, parts.signing_input)
