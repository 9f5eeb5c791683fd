"""Reading a key from the event that brings it: thumbprint, certificate, proof of possession.

    {"actor": "...", "kid": "<thumbprint>", "jwk": {...}, "certificate": "<PEM>",
     "possession": "<compact JWS by the new key>"}

A key is enrolled once in the life of a ledger, also when it was revoked since; so a kid means one
key of one actor for ever. The certificate is issued by the CA in force at that leaf.

Source: design FORMATS section 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.errors import NotVerified
from ledger.signing.algorithms import parse_jwk
from ledger.signing.certificates import certificate_digest, verify_issued
from ledger.signing.key_book import KeyRecord
from ledger.signing.key_data import read_kid, read_object, read_text
from ledger.signing.possession import verify_possession

if TYPE_CHECKING:
    from ledger.signing.key_book import KeyBook
    from ledger.signing.key_data import Data


def read_key(data: Data, actor: str, ca_pem: str, index: int) -> KeyRecord:
    """Return the record of a sound key whose certificate the CA issued for this actor.

    Raises:
        NotVerified: `kid-mismatch`, when kid is not the thumbprint of jwk; `jwk-malformed`,
            `key-unsound`; `certificate-mismatch`.
        Unreadable: `data-malformed`, `certificate-malformed`.
    """
    jwk, certificate = read_object(data, "jwk"), read_text(data, "certificate")
    public = parse_jwk(jwk)
    if read_kid(data) != public.kid:
        raise NotVerified(
            "kid-mismatch",
            f"{data['kid']} non è l'impronta della chiave, che è {public.kid}: correggere la"
            " richiesta di abilitazione.",
        )
    verify_issued(certificate, ca_pem, jwk, actor)
    return KeyRecord(actor, public, certificate, certificate_digest(certificate), index)


def read_new_key(book: KeyBook, index: int, data: Data, actor: str) -> KeyRecord:
    """Return the record of a key that is new to the ledger and whose holder claims this actor.

    Raises:
        NotVerified: `key-enrolled`; `possession-mismatch`, `signature-invalid`; as `read_key`.
        Unreadable: as `read_key`.
    """
    record = read_key(data, actor, book.ca_pem, index)
    if record.public.kid in book.keys:
        raise NotVerified(
            "key-enrolled", f"La firma {record.public.kid} è già abilitata: farne un'altra."
        )
    verify_possession(read_text(data, "possession"), read_object(data, "jwk"), actor, book.origin)
    return record
