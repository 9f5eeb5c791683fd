"""Files of open data and what is observed in them, recorded by an importer in a ledger for tests.

told = observe(built)          two files of one source, each cited once; a third that nobody cites
told.first, told.second, told.uncited        their leaves
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from tests.exporters.ledger_erasure import grant
from tests.exporters.ledger_fixture import CUP, Built
from tests.exporters.ledger_writer import PUBLISHER, object_plain

if TYPE_CHECKING:
    from ledger.journal.batch import Receipt

IMPORTER = PUBLISHER
SOURCE = 'teamdigitale/"dati"/candidature.csv'
ON = date(2026, 3, 1)
STREAM = "sys/sources"


@dataclass(frozen=True)
class Observed:
    """The leaves of three files, and of a row and an absence that cite the first two."""

    first: int
    second: int
    uncited: int
    row: int
    absence: int


def file_of(number: int) -> bytes:
    """Return the bytes of a file."""
    return f"cup;importo\n{CUP};{number}\n".encode()


def digest_of(number: int) -> str:
    """Return the SHA-256 of a file, hexadecimal."""
    return hashlib.sha256(file_of(number)).hexdigest()


def source(built: Built, number: int) -> Receipt:
    """Record a file, with its bytes in the vault."""
    stored = built.evidence.vault.put(io.BytesIO(file_of(number)), "text/csv")
    data = {
        "source": SOURCE,
        "digest": digest_of(number),
        "observed_at": f"2026-03-01T0{number}:00:00Z",
        "rows": 1,
        "columns": ["cup", "importo"],
        "complete": True,
        "docs": ["fonte.csv"],
    }
    objects = [object_plain("fonte.csv", stored)]
    return cite(built, "source-observed/1", data, STREAM, objects=objects)


def cite(built: Built, type_: str, data: dict[str, Any], *streams: str, **more: Any) -> Receipt:  # noqa: ANN401
    """Record an event of the importer, about the CUP or in the streams that are named."""
    names = streams or (f"cup/{CUP}",)
    return built.ledger.record(IMPORTER, type_, names, data, role="importatore", on=ON, **more)


def row(built: Built, number: int, **more: Any) -> Receipt:  # noqa: ANN401
    """Record a row of a file; its columns are called as the members that cite."""
    data = {
        "source": SOURCE,
        "digest": digest_of(number),
        "observed_at": f"2026-03-01T0{number}:00:00Z",
        "extracted_on": "2026-03-01",
        "table": "progetti",
        "row": [{"column": "source", "value": "altrove"}, {"column": "digest", "value": "0" * 64}],
        **more,
    }
    return cite(built, "national-data-observed/1", data)


def absence(built: Built, number: int, **more: Any) -> Receipt:  # noqa: ANN401
    """Record that a row is not in a file."""
    data = {
        "source": SOURCE,
        "digest": digest_of(number),
        "observed_at": f"2026-03-01T0{number}:00:00Z",
        "key": "riga 7",
        **more,
    }
    return cite(built, "absence-observed/1", data)


def observe(built: Built) -> Observed:
    """Record three files, a row of the first, an absence from the second."""
    grant(built.ledger, IMPORTER, "importatore")
    files = [source(built, number) for number in (1, 2, 3)]
    seen, gone = row(built, 1), absence(built, 2)
    first, second, uncited = (one.index for one in files)
    return Observed(first, second, uncited, seen.index, gone.index)
