"""References that carry no rule of their own: event ids, digests, actors, keys.

event id   01981f6e-7d0a-7c3e-9b1d-2f4a6c8e0b1d        UUIDv7, lower case
sha256     64 hexadecimal digits, lower case
base64     44 characters of base64 with padding: a commitment, or a digest as a leaf has it
actor      26 characters of base32, lower case
key id     43 characters of base64url: RFC 7638 thumbprint
"""

from __future__ import annotations

import re

from ledger.domain.grammar import Grammar
from ledger.domain.identifiers import Identifier


class EventId(Identifier):
    """The id of an event: a UUIDv7 in lower case (RFC 9562 section 5.7)."""

    __slots__ = ()

    code = "event-id-malformed"
    grammar = Grammar(
        "un identificativo di registrazione (UUIDv7)",
        shape=re.compile(
            r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        ),
    )


class Sha256(Identifier):
    """A SHA-256 digest, 64 hexadecimal digits in lower case."""

    __slots__ = ()

    code = "digest-malformed"
    grammar = Grammar(
        "un'impronta SHA-256 (64 cifre esadecimali minuscole)", shape=re.compile(r"[0-9a-f]{64}")
    )


class Base64Digest(Identifier):
    """A SHA-256 in base64 with padding: the salted commitment of an object, the digest of an envelope."""

    __slots__ = ()

    code = "base64-digest-malformed"
    grammar = Grammar(
        "un'impronta SHA-256 in base64 (44 caratteri)",
        shape=re.compile(r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="),
    )


class ActorId(Identifier):
    """Who signs: 26 characters of base32 in lower case, no name."""

    __slots__ = ()

    code = "actor-malformed"
    grammar = Grammar(
        "un identificativo di firmatario (26 caratteri base32)",
        shape=re.compile(r"[a-z2-7]{26}"),
    )


class KeyId(Identifier):
    """The RFC 7638 thumbprint of a key, base64url without padding."""

    __slots__ = ()

    code = "key-id-malformed"
    grammar = Grammar("un'impronta di chiave (RFC 7638)", shape=re.compile(r"[A-Za-z0-9_-]{43}"))
