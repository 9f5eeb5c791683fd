"""Versions, omissis, classes, signatures, erasures and holds. Source: DOMAIN sections 8 and 9.8."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from ledger.domain.documents import EVIDENCE
from ledger.errors import Refused
from tests.ledger.domain.cases import Accepted, Refusal
from tests.ledger.domain.facts import (
    attached,
    but,
    corrected,
    nominated,
    registered,
    without,
)
from tests.ledger.domain.facts_documents import (
    COMMIT,
    DOC,
    PUBLIC,
    approved,
    asked,
    classified,
    erased,
    erasure_refused,
    held,
    named_at,
    redacted,
    released,
    signature,
    unpublished,
    versioned,
)
from tests.ledger.domain.facts_oversight import anchored
from tests.ledger.domain.worlds import (
    ALL_ROLES,
    CUP,
    ROOT,
    World,
    commit_of,
    digest_of,
    event_id,
)

if TYPE_CHECKING:
    from collections.abc import Callable

START = (registered(),)
ATTACHED = (*START, attached())
SHOWN = (*START, attached(public=True))
BOTH = (*SHOWN, redacted())
ASKED = (*ATTACHED, asked(COMMIT))
APPROVED = (*ASKED, approved())
ERASED = (*APPROVED, erased(COMMIT))
ONE = "tuttofare" + "a" * 17
TWIN = "tuttofare" + "b" * 17
WRONG = [{"index": 1, "digest": digest_of(2)}]


def granted(actor: str, nomination: int) -> dict[str, Any]:
    """Return a request that grants a role by the nomination at a place in the log."""
    data = {
        "actor": actor,
        "role": "segretario",
        "from": "2022-02-01",
        "office": "Segreteria",
        "role_assignment": event_id(nomination),
    }
    return {"command": "grant-role/1", "data": data}


def named(name: str, *members: str) -> Callable[[Any], Any]:
    """Return what shows a member of the last document of a name, at any depth."""

    def show(dossier: Any) -> Any:  # noqa: ANN401  of a Dossier
        value = dossier.documents.named(name)
        for member in members:
            value = getattr(value, member)
        return value

    return show


def public(dossier: Any) -> Any:  # noqa: ANN401  of a Dossier
    """Return the names of the public documents."""
    return [one.name for one in dossier.documents.files if one.is_public]


ACCEPTED = {
    "a new version": Accepted(
        ATTACHED, versioned(), named("relazione-2.pdf", "replaces"), "relazione.pdf"
    ),
    "a new version of what is public": Accepted(SHOWN, versioned(), public, ["relazione-2.pdf"]),
    "a new version of what was hidden": Accepted(
        (*SHOWN, unpublished()), versioned(), lambda d: (len(d.documents.files), public(d)), (2, [])
    ),
    "a new version under the same name": Accepted(
        SHOWN,
        versioned(doc=DOC),
        lambda d: [one.superseded_index for one in d.documents.files],
        [2, None],
    ),
    "a version with omissis in the place of the original": Accepted(
        SHOWN, redacted(), public, [PUBLIC]
    ),
    "a second version with omissis": Accepted(BOTH, redacted(doc="b.pdf"), public, ["b.pdf"]),
    "omissis of a version with omissis": Accepted(
        BOTH, redacted(doc="b.pdf", of=PUBLIC, sizes={"b.pdf": 1}), public, ["b.pdf"]
    ),
    "a new version of a version with omissis": Accepted(
        BOTH, versioned(replaces=PUBLIC), named("relazione-2.pdf", "redaction_of"), DOC
    ),
    "a class": Accepted(ATTACHED, classified(), named(DOC, "classification", "class_"), "X.3"),
    "another class": Accepted(
        (*ATTACHED, classified()),
        classified(access="riservato"),
        named(DOC, "classification", "access"),
        "riservato",
    ),
    "a signature": Accepted(
        ATTACHED,
        signature(certificate="scaduto"),
        lambda d: [one.report.certificate for one in named(DOC, "signature_checks")(d)],
        ["scaduto"],
    ),
    "what is hidden": Accepted(
        SHOWN, unpublished(), lambda d: (named(DOC, "public")(d), public(d)), (True, [])
    ),
    "a request of erasure": Accepted(
        ATTACHED, asked(COMMIT), lambda d: d.retention.request("r-1").commits, (COMMIT,)
    ),
    "a request that is refused": Accepted(
        ASKED,
        erasure_refused(),
        lambda d: d.retention.request("r-1").refused.legal_basis,
        "GDPR art. 17 par. 3 lett. b",
    ),
    "a request that is approved": Accepted(
        ASKED, approved(), lambda d: d.retention.request("r-1").approved.approval, event_id(3)
    ),
    "an erasure by order of the Garante": Accepted(
        APPROVED, erased(COMMIT), named(DOC, "erased", "legal_basis"), "garante-order"
    ),
    "an erasure by order of a court": Accepted(
        APPROVED,
        erased(COMMIT, basis="court-order", request="r-1"),
        lambda d: [one.request for one in d.retention.erasures],
        ["r-1"],
    ),
    "an erasure of what was processed unlawfully": Accepted(
        APPROVED,
        erased(COMMIT, basis="unlawful-processing"),
        named(DOC, "erased", "index"),
        4,
    ),
    "an erasure of an envelope, which takes its event out of the state": Accepted(
        (*ATTACHED, asked(COMMIT, envelopes=(1,)), approved()),
        erased(COMMIT, envelopes=named_at(1)),
        lambda d: ([one.index for one in d.retention.erasures[0].envelopes], d.documents.files),
        ([1], ()),
    ),
    "an erasure after the hold was released": Accepted(
        (*APPROVED, held(), released()), erased(COMMIT), named(DOC, "erased", "index"), 6
    ),
    "an erasure beside the scope of a hold": Accepted(
        (*ATTACHED, attached("nota.pdf"), held(scope="nota.pdf"), asked(COMMIT), approved()),
        erased(COMMIT, by=5),
        named(DOC, "erased", "index"),
        6,
    ),
    "a hold": Accepted(START, held(), lambda d: d.retention.hold("h-1").scope, "intervento"),
    "a hold released": Accepted(
        (*START, held()),
        released(),
        lambda d: d.retention.hold("h-1").released.cause,
        "controllo chiuso",
    ),
}
REFUSED = {
    "a version of no document": Refusal(START, versioned(), "reference-unknown"),
    "a version of what was replaced": Refusal(
        (*ATTACHED, versioned()), versioned(doc="c.pdf"), "reference-closed"
    ),
    "omissis of no document": Refusal(START, redacted(), "reference-unknown"),
    "omissis of the very size of the original": Refusal(
        SHOWN, redacted(sizes={PUBLIC: 1_000}), "redaction-identical"
    ),
    "a class of no document": Refusal(START, classified(), "reference-unknown"),
    "the same class again": Refusal((*ATTACHED, classified()), classified(), "nothing-changed"),
    "a class by a rule that is not in the table": Refusal(
        ATTACHED, classified(retention="ret-altro"), "rule-unknown"
    ),
    "a signature of no document": Refusal(START, signature(), "reference-unknown"),
    "the same report again": Refusal((*ATTACHED, signature()), signature(), "nothing-changed"),
    "no document hidden": Refusal(START, unpublished(), "reference-unknown"),
    "what is hidden again": Refusal((*SHOWN, unpublished()), unpublished(), "reference-closed"),
    "a request of a content that is not there": Refusal(START, asked(COMMIT), "reference-unknown"),
    "a request of nothing": Refusal(ATTACHED, asked(), "nothing-changed"),
    "a request twice": Refusal(ASKED, asked(COMMIT), "duplicate-key"),
    "a request of what was erased": Refusal(ERASED, asked(COMMIT, name="r-2"), "reference-closed"),
    "a refusal of no request": Refusal(ATTACHED, erasure_refused(), "reference-unknown"),
    "a refusal of what was approved": Refusal(APPROVED, erasure_refused(), "reference-closed"),
    "an approval of what was refused": Refusal(
        (*ASKED, erasure_refused()), approved(), "reference-closed"
    ),
    "an approval by who asked": Refusal(
        (*ATTACHED, but(asked(COMMIT), signed_by=ALL_ROLES)),
        but(approved(), signed_by=ALL_ROLES),
        "self-approved",
    ),
    "an erasure by who approved": Refusal(
        (*ASKED, but(approved(), signed_by=ALL_ROLES)),
        but(erased(COMMIT), signed_by=ALL_ROLES),
        "self-approved",
    ),
    "an erasure without approval": Refusal(ASKED, erased(COMMIT), "reference-unknown"),
    "an erasure by the approval of another request": Refusal(
        APPROVED, erased(COMMIT, request="r-2"), "reference-unknown"
    ),
    "an erasure of what was not approved": Refusal(
        (*APPROVED, attached("nota.pdf")),
        erased(commit_of(4, "nota.pdf")),
        "reference-unknown",
    ),
    "an erasure of nothing": Refusal(APPROVED, erased(), "nothing-changed"),
    "an erasure of what was erased": Refusal(ERASED, erased(COMMIT), "reference-closed"),
    "an erasure while everything is held": Refusal(
        (*APPROVED, held()), erased(COMMIT), "hold-in-force"
    ),
    "an erasure while the document is held": Refusal(
        (*APPROVED, held(scope=DOC)), erased(COMMIT), "hold-in-force"
    ),
    "an erasure while its kind is held": Refusal(
        (*APPROVED, held(scope="nota")), erased(COMMIT), "hold-in-force"
    ),
    "an erasure while its class is held": Refusal(
        (*APPROVED, classified(), held(scope="X.3")), erased(COMMIT), "hold-in-force"
    ),
    "an erasure of an envelope while everything is held": Refusal(
        (*ATTACHED, asked(envelopes=(1,)), approved(), held()),
        erased(envelopes=named_at(1)),
        "hold-in-force",
    ),
    "an erasure of an envelope that nobody asked to erase": Refusal(
        APPROVED, erased(COMMIT, envelopes=named_at(1)), "reference-unknown"
    ),
    "a request of an envelope with another digest": Refusal(
        ATTACHED,
        but(asked(COMMIT), data={**asked(COMMIT)["data"], "envelopes": WRONG}),
        "reference-unknown",
    ),
    "a request of an envelope that is not there": Refusal(
        ATTACHED, asked(COMMIT, envelopes=(9,)), "reference-unknown"
    ),
    "a request of an envelope that was erased": Refusal(
        (*ATTACHED, asked(envelopes=(1,)), approved(), erased(envelopes=named_at(1))),
        asked(name="r-2", envelopes=(1,)),
        "reference-closed",
    ),
    "a request of what an erasure is proven by": Refusal(
        ASKED, asked(name="r-2", envelopes=(2,)), "never-erased"
    ),
    "a request of a file of the ledger itself": Refusal(
        (*START, anchored(root=ROOT, doc="pec.eml")),
        without(asked(commit_of(1, "pec.eml")), "cup"),
        "never-erased",
    ),
    "a request of an event of the ledger": Refusal(
        (*ATTACHED, granted(ONE, 1)), without(asked(envelopes=(2,)), "cup"), "never-erased"
    ),
    "an erasure at the will of its owner, before the due date": Refusal(
        APPROVED, erased(COMMIT, basis="GDPR art. 17"), "retention-running"
    ),
    "a hold twice": Refusal((*START, held()), held(), "duplicate-key"),
    "the release of no hold": Refusal(START, released(), "reference-unknown"),
    "a second release": Refusal((*START, held(), released()), released(), "reference-closed"),
}


@pytest.mark.parametrize("case", ACCEPTED.values(), ids=ACCEPTED)
def test_it_is_recorded_and_changes_the_dossier(case: Accepted) -> None:
    case.check()


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused(case: Refusal) -> None:
    case.check()


def test_one_person_with_two_keys_counts_as_one() -> None:
    person = (nominated("dpo"), granted(ONE, 2), granted(TWIN, 2))
    facts = (*ATTACHED, *person, but(asked(COMMIT), signed_by=ONE))
    answer = World().given(*facts).when(but(approved(), signed_by=TWIN))
    assert isinstance(answer, Refused)
    assert answer.code == "self-approved"


def test_two_persons_are_two() -> None:
    persons = (nominated("dpo"), nominated("rpct", person="p_" + "b" * 26))
    grants = (granted(ONE, 2), granted(TWIN, 3))
    facts = (*ATTACHED, *persons, *grants, but(asked(COMMIT), signed_by=ONE))
    World().given(*facts, but(approved(), signed_by=TWIN))


def test_a_correction_leaves_what_was_erased_erased() -> None:
    request = asked(COMMIT, envelopes=(1,))
    facts = (*ATTACHED, attached("nota.pdf"), request, approved())
    world = World().given(*facts, erased(COMMIT, by=4, envelopes=named_at(1)))
    world.given(attached("b.pdf"), classified("b.pdf"), corrected(2, role="istruttore"))
    assert [one.name for one in world.dossier().documents.files] == ["b.pdf"]


def test_an_erasure_is_no_error_that_is_corrected() -> None:
    world = World().given(*ERASED)
    for place in (2, 3, 4):
        request = {
            "command": "correct-error/1",
            "role": "dpo",
            "occurred_on": "2026-08-01",
            "corrects": [event_id(place)],
            "data": {"cause": "errore"},
        }
        answer = world.when(request)
        assert isinstance(answer, Refused)
        assert answer.code == "not-correctable"
    assert world.dossier(CUP).documents.files[0].erased is not None


EARLY = {"occurred_on": "2023-01-15"}


def test_what_was_said_of_a_document_before_its_day_is_of_no_document_yet() -> None:
    said = (versioned(), redacted(), classified(), unpublished())
    world = World().given(*SHOWN, *({**one, **EARLY} for one in said[1:]), {**said[0], **EARLY})
    before = world.dossier(as_of="2023-01-20").documents.files
    assert [one.kind for one in before] == [EVIDENCE, EVIDENCE]


def test_a_version_without_its_file_is_no_document() -> None:
    world = World().given(*SHOWN)
    for request in (versioned(), redacted()):
        world.events.append(replace(world.proposed(request), objects=()))
    assert [one.name for one in world.dossier().documents.files] == [DOC]
