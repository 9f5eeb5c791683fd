"""Proofs of possession: the golden ones, and what is refused."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from ledger.errors import NotVerified
from ledger.signing.possession import build_possession, verify_possession
from tests.ledger.signing.signing_kit import (
    ACTOR,
    IAT,
    NONCE,
    ORIGIN,
    VECTORS,
    actor_id,
    golden,
    join,
    p256_signer,
    vector_signer,
)

SIGNER = vector_signer("ES256")
TEXT = build_possession(SIGNER, ACTOR, ORIGIN, NONCE, IAT)
HEADER, PAYLOAD = (
    json.loads(base64.urlsafe_b64decode(part + "==")) for part in TEXT.split(".")[:2]
)


def signed(header: dict[str, Any], payload: dict[str, Any]) -> str:
    """Return a proof with other members, rightly signed."""
    parts = [
        json.dumps(
            {k: v for k, v in part.items() if v is not None}, separators=(",", ":"), sort_keys=True
        )
        for part in (header, payload)
    ]
    to_sign = join(*(part.encode() for part in parts))
    return (to_sign + b"." + join(SIGNER.sign(to_sign))).decode()


@pytest.mark.parametrize("alg", ["ES256", "EdDSA", "RS256"])
def test_the_golden_proof_is_made_again_and_verifies(alg: str) -> None:
    signer = vector_signer(alg)
    text = (VECTORS / f"{alg.lower()}.possession").read_text()
    assert build_possession(signer, ACTOR, ORIGIN, NONCE, IAT) == text
    verify_possession(text, signer.jwk(), ACTOR, ORIGIN)


def test_the_members_are_those_of_the_format() -> None:
    assert signed(HEADER, PAYLOAD) == TEXT
    assert sorted(HEADER) == ["alg", "cty", "iat", "kid", "typ"]
    assert sorted(PAYLOAD) == ["actor", "kid", "ledger", "nonce"]


BAD: dict[str, tuple[str, str]] = {
    "empty": ("", "jws-malformed"),
    "not ASCII": (TEXT + "è", "jws-malformed"),
    "a lone surrogate": (TEXT + "\ud800", "jws-malformed"),
    "an event": (golden("ES256").decode(), "member-unknown"),
    "another content type": (signed(HEADER | {"cty": "x"}, PAYLOAD), "member-malformed"),
    "a further header": (signed(HEADER | {"jwk": {}}, PAYLOAD), "member-unknown"),
    "no time": (signed(HEADER | {"iat": None}, PAYLOAD), "member-missing"),
    "no nonce": (signed(HEADER, PAYLOAD | {"nonce": None}), "member-missing"),
    "a further member": (signed(HEADER, PAYLOAD | {"x": 1}), "member-unknown"),
    "another actor": (signed(HEADER, PAYLOAD | {"actor": actor_id("b")}), "possession-mismatch"),
    "another ledger": (signed(HEADER, PAYLOAD | {"ledger": "x"}), "possession-mismatch"),
    "another key in the payload": (
        signed(HEADER, PAYLOAD | {"kid": p256_signer("b").kid}),
        "possession-mismatch",
    ),
    "another key in the header": (
        signed(HEADER | {"kid": p256_signer("b").kid}, PAYLOAD),
        "possession-mismatch",
    ),
    "another algorithm": (signed(HEADER | {"alg": "EdDSA"}, PAYLOAD), "algorithm-mismatch"),
    "a signature of nobody": (TEXT.rpartition(".")[0] + "." + "A" * 86, "signature-invalid"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_proof_is_refused(name: str) -> None:
    text, code = BAD[name]
    with pytest.raises(NotVerified) as caught:
        verify_possession(text, SIGNER.jwk(), ACTOR, ORIGIN)
    assert caught.value.code == code


def test_a_proof_of_another_key_is_refused() -> None:
    with pytest.raises(NotVerified, match="possession-mismatch"):
        verify_possession(TEXT, p256_signer("b").jwk(), ACTOR, ORIGIN)
