"""What is refused of every fact, documents, observations, packages. Source: DOMAIN 9.8 to 9.13."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ledger.domain.decide import judge, judge_ledger_event
from ledger.domain.event import Event, ObjectRef
from ledger.errors import Malformed, NotAuthorised, Refused
from tests.ledger.domain.cases import Accepted, Refusal
from tests.ledger.domain.facts import (
    ACT,
    answered,
    attached,
    but,
    described,
    determina,
    exported,
    funded,
    live,
    nominated,
    observed,
    opened,
    phase,
    registered,
    service,
    visto,
    without,
)
from tests.ledger.domain.facts_oversight import renamed
from tests.ledger.domain.worlds import CUP, OTHER_CUP, World, event_id

START = (registered(),)
SHARED = (*START, registered(measure="M1C1I1.4.1", on="2022-03-01"))
ONE_OF_TWO = {"cup": CUP, "measure": "M1C1I1.2", "amount": "60.00"}
PROPOSAL = {"number": "9", "on": "2026-09-02"}
GRANT = {
    "command": "grant-role/1",
    "data": {"actor": "a" * 26, "role": "rup", "from": "2022-01-01"},
}
ACCEPTED = {
    "a document": Accepted(
        START, attached(), lambda d: [f.name for f in d.documents.files], ["relazione.pdf"]
    ),
    "a document of a service": Accepted(
        (*START, service()),
        attached(item="s01", public=True),
        lambda d: [(f.item, f.public) for f in d.documents.files],
        [("s01", True)],
    ),
    "a national state": Accepted(
        START, observed(), lambda d: d.national.current() and d.national.current().state, "A"
    ),
    "a package": Accepted(
        START, exported(), lambda d: [p.size for p in d.oversight.packages], [10]
    ),
    "a due date in the future": Accepted(
        (*START, opened("ante", "ex-ante")),
        answered("NO", name="ante", comment="No", remedy="Poi", due_on="2030-01-01"),
        lambda d: len(d.compliance.checklists[0].rows) if d.compliance.checklists else 0,
        1,
    ),
    "a nomination that ends in the future": Accepted(
        START, nominated(to="2030-01-01"), lambda d: len(d.people.assignments), 1
    ),
    "a fact of today": Accepted(
        START, phase("ESECUZIONE", "2026-09-01"), lambda d: len(d.phases.moves), 1
    ),
}
REFUSED = {
    "a text with a phone number": Refusal(
        START, phase("ESECUZIONE", "2023-03-01", note="cell. 340 1234567"), "personal-data-in-text"
    ),
    "a confirmation of what is not there": Refusal(
        START,
        but(phase("ESECUZIONE", "2023-03-01"), not_personal={"/data/note": ["phone"]}),
        "nothing-to-confirm",
    ),
    "a fact of tomorrow": Refusal(START, phase("ESECUZIONE", "2026-09-02"), "future-date"),
    "a date of something done tomorrow, in the data": Refusal(
        START, funded(notified_on="2026-09-02"), "future-date"
    ),
    "a decree of tomorrow": Refusal(
        START, funded(decree={"number": "1", "on": "2026-09-02"}), "future-date"
    ),
    "a proposal of tomorrow": Refusal(START, determina(proposal=PROPOSAL), "future-date"),
    "a fact before the registration of its intervention": Refusal(
        (), phase("ESECUZIONE", "2023-03-01"), "intervention-unknown"
    ),
    "an act of a CUP that is not registered": Refusal(
        START, determina(links=[{"cup": CUP}, {"cup": OTHER_CUP}]), "intervention-unknown"
    ),
    "a fact that does not say of which intervention": Refusal(
        START, without(phase("ESECUZIONE", "2023-03-01"), "cup"), "streams-missing"
    ),
    "a fact of one of two interventions": Refusal(
        SHARED, phase("ESECUZIONE", "2023-03-01"), "intervention-ambiguous"
    ),
    "a description with addresses of one of two interventions": Refusal(
        SHARED, described(links=["https://example.it"]), "intervention-ambiguous"
    ),
    "an intervention that the CUP does not have": Refusal(
        SHARED,
        phase("ESECUZIONE", "2023-03-01", intervention={"measure": "M1C1I1.5"}),
        "intervention-unknown",
    ),
    "an intervention that a CUP of one does not have": Refusal(
        START,
        phase("ESECUZIONE", "2023-03-01", intervention={"measure": "M1C1I1.5"}),
        "intervention-unknown",
    ),
    "a local code that the intervention of a CUP of one does not have": Refusal(
        START,
        phase("ESECUZIONE", "2023-03-01", intervention={"measure": "M1C1I1.2", "clp": "PRJ_9"}),
        "intervention-unknown",
    ),
    "a share of an intervention that the CUP does not have": Refusal(
        START, determina(links=[{"cup": CUP, "measure": "M1C1I1.5"}]), "intervention-unknown"
    ),
    "a visto that names an intervention of none of the CUPs of its act": Refusal(
        (*START, determina()),
        but(visto(), data={**visto()["data"], "intervention": {"measure": "M1C1I1.5"}}),
        "intervention-unknown",
    ),
    "an act of which one share does not say of which of two interventions": Refusal(
        SHARED,
        determina(amount="100.00", links=[ONE_OF_TWO, {"cup": CUP, "amount": "40.00"}]),
        "intervention-ambiguous",
    ),
    "an act of one of two interventions": Refusal(SHARED, determina(), "intervention-ambiguous"),
    "a file that is not attached": Refusal(START, but(attached(), files=()), "file-not-attached"),
    "a picture that is not attached": Refusal(
        START,
        but(described(gallery=[{"doc": "foto.png", "alt": "Sala"}]), files=("altra.png",)),
        "file-not-attached",
    ),
    "another CUP beside the data": Refusal((), but(registered(), cup=OTHER_CUP), "cup-mismatch"),
    "no legal date": Refusal(
        START, without(phase("ESECUZIONE", "2023-03-01"), "occurred_on"), "missing-field"
    ),
    "two legal dates": Refusal(
        (*START, service()), but(live(), occurred_on="2023-08-31"), "legal-date-mismatch"
    ),
    "a document of a service that is not in the scope": Refusal(
        START, attached(item="s02"), "reference-unknown"
    ),
    "a document of an act that is not recorded": Refusal(START, attached(act=ACT), "act-unknown"),
    "no role": Refusal(START, without(phase("ESECUZIONE", "2023-03-01"), "role"), "not-authorised"),
}


@pytest.mark.parametrize("case", ACCEPTED.values(), ids=ACCEPTED)
def test_it_is_recorded_and_changes_the_dossier(case: Accepted) -> None:
    case.check()


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused(case: Refusal) -> None:
    case.check()


def test_authority_is_answered_before_anything_else() -> None:
    answer = World().when(but(phase("ESECUZIONE", "2030-01-01"), role="finanziario"))
    assert isinstance(answer, NotAuthorised)
    assert answer.code == "not-authorised"


def test_what_is_common_is_answered_before_what_is_of_the_type() -> None:
    answer = World().given(*START).when(but(visto("c_e506/registro-generale/2026/9"), files=()))
    assert isinstance(answer, Refused)
    assert answer.code == "act-unknown"
    late = World().given(*START).when(visto(on="2026-09-02"))
    assert isinstance(late, Refused)
    assert late.code == "future-date"


CHANGED_AFTER_SIGNING = {
    "another CUP": ({"streams": (f"cup/{OTHER_CUP}",)}, "intervention-unknown"),
    "one CUP more": ({"streams": (f"cup/{CUP}", "sys/log")}, "streams-mismatch"),
    "no CUP": ({"streams": ()}, "streams-missing"),
    "another legal date": ({"occurred_on": None}, "missing-field"),
    "another role": ({"role": "finanziario"}, "not-authorised"),
}


@pytest.mark.parametrize(
    ("change", "code"), CHANGED_AFTER_SIGNING.values(), ids=CHANGED_AFTER_SIGNING
)
def test_an_envelope_that_is_not_the_draft_is_judged_again(
    change: dict[str, object], code: str
) -> None:
    asked = phase("ESECUZIONE", "2023-03-01")
    world = World().given(*START)
    event = world.proposed(asked)
    judge(event, world.situation(asked))
    with pytest.raises(Refused) as caught:
        judge(replace(event, **change), world.situation(asked))  # type: ignore[arg-type]  # members of an Event
    assert caught.value.code == code


def test_an_envelope_dated_otherwise_than_its_data_is_refused() -> None:
    world = World().given(*START, service())
    event = world.proposed(live())
    with pytest.raises(Malformed) as caught:
        judge(replace(event, occurred_on=event.received_on), world.situation(live()))
    assert caught.value.code == "legal-date-mismatch"


def test_an_envelope_without_the_legal_date_that_its_data_say_is_refused() -> None:
    world = World().given(*START, service())
    event = world.proposed(live())
    with pytest.raises(Malformed) as caught:
        judge(replace(event, occurred_on=None), world.situation(live()))
    assert [(one.pointer, one.code) for one in caught.value.faults] == [
        ("/occurred_on", "missing-field")
    ]


def test_an_approval_joins_the_streams_of_what_it_approves() -> None:
    world = World().given(*START, renamed())
    approval = {"command": "give-approval/1", "data": {"event": event_id(1)}}
    assert world.proposed(approval).streams == ("sys/log",)
    answer = world.when({**approval, "data": {"event": event_id(9)}})
    assert isinstance(answer, Refused)
    assert answer.code == "streams-missing"


def test_an_event_of_the_ledger_joins_the_streams_of_its_declaration() -> None:
    world = World()
    asked = {**GRANT, "data": {**GRANT["data"], "office": "Ragioneria"}}  # type: ignore[dict-item]  # a mapping
    event = world.proposed(asked)
    assert (event.streams, event.occurred_on) == (("actor/" + "a" * 26,), None)
    judge_ledger_event(event, world.situation(asked))
    judge(event, world.situation(asked))
    with pytest.raises(Refused) as caught:
        judge_ledger_event(replace(event, streams=("sys/log",)), world.situation(asked))
    assert caught.value.code == "streams-mismatch"


def ref(name: str) -> ObjectRef:
    """Return an object of that name."""
    return ObjectRef(name, "A" * 43 + "=", 1, "application/pdf")


MEMBERS: dict[str, tuple[dict[str, object], str]] = {
    "a file name with a blank": ({"objects": (ref("determina firmata.pdf"),)}, "file-name-refused"),
    "two files of one name": ({"objects": (ref("a.pdf"), ref("a.pdf"))}, "file-named-twice"),
    "corrections of what corrects nothing": (
        {"corrects": (event_id(1),)},
        "corrects-not-meant",
    ),
}


@pytest.mark.parametrize(("change", "code"), MEMBERS.values(), ids=MEMBERS)
def test_members_that_no_client_of_ours_signs_are_refused(
    change: dict[str, object], code: str
) -> None:
    asked = phase("ESECUZIONE", "2023-03-01")
    world = World().given(*START)
    event = replace(world.proposed(asked), **change)  # type: ignore[arg-type]  # members of an Event
    with pytest.raises(Refused) as caught:
        judge(event, world.situation(asked))
    assert code in {caught.value.code, *(other.code for other in caught.value.others)}


NOT_BARE: dict[str, dict[str, object]] = {
    "a role": {"role": "dirigente"},
    "a legal date": {"occurred_on": date(1999, 1, 1)},
    "a correction": {"corrects": (event_id(1),)},
    "a file": {"objects": (ref("a.pdf"),)},
}


@pytest.mark.parametrize("change", NOT_BARE.values(), ids=NOT_BARE)
def test_an_event_of_the_ledger_has_no_members_of_interventions(change: dict[str, object]) -> None:
    world = World()
    asked = {**GRANT, "data": {**GRANT["data"], "office": "Ragioneria"}}  # type: ignore[dict-item]  # a mapping
    event = world.proposed(asked)
    with pytest.raises(Refused) as caught:
        judge_ledger_event(replace(event, **change), world.situation(asked))  # type: ignore[arg-type]  # members of an Event
    assert caught.value.code == "ledger-event-not-bare"


def test_legal_days_are_of_rome() -> None:
    """At 10:00 UTC Rome has the same day; the receipt of a fact of today is not late."""
    world = World().given(*START)
    event = world.when(phase("ESECUZIONE", "2026-09-01"))
    assert isinstance(event, Event)
    assert (event.received_on, event.days_late) == (event.day, 0)


def test_who_names_no_registered_intervention_is_told_which_there_are() -> None:
    answer = (
        World()
        .given(*SHARED)
        .when(
            phase("ESECUZIONE", "2023-03-01", intervention={"measure": "M1C1I1.5", "clp": "PRJ_9"})
        )
    )
    assert isinstance(answer, Refused)
    assert answer.item == f"{CUP} (M1C1I1.5 PRJ_9)"
    assert "su questo CUP ci sono: M1C1I1.2; M1C1I1.4.1" in answer.sentence
    assert answer.remedy == "register-intervention/2"
