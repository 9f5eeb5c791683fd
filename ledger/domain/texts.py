"""Texts and instants as they stand in signed data.

    checked_text("Migrazione in cloud")        NFC, not blank, no control characters but the line feed
    parse_instant("2026-11-24T09:12:03Z")      aware, UTC; whole seconds or six decimals

Source: FORMATS section 1.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime

from ledger.errors import ShapeError

TEXT_LIMIT = 20_000

# What no document can carry: control characters but the line feed, surrogates, and the last two
# characters of each of the 17 planes.
_LAST_TWO = "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
_UNWRITABLE = re.compile(f"[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\ud800-\\udfff{_LAST_TWO}]")


def checked_text(value: str) -> str:
    """Return the text when it is not blank, NFC, without control characters, at most 20,000 long.

    Raises:
        ShapeError: otherwise.
    """
    if not value.strip():
        raise ShapeError("malformed-request", "il testo è vuoto")
    if len(value) > TEXT_LIMIT:
        raise ShapeError("malformed-request", f"il testo supera {TEXT_LIMIT} caratteri")
    if not unicodedata.is_normalized("NFC", value):
        raise ShapeError("malformed-request", "il testo non è in forma Unicode NFC")
    if _UNWRITABLE.search(value):
        raise ShapeError("malformed-request", "il testo contiene caratteri di controllo")
    return value


def parse_instant(value: str) -> datetime:
    """Return the aware UTC time of `2026-11-24T09:12:03Z`; whole seconds or six decimals.

    Raises:
        ShapeError: when the text is not such a time.
    """
    for pattern in ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ"):
        try:
            parsed = datetime.strptime(value, pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
        if format_instant(parsed) == value:
            return parsed
    raise ShapeError("malformed-request", f"{value!r} non è un istante UTC (2026-11-24T09:12:03Z)")


def format_instant(value: datetime) -> str:
    """Return the text that parse_instant reads: six decimals unless the seconds are whole."""
    pattern = "%Y-%m-%dT%H:%M:%S.%fZ" if value.microsecond else "%Y-%m-%dT%H:%M:%SZ"
    return value.astimezone(UTC).strftime(pattern)
