"""Observations of open data, signed by the key of the importer; they never change local state.

    source-observed            a file, in the stream `sys/sources`
    national-state-observed    the state of the intervention in the national source
    national-data-observed     a row of a national table
    absence-observed           a row that is in the complete file no more

An importer registers a file once, then one observation for each CUP whose row is new or changed.
Source: DOMAIN sections 5.5, 9.10 and 15.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from ledger.domain.altered import altered
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import CUPFact, Fact, Missing, event
from ledger.domain.events.streams import own_cup, sources
from ledger.domain.money import EUR
from ledger.domain.national import (
    LABELS,
    Absence,
    AbsenceTerms,
    NationalCode,
    NationalRow,
    NationalRowTerms,
    NationalState,
)
from ledger.domain.references import Sha256
from ledger.domain.rules.interventions import nothing_changed, reference_unknown
from ledger.domain.rules.observations import source_shrunk
from ledger.domain.sources import SourceFile, SourceTerms
from ledger.domain.stream_names import SYS_SOURCES
from ledger.domain.taken import taken

if TYPE_CHECKING:
    from ledger.domain.situation import Situation


@event(
    "source-observed/1",
    ask="observe-source/1",
    italian="Fonte acquisita",
    says="Acquisita la fonte {source}: {rows} righe",
    streams=(sources,),
    by=("importatore",),
    correctable=False,
    refusals=(nothing_changed, source_shrunk),
)
@dataclass(frozen=True, kw_only=True)
class SourceObserved(Fact, SourceTerms):
    """A file of open data as it was read; `accepted_by` is who accepted one that shrank."""

    def unchanged_elsewhere(self, event: Event, situation: "Situation") -> Iterable[str]:  # noqa: ARG002
        """Return the file when it is the one that was observed last before."""
        last = situation.record.dossier(SYS_SOURCES).sources.before(self.source, self.observed_at)
        return () if last is None or last.digest != self.digest else (f"il file di {self.source}",)

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the file."""
        files = (*dossier.sources.files, taken(SourceFile, self, event))
        return altered(dossier, sources=altered(dossier.sources, files=files))


@event(
    "national-state-observed/1",
    ask="observe-national-state/1",
    italian="Stato nazionale rilevato",
    says="Rilevato lo stato nazionale {state} dal {state_on} ({source})",
    streams=(own_cup,),
    by=("importatore",),
    dated_by="state_on",
    correctable=False,
    findings=("phase-disagrees-national", "national-state-back"),
)
@dataclass(frozen=True, kw_only=True)
class NationalStateObserved(Fact):
    """The row of the intervention in the national source.

    `digest` is the SHA-256 of what was observed: the source file, or `raw` itself where only the
    row was kept.
    """

    source: str
    digest: Sha256
    observed_at: datetime
    avviso: str
    state: NationalCode
    state_on: date
    amount: EUR
    submitted_at: datetime
    decree: str | None = None
    raw: str

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the observation beside the local state."""
        observed = NationalState(
            state=self.state,
            label=LABELS[self.state],
            state_on=self.state_on,
            observed_at=self.observed_at,
            source=self.source,
            digest=self.digest,
            avviso=self.avviso,
            amount=self.amount,
            decree=self.decree,
            index=event.index,
        )
        return altered(dossier, national=dossier.national.with_observation(observed))


@event(
    "national-data-observed/1",
    ask="observe-national-data/1",
    italian="Dato nazionale rilevato",
    says="Rilevata una riga di {table} ({source})",
    streams=(own_cup,),
    by=("importatore",),
    dated_by="extracted_on",
    correctable=False,
    refusals=(nothing_changed,),
)
@dataclass(frozen=True, kw_only=True)
class NationalDataObserved(CUPFact, NationalRowTerms):
    """A row of a national table, by its columns; `key` tells it from the others of the table."""

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the row when it is what was observed last, and was not absent since."""
        known = dossier.national.rows.get(self.row_key)
        if known is None or dossier.national.is_gone(self.source, self.key):
            return None
        same = set(known.row) == set(self.row) and known.observed_at <= self.observed_at
        return f"la riga {self.key or self.table} di {self.source}" if same else None

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Keep the row when it is the newest."""
        row = taken(NationalRow, self, event)
        return altered(dossier, national=dossier.national.with_row(row))


@event(
    "absence-observed/1",
    ask="observe-absence/1",
    italian="Riga non più presente",
    says="La riga {key} non è più in {source}",
    streams=(own_cup,),
    by=("importatore",),
    correctable=False,
    refusals=(reference_unknown, nothing_changed, source_shrunk),
)
@dataclass(frozen=True, kw_only=True)
class AbsenceObserved(CUPFact, AbsenceTerms):
    """A row that was in a source is in it no more; only a complete file says so."""

    def missing_elsewhere(self, situation: "Situation") -> Missing:
        """Yield the file when it is not recorded."""
        if situation.record.dossier(SYS_SOURCES).sources.of(self.source, self.digest) is None:
            yield f"il file di {self.source} con questa impronta", "observe-source/1"

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the row when it was found absent before, and was not there since."""
        gone = dossier.national.is_gone(self.source, self.key)
        return f"la riga {self.key} di {self.source}" if gone else None

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Keep the absence when it is the newest."""
        absence = taken(Absence, self, event)
        return altered(dossier, national=dossier.national.with_absence(absence))
