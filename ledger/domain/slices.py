"""One more entry in a list of a dossier.

    added(dossier, "life", "moves", move)

The dossier has slices, one a concept; a slice has lists, each in order of the log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.domain.altered import altered

if TYPE_CHECKING:
    from ledger.domain.dossier import Dossier


def added(dossier: Dossier, slice_: str, name: str, entry: object) -> Dossier:
    """Return the dossier with one more entry at the end of a list."""
    whole = getattr(dossier, slice_)
    return altered(dossier, **{slice_: altered(whole, **{name: (*getattr(whole, name), entry)})})
