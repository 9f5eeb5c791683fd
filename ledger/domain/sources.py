"""Files of open data as they were observed: the state of the stream `sys/sources`.

    source                                    digest    observed_at           rows     complete
    teamdigitale/.../candidature_comuni.csv   ab12...   2022-10-23T06:00:00Z  20947    yes
    teamdigitale/.../candidature_comuni.csv   e3b0...   2022-10-24T06:00:00Z  0        no, accepted

Files of one source are compared in the order in which they were observed, whatever the order in which
they were recorded. A file that shrank is accepted by a person and then is not complete, so that no
absence is derived from it. Source: DOMAIN sections 9.10, 9.13 and 15.
"""

from dataclasses import dataclass
from datetime import date, datetime

from ledger.domain.identifiers import PersonRef
from ledger.domain.references import Sha256


@dataclass(frozen=True, kw_only=True)
class SourceTerms:
    """One file: SHA-256, rows, columns; `complete` whether every row of it could be read."""

    source: str
    digest: Sha256
    observed_at: datetime
    rows: int
    columns: tuple[str, ...]
    complete: bool
    revision: str | None = None
    licence: str | None = None
    accepted_by: PersonRef | None = None


@dataclass(frozen=True, kw_only=True)
class SourceFile(SourceTerms):
    """A file that was observed."""

    on: date
    index: int


@dataclass(frozen=True)
class Sources:
    """All files, in order of the log."""

    files: tuple[SourceFile, ...] = ()

    def of(self, source: str, digest: str) -> SourceFile | None:
        """Return the file of a source with that digest, the one recorded last."""
        newest_first = reversed(self.files)
        return next((f for f in newest_first if (f.source, f.digest) == (source, digest)), None)

    def before(self, source: str, at: datetime, *, complete: bool = False) -> SourceFile | None:
        """Return the file of a source observed last until a time; with `complete`, of these alone."""
        earlier = (
            file
            for file in self.files
            if file.source == source and file.observed_at <= at and (file.complete or not complete)
        )
        return max(earlier, key=lambda file: (file.observed_at, file.index), default=None)

    def has_shrunk(self, file: SourceTerms, percent: int) -> bool:
        """Return whether a file has no rows, or over that percent fewer than the last complete one."""
        if file.rows <= 0:
            return True
        last = self.before(file.source, file.observed_at, complete=True)
        return last is not None and 100 * (last.rows - file.rows) > percent * last.rows
