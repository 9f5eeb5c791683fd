"""Canonical JSON: one value, one sequence of bytes (RFC 8785).

    {"b": [1, "é"], "a": None}      ->      {"a":null,"b":[1,"é"]}        keys sorted, UTF-8, no blanks

What is signed keeps to the narrower signed profile (profile.py). There `msgspec` gives the bytes of
RFC 8785, many times faster; for all other legal JSON (floats, keys beyond ASCII, which sort by
UTF-16) `rfc8785` does. Tests hold the two equal.

To know that a value is in the profile, its bytes tell what they can at once: ASCII is in normal form
and its keys are fit. What they cannot tell, types, integers and depth, one quick walk does. Where
these leave a doubt, profile.py decides by the rule itself.

Source: RFC 8785; design FORMATS section 1.
"""

from __future__ import annotations

import unicodedata
from typing import Any, Final, NoReturn

import msgspec
import rfc8785

from ledger.errors import Unreadable
from ledger.signing.profile import MAX_DEPTH, MAX_INTEGER, is_in_profile, outside_profile


def _refuse_float(text: str) -> NoReturn:
    """Stop decoding at a float: floats are not of the signed profile."""
    raise ValueError(f"the number {text} is no integer")


_ENCODER: Final = msgspec.json.Encoder(order="sorted")
_DECODER: Final = msgspec.json.Decoder(float_hook=_refuse_float)


def encode(value: object) -> bytes:
    """Return the canonical bytes of any I-JSON value.

    Raises:
        Unreadable: `not-canonical`, when the value has no canonical form: NaN and infinities,
            integers of 2**53 or more, lone surrogates, keys that are no strings, other types.
    """
    data = _encode_plain(value)
    if data is not None:
        return data
    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]  # it judges the type itself
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise Unreadable(
            "not-canonical",
            f"Il valore non ha forma canonica JSON (RFC 8785): {error}. Correggerlo prima di"
            " firmare.",
        ) from error


def encode_signed(value: object) -> bytes:
    """Return the canonical bytes of a value of the signed profile.

    Raises:
        Unreadable: `not-in-signed-profile`, naming by JSON Pointer the part that is outside.
    """
    data = _encode_plain(value)
    if data is None:
        raise outside_profile(value)
    return data


def decode_signed(data: bytes) -> Any:  # noqa: ANN401  JSON is any value; the caller narrows it
    """Return the value whose canonical bytes these are; whatever is not canonical is refused.

    Duplicate keys, blanks, other spellings of a number or of a string and trailing bytes all fail
    one test: the value, encoded again, must give the same bytes.

    Raises:
        Unreadable: `json-malformed`, when it is no JSON in UTF-8 or holds a float;
            `not-in-signed-profile`; `json-not-canonical`, when the canonical form is another.
    """
    try:
        value = _DECODER.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Unreadable(
            "json-malformed",
            f"I byte non sono JSON in UTF-8 senza numeri decimali: {error}. Scriverli di nuovo"
            " prima di firmare.",
        ) from error
    if not _is_surely_plain(data, value) and not is_in_profile(value):
        raise outside_profile(value)
    if _ENCODER.encode(value) != data:
        raise Unreadable(
            "json-not-canonical",
            "Il JSON non è in forma canonica (RFC 8785), o ripete una chiave: chi firma deve"
            " scriverlo in forma canonica prima di firmare.",
        )
    return value


def decode_accepted(data: bytes) -> Any:  # noqa: ANN401  as decode_signed
    """Return the value of bytes that `decode_signed` took before; they are not looked at again.

    Raises:
        Unreadable: `json-malformed`, when they are no JSON.
    """
    try:
        return _DECODER.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Unreadable(
            "json-malformed",
            f"I byte conservati non sono più JSON: {error}. Controllare l'archivio con `pista"
            " fsck`.",
        ) from error


def _encode_plain(value: object) -> bytes | None:
    """Return the canonical bytes of a value of the signed profile, None when it is outside."""
    try:
        data = _ENCODER.encode(value)
    except (msgspec.MsgspecError, TypeError, ValueError, RecursionError):
        return None
    return data if _is_surely_plain(data, value) or is_in_profile(value) else None


def _is_surely_plain(data: bytes, value: object) -> bool:
    """Tell whether a value is in the profile, as far as its bytes and one quick walk can tell.

    Never wrongly true: no delimiter composes with what follows it, so a text in normal form C has
    only such strings.
    """
    if not _is_plain_tree(value):
        return False
    if data.isascii():
        return True
    return _has_ascii_keys(value) and unicodedata.is_normalized("NFC", data.decode())


def _is_plain_tree(value: object) -> bool:
    """Tell whether a value is made of the very types of JSON, without floats and long integers.

    It is walked level by level, so that depth is bounded. Subclasses, tuples and enumerations are
    left to the rule.
    """
    level: list[Any] = [[value]]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for container in level:
            for item in container.values() if type(container) is dict else container:
                kind = type(item)
                if kind is str:
                    continue
                if kind is dict or kind is list:
                    below.append(item)
                elif kind is int:
                    if not -MAX_INTEGER <= item <= MAX_INTEGER:
                        return False
                elif item is not None and kind is not bool:
                    return False
        if not below:
            return True
        level = below
    return False


def _has_ascii_keys(value: object) -> bool:
    """Tell whether all keys of a value of the types of JSON are ASCII."""
    waiting = [value]
    for item in waiting:
        if type(item) is dict:
            if not "".join(item).isascii():
                return False
            waiting += item.values()
        elif type(item) is list:
            waiting += item
    return True
