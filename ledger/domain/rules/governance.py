"""Refusals about what administrators adopt: settings, tables, schemas, the code of the body, anchors.

Source: DOMAIN section 9.11; FORMATS section 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.domain.days import format_day_it
from ledger.domain.law import BODY
from ledger.domain.rules.refusal import Broken, refusal

if TYPE_CHECKING:
    from ledger.domain.event import Event
    from ledger.domain.settings import Setting
    from ledger.domain.situation import Situation


def _known(event: Event, situation: Situation) -> Setting | None:
    name = event.data.setting
    return next((one for one in situation.law.settings if one.setting == name), None)


@refusal(
    "setting-unknown",
    it="L'impostazione {item} non esiste. Ci sono: {known}.",
    en="There is no setting {item}. There are: {known}.",
    source="schemas/codes/settings.json",
    remedy="",
)
def setting_unknown(event: Event, situation: Situation) -> Broken:
    """Refuse a setting that the table does not have."""
    if _known(event, situation) is None:
        known = ", ".join(one.setting for one in situation.law.settings)
        yield {"item": event.data.setting, "known": known}


@refusal(
    "setting-value-refused",
    it="L'impostazione {item} non può essere {value!r}: può essere {words}.",
    en="Setting {item} may not be {value!r}: it may be {words}.",
    source="schemas/codes/settings.json",
    remedy="",
)
def setting_value_refused(event: Event, situation: Situation) -> Broken:
    """Refuse a value that the table does not allow."""
    known = _known(event, situation)
    if known is not None and not known.admits(event.data.value):
        yield {"item": known.setting, "value": event.data.value, "words": known.words}


def _other_digest(event: Event, own: str) -> Broken:
    if event.data.digest != own:
        yield {"item": event.data.digest, "own": own}


@refusal(
    "rule-set-differs",
    it=(
        "L'impronta {item} non è delle tabelle di questo programma, che è {own}: si adottano quelle con"
        " cui si registra. Aggiornare il programma, oppure adottare le sue."
    ),
    en="Digest {item} is not that of the tables of this program, {own}: update it, or adopt its own.",
    source="schemas/codes/",
    remedy="adopt-rule-set/1",
)
def rule_set_not_of_program(event: Event, situation: Situation) -> Broken:
    """Refuse tables that are not those by which this program judges."""
    yield from _other_digest(event, situation.law.rule_set)


@refusal(
    "schema-set-differs",
    it=(
        "L'impronta {item} non è degli schemi di questo programma, che è {own}: si adottano quelli con"
        " cui si registra. Aggiornare il programma, oppure adottare i suoi."
    ),
    en="Digest {item} is not that of the schemas of this program, {own}: update it, or adopt its own.",
    source="schemas/",
    remedy="adopt-schema-set/1",
)
def schema_set_not_of_program(event: Event, situation: Situation) -> Broken:
    """Refuse schemas that are not those that this program writes by."""
    yield from _other_digest(event, situation.law.schema_set)


@refusal(
    "body-not-this",
    it="L'ente di questo registro al {day} è {body}, non {item}.",
    en="The body of this ledger on {day} is {body}, not {item}.",
    source="DOMAIN 9.11",
    remedy="",
)
def body_not_this(event: Event, situation: Situation) -> Broken:
    """Refuse an old code that is not the one of the body on that day."""
    body = situation.on(event.data.effective_on).body
    if event.data.old != body:
        day = format_day_it(event.data.effective_on)
        yield {"item": event.data.old, "body": body, "day": day}


@refusal(
    "body-renamed-since",
    it="L'ente ha già cambiato codice dal {day}: un cambio precedente non si aggiunge dopo.",
    en="The body has another code since {day}: an earlier change is not added after it.",
    source="DOMAIN 9.11",
    remedy="",
)
def body_renamed_since(event: Event, situation: Situation) -> Broken:
    """Refuse a change that would come before another one that is adopted already."""
    for row in situation.law.adoptions(BODY):
        if row.from_ is not None and event.data.effective_on <= row.from_:
            yield {"item": event.data.new, "day": format_day_it(row.from_)}


@refusal(
    "checkpoint-unknown",
    it=(
        "Il registro non ha mai avuto {item} foglie con quella radice: prendere il punto di controllo da"
        " `pista checkpoint show`."
    ),
    en="The log never had {item} leaves with that root: take it from `pista checkpoint show`.",
    source="FORMATS 3",
    remedy="",
)
def checkpoint_unknown(event: Event, situation: Situation) -> Broken:
    """Refuse to have anchored what is no head of this log before this place."""
    checkpoint = event.data.checkpoint
    if situation.record.root_at(checkpoint.size) != checkpoint.root:
        yield {"item": checkpoint.size}
