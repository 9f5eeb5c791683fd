"""A client that skips the draft: members, keys, signatures and objects are judged all the same."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest

from ledger.errors import NotAuthorised, Unreadable
from ledger.journal.batch import Receipt
from ledger.signing.envelope import parse
from tests.ledger.application.door_kit import CUP, OTHER_CUP, PEOPLE, House, key_data
from tests.ledger.application.door_story import (
    EVERY_STORE,
    determina,
    drafted_phase,
    other_id,
    phase,
    refused_code,
    register,
)

SKIPPED_THE_DRAFT: dict[str, tuple[dict[str, Any], str]] = {
    "another ledger": ({"ledger": "altro.comune.it/c_a001"}, "other-ledger"),
    "a type that no catalogue has": ({"type": "phase-dreamt/1"}, "type-unknown"),
    "data of another type": ({"data": {"phase": "SOGNO"}}, "malformed-request"),
    "a field too many": ({"data": {"phase": "PROGETTAZIONE", "x": "y"}}, "unknown-field"),
    "a role that the key does not hold": ({"role": "dirigente"}, "not-authorised"),
    "no role": ({"role": None}, "not-authorised"),
    "an actor that is not the key's": ({"actor": PEOPLE["ospite"]}, "actor-mismatch"),
    "the stream of another intervention": (
        {"streams": [{"name": f"cup/{OTHER_CUP}", "seq": 0, "prev": None}]},
        "intervention-unknown",
    ),
    "a seq that skips one": (
        {
            "streams": [
                {"name": f"cup/{CUP}", "seq": 7, "prev": base64.b64encode(b"x" * 32).decode()}
            ]
        },
        "stream-moved",
    ),
    "a stream of a person": (
        {"streams": [{"name": f"actor/{PEOPLE['rup']}", "seq": 0, "prev": None}]},
        "stream-moved",
    ),
    "a basis that is no head": (
        {"basis": {"size": 3, "root": base64.b64encode(b"x" * 32).decode()}},
        "basis-unknown",
    ),
    "a basis beyond the log": (
        {"basis": {"size": 9999, "root": base64.b64encode(b"x" * 32).decode()}},
        "basis-unknown",
    ),
    "a legal date to come": ({"occurred_on": "2027-01-01"}, "future-date"),
    "a reason of blanks": ({"reason": "   "}, "malformed-request"),
    "a file that is not in the vault": (
        {
            "objects": [
                {
                    "name": "a.pdf",
                    "commit": base64.b64encode(b"x" * 32).decode(),
                    "size": 3,
                    "media_type": "application/pdf",
                }
            ]
        },
        "object-missing",
    ),
}


@pytest.mark.parametrize("case", SKIPPED_THE_DRAFT.values(), ids=SKIPPED_THE_DRAFT.keys())
def test_a_client_that_skips_the_draft_is_judged_all_the_same(
    house: House, case: tuple[dict[str, Any], str]
) -> None:
    changed, code = case
    draft, _ = drafted_phase(house)
    assert refused_code(house, house.forged("rup", draft, **changed)) == code


def stored_object(house: House, **changed: Any) -> dict[str, Any]:  # noqa: ANN401  members of an object
    """Return an object of the vault as an envelope names it, with some members changed."""
    stored = house.ledger.vault.put(io.BytesIO(b"%PDF-1.4 prova"), "application/pdf")
    commit = base64.b64encode(stored.commit).decode()
    sound = {"name": "a.pdf", "commit": commit, "size": 14, "media_type": "application/pdf"}
    return {**sound, **changed}


FALSE_OBJECTS: dict[str, tuple[dict[str, Any], str]] = {
    "a false size": ({"size": 9999}, "object-differs"),
    "a false media type": ({"media_type": "text/plain"}, "object-differs"),
    "a name with a blank": ({"name": "determina firmata.pdf"}, "file-name-refused"),
}


@pytest.mark.parametrize("case", FALSE_OBJECTS.values(), ids=FALSE_OBJECTS)
def test_an_object_that_the_vault_does_not_hold_so_is_refused(
    house: House, case: tuple[dict[str, Any], str]
) -> None:
    changed, code = case
    draft, _ = drafted_phase(house)
    raw = house.forged("rup", draft, objects=[stored_object(house, **changed)])
    assert refused_code(house, raw) == code


@EVERY_STORE
def test_a_poisoned_member_is_refused_and_the_others_are_recorded(house: House) -> None:
    draft, raw = drafted_phase(house)
    poison = [stored_object(house, name="determina firmata.pdf")]
    outcomes = house.ledger.record_many(
        [house.forged("rup", draft, objects=poison, id=other_id(house)), raw]
    )
    assert [isinstance(one, Receipt) for one in outcomes] == [False, True]
    twin = house.another()
    assert twin.head() == house.head()
    assert len(twin.ledger.judge.histories.history(f"cup/{CUP}")) == 2


NOT_BARE: dict[str, dict[str, Any]] = {
    "a role": {"role": "dirigente"},
    "a legal date": {"occurred_on": "1999-01-01"},
    "a correction": {"corrects": ["01981f6e-7d0a-7c3e-9b1d-2f4a6c8e0b1d"]},
}


@pytest.mark.parametrize("changed", NOT_BARE.values(), ids=NOT_BARE)
def test_an_event_of_the_ledger_with_members_of_interventions_is_refused(
    house: House, changed: dict[str, Any]
) -> None:
    grant = {"actor": PEOPLE["ospite"], "role": "rup", "from": "2026-01-01", "office": "Prova"}
    draft = house.draft("admin", house.command("grant-role/1", grant))
    raw = house.forged("admin", draft, **changed)
    assert refused_code(house, raw) == "ledger-event-not-bare"


def test_streams_out_of_order_do_not_parse(house: House) -> None:
    register(house)
    raw = determina(house)
    payload = parse(raw).payload
    draft = house.draft("rup", house.command(*phase("PROGETTAZIONE")[:2], **phase("X")[2]))
    with pytest.raises(Unreadable):
        house.forged("rup", draft, streams=payload["streams"][::-1])


def test_a_changed_signature_is_refused(house: House) -> None:
    _, raw = drafted_phase(house)
    text, _, _ = raw.rpartition(b".")
    other = house.people["ospite"].signer.sign(text)
    forged = text + b"." + base64.urlsafe_b64encode(other).rstrip(b"=")
    assert refused_code(house, forged) == "signature-invalid"


def test_bytes_that_are_no_envelope_are_unreadable(house: House) -> None:
    assert refused_code(house, b"a.b.c") == "base64url-not-canonical"
    with pytest.raises(Unreadable):
        house.ledger.record(b"niente")


def test_a_key_that_was_never_enrolled_is_refused(house: House) -> None:
    draft, _ = drafted_phase(house)
    house.people["rup"] = house.enter("rup", "never enrolled")
    assert refused_code(house, house.forged("rup", draft)) == "key-unknown"


def test_a_revoked_key_is_refused(house: House) -> None:
    _, raw = drafted_phase(house)
    kid = house.people["rup"].signer.kid
    house.write("admin", "revoke-key/1", {"actor": PEOPLE["rup"], "kid": kid, "cause": "smarrita"})
    with pytest.raises(NotAuthorised) as caught:
        house.ledger.record(raw)
    assert caught.value.code == "key-revoked"


def test_an_administrator_alone_enrols(house: House) -> None:
    newcomer = house.enter("ospite", "second")
    raw = house.envelope("rup", "enrol-actor/1", key_data(newcomer, "proof"))
    assert refused_code(house, raw) == "not-administrator"


def test_a_basis_older_than_the_last_of_the_same_key_is_refused(house: House) -> None:
    old = house.basis()
    register(house)
    name, data, beside = phase("PROGETTAZIONE")
    house.write("rup", name, data, **beside)
    person = house.people["rup"]
    command = house.command("enter-phase/1", {"phase": "AFFIDAMENTO"}, **beside)
    draft = house.ledger.draft(command, person.identity, old)
    assert refused_code(house, house.signed("rup", draft)) == "basis-older"


@EVERY_STORE
def test_a_process_opened_later_knows_what_a_key_had_rested_on(house: House) -> None:
    """The head named before the opening is looked for; a key that never signed may name any."""
    old = house.basis()
    register(house)
    name, data, beside = phase("PROGETTAZIONE")
    house.write("rup", name, data, **beside)
    later = house.another()
    name, data, beside = phase("AFFIDAMENTO")
    command = later.command(name, data, **beside)
    draft = later.ledger.draft(command, later.people["rup"].identity, old)
    assert refused_code(later, later.signed("rup", draft)) == "basis-older"
    signers = later.ledger.judge._signers
    named = parse(later.journal.envelope(later.journal.size - 2)).basis.size
    assert signers.newest_basis(later.people["rup"].signer.kid) == named > old.size
    assert signers.newest_basis(later.people["ospite"].signer.kid) == 0
    assert signers.newest_basis("unknown") == 0
