"""Versions that have a successor: read for ever, asked as before, recorded no more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledger.application.requests import parse_request
from ledger.domain.decide import judge
from ledger.domain.event import Event
from ledger.domain.events.catalogue import event_types, newest_asked, type_named
from ledger.domain.evolve import fold
from ledger.domain.shapes import shape_of
from ledger.errors import Refused
from tests.ledger.domain.facts import attached, but, corrected, funded, registered
from tests.ledger.domain.facts_documents import COMMIT, approved, asked, erased
from tests.ledger.domain.worlds import CUP, World, event_id

OLD = type_named("document-attached/1")
NEW = type_named("document-attached/2")
ATTACH = but(attached(public=True, alt="Una pagina"), command="attach-document/1")


def recorded_then(world: World) -> Event:
    """Put into the record an attachment as the first version told it."""
    event = world.proposed(attached(public=True, alt="Una pagina"))
    plain = shape_of(NEW.data).plain(event.data)
    then = replace(event, type=OLD, data=shape_of(OLD.data).parse(plain))
    world.events.append(then)
    return then


def test_an_old_event_gives_the_state_that_the_newest_version_would() -> None:
    before, after = World().given(registered()), World().given(registered())
    recorded_then(before)
    after.given(attached(public=True, alt="Una pagina"))
    assert before.dossier().documents == after.dossier().documents
    assert before.dossier().documents.files[0].public
    assert before.state() == after.state()


def test_an_old_event_is_told_as_it_was_recorded() -> None:
    then = recorded_then(World().given(registered()))
    assert then.type.name == "document-attached/1"
    assert set(then.plain_data()) == {"doc", "kind", "form", "public", "alt"}
    assert then.newest().type is NEW
    assert then.newest().newest() is not then
    assert then.newest().newest().type is NEW


def test_what_is_asked_in_the_old_version_is_recorded_in_the_newest() -> None:
    world = World().given(registered())
    answer = world.when(ATTACH)
    assert isinstance(answer, Event), answer
    assert answer.type is NEW
    assert parse_request({**ATTACH, "id": event_id(9)}).type is NEW


def test_a_registration_of_the_first_version_has_its_notice_by_name_and_its_deadlines() -> None:
    """The name is read by the tables of notices, as a request of today is before it is signed."""
    name = "1.2 Abilitazione al Cloud - Comuni - LUGLIO 2022"
    old, today = type_named("intervention-registered/1"), World()
    event = today.proposed(registered(avviso=name))
    assert event.data.notice == "padigitale-1.2-comuni-2022-07"
    plain = shape_of(type(event.data)).plain(event.data)
    del plain["notice"]
    then = World(events=[replace(event, type=old, data=shape_of(old.data).parse(plain))])
    [found] = then.dossier().registrations
    assert (found.avviso, found.notice) == (name, None)
    today.given(registered(avviso=name), funded(notified_on="2022-10-31"))
    then.given(funded(notified_on="2022-10-31"))
    assert then.state().deadlines == today.state().deadlines
    assert then.state().deadlines[0].notice == "padigitale-1.2-comuni-2022-07"


def test_a_registration_of_the_first_version_is_the_first_event_of_its_cup() -> None:
    world = World()
    asked = but(registered(), command="register-intervention/1")
    answer = world.when(asked)
    assert isinstance(answer, Event), answer
    assert answer.type.name == "intervention-registered/2"
    old = type_named("intervention-registered/1")
    plain = shape_of(type(answer.data)).plain(answer.data)
    world.events[0] = replace(answer, type=old, data=shape_of(old.data).parse(plain))
    world.given(attached(), corrected(1))
    assert isinstance(world.when(corrected(0)), Event)
    assert world.dossier().registrations == ()


def test_an_envelope_of_the_old_version_is_refused_with_the_name_of_the_new_one() -> None:
    world = World().given(registered())
    then = recorded_then(world)
    world.events.pop()
    with pytest.raises(Refused) as caught:
        judge(then, world.situation(attached()))
    assert caught.value.code == "type-superseded"
    assert "document-attached/2" in caught.value.sentence


def test_an_old_event_can_be_corrected_and_does_not_break_other_corrections() -> None:
    world = World().given(registered(), registered(clp="A"))
    recorded_then(world)
    world.given(corrected(2))
    assert world.dossier().documents.files == ()
    world = World().given(registered(), attached(doc="prima.pdf"))
    recorded_then(world)
    world.given(corrected(1))
    assert [file.name for file in world.dossier().documents.files] == ["relazione.pdf"]
    assert fold(f"cup/{CUP}", world.history(f"cup/{CUP}")).count == 4


def test_a_command_without_its_version_is_the_newest() -> None:
    assert newest_asked("attach-document") is NEW
    with pytest.raises(Refused, match="command-unknown"):
        newest_asked("attach-documents")


def test_a_type_with_a_successor_names_one_that_has_none() -> None:
    every = event_types()
    named = [every[one.succeeded_by] for one in every.values() if one.succeeded_by]
    assert named
    assert all(one.succeeded_by is None for one in named)


def test_a_request_of_erasure_is_read_as_it_was_and_asked_as_before() -> None:
    world = World().given(registered(), attached())
    plain = {**asked(COMMIT)["data"], "note": "PEC"}
    told = world.proposed(but(asked(COMMIT), command="request-erasure/1", data=plain))
    assert told.type.name == "erasure-requested/2"
    old = type_named("erasure-requested/1")
    then = replace(told, type=old, data=shape_of(old.data).parse(plain))
    assert then.plain_data() == plain
    world.events.append(then)
    world.given(approved(), erased(COMMIT))
    assert world.dossier().documents.files[0].erased is not None
