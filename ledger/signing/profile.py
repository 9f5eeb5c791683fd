"""The signed profile: which values may be signed, and where one breaks the rule.

    objects            with ASCII keys
    strings            in Unicode normal form C, no lone surrogates
    integers           below 2**53 in magnitude; no floats
    true false null
    depth              at most 64 levels

Inside the profile the canonical form of RFC 8785 is unique without any rule about numbers, and the
order of keys is the same by bytes and by UTF-16. Enumerations of strings or integers count as their
value. This is the exact rule; canonical.py has a quicker test that never says yes to more.

Source: design FORMATS section 1; RFC 7493 (I-JSON); RFC 8785 section 3.2.3.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from typing import Final

from ledger.errors import Unreadable

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
MAX_DEPTH: Final = 64
MAX_INTEGER: Final = 2**53 - 1


def is_in_profile(value: object) -> bool:
    """Tell whether a value is of the signed profile; level by level, so that depth is bounded."""
    level = [value]
    for _ in range(MAX_DEPTH):
        if not all(_is_node(item) for item in level):
            return False
        level = [member for item in level for _, member in _members(item)]
        if not level:
            return True
    return False


def outside_profile(value: object) -> Unreadable:
    """Return the error for a value that cannot be signed, with code `not-in-signed-profile`.

    It names by JSON Pointer (RFC 6901) the innermost part that is outside the profile.
    """
    pointer, found = _first_fault(value)
    return Unreadable(
        "not-in-signed-profile",
        f"Il valore {type(found).__name__} al JSON Pointer {pointer!r} non si può firmare: usare"
        f" chiavi ASCII, testi in forma normale C, interi sotto 2**53, al massimo {MAX_DEPTH}"
        " livelli.",
    )


def _is_node(item: object) -> bool:
    """Tell whether one value is fit, apart from what it contains."""
    if isinstance(item, dict):
        return all(_is_text(key) and key.isascii() for key in item)
    if item is None or isinstance(item, bool | list | tuple):
        return True
    if isinstance(item, int):
        return _is_plain(item, int) and abs(item) <= MAX_INTEGER
    return _is_text(item)


def _is_text(item: object) -> bool:
    """Tell whether a value is a string in normal form C without lone surrogates."""
    if not isinstance(item, str) or not _is_plain(item, str):
        return False
    if item.isascii():
        return True
    return not _SURROGATE.search(item) and unicodedata.is_normalized("NFC", item)


def _is_plain(item: object, kind: type) -> bool:
    """Tell whether a value is exactly of a type, or an enumeration whose value is."""
    return type(item.value if isinstance(item, Enum) else item) is kind


def _members(item: object) -> list[tuple[object, object]]:
    """Return the (key or index, member) pairs of a container; nothing for a scalar."""
    if isinstance(item, dict):
        return list(item.items())
    return list(enumerate(item)) if isinstance(item, list | tuple) else []


def _first_fault(value: object) -> tuple[str, object]:
    """Return the JSON Pointer of the innermost part that makes a value unfit, and that part."""
    pointer = ""
    for _ in range(MAX_DEPTH):
        unfit = next((m for m in _members(value) if not is_in_profile(m[1])), None)
        if unfit is None:
            break
        pointer += "/" + str(unfit[0]).replace("~", "~0").replace("/", "~1")
        value = unfit[1]
    return pointer, value
