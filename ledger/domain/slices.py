"""One more entry in a list of a dossier, or one entry in a new form.

    added(dossier, "spending", "payments", payment)
    amended(dossier, "spending", "payments", payment, reversed_cents=EUR(100))

The dossier has slices, one a concept; a slice has lists, each in order of the log.
"""

from __future__ import annotations

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
    whole, after = getattr(dossier, slice_), altered(entry, **fields)
    entries = tuple(after if one is entry else one for one in getattr(whole, name))
    return altered(dossier, **{slice_: altered(whole, **{name: entries})})
