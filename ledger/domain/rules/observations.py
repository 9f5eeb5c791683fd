"""Refusal of files of open data that shrank, and of absences from files that are not complete.

A file that lost rows overnight is nearly always a broken download: on 24 October 2022 the national
file came with its header alone, and was whole again the next day. Source: DOMAIN sections 9.12 and 15.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.domain.rules.refusal import Broken, refusal
from ledger.domain.sources import SourceTerms
from ledger.domain.stream_names import SYS_SOURCES

if TYPE_CHECKING:
    from ledger.domain.event import Event
    from ledger.domain.situation import Situation
    from ledger.domain.sources import Sources

SHRUNK_PERCENT: Final = "source.shrunk_percent"


def _sources(situation: Situation) -> Sources:
    return situation.record.dossier(SYS_SOURCES).sources


@refusal(
    "source-shrunk",
    it="{item}: {why}.",
    en="{item}: the file has lost rows, or is not complete ({rows} rows).",
    source="DOMAIN 15, regola 1",
    remedy="observe-source/1",
)
def source_shrunk(event: Event, situation: Situation) -> Broken:
    """Refuse a file that shrank until a person accepts it, and absences from one not complete."""
    data, known = event.data, _sources(situation)
    if not isinstance(data, SourceTerms):
        file = known.of(data.source, data.digest)
        if file is not None and not file.complete:
            why = "il file non è completo, da ciò che vi manca non si deduce nulla"
            yield {"item": data.source, "why": why, "rows": file.rows}
        return
    percent = int(situation.law.setting(SHRUNK_PERCENT, event.day))
    if not known.has_shrunk(data, percent):
        return
    lost = f"{data.rows} righe, oltre il {percent} % in meno dell'ultimo file completo, o nessuna"
    if data.accepted_by is None:
        why = f"{lost}: se è davvero così, una persona lo accetti (accepted_by, complete = false)"
        yield {"item": data.source, "why": why, "rows": data.rows}
    elif data.complete:
        why = f"{lost}: un file accettato così non è completo (complete = false)"
        yield {"item": data.source, "why": why, "rows": data.rows}
