"""Made-up events of every type, with their state and history: fixed input, so fixed bytes.

    python -m tests.exporters.example_documents      writes tests/vectors/exporters/ anew

Data are filled from the shape of each type: `full` has every member, `least` the required ones.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exporters.history import history_of
from exporters.to_json import history_to_json, state_to_json
from exporters.to_xml import history_to_xml, state_to_xml
from ledger.domain.event import Event, ObjectRef
from ledger.domain.events.catalogue import event_types
from ledger.domain.evolve import fold
from ledger.domain.shapes import Choice, Many, Record, Scalar, Table
from ledger.domain.statement import state
from ledger.records import load_law

if TYPE_CHECKING:
    from exporters.history import History
    from ledger.domain.events.declaration import EventType
    from ledger.domain.shapes import Field, Kind
    from ledger.domain.statement import InterventionState

GOLDEN = Path(__file__).parent.parent / "vectors" / "exporters"
CUP = "C81C22001220006"
STREAM = f"cup/{CUP}"
ACT_STREAM = "act/c_e506/registro-generale/2024/1234"
START = datetime(2024, 5, 6, 8, 0, 0, 123456, tzinfo=UTC)
DAY = date(2024, 5, 4)
TEXT = 'Migrazione in «cloud» <50% & "oltre"\nÈ ]]> 🏛'
EXAMPLES: dict[str, object] = {
    "str": TEXT,
    "int": 3,
    "bool": True,
    "date": "2024-05-04",
    "datetime": "2024-05-04T09:12:03Z",
    "EUR": "319556.00",
    "SignedEUR": "-0.01",
    "CUP": " c81c-22001220006\r\n",
    "CIG": "B1A5544327",
    "Measure": "M1C1I1.02",
    "IPA": "C_E506",
    "Istat": "075035",
    "CLP": "2.2_Puglia_Otranto",
    "TaxCode": "80008510754",
    "RegisterSlug": "registro-generale",
    "ActNumber": "1234",
    "ActKey": "c_e506/registro-generale/2024/1234",
    "PersonRef": "p_abcdefghijklmnopqrstuvwxyz",
    "ServiceItem": "s01",
    "ShortId": "checklist-1",
    "CommitmentKey": "c_e506/2024/1577",
    "PaymentKey": "c_e506/2024/8122/1",
    "InvoiceId": "12345678901",
    "ProcedureKey": "B1A5544327",
    "ContractKey": "nocig/ordine-3/1",
    "OperatorKey": "16825251008",
    "Milestone": "M1C1-139",
    "Indicator": "T0079",
    "CUI": "S08558150150202200073",
    "CPV": "72268000-1",
    "NoticeCode": "padigitale-1.2-comuni-2022-04",
    "FileName": "determina.pdf.p7m",
    "DocumentName": "relazione.pdf",
    "Base64Digest": "A" * 43 + "=",
    "EventId": "01981f6e-7d0a-7c3e-9b1d-000000000009",
    "Sha256": "0" * 64,
    "ActorId": "abcdefghijklmnopqrstuvwxyz",
    "KeyId": "A" * 43,
}
NUMBERS = {"year": 2024, "decided_in": 2022, "level": 2}


def plain_of(kind: Kind, *, full: bool, name: str = "") -> object:
    """Return JSON values that fill a kind."""
    if isinstance(kind, Record):
        return plain_data(kind, full=full)
    if isinstance(kind, Many):
        return [plain_of(kind.item, full=full)] * (2 if full else 1)
    if isinstance(kind, Table):
        return {"chiave": plain_of(kind.item, full=full)}
    if isinstance(kind, Choice):
        return kind.values[-1 if full else 0]
    assert isinstance(kind, Scalar)
    return NUMBERS.get(name, EXAMPLES[kind.of.__name__])


def plain_data(shape: Record, *, full: bool) -> dict[str, Any]:
    """Return a mapping with every member of a shape, or with those that must be there."""

    def wanted(field: Field) -> bool:
        return full or field.required

    return {f.name: plain_of(f.kind, full=full, name=f.name) for f in shape.fields if wanted(f)}


def types_in_order() -> list[EventType]:
    """Return every type, families in order of the catalogue (not of import)."""
    return list(event_types().values())


def event_id(number: int) -> str:
    """Return the id of the n-th made-up event."""
    return f"01981f6e-7d0a-7c3e-9b1d-{number:012x}"


def example_event(declared: EventType, index: int, *, full: bool, **changes: Any) -> Event:  # noqa: ANN401
    """Return an event of a type at a place of the log."""
    ref = ObjectRef("determina.pdf.p7m", "A" * 43 + "=", 182736, "application/pkcs7-mime")
    event = Event(
        id=event_id(index),
        type=declared,
        streams=(ACT_STREAM, STREAM) if declared.family in ("acts", "act_tracks") else (STREAM,),
        actor="abcdefghijklmnopqrstuvwxyz",
        role=None if declared.is_ledger else "rup",
        occurred_on=None if declared.is_ledger else DAY,
        claimed_at=START.replace(microsecond=0) + timedelta(hours=index),
        data=declared.shape.parse(plain_data(declared.shape, full=full)),
        reason=TEXT if full else None,
        corrects=(),
        objects=(ref,) if full else (),
        index=index,
        received_at=START + timedelta(hours=index),
    )
    return replace(event, **changes)


def example_events() -> list[Event]:
    """Return two events of every type, then corrections: one in force, one withdrawn."""
    declared = types_in_order()
    events = [
        example_event(one, 2 * n + (not full), full=full)
        for n, one in enumerate(declared)
        for full in (True, False)
    ]
    correct = event_types()["error-corrected/1"]
    end = len(events)
    return [
        *events,
        example_event(correct, end, full=False, corrects=(event_id(1),)),
        example_event(correct, end + 1, full=False, corrects=(event_id(5),)),
        example_event(correct, end + 2, full=False, corrects=(event_id(end + 1),)),
    ]


def example_state() -> InterventionState:
    """Return the state of the made-up dossier."""
    events = example_events()
    return state(
        fold(STREAM, events),
        as_of=date(2024, 12, 31),
        known_at=len(events),
        known_at_time=events[-1].received_at,
        law=load_law(),
    )


def example_history() -> History:
    """Return the history of the made-up dossier; the envelopes are the ids."""
    recorded = [(event, hashlib.sha256(event.id.encode()).digest()) for event in example_events()]
    return history_of(STREAM, recorded, size=len(recorded) + 1)


def documents() -> dict[str, bytes]:
    """Return the four documents by file name."""
    return {
        "history.json": history_to_json(example_history()),
        "history.xml": history_to_xml(example_history()),
        "intervention.json": state_to_json(example_state()),
        "intervention.xml": state_to_xml(example_state()),
    }


if __name__ == "__main__":
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for name, content in documents().items():
        (GOLDEN / name).write_bytes(content)
