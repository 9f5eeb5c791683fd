"""What the system refused, told as our error: which file, and what to do.

disk-full       no space left, or a limit of the user or of the program was reached
system-failed   anything else
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ledger.errors import StorageError

_NO_SPACE: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def system_error(error: OSError) -> StorageError:
    """Return our error for one of the system."""
    from ledger.errors import StorageError
    from ledger.journal.store import disk_full

    told = error.strerror or str(error)
    if error.errno in _NO_SPACE:
        return disk_full(f"{error.filename}: {told}" if error.filename else told)
    about = f" ({error.filename})" if error.filename else ""
    return StorageError(
        "system-failed",
        f"Il sistema non ha fatto quanto chiesto: {told}{about}. Controllare percorso, permessi e"
        " spazio, poi ripetere.",
    )
