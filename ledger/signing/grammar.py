"""The grammar of an envelope's header and payload, member by member.

    header     alg cty iat kid typ x5t#S256                                exactly these
    payload    v id ledger type streams basis actor role occurred_on
               claimed_at data objects nonce, and perhaps reason, corrects
    streams[]  name seq prev        basis  size root       objects[]  name commit size media_type

Each member has one predicate; what it says false to is refused by name. The grammar knows nothing of
what events mean: the form of `data` is judged by the schema of its type.

Source: design FORMATS section 1; ETSI TS 119 182-1 (JAdES) section 5.1 (header, `iat`).
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from ledger.errors import Unreadable
from ledger.signing.algorithms import ALGORITHMS
from ledger.signing.jws import JOSE
from ledger.signing.names import (
    is_actor,
    is_date,
    is_event_id,
    is_event_type,
    is_file_name,
    is_media_type,
    is_origin,
    is_role,
    is_stream_name,
)
from ledger.signing.octets import format_base64

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Predicate = Callable[[Any], bool]

CONTENT_TYPE: Final = "pista-event+json"
MAX_STREAMS: Final = 500
MAX_CORRECTED: Final = 500
MAX_OBJECTS: Final = 500
EMPTY_ROOT: Final = format_base64(hashlib.sha256(b"").digest())

# The one text of 32 bytes has 42 free characters and a last one whose two unused bits are zero; that
# of 16 bytes 21, and four unused bits.
_DIGEST: Final = re.compile(r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=")
_THUMBPRINT: Final = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")
_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]")
_LAST_SECOND: Final = 253402300799  # 9999-12-31T23:59:59Z


def check_header(header: Mapping[str, Any]) -> None:
    """Accept the six members of an event's protected header.

    Raises:
        Unreadable: `member-missing`, `member-unknown`, `member-malformed`, naming the member.
    """
    check_members(header, HEADER, frozenset(), "nell'intestazione")


def check_payload(payload: Mapping[str, Any], iat: int) -> None:
    """Accept the members of an event's payload; `iat` is the time in the header.

    Raises:
        Unreadable: `member-missing`, `member-unknown`, `member-malformed`, naming the member;
            `claimed-at-mismatch`, when it is not the second that `iat` says.
    """
    check_members(payload, PAYLOAD, OPTIONAL, "nel contenuto")
    if payload["claimed_at"] != format_second(iat):
        raise Unreadable(
            "claimed-at-mismatch",
            f"claimed_at è {payload['claimed_at']}, ma iat nell'intestazione è"
            f" {format_second(iat)}: preparare di nuovo la registrazione e firmarla.",
        )


def check_members(
    found: Mapping[str, Any],
    predicates: Mapping[str, Predicate],
    optional: frozenset[str],
    part: str,
) -> None:
    """Accept an object that has its members, no others, each of its form.

    Raises:
        Unreadable: `member-missing`, `member-unknown`, `member-malformed`.
    """
    for name in found:
        if name not in predicates:
            raise Unreadable(
                "member-unknown",
                f"C'è un campo sconosciuto {part}, {name!r}: toglierlo, poi firmare di nuovo.",
            )
    for name, predicate in predicates.items():
        if name not in found:
            if name not in optional:
                raise Unreadable(
                    "member-missing",
                    f"Manca un campo {part}, {name!r}: aggiungerlo, poi firmare di nuovo.",
                )
        elif not predicate(found[name]):
            raise Unreadable(
                "member-malformed",
                f"Un campo {part}, {name!r}, non ha la forma dovuta: correggerlo, poi firmare di"
                " nuovo.",
            )


def format_second(seconds: int) -> str:
    """Return a time in whole seconds since 1970 as text: 2026-09-21T13:33:20Z."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_second(text: str) -> datetime:
    """Return the time of a text that `format_second` gave."""
    return datetime.fromisoformat(text)


def is_time(value: object) -> bool:
    """Tell whether a value is a number of seconds since 1970 that has a calendar date."""
    return _is_count(value) and value <= _LAST_SECOND  # type: ignore[operator]  # an int


