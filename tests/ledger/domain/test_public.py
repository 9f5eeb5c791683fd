"""What everybody may read of an intervention."""

from __future__ import annotations

from dataclasses import fields

from ledger.domain.events.catalogue import event_types
from ledger.domain.public import IN_PART, PRIVATE_TYPES, PUBLIC, is_public, public
from ledger.domain.shapes import shape_of
from ledger.domain.statement import InterventionState
from tests.ledger.domain.facts import MANAGER, RUP_PERSON, attached, nominated, registered
from tests.ledger.domain.facts_life import OWNER, abstained, conflict, owners
from tests.ledger.domain.facts_oversight import audit, found, noted
from tests.ledger.domain.worlds import World

PRIVATE = (
    registered(),
    nominated(),
    nominated("dec", person=MANAGER),
    conflict(),
    abstained(),
    owners(OWNER),
    audit(),
    found(),
    noted("Telefonata con il fornitore"),
    attached("interno.pdf"),
    attached("pubblico.pdf", public=True),
)


def test_every_member_of_the_state_was_decided() -> None:
    names = {one.name for one in fields(InterventionState)}
    assert names >= PUBLIC | IN_PART
    shown = {name for name in names if name in PUBLIC}
    required = {one.name for one in shape_of(InterventionState).fields if one.required}
    assert required <= shown


def test_what_is_for_staff_and_auditors_is_not_told() -> None:
    state = World().given(*PRIVATE).state()
    told = str(shape_of(InterventionState).told(public(state)))
    for private in (MANAGER, OWNER, "interno.pdf", "Telefonata", "affidamento del lotto 2"):
        assert private in str(shape_of(InterventionState).told(state))
        assert private not in told
    assert RUP_PERSON in told
    assert "nota-10-1.pdf" in told
    assert "pubblico.pdf" not in told


def test_a_public_state_is_of_the_same_form() -> None:
    state = public(World().given(*PRIVATE).state())
    shape = shape_of(InterventionState)
    assert shape.parse(shape.told(state)) == state


def test_types_that_are_for_staff_are_types() -> None:
    stems = {name.partition("/")[0] for name in event_types()}
    assert stems >= PRIVATE_TYPES
    assert not is_public("note-recorded/1")
    assert is_public("phase-entered/1")
