"""Decisions about audits, access, monitoring, the public page and notes. Source: DOMAIN section 9.9."""

from __future__ import annotations

from datetime import date

import pytest

from tests.ledger.domain.cases import Accepted, Refusal
from tests.ledger.domain.facts import DIGEST, but, corrected, exported, registered
from tests.ledger.domain.facts_oversight import (
    READER,
    access,
    access_revoked,
    asked,
    audit,
    audit_closed,
    checked,
    found,
    noted,
    outcome,
    photographed,
    replied,
    sent,
)
from tests.ledger.domain.worlds import CUP, OTHER_CUP, World

START = (registered(),)
AUDIT = (*START, audit())
ASKED = (*AUDIT, asked())
GRANTED = (*START, access())
OTHER = "cd" * 32
ACCEPTED = {
    "an audit": Accepted(
        START,
        audit(),
        lambda d: [(a.audit, a.authority, str(a.on)) for a in d.audits.open()],
        [("a1", "dtd", "2025-02-03")],
    ),
    "an audit on another CUP with the same id": Accepted(
        (*AUDIT, registered(cup=OTHER_CUP)),
        but(audit(), cup=OTHER_CUP),
        lambda d: len(d.audits.audits),
        1,
        stream=OTHER_CUP,
    ),
    "a request": Accepted(
        AUDIT,
        asked(),
        lambda d: [(r.request, len(r.items), r.answer) for r in d.audits.requests],
        [("r1", 7, None)],
    ),
    "the answer to a request": Accepted(
        ASKED,
        replied(),
        lambda d: [
            [(i.code, i.sent) for i in r.answer.items] for r in d.audits.requests if r.answer
        ],
        [[("g1", True), ("g7", False)]],
    ),
    "the answer with the package that was handed out": Accepted(
        (*ASKED, exported()),
        replied(package=DIGEST),
        lambda d: [r.answer.package for r in d.audits.requests if r.answer],
        [DIGEST],
    ),
    "the answer to a request of an audit that has closed": Accepted(
        (*ASKED, audit_closed()),
        replied(),
        lambda d: [r.request for r in d.audits.requests if r.answer],
        ["r1"],
    ),
    "what an audit found": Accepted(
        AUDIT,
        found(amount="120.00"),
        lambda d: [f.amount and f.amount.format() for f in d.audits.findings],
        ["120.00"],
    ),
    "the end of an audit": Accepted(
        AUDIT,
        audit_closed(),
        lambda d: ([a.outcome for a in d.audits.audits], d.audits.open()),
        (["positivo"], ()),
    ),
    "a check by a third party": Accepted(
        START, checked(items=["s01"]), lambda d: [c.outcome for c in d.audits.checks], ["positivo"]
    ),
    "access until a day": Accepted(
        START, access(), lambda d: [str(a.to) for a in d.disclosure.accesses], ["2025-12-31"]
    ),
    "access of one day": Accepted(
        START, access(to="2025-02-03"), lambda d: len(d.disclosure.accesses), 1
    ),
    "access until a later day": Accepted(
        GRANTED, access(to="2026-12-31"), lambda d: len(d.disclosure.accesses), 2
    ),
    "access anew after its end": Accepted(
        (*GRANTED, access_revoked()),
        access(on="2025-06-12"),
        lambda d: len(d.disclosure.accesses),
        2,
    ),
    "the revocation of an access": Accepted(
        GRANTED,
        access_revoked(),
        lambda d: [str(a.revoked_on) for a in d.disclosure.accesses],
        ["2025-06-11"],
    ),
    "data sent": Accepted(
        START, sent(), lambda d: [t.system for t in d.disclosure.transmissions], ["regis"]
    ),
    "the answer to the data sent last that have none": Accepted(
        (*START, sent(), sent("bdap"), sent(), outcome()),
        outcome(on="2024-07-03", errors=[]),
        lambda d: [t.answer and t.answer.errors for t in d.disclosure.transmissions],
        [(), None, ("045",)],
    ),
    "a picture of the public page": Accepted(
        START, photographed(), lambda d: [s.doc for s in d.disclosure.snapshots], ["pagina.png"]
    ),
    "a note": Accepted(
        START, noted(), lambda d: [n.text for n in d.oversight.notes], ["Sentito il fornitore."]
    ),
}
REFUSED = {
    "an audit with an id that is taken": Refusal(AUDIT, audit(), "duplicate-key"),
    "an audit with the id of one that has closed": Refusal(
        (*AUDIT, audit_closed()), audit(), "duplicate-key"
    ),
    "a request of an audit that is not recorded": Refusal(START, asked(), "reference-unknown"),
    "a request of an audit that has closed": Refusal(
        (*AUDIT, audit_closed()), asked(), "reference-closed"
    ),
    "a request with an id that is taken": Refusal(ASKED, asked(), "duplicate-key"),
    "the answer to a request that is not recorded": Refusal(AUDIT, replied(), "reference-unknown"),
    "the answer to a request that has one": Refusal(
        (*ASKED, replied()), replied(), "reference-closed"
    ),
    "the answer with a package that was not handed out": Refusal(
        (*ASKED, exported()), replied(package=OTHER), "reference-unknown"
    ),
    "what an audit found that is not recorded": Refusal(START, found(), "reference-unknown"),
    "what an audit found that has closed": Refusal(
        (*AUDIT, audit_closed()), found(), "reference-closed"
    ),
    "the end of an audit that is not recorded": Refusal(START, audit_closed(), "reference-unknown"),
    "the end of an audit that has ended": Refusal(
        (*AUDIT, audit_closed()), audit_closed(), "reference-closed"
    ),
    "access that ends the day before it begins": Refusal(
        START, access(to="2025-02-02"), "dates-reversed"
    ),
    "the same access while it is in force": Refusal(GRANTED, access(), "nothing-changed"),
    "the revocation of an access that was not granted": Refusal(
        START, access_revoked(), "reference-unknown"
    ),
    "the revocation of an access to something else": Refusal(
        GRANTED, access_revoked(scope="vault"), "reference-unknown"
    ),
    "the revocation of an access that is revoked": Refusal(
        (*GRANTED, access_revoked()), access_revoked(), "reference-closed"
    ),
    "the answer to data that were not sent": Refusal(
        (*START, sent("bdap")), outcome(), "reference-unknown"
    ),
    "the answer to data that have theirs": Refusal(
        (*START, sent(), outcome()), outcome(), "reference-closed"
    ),
    "a picture that is not attached": Refusal(
        START, but(photographed(), files=()), "file-not-attached"
    ),
    **{
        f"the correction of {what}": Refusal(
            given, corrected(len(given) - 1, role=role), "not-correctable"
        )
        for what, given, role in (
            ("an audit", AUDIT, "segretario"),
            ("a request", ASKED, "segretario"),
            ("an answer", (*ASKED, replied()), "rup"),
            ("what an audit found", (*AUDIT, found()), "segretario"),
            ("the end of an audit", (*AUDIT, audit_closed()), "segretario"),
        )
    },
}


