"""Texts and instants as they stand in signed data.

    checked_text("Migrazione in cloud")        NFC, not blank, no control characters but the line feed
    parse_instant("2026-11-24T09:12:03Z")      aware, UTC; whole seconds or six decimals

Source: FORMATS section 1.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

from ledger.errors import ShapeError

TEXT_LIMIT = 20_000


def checked_text(value: str) -> str:
    """Return the text when it is not blank, NFC, without control characters, at most 20,000 long.

    Raises:
        ShapeError: otherwise.
    """
    if not value.strip():
        raise ShapeError("malformed-request", "il testo è vuoto")
    if len(value) > TEXT_LIMIT:
        raise ShapeError("malformed-request", f"il testo supera {TEXT_LIMIT} caratteri")
    if unicodedata.normalize("NFC", value) != value:
        raise ShapeError("malformed-request", "il testo non è in forma Unicode NFC")
    if any(_is_unwritable(character) for character in value):
        raise ShapeError("malformed-request", "il testo contiene caratteri di controllo")
    return value


def _is_unwritable(character: str) -> bool:
    """Return whether no document can carry it: control but the line feed, surrogate, U+xFFFE/F."""
    unwritable = unicodedata.category(character) in ("Cc", "Cs") and character != "\n"
    return unwritable or ord(character) & 0xFFFE == 0xFFFE  # noqa: PLR2004  last two of each plane


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
