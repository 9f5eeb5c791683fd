r"""Rows: what the log says of each stream, one line a stream, in order of creation.

    pista/row/v1 cup/C81C22001220006 18 1288 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=

are the stream, its count of events, the index of its last leaf and the base64 SHA-256 of its last
envelope, then one 0x0A. Row i belongs to the i-th stream ever created; streams created by one
event take their rows in the order of its leaf. A row, final 0x0A included, is hashed whole as an
RFC 6962 leaf; the root over all rows stands in the heads leaf (leaf.py) that closes the tree.
A row hash is reproduced by:

    (printf '\0'; cat 0.row) | openssl dgst -sha256 -binary | base64

Source: design FORMATS section 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ledger.errors import Unreadable
from ledger.journal.leaf import (
    format_hash,
    format_number,
    is_stream_name,
    parse_hash,
    parse_lines,
    parse_number,
)

_HEADER: Final = "pista/row/v1"


@dataclass(frozen=True, slots=True)
class Row:
    """One stream at one head: events counted, index of the last leaf, digest of its envelope."""

    stream: str
    count: int
    last_index: int
    last_digest: bytes


def format_row(row: Row) -> bytes:
    """Return the line of a row, with its final 0x0A.

    Raises:
        Unreadable: when the value could not be read back: a stream name out of grammar or a count
            of 0 (`row-unreadable`), a number out of range, a digest that is not 32 bytes long.
    """
    _check(row)
    numbers = f"{format_number(row.count)} {format_number(row.last_index)}"
    return f"{_HEADER} {row.stream} {numbers} {format_hash(row.last_digest)}\n".encode("ascii")


def parse_row(data: bytes) -> Row:
    """Return the row that these bytes are; `format_row` of it gives the same bytes.

    Raises:
        Unreadable: when the bytes are not exactly one row (`row-unreadable`).
    """
    match [line.split(" ") for line in parse_lines(data, "row")]:
        case [[header, stream, count, last_index, digest]] if header == _HEADER:
            row = Row(
                stream=stream,
                count=parse_number(count, "row"),
                last_index=parse_number(last_index, "row"),
                last_digest=parse_hash(digest, "row"),
            )
            _check(row)
            return row
    raise Unreadable(
        "row-unreadable",
        f"La riga del flusso non è una sola riga '{_HEADER} flusso conteggio indice impronta':"
        " prenderla di nuovo dal registro.",
    )


def _check(row: Row) -> None:
    if not is_stream_name(row.stream) or row.count < 1:
        raise Unreadable(
            "row-unreadable",
            f"La riga del flusso {row.stream[:100]!r}, con conteggio {row.count}, ha un nome fuori"
            " grammatica o non conta registrazioni: prenderla di nuovo dal registro.",
        )
