"""Rule of the founding event: leaf 0, from which all authority in a ledger comes.

    {"origin": "pnrr.comune.lecce.it/c_e506", "log_key": "<verifier key>", "approvals": 2,
     "administrators": [{"actor": "...", "kid": "...", "jwk": {...}, "certificate": "<PEM>"}, ...],
     "ca": "<PEM>", "policy": "<SHA-256>", "schemas": "<SHA-256>", "rules": "<SHA-256>"}

Signed by the first administrator; it joins sys/log and actor/<id> of each of them. Their keys are in
force from leaf 0 on. Whether this founding is the right one is not proven by itself: a reader knows
the log key from a policy that comes from outside.

Source: design FORMATS section 4.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ledger.errors import NotVerified
from ledger.signing.certificates import verify_ca
from ledger.signing.envelope import verify
from ledger.signing.key_authority import find_signer
from ledger.signing.key_book import FOUNDED, KeyBook, Term
from ledger.signing.key_data import read_actor, read_count, read_objects, read_text
from ledger.signing.key_effects import Found
from ledger.signing.key_enrolment import read_key
from ledger.signing.key_governance import SYS_LOG
from ledger.signing.key_proposals import check_streams
from ledger.signing.log_key import parse_log_key
from ledger.signing.names import is_origin

if TYPE_CHECKING:
    from ledger.signing.envelope import Envelope
    from ledger.signing.key_data import Data
    from ledger.signing.key_effects import Effect

FOUNDING: Final = "ledger-founded/1"


def judge_founding(book: KeyBook, index: int, envelope: Envelope) -> Effect:
    """Return the effect of ledger-founded/1.

    Raises:
        NotVerified: `founding-misplaced`, when it is not leaf 0 or comes again; `ledger-mismatch`;
            `administrators-too-few`, `key-enrolled`, when two administrators are one; the codes of
            the keys, of the CA, of the log key and of the signature.
        Unreadable: `data-malformed`, `certificate-malformed`.
    """
    if index != 0 or book.origin:
        raise NotVerified(
            "founding-misplaced",
            "Un registro si fonda una volta sola, alla posizione 0: scegliere un'altra cartella"
            " per un nuovo registro.",
        )
    founded = _read_founding(envelope.data)
    if envelope.ledger != founded.origin:
        raise NotVerified(
            "ledger-mismatch",
            f"La registrazione per {envelope.ledger} fonda {founded.origin}: prepararla di nuovo"
            " con una sola origine.",
        )
    check_streams(envelope, *sorted([SYS_LOG, *(f"actor/{a}" for a in founded.terms)]))
    verify(envelope, find_signer(founded, index, envelope).public)
    if envelope.header.kid != next(iter(founded.keys)):
        raise NotVerified(
            "actor-mismatch",
            "Un registro si fonda con la firma del suo primo amministratore: firmare di nuovo con"
            " quella.",
        )
    return Found(founded)


def _read_founding(data: Data) -> KeyBook:
    """Return the book that the founding event opens.

    Raises:
        NotVerified: as `judge_founding`.
        Unreadable: `data-malformed`, `certificate-malformed`.
    """
    book = KeyBook(
        origin=read_text(data, "origin", is_origin),
        approvals=read_count(data, "approvals", 1),
        log_key=read_text(data, "log_key"),
        ca_pem=read_text(data, "ca"),
    )
    parse_log_key(book.log_key, book.origin)
    verify_ca(book.ca_pem, book.origin)
    for item in read_objects(data, "administrators"):
        _enter(book, item)
    if len(book.terms) < book.approvals:
        raise NotVerified(
            "administrators-too-few",
            f"Devono concordare {book.approvals} amministratori, ma sono {len(book.terms)}:"
            " nominarne altri, o chiedere meno approvazioni.",
        )
    return book


def _enter(book: KeyBook, item: Data) -> None:
    """Add a founding administrator to the book.

    Raises:
        NotVerified: `key-enrolled`, when the actor or the key is there already; as `read_key`.
    """
    actor = read_actor(item)
    record = read_key(item, actor, book.ca_pem, 0)
    if actor in book.terms or record.public.kid in book.keys:
        raise NotVerified(
            "key-enrolled",
            f"L'amministratore {actor} o la sua firma compare due volte: correggere l'elenco.",
        )
    book.terms[actor] = (Term(FOUNDED),)
    book.put_key(replace(record, force_at=FOUNDED))
