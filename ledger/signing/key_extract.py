"""What of the key directory judges the events of a few keys, in a form that goes to other processes.

    extract = extract_keys(book, {"<kid>", ...})
    book_of(extract)            a book that answers for events signed by these keys, as the whole one

Keys of the library cannot be sent; a JWK can. The book that comes out is for asking who could sign
and in which role; it knows no proposals, and no event is folded into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ledger.signing.algorithms import format_jwk, parse_jwk
from ledger.signing.key_book import Adopted, Grant, KeyBook, KeyRecord, Term

if TYPE_CHECKING:
    from collections.abc import Collection

    from ledger.signing.algorithms import PublicKey


@dataclass(frozen=True, slots=True)
class KeyPlaces:
    """A key record with its key as the members of its JWK; the other fields as in `KeyRecord`."""

    actor: str
    jwk: tuple[tuple[str, str], ...]
    certificate_digest: bytes
    enrolled_at: int
    force_at: int | None
    revoked_at: int | None


@dataclass(frozen=True, slots=True)
class KeyExtract:
    """Keys, and the roles and terms of their actors."""

    origin: str
    keys: tuple[KeyPlaces, ...]
    grants: dict[str, tuple[Grant, ...]]
    terms: dict[str, tuple[Term, ...]]
    adopted: tuple[Adopted, ...] = ()


def extract_keys(book: KeyBook, kids: Collection[str]) -> KeyExtract:
    """Return what the book knows of those keys that it knows."""
    records = [book.keys[kid] for kid in sorted(kids) if kid in book.keys]
    actors = {record.actor for record in records}
    return KeyExtract(
        origin=book.origin,
        keys=tuple(_places(record) for record in records),
        grants={actor: book.grants[actor] for actor in actors if actor in book.grants},
        terms={actor: book.terms[actor] for actor in actors if actor in book.terms},
        adopted=book.adopted,
    )


def book_of(extract: KeyExtract) -> KeyBook:
    """Return the book of an extract."""
    book = KeyBook(
        origin=extract.origin,
        grants=dict(extract.grants),
        terms=dict(extract.terms),
        adopted=extract.adopted,
    )
    for places in extract.keys:
        book.put_key(_record(places))
    return book


def _places(record: KeyRecord) -> KeyPlaces:
    return KeyPlaces(
        actor=record.actor,
        jwk=tuple(sorted(format_jwk(record.public).items())),
        certificate_digest=record.certificate_digest,
        enrolled_at=record.enrolled_at,
        force_at=record.force_at,
        revoked_at=record.revoked_at,
    )


def _record(places: KeyPlaces) -> KeyRecord:
    return KeyRecord(
        actor=places.actor,
        public=_public(places.jwk),
        certificate_pem="",
        certificate_digest=places.certificate_digest,
        enrolled_at=places.enrolled_at,
        force_at=places.force_at,
        revoked_at=places.revoked_at,
    )


@lru_cache(maxsize=4096)
def _public(jwk: tuple[tuple[str, str], ...]) -> PublicKey:
    """Return the key of a JWK; remembered, since a process judges many ranges."""
    return parse_jwk(dict(jwk))
