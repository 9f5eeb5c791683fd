"""Rows that belong to no ledger of the store: a changed `ledger_id`, or rows put there by hand.

    strangers = find_strangers(reader, source.ledger_id, origin)
    strangers.like(EVENT, (12,))        the row of position 12 that stands under another number

A store may hold many ledgers; each is examined from its own home. A number is that of a ledger when
`ledger_head` has it, beside the origin whose digest it is.

Source: design ARCHITECTURE D5; DECISIONS D29.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

from ledger.fsck.finding import Finding, differs
from ledger.journal.schema import ledger_id
from ledger.journal.tables import LEDGER_HEAD, LEDGER_ID, TABLES, every_row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.journal.tables import Key, Row, Table, TableReader

_MOST_LEDGERS: Final = 20
_MOST_ROWS: Final = 1000


@dataclass(slots=True)
class Strangers:
    """Rows under numbers that are of no ledger: by table and key, (number, row)."""

    own: int
    rows: dict[tuple[str, Key], tuple[int, Row]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def like(self, table: Table, key: Key) -> Row | None:
        """Return the row with this key that stands under another number, which is then found."""
        found = self.rows.pop((table.name, key), None)
        if found is None:
            return None
        number, row = found
        named = table.named(row) or "head"
        self.findings.append(differs(table.name, named, LEDGER_ID, number, self.own))
        return row

    def left(self) -> Iterator[Finding]:
        """Yield the rows that are of nobody, and like no row that is missing."""
        for (table, _), (number, row) in self.rows.items():
            described = next(one for one in TABLES if one.name == table)
            sentence = (
                f"la riga è di nessun registro dell'archivio (ledger_id {number}): confrontare"
            )
            yield Finding(
                "row-of-no-ledger",
                f"{sentence} con una copia di riserva",
                table,
                described.named(row),
                LEDGER_ID,
                stored=str(number),
            )


def find_strangers(reader: TableReader, own: int, origin: str) -> Strangers:
    """Return the rows of no ledger, at most a thousand of each table."""
    strangers = Strangers(own)
    known = {own}
    for number, name, *rest in reader.heads():
        known |= {number, ledger_id(name)}
        if number != own and name == origin:
            strangers.rows[LEDGER_HEAD.name, ()] = number, (name, *rest)
        elif number not in {own, ledger_id(name)}:
            found = differs(LEDGER_HEAD.name, f"origin {name}", LEDGER_ID, number, ledger_id(name))
            strangers.findings.append(found)
    for table in TABLES:
        if table is not LEDGER_HEAD:
            unknown = (number for number in reader.ledgers(table) if number not in known)
            for number in islice(unknown, _MOST_LEDGERS):
                rows = islice(every_row(reader, table, ledger=number), _MOST_ROWS)
                strangers.rows |= {(table.name, table.key_of(row)): (number, row) for row in rows}
    return strangers
