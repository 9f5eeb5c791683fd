"""Refusals about erasure at their limits: which rule keeps, which event, which person. Source: DOMAIN 8."""

from __future__ import annotations

import pytest

from ledger.domain.event import Event
from ledger.errors import Refused
from tests.ledger.domain.cases import Told
from tests.ledger.domain.facts import attached, but, registered, service
from tests.ledger.domain.facts_documents import COMMIT, DOC, approved, asked, erased
from tests.ledger.domain.facts_money import disbursed
from tests.ledger.domain.worlds import ALL_ROLES, World, commit_of, digest_of, event_id

START = (registered(),)
ASKED = (*START, attached(), asked(COMMIT))
WAYS = (
    "prima si oscura (unpublish-document/1), oppure serve un ordine del Garante o del giudice, o un"
    " trattamento illecito."
)
# A document of a service is kept for five years after the year in which the money came in.
KEPT = {"2025-08-02": "ret-rrf", "2026-08-02": "ret-rrf, ret-service"}


@pytest.mark.parametrize(("day", "rules"), KEPT.items(), ids=KEPT)
def test_the_rules_that_keep_longest_are_named(day: str, rules: str) -> None:
    commit = commit_of(2, DOC)
    world = World().given(
        *START,
        service(),
        attached(item="s01", public=True),
        but(disbursed(), occurred_on=day),
        asked(commit),
        approved(),
    )
    answer = world.when(erased(commit, by=5, basis="GDPR art. 17"))
    assert isinstance(answer, Refused)
    assert answer.sentence == f"{DOC} va conservato fino al 31/12/2031 ({rules}): {WAYS}"


def test_each_event_that_may_not_be_erased_is_named_also_after_one_that_is_not_there() -> None:
    Told(
        ASKED,
        asked(name="r-2", envelopes=(9, 2)),
        (
            ("reference-unknown", f"la registrazione n. 9 con l'impronta {digest_of(9)}"),
            ("never-erased", "La registrazione n. 2"),
        ),
    ).check()


def test_two_keys_whose_roles_rest_on_no_nomination_are_two_persons() -> None:
    """What is named as their nomination is a document, which names nobody."""
    one, other = (f"{ALL_ROLES}{letter * 17}" for letter in "ab")
    grants = (
        {
            "command": "grant-role/1",
            "data": {
                "actor": actor,
                "role": "segretario",
                "from": "2022-02-01",
                "office": "Segreteria",
                "role_assignment": event_id(1),
            },
        }
        for actor in (one, other)
    )
    world = World().given(*START, attached(), *grants, but(asked(COMMIT), signed_by=one))
    assert isinstance(world.when(but(approved(), signed_by=other)), Event)
