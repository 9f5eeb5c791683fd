"""The store as a whole: its version, its tables and columns, what it says of itself.

Source: journal/tables.py, the catalogue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.fsck.finding import RESTORE, Finding, differs, remark
from ledger.journal.tables import DAMAGED, LEDGER_ID, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ledger.journal.tables import TableReader

_SHOWN: Final = 3


def check_store(reader: TableReader) -> Iterator[Finding]:
    """Yield what is wrong with version and tables; what is there beside them wants attention."""
    columns = reader.columns()
    for table in TABLES:
        there, expected = set(columns.get(table.name, ())), {LEDGER_ID, *table.columns}
        for column in sorted(expected - there):
            yield Finding(
                "column-missing", "la colonna manca nell'archivio", table.name, "", column
            )
        for column in sorted(there - expected):
            sentence = "la colonna è di un'altra versione del programma, o di nessuna"
            yield remark("column-unknown", sentence, table=f"{table.name}.{column}")
    for one in reader.properties():
        if one.stored != one.expected:
            remedy = one.remedy or RESTORE
            yield differs("schema", "", one.name, one.stored, one.expected, remedy=remedy)
    for name in reader.unknown():
        sentence = f"nell'archivio c'è anche {name}, che non è del programma: guardare di chi è"
        yield remark("schema-object-unknown", sentence, table="schema")


def examine_pages(reader: TableReader, _question: None) -> Sequence[str]:
    """Return what the store finds in itself; see `TableReader.damage`."""
    return reader.damage()


def told_damage(said: Sequence[str]) -> Iterator[Finding]:
    """Yield one finding for all that the store finds in itself."""
    if said:
        more = f" (e altri {len(said) - _SHOWN})" if len(said) > _SHOWN else ""
        sentence = f"l'archivio si trova guasto: {'; '.join(said[:_SHOWN])}{more}"
        yield Finding(DAMAGED, sentence, "schema")
