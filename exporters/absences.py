"""What a package does not hold, and the event that says why.

    [{"commit":"<base64>","event":41,"kind":"erased","text":"..."},
     {"event":41,"index":12,"kind":"erased","text":"..."}]

`event` is the leaf index of the `content-erased/1` that names the object or the envelope. The file
is canonical JSON with a final newline, sorted by the canonical bytes of its entries; `[]` when all
is there. An object that is gone without such an event stops the export: a package that its own
verification contradicts helps nobody.

Source: design FORMATS sections 5 and 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.errors import Absent
from ledger.journal.leaf import format_hash
from ledger.signing.canonical import encode_signed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from exporters.evidence import Evidence
    from exporters.survey import Survey


@dataclass(frozen=True, slots=True)
class Absence:
    """An object (`commit`) or an envelope (`index`) erased by the event at leaf `event`."""

    event: int
    commit: bytes | None = None
    index: int | None = None

    @property
    def sentence(self) -> str:
        """Say it to people."""
        what = "Documento" if self.commit else "Contenuto della registrazione"
        return f"{what} cancellato secondo legge, registrazione n. {self.event}."

    def plain(self) -> dict[str, str | int]:
        """Return the entry of reasons.json."""
        what: dict[str, str | int] = (
            {"commit": format_hash(self.commit)}
            if self.commit is not None
            else {"index": self.index or 0}
        )
        return {**what, "kind": "erased", "event": self.event, "text": self.sentence}


def absences_of(evidence: Evidence, survey: Survey) -> tuple[Absence, ...]:
    """Return every object and envelope of the closure that is gone, with its event.

    Raises:
        Absent: when no event of the closure erases it (`document-missing`, `envelope-missing`).
    """
    return (*_erased_envelopes(survey), *_erased_documents(evidence, survey))


def _erased_envelopes(survey: Survey) -> Iterator[Absence]:
    for index in survey.absent_envelopes:
        event = survey.erased_envelopes.get(index)
        if event is None:
            raise Absent(
                "envelope-missing",
                f"La busta della registrazione {index} manca e nessuna registrazione la cancella:"
                " controllare l'archivio del registro e confrontarlo con una copia di riserva.",
            )
        yield Absence(event, index=index)


def _erased_documents(evidence: Evidence, survey: Survey) -> Iterator[Absence]:
    for commit, named_by in sorted(survey.commits.items()):
        event = survey.erased_commits.get(commit)
        if event is not None:
            yield Absence(event, commit=commit)
        elif evidence.document(commit) is None:
            raise Absent(
                "document-missing",
                f"Un documento della registrazione {named_by} ({format_hash(commit)}) non è nel"
                " deposito e nessuna registrazione lo cancella: ritrovarlo prima di esportare.",
            )


def format_reasons(absences: Iterable[Absence]) -> bytes:
    """Return the bytes of reasons.json."""
    entries = sorted(encode_signed(absence.plain()) for absence in absences)
    return b"[" + b",".join(entries) + b"]\n"
