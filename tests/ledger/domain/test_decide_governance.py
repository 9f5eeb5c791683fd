"""What administrators adopt, and what the rules make of it. Source: DOMAIN sections 9.11 and 11.

Who of them must agree is judged by the key directory; in these worlds one is enough.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from ledger.domain.event import Event
from ledger.domain.events.governance import PolicyAdopted
from ledger.domain.law import BODY, RULE_SET
from ledger.domain.sentences import sentence
from ledger.errors import NotAuthorised, Refused
from tests.ledger.domain.cases import Refusal
from tests.ledger.domain.facts import ACT, but, corrected, determina, enforceable, registered
from tests.ledger.domain.facts_oversight import adopted, anchored, governed, renamed
from tests.ledger.domain.worlds import World

if TYPE_CHECKING:
    from tests.ledger.domain.cases import Accepted

ACTOR = "k" * 26
OTHER = "cd" * 32
START = (registered(),)
LAW = World().law
RULES = governed("adopt-rule-set/1", digest=LAW.rule_set, changes="soglie 2026")
SCHEMAS = governed("adopt-schema-set/1", digest=LAW.schema_set, changes="catalogo completo")
DET = determina("300", "2023-05-04", subtype="nomina")
ACCEPTED: dict[str, Accepted] = {}
ADMITTED = {
    "administrators": governed("change-administrators/1", add=[{"actor": ACTOR}], approvals=2),
    "fewer administrators": governed("change-administrators/1", remove=[ACTOR], approvals=1),
    "the key of the log": governed("rotate-log-key/1", log_key="origin+key", possession="a.b.c"),
    "the authority of certificates": governed("rotate-ca/1", ca="-----BEGIN CERTIFICATE-----"),
    "one of the values of a setting": adopted("albo.count_from", "end"),
    "the default of a setting": adopted("albo.count_from", "start"),
    "the least of a number": adopted("source.shrunk_percent", "0"),
    "the most of a number": adopted("source.shrunk_percent", "100"),
    "a digest": adopted("trust.policy", OTHER),
    "a setting from a day": adopted("sod.payment", "finding", **{"from": "2026-01-01"}),
    "the tables of the program": RULES,
    "the schemas of the program": SCHEMAS,
    "another code of the body": renamed(),
    "another code of the body from a day to come": renamed(on="2030-01-01"),
    "a head kept elsewhere": anchored(),
    "a head kept elsewhere, with the proof of it": anchored(doc="ricevuta.eml"),
}
REFUSED = {
    "a setting that is not": Refusal((), adopted("sod.visto", "yes"), "setting-unknown"),
    "a rule that is no setting": Refusal((), adopted("tuel-124-1", "1"), "setting-unknown"),
    "what else is adopted, as a setting": Refusal((), adopted(BODY, "c_a001"), "setting-unknown"),
    "a value that is not allowed": Refusal(
        (), adopted("sod.payment", "yes"), "setting-value-refused"
    ),
    "one below the least": Refusal(
        (), adopted("act-registered-late.days", "0"), "setting-value-refused"
    ),
    "one above the most": Refusal(
        (), adopted("source.shrunk_percent", "101"), "setting-value-refused"
    ),
    "a number that is no number": Refusal(
        (), adopted("source.shrunk_percent", "5%"), "setting-value-refused"
    ),
    "a number in another spelling": Refusal(
        (), adopted("source.shrunk_percent", "05"), "setting-value-refused"
    ),
    "what is no digest": Refusal((), adopted("trust.policy", "AB" * 32), "setting-value-refused"),
    "a value that is adopted": Refusal(
        (adopted("sod.payment", "finding"),), adopted("sod.payment", "finding"), "nothing-changed"
    ),
    "tables that this program has not": Refusal(
        (), governed("adopt-rule-set/1", digest=OTHER, changes="-"), "rule-set-differs"
    ),
    "schemas that this program has not": Refusal(
        (), governed("adopt-schema-set/1", digest=OTHER, changes="-"), "schema-set-differs"
    ),
    "tables that are adopted": Refusal((RULES,), RULES, "nothing-changed"),
    "schemas that are adopted": Refusal((SCHEMAS,), SCHEMAS, "nothing-changed"),
    "a code that the body has not": Refusal((), renamed(old="c_a001"), "body-not-this"),
    "a code that the body has no more": Refusal(
        (renamed(),), renamed(new="c_b002", on="2025-01-01"), "body-not-this"
    ),
    "another code from an earlier day": Refusal(
        (renamed(),), renamed(new="c_b002", on="2023-12-31"), "body-renamed-since"
    ),
    "a head that the log never had": Refusal((), anchored(7), "checkpoint-unknown"),
    "a head with another root": Refusal(START, anchored(1, OTHER), "checkpoint-unknown"),
    "the proof of a head that is not attached": Refusal(
        START, but(anchored(doc="ricevuta.eml"), files=()), "file-not-attached"
    ),
    "the correction of what is adopted": Refusal(
        (*START, adopted("sod.payment", "finding")), corrected(1), "not-correctable"
    ),
}


@pytest.mark.parametrize("request_", ADMITTED.values(), ids=ADMITTED)
def test_it_is_recorded_in_the_stream_of_the_ledger_and_can_be_told(
    request_: dict[str, object],
) -> None:
    answer = World().given(*START).when(request_)
    assert isinstance(answer, Event), answer
    assert (answer.streams, answer.role, answer.occurred_on) == (("sys/log",), None, None)
    assert "{" not in sentence(answer)


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused(case: Refusal) -> None:
    case.check()


def test_an_unknown_setting_is_answered_with_those_there_are() -> None:
    answer = World().when(adopted("sod.visto", "yes"))
    assert isinstance(answer, Refused)
    assert all(one.setting in answer.sentence for one in LAW.settings)


def test_a_value_that_is_not_allowed_is_answered_with_those_that_are() -> None:
    for setting, words in (
        ("sod.payment", "refusal o finding"),
        ("source.shrunk_percent", "un numero intero da 0 a 100"),
        ("trust.policy", "un'impronta SHA-256"),
    ):
        answer = World().when(adopted(setting, "?"))
        assert isinstance(answer, Refused)
        assert words in answer.sentence


def test_the_newest_value_counts_and_only_from_its_day() -> None:
    world = World().given(
        adopted("sod.payment", "finding"),
        adopted("sod.payment", "refusal", **{"from": "2026-01-01"}),
    )
    law, day = world.law_now(), date(2026, 1, 1)
    assert [law.setting("sod.payment", d) for d in (date(2025, 12, 31), day)] == [
        "finding",
        "refusal",
    ]
    assert [law.at(place).setting("sod.payment", day) for place in (0, 1, 2)] == [
        "refusal",
        "finding",
        "refusal",
    ]
    assert law.adopted_row(RULE_SET, day) is None


def test_a_threshold_of_a_finding_is_the_one_that_the_body_has_set() -> None:
    world = World().given(*START, but(DET, received="2023-06-13"))
    found = {one.code for one in world.findings(as_of="2023-06-13")}
    assert {"act-registered-late", "publication-missing"} <= found
    world.given(
        adopted("act-registered-late.days", "45"), adopted("publication-missing.days", "60")
    )
    found = {one.code for one in world.findings(as_of="2023-06-13")}
    assert not {"act-registered-late", "publication-missing"} & found


def test_an_istruttore_registers_acts_only_where_the_body_lets_them() -> None:
    by_clerk = but(DET, role="istruttore")
    world = World().given(*START)
    refused = world.when(by_clerk)
    assert isinstance(refused, NotAuthorised)
    world.given(adopted("sod.istruttore-registers", "yes"), by_clerk)
    assert isinstance(world.when(but(registered(), role="istruttore")), NotAuthorised)
    world.given(corrected(2, role="istruttore"))
    assert world.dossier().acts == {}


def test_a_body_that_does_not_have_the_rule_gives_no_force_without_spending() -> None:
    act = ACT.replace("/100", "/300")
    forced = enforceable(act, "2023-05-04", "det-no-spend", "dirigente")
    world = World().given(*START, DET, adopted("det-no-spend", "no"))
    answer = world.when(forced)
    assert isinstance(answer, Refused)
    assert answer.code == "rule-not-applicable"
    world.given(adopted("det-no-spend", "adozione"), forced)


def test_a_correction_judges_what_came_before_by_the_law_of_then() -> None:
    act = ACT.replace("/100", "/300")
    world = World().given(
        *START,
        DET,
        enforceable(act, "2023-05-04", "det-no-spend", "dirigente"),
        adopted("det-no-spend", "no"),
    )
    answer = world.when(corrected(1, role="dirigente"))
    assert isinstance(answer, Refused)
    assert answer.item == "Esecutività (n. 2)"


def test_a_setting_is_of_the_table_once_and_its_default_may_be_adopted() -> None:
    names = [one.setting for one in LAW.settings]
    assert sorted(names) == names
    assert len(set(names)) == len(names)
    assert [s.setting for s in LAW.settings if s.form is None and not s.admits(s.default)] == []
    assert all(LAW.setting(one.setting, date(2024, 1, 1)) == one.default for one in LAW.settings)


def test_of_what_is_adopted_only_a_setting_may_be_unknown_to_the_program() -> None:
    """What a later program adopted has no row under an earlier one that does not know the setting."""
    world = World().given(adopted("sod.payment", "finding"), RULES, SCHEMAS, renamed())
    assert [event.data.is_admitted(LAW) for event in world.events] == [True] * 4
    [setting] = [event.data for event in world.events if isinstance(event.data, PolicyAdopted)]
    assert not replace(setting, setting="sod.visto").is_admitted(LAW)
    assert not replace(setting, value="yes").is_admitted(LAW)