@pytest.mark.parametrize("case", ACCEPTED.values(), ids=ACCEPTED)
def test_it_is_recorded_and_changes_the_dossier(case: Accepted) -> None:
    case.check()


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused(case: Refusal) -> None:
    case.check()


def test_an_access_holds_from_its_first_to_its_last_day_and_not_on_the_day_it_is_revoked() -> None:
    days = ("2025-02-02", "2025-02-03", "2025-06-10", "2025-06-11", "2025-12-31", "2026-01-01")
    world = World().given(*GRANTED)
    [granted] = world.dossier().disclosure.accesses
    assert [granted.in_force(date.fromisoformat(day)) for day in days] == [
        False,
        True,
        True,
        True,
        True,
        False,
    ]
    [revoked] = world.given(access_revoked()).dossier().disclosure.accesses
    assert [revoked.in_force(date.fromisoformat(day)) for day in days] == [
        False,
        True,
        True,
        False,
        False,
        False,
    ]


def test_what_ends_or_answers_is_left_out_on_days_before_what_it_is_about() -> None:
    world = World().given(
        *GRANTED, access_revoked(on="2025-02-01"), sent(), outcome(on="2024-06-30")
    )
    before = world.dossier(as_of="2024-06-30")
    assert (before.disclosure.accesses, before.disclosure.transmissions) == ((), ())
    assert world.dossier(as_of="2025-02-01").disclosure.accesses == ()


def test_the_state_tells_audits_accesses_and_data_sent() -> None:
    state = (
        World().given(*ASKED, replied(), found(), checked(), access(), sent(), outcome()).state()
    )
    assert [(a.audit, a.closed_on) for a in state.audits] == [("a1", None)]
    assert [r.answer.channel for r in state.audit_requests if r.answer] == ["PEC"]
    assert [f.severity for f in state.audit_findings] == ["serious"]
    assert [c.kind for c in state.external_checks] == ["asseverazione"]
    assert [a.actor for a in state.accesses] == [READER]
    assert [t.answer.outcome for t in state.transmissions if t.answer] == ["scartato"]


def test_a_note_is_withdrawn_by_who_may_write_one() -> None:
    world = World().given(*START, noted(), corrected(1, role="istruttore"))
    assert world.dossier(CUP).oversight.notes == ()
