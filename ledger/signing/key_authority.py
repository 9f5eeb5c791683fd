"""Who signs: the key that a header names, in force at a place in the log, and its actor.

    key-unknown             no event before this place enrols the key
    key-not-yet-in-force    it waits for approval, or takes force at this leaf or a later one
    key-revoked             it was revoked, or rotated away, before this leaf
    algorithm-mismatch      the header says another algorithm than the key's
    certificate-mismatch    x5t#S256 is not the digest of the key's certificate
    actor-mismatch          the payload names another actor than the key's

Validity goes by place in the log, never by clock. Source: design FORMATS section 4, "Keys".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.errors import NotVerified

if TYPE_CHECKING:
    from ledger.signing.envelope import Envelope
    from ledger.signing.key_book import KeyBook, KeyRecord


def find_signer(book: KeyBook, index: int, envelope: Envelope) -> KeyRecord:
    """Return the key that signs an envelope at a place; its signature is not verified here.

    Raises:
        NotVerified: with one of the codes listed above.
    """
    kid = envelope.header.kid
    record = book.keys.get(kid)
    if record is None:
        raise NotVerified(
            "key-unknown",
            f"La firma {kid} non è abilitata prima della posizione {index}: chiederne"
            " l'abilitazione a un amministratore, poi firmare di nuovo.",
        )
    if record.revoked_at is not None and record.revoked_at < index:
        raise NotVerified(
            "key-revoked",
            f"La firma {kid} è disattivata dalla posizione {record.revoked_at}, non può firmare la"
            f" {index}: usare una firma abilitata.",
        )
    if record.force_at is None or record.force_at >= index:
        raise NotVerified(
            "key-not-yet-in-force",
            f"La firma {kid} non è ancora in vigore alla posizione {index}: attendere che gli"
            " amministratori la approvino, poi firmare di nuovo.",
        )
    _check_names(record, envelope)
    return record


def check_administrator(book: KeyBook, index: int, envelope: Envelope) -> None:
    """Accept an envelope whose actor is an administrator at its place.

    Raises:
        NotVerified: `not-administrator`.
    """
    if not book.is_administrator(envelope.actor, index):
        raise NotVerified(
            "not-administrator",
            f"{envelope.type} spetta agli amministratori, e {envelope.actor} non lo è alla"
            f" posizione {index}: chiederlo a un amministratore.",
        )


def _check_names(record: KeyRecord, envelope: Envelope) -> None:
    """Accept an envelope that names the algorithm, certificate and actor of its key.

    Raises:
        NotVerified: `algorithm-mismatch`, `certificate-mismatch`, `actor-mismatch`.
    """
    header = envelope.header
    for code, same, what in (
        ("algorithm-mismatch", header.alg == record.public.alg, "l'algoritmo"),
        (
            "certificate-mismatch",
            header.certificate_digest == record.certificate_digest,
            "il certificato",
        ),
        ("actor-mismatch", envelope.actor == record.actor, "la persona"),
    ):
        if not same:
            raise NotVerified(
                code,
                f"La registrazione {envelope.id} non nomina {what} della firma {header.kid}:"
                " prepararla di nuovo e firmarla.",
            )
