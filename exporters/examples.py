"""An example of each request, made from its shape: something to copy and change.

    example_request(type_asked("enter-phase/1"))
    {"command": "enter-phase/1", "cup": "C81C22001220006", "occurred_on": "2023-02-15", ...}

Only the members that must be there are shown, with values that parse. Source: EXPERIENCE section 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ledger.domain.shapes import Choice, Many, Record, Scalar, Table

if TYPE_CHECKING:
    from ledger.domain.events.declaration import EventType
    from ledger.domain.shapes import Kind

DAY: Final = "2023-02-15"
CUP: Final = "C81C22001220006"
VALUES: Final[dict[str, object]] = {
    "str": "testo",
    "int": 1,
    "bool": True,
    "date": DAY,
    "datetime": f"{DAY}T09:12:03Z",
    "EUR": "319556.00",
    "SignedEUR": "-50000.00",
    "CUP": CUP,
    "CIG": "B1A5544327",
    "CLP": "PRJ_120COM0422X_004891",
    "Measure": "M1C1I1.2",
    "IPA": "c_e506",
    "Istat": "075035",
    "TaxCode": "80008510754",
    "RegisterSlug": "registro-generale",
    "ActNumber": "100",
    "ActKey": "c_e506/registro-generale/2023/100",
    "PersonRef": "@rossi",
    "ServiceItem": "s01",
    "ShortId": "dnsh-6",
    "CommitmentKey": "c_e506/2023/1577",
    "PaymentKey": "c_e506/2023/8122",
    "InvoiceId": "12345678901",
    "ProcedureKey": "B1A5544327",
    "ContractKey": "B1A5544327/1",
    "OperatorKey": "16825251008",
    "Milestone": "M1C1-139",
    "Indicator": "T0079",
    "CUI": "S08558150150202200073",
    "CPV": "72268000-1",
    "NoticeCode": "padigitale-1.2-comuni-2022-04",
    "FileName": "determina.pdf.p7m",
    "DocumentName": "relazione.pdf",
    "Base64Digest": "A" * 43 + "=",
    "EventId": "01981f6e-7d0a-7c3e-9b1d-2f4a6c8e0b1d",
    "Sha256": "0" * 64,
    "ActorId": "a" * 26,
    "KeyId": "A" * 43,
}


def example_request(declared: EventType) -> dict[str, Any]:
    """Return a request of this type with the members that must be there."""
    data = _record(declared.shape)
    request: dict[str, Any] = {"command": declared.command}
    if not declared.is_ledger:
        cup = {"cup": CUP} if declared.concerns_cups else {}
        request |= {**cup, "occurred_on": DAY, "role": declared.by[0]}
    if declared.dated_by is not None:
        request["occurred_on"] = data[declared.dated_by]
    return {**request, "data": data}


def _record(shape: Record) -> dict[str, Any]:
    return {field.name: _value(field.kind) for field in shape.fields if field.required}


def _value(kind: Kind) -> Any:  # noqa: ANN401  any JSON value
    if isinstance(kind, Record):
        return _record(kind)
    if isinstance(kind, Many):
        return [_value(kind.item)]
    if isinstance(kind, Table):
        return {"chiave": _value(kind.item)}
    if isinstance(kind, Choice):
        return kind.values[0]
    return _scalar(kind)


def _scalar(kind: Scalar) -> object:
    found = VALUES.get(kind.of.__name__)
    if found is None:
        message = f"no example of {kind.of!r}"
        raise TypeError(message)
    return found
