"""What is told in the tests of the door: an intervention, a determina, its visto, phases."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

from ledger.domain.event import ObjectRef
from ledger.errors import PistaError
from ledger.records import encode_digest
from tests.ledger.application.door_kit import BODY, CUP, House

if TYPE_CHECKING:
    from ledger.journal.batch import Receipt

ACT = "c_e506/registro-generale/2026/101"


PERSON = "p_" + "a" * 26


INTERVENTION = {
    "cup": CUP,
    "title": "Completamento della migrazione in cloud",
    "measure": "M1C1I1.2",
    "body": {"ipa": BODY, "tax_code": "80008510754"},
    "natura": "02",
    "decided_in": 2022,
}


DETERMINA = {
    "register": "registro-generale",
    "year": 2026,
    "number": "101",
    "adopted_on": "2026-03-02",
    "subject": "Impegno di spesa",
    "office": "Innovazione",
    "signatory": PERSON,
    "links": [{"cup": CUP}],
    "cup_in_text": "si",
    "file": "determina.pdf",
    "subtype": "impegno",
}


def register(house: House, cup: str = CUP) -> Receipt:
    """Register an intervention."""
    data = {**INTERVENTION, "cup": cup}
    return house.write("rup", "register-intervention/2", data, role="rup", occurred_on="2026-03-01")


def kept_file(house: House, name: str = "determina.pdf") -> ObjectRef:
    """Keep a file in the vault and return its reference."""
    stored = house.ledger.vault.put(io.BytesIO(b"%PDF-1.7 " + name.encode()), "application/pdf")
    return ObjectRef(name, encode_digest(stored.commit), stored.size_bytes, stored.media_type)


def determina(house: House, number: str = "101") -> bytes:
    """Return the signed registration of a determina with its file."""
    data = {**DETERMINA, "number": number}
    ref = kept_file(house)
    return house.envelope("rup", "register-determina/1", data, role="rup", objects=(ref,))


def visto(act: str = ACT) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Return name, data and what is beside of the visto on an act."""
    beside = {"role": "finanziario", "occurred_on": "2026-03-02"}
    return "give-endorsement/1", {"act": act, "by_person": PERSON}, beside


def phase(name: str, on: str = "2026-03-01") -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Return name, data and what is beside of the entry into a phase."""
    return "enter-phase/1", {"phase": name}, {"role": "rup", "occurred_on": on, "cup": CUP}


EVERY_STORE = pytest.mark.parametrize("recorder", ["memory", "sqlite", "postgres"], indirect=True)


def refused_code(house: House, raw: bytes) -> str:
    """Return the code with which an envelope is refused; nothing may have changed."""
    before = house.head()
    with pytest.raises(PistaError) as caught:
        house.ledger.record(raw)
    assert house.head() == before
    return caught.value.code


def drafted_phase(house: House) -> tuple[Any, bytes]:
    """Return a sound draft and its envelope, on a registered intervention."""
    register(house)
    name, data, beside = phase("PROGETTAZIONE")
    draft = house.draft("rup", house.command(name, data, **beside))
    return draft, house.signed("rup", draft)


def other_id(house: House) -> str:
    """Return the id of an event that was never drafted."""
    return house.command(*phase("COLLAUDO")[:2], **phase("COLLAUDO")[2]).id
