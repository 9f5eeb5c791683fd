"""One more entry in a list of a dossier, or one entry in a new form.

    added(dossier, "retention", "holds", hold)
    amended(dossier, "retention", "holds", hold, released=end)

The dossier has slices, one a concept; a slice has lists, each in order of the log.
"""

from __future__ import annotations

from bisect import bisect_left
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from ledger.domain.altered import altered

if TYPE_CHECKING:
    from ledger.domain.dossier import Dossier


def added(dossier: Dossier, slice_: str, name: str, entry: object) -> Dossier:
    """Return the dossier with one more entry at the end of a list."""
    whole = getattr(dossier, slice_)
    return altered(dossier, **{slice_: altered(whole, **{name: (*getattr(whole, name), entry)})})


def amended(dossier: Dossier, slice_: str, name: str, entry: Any, **fields: Any) -> Dossier:  # noqa: ANN401  as many types as there are lists
    """Return the dossier with an entry of a list in a new form; without one, as it is."""
    if entry is None:
        return dossier
    whole = getattr(dossier, slice_)
    entries = getattr(whole, name)
    place = _place_of(entry, entries)
    changed = (*entries[:place], altered(entry, **fields), *entries[place + 1 :])
    return altered(dossier, **{slice_: altered(whole, **{name: changed})})


def _place_of(entry: Any, entries: tuple[Any, ...]) -> int:  # noqa: ANN401  as `amended`
    """Return where an entry stands; entries of the same event stand side by side."""
    place = bisect_left(entries, entry.index, key=attrgetter("index"))
    while entries[place] is not entry:
        place += 1
    return place