def is_thumbprint(value: object) -> bool:
    """Tell whether a value is the base64url text of a SHA-256 digest."""
    return isinstance(value, str) and _THUMBPRINT.fullmatch(value) is not None


def is_nonce(value: object) -> bool:
    """Tell whether a value is the base64url text of 16 bytes."""
    return isinstance(value, str) and _NONCE.fullmatch(value) is not None


def is_digest(value: object) -> bool:
    """Tell whether a value is the base64 text of a SHA-256 digest."""
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def _is_count(value: object) -> bool:
    """Tell whether a value is an integer of 0 or more; true and false are none."""
    return type(value) is int and value >= 0


def _is_stream_claim(value: object) -> bool:
    """Tell whether a value is one place in a stream: the first has no `prev`, each other has."""
    if not isinstance(value, dict) or value.keys() != {"name", "seq", "prev"}:
        return False
    name, seq, prev = value["name"], value["seq"], value["prev"]
    if not isinstance(name, str) or not is_stream_name(name) or not _is_count(seq):
        return False
    return prev is None if seq == 0 else is_digest(prev)


def _are_streams(value: object) -> bool:
    """Tell whether a value is 1 to 500 places in streams, unique and sorted bytewise by name."""
    if not isinstance(value, list) or not 0 < len(value) <= MAX_STREAMS:
        return False
    if not all(map(_is_stream_claim, value)):
        return False
    return all(before["name"] < after["name"] for before, after in pairwise(value))


def _is_basis(value: object) -> bool:
    """Tell whether a value is a head of a log; the empty one has the root of the empty tree."""
    if not isinstance(value, dict) or value.keys() != {"size", "root"}:
        return False
    if not _is_count(value["size"]) or not is_digest(value["root"]):
        return False
    return bool(value["size"] > 0 or value["root"] == EMPTY_ROOT)


def _is_object(value: object) -> bool:
    """Tell whether a value refers to one object of the vault."""
    if not isinstance(value, dict) or value.keys() != {"name", "commit", "size", "media_type"}:
        return False
    return (
        _text(is_file_name)(value["name"])
        and is_digest(value["commit"])
        and _is_count(value["size"])
        and _text(is_media_type)(value["media_type"])
    )


def _are_corrected(value: object) -> bool:
    """Tell whether a value is a list of event ids without repetition."""
    if not isinstance(value, list) or len(value) > MAX_CORRECTED:
        return False
    return all(map(_text(is_event_id), value)) and len(set(value)) == len(value)


def _text(predicate: Callable[[str], bool]) -> Predicate:
    """Return the predicate of a string that has a form."""
    return lambda value: isinstance(value, str) and predicate(value)


def _or_null(predicate: Predicate) -> Predicate:
    """Return the predicate of null, or of what a predicate says true to."""
    return lambda value: value is None or predicate(value)


HEADER: Final[Mapping[str, Predicate]] = {
    "alg": lambda value: isinstance(value, str) and value in ALGORITHMS,
    "cty": lambda value: value == CONTENT_TYPE,
    "iat": is_time,
    "kid": is_thumbprint,
    "typ": lambda value: value == JOSE,
    "x5t#S256": is_thumbprint,
}

PAYLOAD: Final[Mapping[str, Predicate]] = {
    "v": lambda value: type(value) is int and value == 1,
    "id": _text(is_event_id),
    "ledger": _text(is_origin),
    "type": _text(is_event_type),
    "streams": _are_streams,
    "basis": _is_basis,
    "actor": _text(is_actor),
    "role": _or_null(_text(is_role)),
    "occurred_on": _or_null(_text(is_date)),
    "claimed_at": lambda value: isinstance(value, str),  # compared with iat
    "reason": lambda value: isinstance(value, str) and bool(value),
    "corrects": _are_corrected,
    "data": lambda value: isinstance(value, dict),
    "objects": lambda value: (
        isinstance(value, list) and len(value) <= MAX_OBJECTS and all(map(_is_object, value))
    ),
    "nonce": is_nonce,
}
OPTIONAL: Final = frozenset({"reason", "corrects"})
