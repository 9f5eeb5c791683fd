"""What an examination finds: where it is, what is stored, what it should be.

    column-differs  event.type  position 12   stored 'heads'   expected 'phase-entered/1'
    row-missing     tile.number level 0, number 3

A *fault* contradicts what was signed or what follows from it. What only wants a look (an interrupted
upload, a file of nobody) is *attention*. A finding shows numbers, types, names of streams and
identifiers, cut short; never contents of documents, data of events or sentences about people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST: Final = 1000
_SHOWN: Final = 60
RESTORE: Final = "rimettere l'archivio da una copia di riserva verificata"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found; `position` is the row of the log that it is about, `file` a file."""

    code: str
    sentence: str
    table: str = ""
    key: str = ""
    column: str = ""
    position: int | None = None
    file: str = ""
    stored: str = ""
    expected: str = ""
    is_fault: bool = True

    @property
    def place(self) -> str:
        """Return where it is: `event.type, position 12`, or a file."""
        column = f"{self.table}.{self.column}" if self.column else self.table
        return ", ".join(part for part in (column, self.key, self.file) if part)


class Findings:
    """All that was found: the first thousand are kept, the others counted."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._kept: list[Finding] = []
        self.count = 0
        self.faults = 0

    def add(self, found: Finding | Iterable[Finding]) -> None:
        """Take one finding or several."""
        for one in (found,) if isinstance(found, Finding) else found:
            self.count += 1
            self.faults += one.is_fault
            if len(self._kept) < MOST:
                self._kept.append(one)

    def __iter__(self) -> Iterator[Finding]:
        """Yield those that are kept, in the order in which they were found."""
        return iter(self._kept)

    @property
    def more(self) -> int:
        """Return how many are not kept."""
        return self.count - len(self._kept)


def shown(value: object) -> str:
    """Return a stored value as it may be shown: bytes by their number, text cut short."""
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"{len(value)} byte"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def differs(  # noqa: PLR0913  the parts of a finding
    table: str,
    key: str,
    column: str,
    stored: object,
    expected: object,
    *,
    position: int | None = None,
    remedy: str = RESTORE,
) -> Finding:
    """Return the finding of a column that is not what follows from the data."""
    found, wanted = shown(stored), shown(expected)
    sentence = f"conservato {found}, dovrebbe essere {wanted}: {remedy}"
    return Finding(
        "column-differs", sentence, table, key, column, position, stored=found, expected=wanted
    )


def missing(
    table: str, key: str, column: str, *, position: int | None = None, remedy: str = RESTORE
) -> Finding:
    """Return the finding of a row that is not there."""
    return Finding("row-missing", f"la riga manca: {remedy}", table, key, column, position)


def surplus(
    table: str, key: str, column: str, *, position: int | None = None, remedy: str = RESTORE
) -> Finding:
    """Return the finding of a row that should not be there."""
    sentence = f"la riga è in più, nulla nel registro la dice: {remedy}"
    return Finding("row-surplus", sentence, table, key, column, position)


def of_log(code: str, position: int, sentence: str, *, key: str = "") -> Finding:
    """Return the finding of a row of the log whose data do not agree with each other."""
    named = key or f"position {position}"
    return Finding(code, f"{sentence}: {RESTORE}", "event", named, "data", position)


def remark(code: str, sentence: str, *, table: str = "", key: str = "", file: str = "") -> Finding:
    """Return what wants attention and is no fault."""
    return Finding(code, sentence, table, key, file=file, is_fault=False)
