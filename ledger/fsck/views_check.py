"""The views against the log: projected anew into a store that is thrown away, and compared.

    found = check_views(Views(store, journal, law), told)

Views that are behind are brought up to the head first, as every reader does. On a ledger that others
write to, both sides move while they are compared: what differs is looked at again, up to three times,
and only what differs in the same way each time is a finding. Values of the views are sentences and
titles, so a finding shows how long a text is and not what it says.

Source: design ARCHITECTURE D2; FORMATS section 5, "projections".
"""

from __future__ import annotations

import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ledger.errors import Busy, PistaError
from ledger.fsck.compare import How, compare_rows
from ledger.fsck.finding import Finding, differs, remark
from ledger.journal.tables import PAGE, Table
from ledger.views.failures import store_failures
from ledger.views.runner import Runner
from ledger.views.sqlite import SQLiteViewStore
from ledger.views.tables import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ledger.domain.law import Law
    from ledger.journal.journal import Journal
    from ledger.journal.tables import Key, Row
    from ledger.views.store import ViewStore

TABLES: Final = tuple(
    Table(name, keys[1:], (*keys[1:], *others)) for name, (keys, others) in COLUMNS.items()
)
PREFIX: Final = "views."

_TRIES: Final = 3
_REPAIR: Final = "`pista fsck --repair-views` ricostruisce le viste"


@dataclass(frozen=True, slots=True)
class Views:
    """The views of a ledger, and what they are made of."""

    store: ViewStore
    journal: Journal
    law: Law


def repair_views(views: Views) -> None:
    """Delete the views and project everything anew.

    Raises:
        Busy, StorageError: see `ledger.views.failures.store_failures`.
    """
    with store_failures():
        Runner(views.journal, views.store, views.law).rebuild()


def check_views(views: Views, told: Callable[[int, int], None]) -> list[Finding]:
    """Return what differs; `told` hears of each try, of how many at most."""
    try:
        with store_failures(), tempfile.TemporaryDirectory(prefix="pista-fsck-") as folder:
            fresh = SQLiteViewStore(Path(folder) / "views.sqlite", views.store.ledger)
            with closing(fresh):
                return list(_steadily(views, fresh, told))
    except Busy:
        raise
    except PistaError as error:
        if error.code == "store-read-only":
            return [remark("views-behind", "le viste sono indietro e si possono solo leggere")]
        return [Finding(error.code, f"{error.sentence} {_REPAIR}", PREFIX.rstrip("."))]


def _steadily(
    views: Views, fresh: ViewStore, told: Callable[[int, int], None]
) -> Iterator[Finding]:
    """Yield what differs in every try; one is enough when the log did not move."""
    journal, same = views.journal, None
    runners = [Runner(journal, store, views.law) for store in (views.store, fresh)]
    for number in range(_TRIES):
        told(number, _TRIES)
        size = journal.size
        for runner in runners:
            runner.catch_up()
        found = _compared(views, fresh)
        same = found if same is None else [one for one in found if one in same]
        if not same or journal.size == size:
            break
    yield from same or ()


def _compared(views: Views, fresh: ViewStore) -> list[Finding]:
    how = How(PREFIX, _REPAIR, _length, has_null=True)
    found = [
        one
        for table in TABLES
        for one in compare_rows(
            table, _rows(views.store, table), _rows(fresh, table), _no_other, how
        )
    ]
    seen, size = views.store.max_tracking_id(views.journal.origin) or 0, views.journal.size
    if seen > size:
        where = f"{PREFIX}tracking", f"upstream {views.journal.origin}", "position"
        found.append(differs(*where, seen, size, remedy=_REPAIR))
    return found


def _rows(store: ViewStore, table: Table) -> Iterator[Row]:
    """Yield the rows of a table of the views in the order of its key, read page by page."""
    after: Key | None = None
    while page := store.page(table.name, after, PAGE):
        yield from page
        after = table.key_of(page[-1])


def _length(value: object) -> object:
    """Return a text by its length."""
    return f"{len(value)} caratteri" if isinstance(value, str) else value


def _no_other(_table: Table, _key: Key) -> None:
    """Know of no row elsewhere."""
