"""The only join of domain and signing: an event, its author and time <-> signed bytes.

    payload_of(event, claims, basis, ...)    Event -> the members of an envelope's payload
    read_event(envelope, index, received_at) envelope -> Event, typed by the catalogue
    read_accepted(payload, index, ...)       the same of what is in the log, decoded at once
    adopted_law(load_law(), keys.adopted())  the law of a ledger, from what its administrators adopted

What is stored is the envelope, verbatim; the Event is a view of it and is never written back.
Source: FORMATS section 1; D6.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from ledger.domain.compliance_tables import (
    Check,
    ComplianceTables,
    RetentionRule,
    Sheet,
    SheetsDue,
    Template,
)
from ledger.domain.days import format_date, parse_date
from ledger.domain.deadlines import DeadlineRow
from ledger.domain.event import Event, ObjectRef
from ledger.domain.events.catalogue import type_named
from ledger.domain.law import AdoptedRow, Law, LawRow, ProcedureKind
from ledger.domain.migrations import Migration, Migrations
from ledger.domain.notices import Notice, Notices
from ledger.domain.phase_map import PhaseMap, PhaseRow, StatusRow
from ledger.domain.reconnaissance import RequiredItem
from ledger.domain.settings import Setting
from ledger.domain.shapes import shape_of
from ledger.domain.texts import checked_text, format_instant
from ledger.errors import Refused, ShapeError, Unreadable
from ledger.signing.canonical import decode_accepted
from ledger.signing.typed import decode_members, decoder_of
from schemas import files

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ledger.domain.events.governance import Adoption
    from ledger.domain.identifiers import Identifier
    from ledger.domain.money import EUR
    from ledger.signing.envelope import Basis, Envelope, StreamClaim
    from ledger.signing.key_book import Adopted

VERSION = 1
RULES: Final = "codes/"  # the files whose digest is that of the rule set
_KNOWN_VALUES = 16_384

Row = TypeVar("Row")


def read_event(envelope: Envelope, index: int, received_at: datetime) -> Event:
    """Return the event of an envelope at its place in the log.

    Raises:
        Refused: `type-unknown`, when the catalogue does not have its type.
        Malformed: when its data do not fit the type.
        ShapeError: when its reason or legal date does not read.
    """
    return _event(envelope.payload, index, received_at)


def read_accepted(payload: bytes, index: int, received_at: datetime) -> Event:
    """Return the event of a payload that was parsed and verified when it was appended.

    Views and replay read through here: what is stored was accepted in its strict form, and is
    examined again by `pista fsck` and by whoever verifies a package.

    Raises:
        Refused, Malformed, ShapeError: as `read_event`.
        Unreadable: `json-malformed`, when the bytes are no JSON any more.
    """
    try:
        return _event_at_once(payload, index, received_at)
    except (Unreadable, ShapeError):
        # What does not decode at once is read member by member: the error then names the member.
        return _event(decode_accepted(payload), index, received_at)


def _event_at_once(payload: bytes, index: int, received_at: datetime) -> Event:
    members = decode_members(payload)
    declared = type_named(members.type)
    return Event(
        id=members.id,
        type=declared,
        streams=tuple([claim.name for claim in members.streams]),
        actor=members.actor,
        role=members.role,
        occurred_on=members.occurred_on,
        claimed_at=members.claimed_at,
        data=_data_decoder(declared.data)(members.data),
        reason=members.reason,
        corrects=members.corrects,
        objects=tuple(
            [ObjectRef(ref.name, ref.commit, ref.size, ref.media_type) for ref in members.objects]
        ),
        index=index,
        received_at=received_at,
    )


@lru_cache(maxsize=_KNOWN_VALUES)
def _parsed(kind: type[EUR | Identifier], text: str) -> EUR | Identifier:
    """Return the code or amount of a text; the same few stand in event after event."""
    return kind.parse(text)


@cache
def _data_decoder(cls: type) -> Callable[[bytes], Any]:
    """Return what decodes the data of one type."""
    return decoder_of(cls, _parsed)


def _event(payload: dict[str, Any], index: int, received_at: datetime) -> Event:
    declared = type_named(payload["type"])
    occurred_on, reason = payload["occurred_on"], payload.get("reason")
    return Event(
        id=payload["id"],
        type=declared,
        streams=tuple(claim["name"] for claim in payload["streams"]),
        actor=payload["actor"],
        role=payload["role"],
        occurred_on=None if occurred_on is None else parse_date(occurred_on),
        claimed_at=datetime.fromisoformat(payload["claimed_at"]),
        data=declared.shape.parse(payload["data"], "/data"),
        reason=None if reason is None else checked_text(reason),
        corrects=tuple(payload.get("corrects", ())),
        objects=tuple(
            ObjectRef(ref["name"], ref["commit"], ref["size"], ref["media_type"])
            for ref in payload["objects"]
        ),
        index=index,
        received_at=received_at,
    )


def payload_of(
    event: Event, *, origin: str, claims: Sequence[StreamClaim], basis: Basis, nonce: bytes
) -> dict[str, Any]:
    """Return the payload of the envelope that records the event (FORMATS 1); `nonce` is 16 bytes."""
    payload: dict[str, Any] = {
        "v": VERSION,
        "id": event.id,
        "ledger": origin,
        "type": event.type.name,
        "streams": [_claim(claim) for claim in claims],
        "basis": {"size": basis.size, "root": encode_digest(basis.root)},
        "actor": event.actor,
        "role": event.role,
        "occurred_on": None if event.occurred_on is None else format_date(event.occurred_on),
        "claimed_at": format_instant(event.claimed_at),
        "data": event.plain_data(),
        "objects": [_object(ref) for ref in event.objects],
        "nonce": base64.urlsafe_b64encode(nonce).rstrip(b"=").decode(),
    }
    if event.reason is not None:
        payload["reason"] = event.reason
    if event.corrects:
        payload["corrects"] = list(event.corrects)
    return payload


def _claim(claim: StreamClaim) -> dict[str, Any]:
    prev = None if claim.prev is None else encode_digest(claim.prev)
    return {"name": claim.name, "seq": claim.seq, "prev": prev}


def _object(ref: ObjectRef) -> dict[str, Any]:
    return {
        "name": ref.name,
        "commit": ref.commit,
        "size": ref.size_bytes,
        "media_type": ref.media_type,
    }


def encode_digest(digest: bytes) -> str:
    """Return the base64 text, with padding, of a digest."""
    return base64.b64encode(digest).decode()


def event_id(at: datetime, random: bytes) -> str:
    """Return the UUIDv7 (RFC 9562 section 5.7) of a time and ten random bytes."""
    milliseconds = int(at.timestamp() * 1000)
    return _uuid7(milliseconds.to_bytes(6, "big"), random[:10])


def piece_id(first: str, number: int) -> str:
    """Return the UUIDv7 of a piece of what is recorded in several events: of the same time as the first.

    It follows from the id of the first, so that a second run asks for the same events:
    SHA-256("<first>/<number>") takes the place of the random bytes.
    """
    time = bytes.fromhex(first.replace("-", ""))[:6]
    return _uuid7(time, hashlib.sha256(f"{first}/{number}".encode()).digest()[:10])


def _uuid7(time: bytes, rest: bytes) -> str:
    value = bytearray(time + rest)
    value[6] = 0x70 | (value[6] & 0x0F)
    value[8] = 0x80 | (value[8] & 0x3F)
    text = value.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def load_law() -> Law:
    """Return the tables of law, settings and lists of the program (schemas/codes/) as domain values."""
    settings = _rows(Setting, "settings")
    defaults = (
        LawRow(rule=s.setting, value=s.default, what=s.means, source=s.source) for s in settings
    )
    return Law(
        rows=(*_rows(LawRow, "law"), *defaults),
        phase_map=PhaseMap(_rows(PhaseRow, "phase_map"), _rows(StatusRow, "opencoesione")),
        deadlines=_rows(DeadlineRow, "deadlines"),
        procedure_kinds=_rows(ProcedureKind, "procedure_kinds"),
        compliance=_compliance_tables(),
        reconnaissance=_rows(RequiredItem, "reconnaissance"),
        notices=Notices(_rows(Notice, "notices")),
        migrations=Migrations(_rows(Migration, "migrations")),
        settings=settings,
        rule_set=files.digest(RULES),
        schema_set=files.digest(),
    )


def _compliance_tables() -> ComplianceTables:
    """Return what the law asks of DNSH, checks, checklists and keeping."""
    return ComplianceTables(
        sheets=_rows(Sheet, "dnsh_sheets"),
        due=_rows(SheetsDue, "dnsh_due"),
        templates=_rows(Template, "checklists"),
        checks=_rows(Check, "checks"),
        retention=_rows(RetentionRule, "retention"),
    )


def _rows(of: type[Row], table: str) -> tuple[Row, ...]:
    """Return the rows of a table of codes, each of that class."""
    shape = shape_of(cast("Any", of))
    return tuple(shape.parse(row, f"/{n}") for n, row in enumerate(files.code_rows(table)))


def adopted_law(table: Law, adopted: Sequence[Adopted]) -> Law:
    """Return the law of a ledger: the tables of the program, and over them what it has adopted.

    What the tables do not admit is left out: no adoption changes a rule that is no setting. Who verifies
    a package tells what `unknown_adoptions` gives.
    """
    rows = ((one, adopted_row(table, one)) for one in adopted)
    return replace(
        table,
        adopted=tuple(
            AdoptedRow(row=row, index=one.index, force_at=one.force_at)
            for one, row in rows
            if row is not None and one.force_at is not None
        ),
    )


def unknown_adoptions(table: Law, adopted: Sequence[Adopted]) -> list[Adopted]:
    """Return the adoptions that the tables of this program do not admit."""
    return [one for one in adopted if adopted_row(table, one) is None]


def adopted_row(table: Law, one: Adopted) -> LawRow | None:
    """Return the row that an adoption lays over the tables, None when they do not admit it."""
    try:
        data: Adoption = type_named(one.type).shape.parse(dict(one.data), "/data")
    except Refused:
        return None
    return data.row(one.index) if data.is_admitted(table) else None
