"""What is examined, how, and what comes out.

Source: design FORMATS section 5, last lines.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ledger.fsck.finding import Findings

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from ledger.fsck.published_check import Published
    from ledger.fsck.views_check import Views
    from ledger.journal.anchor import Anchor
    from ledger.journal.tables import TableSource
    from ledger.vault.inspection import Inspection

    Told = Callable[[str, int, int], None]  # what is read, how many of how many are done

LOG, FAULT, VAULT, VIEWS = "registro", "ricerca del guasto", "deposito", "viste"
PUBLISHED = "registro pubblicato"


@dataclass(frozen=True, slots=True)
class Subject:
    """A ledger by its parts; None for a part that is not to be examined, or was never made.

    Vault, views and published log are opened when it is their turn; what cannot be opened says so by
    its error.
    """

    origin: str
    source: TableSource
    anchor: Anchor
    kept: Path
    vault: Callable[[], Inspection] | None
    views: Callable[[], AbstractContextManager[Views]] | None
    published: Callable[[], AbstractContextManager[Published]] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """How it is examined: by how many processes, from the kept checkpoint, rebuilding the views."""

    jobs: int = 1
    from_kept: bool = False
    repair_views: bool = False


@dataclass(slots=True)
class Report:
    """What came out.

    Leaves below `begun_at` were not judged again; `kept` is up to where they need not be next time.
    """

    size: int = 0
    events: int = 0
    verified: int = 0
    objects: int = 0
    begun_at: int = 0
    kept: int = 0
    findings: Findings = field(default_factory=Findings)
