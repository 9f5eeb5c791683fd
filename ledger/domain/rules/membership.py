"""Refusals about the members of an envelope beside its data: files, corrections, ledger events.

They hold for envelopes that were signed elsewhere, whatever their client did.
Source: FORMATS section 1; DOMAIN section 9 ("Types by name").
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ledger.domain.files import FileName
from ledger.domain.rules.refusal import Broken, Rule, refusal
from ledger.errors import ShapeError

if TYPE_CHECKING:
    from ledger.domain.event import Event
    from ledger.domain.situation import Situation


@refusal(
    "file-name-refused",
    it="Il nome {item} non è ammesso per un file: usare lettere, cifre e . _ - ( ), senza spazi.",
    en="{item} may not name a file: use letters, digits and . _ - ( ), without blanks.",
    source="DOMAIN 9, tipi per nome",
    remedy="",
)
def file_name_refused(event: Event, situation: Situation) -> Broken:
    """Refuse an object whose name is no file name of the register."""
    del situation
    for ref in event.objects:
        try:
            FileName(ref.name)
        except ShapeError:
            yield {"item": repr(ref.name)}


@refusal(
    "file-named-twice",
    it="Due file della registrazione si chiamano {item}: dare a ciascuno un nome suo.",
    en="Two files of the event are named {item}: give each its own name.",
    source="DOMAIN 9, tipi per nome",
    remedy="",
)
def file_named_twice(event: Event, situation: Situation) -> Broken:
    """Refuse two objects of one name."""
    del situation
    for name, count in Counter(ref.name for ref in event.objects).items():
        if count > 1:
            yield {"item": name}


@refusal(
    "corrects-not-meant",
    it="«{item}» non corregge altre registrazioni: togliere «corrects», o usare la correzione.",
    en="{item} corrects no other events: leave out `corrects`, or use the correction.",
    source="DOMAIN 9.9",
    remedy="correct-error/1",
)
def corrects_not_meant(event: Event, situation: Situation) -> Broken:
    """Refuse `corrects` on an event that is no correction."""
    del situation
    if event.corrects and not event.type.corrects_others:
        yield {"item": event.type.italian}


@refusal(
    "ledger-event-not-bare",
    it="«{item}» riguarda il registro: non ha ruolo, data legale, correzioni né file.",
    en="{item} concerns the ledger: it has no role, legal date, corrections or files.",
    source="FORMATS 1",
    remedy="",
)
def ledger_event_not_bare(event: Event, situation: Situation) -> Broken:
    """Refuse a ledger event with members that only events of interventions have."""
    del situation
    is_filed = bool(event.objects) and not event.type.with_files
    if (event.role, event.occurred_on) != (None, None) or event.corrects or is_filed:
        yield {"item": event.type.italian}


@refusal(
    "type-superseded",
    it="Il tipo {item} si legge ancora ma non si registra più: c'è {newer}. Aggiornare il programma.",
    en="Type {item} is still read and no more recorded: there is {newer}. Update the program.",
    source="DOMAIN 9; ARCHITECTURE D7",
    remedy="",
)
def type_superseded(event: Event, situation: Situation) -> Broken:
    """Refuse an envelope of a version that has a successor; requests are told in the newest one."""
    del situation
    if event.type.succeeded_by is not None:
        yield {"item": event.type.name, "newer": event.type.succeeded_by}


MEMBERS: tuple[Rule, ...] = (
    type_superseded,
    file_name_refused,
    file_named_twice,
    corrects_not_meant,
)
LEDGER_MEMBERS: tuple[Rule, ...] = (ledger_event_not_bare,)
