"""Values of every kind of field for Hypothesis, and one with every member.

plain_of(shape_of(Link))      strategy of the JSON values that the shape parses
full(shape_of(Link))          one such value, with every member
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st

from ledger.domain.codes import CPV, CUI, Indicator, Milestone, NoticeCode
from ledger.domain.days import format_date
from ledger.domain.files import DocumentName, FileName
from ledger.domain.identifiers import (
    CIG,
    CLP,
    CUP,
    IPA,
    ActKey,
    ActNumber,
    Identifier,
    Istat,
    Measure,
    PersonRef,
    RegisterSlug,
    ServiceItem,
    ShortId,
    TaxCode,
)
from ledger.domain.keys import (
    CommitmentKey,
    ContractKey,
    InvoiceId,
    OperatorKey,
    PaymentKey,
    ProcedureKey,
)
from ledger.domain.money import EUR, SignedEUR
from ledger.domain.references import ActorId, Base64Digest, EventId, KeyId, Sha256
from ledger.domain.shapes import Choice, Kind, Many, Record, Scalar, Table
from ledger.domain.texts import format_instant

EXAMPLES: dict[type[Identifier], tuple[str, ...]] = {
    CUP: ("C81C22001220006", "c81f22001230006", "A81C 2200122-0006"),
    CIG: ("95156957EC", "B1A5544327", "z8a3c532cf"),
    CommitmentKey: ("c_e506/2024/1577", "C_E506/2024/1577/2"),
    PaymentKey: ("c_e506/2024/8122", "c_e506/2024/8122/1"),
    InvoiceId: ("12345678901", "1"),
    ProcedureKey: ("B1A5544327", "nocig/ordine-di-servizio-3"),
    ContractKey: ("B1A5544327/1", "nocig/ordine-3/2"),
    OperatorKey: ("16825251008", "p_" + "d" * 26),
    Milestone: ("M1C1-139", "m1c1-139-ita-1"),
    Indicator: ("T0079",),
    CUI: ("S08558150150202200073",),
    CPV: ("72268000-1", "72268000"),
    NoticeCode: ("padigitale-1.2-comuni-2022-04", "Altro-2024"),
    CLP: ("PRJ_120COM0422X_004891", "76554/EP/FP"),
    IPA: ("c_e506", "C_M413", "istsc_leic8aa00x", "asl-le"),
    ActKey: ("c_e506/registro-generale/2024/1234-bis", "x-regione-svizzera/decreti/2023/007"),
    ActNumber: ("1", "0012", "1234-BIS"),
    Istat: ("075035", "075", "16"),
    Measure: ("M1C1I1.2", "M1C1I1.02.00", "M7I1"),
    PersonRef: ("p_" + "a" * 26, "p_" + "7" * 26),
    RegisterSlug: ("registro-generale", "Deliberazioni-Giunta"),
    ServiceItem: ("s01", "S14"),
    ShortId: ("dnsh-ex-post-6", "a"),
    TaxCode: ("80008510754", "****************", "x:CH:CHE123456789"),
    FileName: ("determina.pdf.p7m", "Relazione_(1).pdf"),
    DocumentName: ("relazione.pdf",),
    Base64Digest: ("A" * 43 + "=", "Zm9v" * 10 + "Zm8="),
    ActorId: ("a" * 26,),
    EventId: ("01981f6e-7d0a-7c3e-9b1d-2f4a6c8e0b1d",),
    KeyId: ("A" * 43,),
    Sha256: ("0f" * 32,),
}

_TEXT = (
    st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.just("\n"), min_size=1, max_size=20)
    .map(lambda text: unicodedata.normalize("NFC", text))
    .filter(lambda text: bool(text.strip()) and not any(ord(c) & 0xFFFE == 0xFFFE for c in text))
)
_CENTS = st.integers(0, 10**15 - 1)
_INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  bounds are naive, values are UTC
_SCALARS: dict[type, st.SearchStrategy[Any]] = {
    str: _TEXT,
    int: st.integers(-(2**53) + 1, 2**53 - 1),
    bool: st.booleans(),
    date: st.dates(date(1000, 1, 1)).map(format_date),
    datetime: _INSTANTS.map(format_instant),
    EUR: _CENTS.map(lambda cents: EUR(cents).format()),
    SignedEUR: st.integers(-(10**15) + 1, 10**15 - 1).map(lambda cents: SignedEUR(cents).format()),
}


def plain_of(kind: Kind) -> st.SearchStrategy[Any]:
    """Return the strategy of the JSON values of a kind, optional members there or not."""
    if isinstance(kind, Record):
        needed = {f.name: plain_of(f.kind) for f in kind.fields if f.required}
        further = {f.name: plain_of(f.kind) for f in kind.fields if not f.required}
        return st.fixed_dictionaries(needed, optional=further)
    if isinstance(kind, Choice):
        return st.sampled_from(kind.values)
    if isinstance(kind, Many):
        return st.lists(plain_of(kind.item), max_size=2)
    if isinstance(kind, Table):
        return st.dictionaries(st.sampled_from(["r01", "r02"]), plain_of(kind.item))
    return _scalar(kind)


def _scalar(kind: Scalar) -> st.SearchStrategy[Any]:
    if kind.of in EXAMPLES:
        return st.sampled_from(EXAMPLES[kind.of])
    return _SCALARS[kind.of]


def full(kind: Kind) -> Any:  # noqa: ANN401  JSON values
    """Return one JSON value of a kind with every member, lists of one item."""
    if isinstance(kind, Record):
        return {field.name: full(field.kind) for field in kind.fields}
    if isinstance(kind, Choice):
        return kind.values[0]
    if isinstance(kind, Many):
        return [full(kind.item)]
    if isinstance(kind, Table):
        return {"r01": full(kind.item)}
    if kind.of in EXAMPLES:
        return EXAMPLES[kind.of][0]
    return _ONE[kind.of]


_ONE: dict[type, object] = {
    str: "testo",
    int: 1,
    bool: True,
    date: "2023-02-28",
    datetime: "2026-08-17T09:00:00Z",
    EUR: "319556.00",
    SignedEUR: "-0.01",
}
