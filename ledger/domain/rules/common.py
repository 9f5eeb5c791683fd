"""Refusals common to every event about an intervention, in the order in which they are answered.

Source: DOMAIN section 9.12, first rows.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from ledger.domain.days import format_day_it, legal_day
from ledger.domain.files import FileName
from ledger.domain.joins import Asked
from ledger.domain.registration import format_pair
from ledger.domain.rules.authority import signers
from ledger.domain.rules.refusal import Broken, Rule, refusal
from ledger.domain.selection import chooses, selectors
from ledger.domain.shapes import Many, Record, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ledger.domain.dossier import Dossier
    from ledger.domain.event import Event
    from ledger.domain.situation import Situation

SHOWN = 12  # streams that one sentence names
VALID_FROM = "from"
PLANNED = frozenset({"due_on", "until_on", "starts_on", "ends_on"})


@refusal(
    "not-authorised",
    it="Il ruolo {role} non può firmare «{what}». Possono: {allowed}.",
    en="Role {role} may not sign {type}. These may: {allowed}.",
    source="DOMAIN 11",
    remedy="grant-role/1",
)
def not_authorised(event: Event, situation: Situation) -> Broken:
    """Refuse a role that the table does not name, or that the key does not hold here."""
    allowed = signers(event.type, situation.law, situation.today)
    if event.role not in allowed or event.role not in situation.roles:
        yield {
            "item": event.actor,
            "role": event.role or "nessuno",
            "what": event.type.italian,
            "type": event.type.name,
            "allowed": ", ".join(allowed),
        }


@refusal(
    "streams-mismatch",
    it="La registrazione non riguarda gli interventi e gli atti che nomina: attesi {expected}.",
    en="The event does not join the streams that it concerns: expected {expected}.",
    source="FORMATS 1",
    remedy="",
)
def streams_mismatch(event: Event, situation: Situation) -> Broken:
    """Refuse an envelope whose streams are not those of its declaration; of a piece, not some of them.

    The last piece leaves none out, and none of them joins what an earlier one has, but that of the act.
    """
    expected = expected_streams(event, situation)
    piece = event.piece
    fits = expected == event.streams
    if piece is not None:
        core = {event.data.core}
        left, mine = {*expected} - situation.told - core, {*event.streams} - core
        is_some = core <= {*event.streams} and mine and mine <= left
        fits = bool(is_some) and (mine == left) == (piece.number == piece.of)
    if not fits:
        named = ", ".join(expected[:SHOWN]) + (", …" if len(expected) > SHOWN else "")
        yield {"item": event.type.name, "expected": named or "nessuno"}


def expected_streams(event: Event, situation: Situation) -> tuple[str, ...]:
    """Return the streams that the declaration gives for this data, corrections and CUP."""
    beside = event.cups[0] if len(event.cups) == 1 else None
    return event.type.joins(Asked(event.data, beside, event.corrects, event.streams), situation)


@refusal(
    "streams-missing",
    it="Non si capisce a quale intervento si riferisce {what}: indicare il CUP nel campo «cup».",
    en="Nothing says which intervention {type} is about: name the CUP in `cup`.",
    source="DOMAIN 3",
    remedy="",
)
def streams_missing(event: Event, situation: Situation) -> Broken:
    """Refuse a fact of an intervention that joins no CUP, though it may join an act."""
    del situation
    if event.type.concerns_one_cup and not event.cups:
        what = f"«{event.type.italian}»"
        yield {"item": event.type.name, "what": what, "type": event.type.name}


@refusal(
    "future-date",
    it="{field} è il {day}, dopo il giorno di registrazione ({today}).",
    en="{field} is {day}, after the day of receipt ({today}).",
    source="controlli nazionali 031-036",
    remedy="",
)
def future_date(event: Event, situation: Situation) -> Broken:
    """Refuse a date of something done that is after the day of receipt.

    What is dated by the day from which it holds, such as a nomination, may begin later.
    """
    done = dict(_dates_done(event.type.shape, event.data))
    if event.type.dated_by != VALID_FROM:
        done = {"occurred_on": event.day, **done}
    for field, day in done.items():
        if day > situation.today:
            yield {
                "item": field,
                "field": field,
                "day": format_day_it(day),
                "today": format_day_it(situation.today),
            }


def _dates_done(shape: Record, value: object, above: str = "") -> Iterator[tuple[str, date]]:
    """Yield the dates of things done: `on`, `..._on` and `observed_at`, neither planned nor due."""
    for field in shape.fields:
        found = getattr(value, field.attribute)
        if found is None or field.name in PLANNED:
            continue
        if isinstance(field.kind, Record):
            yield from _dates_done(field.kind, found, f"{above}{field.name}.")
        if isinstance(field.kind, Many) and isinstance(field.kind.item, Record):
            for number, item in enumerate(found):
                yield from _dates_done(field.kind.item, item, f"{above}{field.name}.{number}.")
        is_day = isinstance(field.kind, Scalar) and field.kind.of is date
        if is_day and (field.name == "on" or field.name.endswith("_on")):
            yield above + field.name, found
        elif field.name == "observed_at":
            yield above + field.name, legal_day(found)


@refusal(
    "intervention-unknown",
    it="L'intervento {item} non è registrato: {way}.",
    en="Intervention {item} is not registered: {way_en}.",
    source="DOMAIN 3.2",
    remedy="register-intervention/2",
)
def intervention_unknown(event: Event, situation: Situation) -> Broken:
    """Refuse the first event of a CUP that is not its registration, and who is not registered on it."""
    if event.data.registers:
        return
    wholes = situation.wholes(event)
    for cup, whole in wholes.items():
        if not whole.registered:
            way = {"way": "registrare prima l'intervento", "way_en": "register it first"}
            yield {"item": cup, **way}
    for cup, chosen in unregistered(event, wholes):
        known = "; ".join(one.pair for one in wholes[cup].registered)
        yield {
            "item": f"{cup} ({chosen})",
            "way": f"su questo CUP ci sono: {known}; indicare uno di questi, o registrarlo prima",
            "way_en": f"this CUP has: {known}; name one of these, or register it first",
        }


@refusal(
    "intervention-ambiguous",
    it="Sul CUP {item} ci sono più interventi: indicare misura e CLP in «intervention».",
    en="CUP {item} is shared: name measure and CLP in `intervention`.",
    source="DOMAIN 3.2",
    remedy="",
)
def intervention_ambiguous(event: Event, situation: Situation) -> Broken:
    """Refuse an event on a shared CUP that does not say which intervention it means.

    What is said of a recorded act, or corrects an event, is said already: by the links of the act,
    by the event.
    """
    if not chooses(event):
        return
    for cup, whole in situation.wholes(event).items():
        for measure, clp in selectors(event, cup) if whole.is_shared else ():
            if measure is None or len(whole.selected(measure, clp)) > 1:
                yield {"item": cup}


def unregistered(event: Event, wholes: Mapping[str, Dossier]) -> Iterator[tuple[str, str]]:
    """Yield CUP and pair of each intervention that is named and not registered there.

    What need not choose, such as what is said of a recorded act, may name one of any of its CUPs.
    """
    missing = [
        (cup, format_pair(measure, clp))
        for cup, whole in wholes.items()
        for measure, clp in selectors(event, cup)
        if whole.registered and measure and not whole.selected(measure, clp)
    ]
    if chooses(event) or len(missing) == len(wholes):
        yield from missing


@refusal(
    "file-not-attached",
    it="Il file {item} è nominato nei campi ma non è tra gli allegati della registrazione.",
    en="File {item} is named in the data and is not among the objects of the event.",
    source="DOMAIN 9, tipi per nome",
    remedy="",
)
def file_not_attached(event: Event, situation: Situation) -> Broken:
    """Refuse a file name in the data that no object of the event has."""
    del situation
    for name in file_names(event.type.shape, event.data):
        if event.object_named(name) is None:
            yield {"item": name}


def file_names(shape: Record, value: object) -> Iterator[str]:
    """Yield every file name in a value, in order of its fields."""
    for field in shape.fields:
        found = getattr(value, field.attribute)
        items = found if isinstance(field.kind, Many) else (found,)
        kind = field.kind.item if isinstance(field.kind, Many) else field.kind
        for item in items:
            if item is None:
                continue
            if isinstance(kind, Scalar) and kind.of is FileName:
                yield str(item)
            elif isinstance(kind, Record):
                yield from file_names(kind, item)


AUTHORITY: tuple[Rule, ...] = (not_authorised,)
COMMON: tuple[Rule, ...] = (
    future_date,
    intervention_unknown,
    streams_missing,
    streams_mismatch,
    intervention_ambiguous,
    file_not_attached,
)
