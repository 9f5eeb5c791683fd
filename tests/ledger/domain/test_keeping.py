"""Until when contents are kept, and what holds them. Source: DOMAIN section 8."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from ledger.domain.compliance_tables import ComplianceTables, RetentionRule
from ledger.domain.documents import PERSON_TYPE
from ledger.domain.event import ObjectRef
from ledger.domain.keeping import Keeper, KeptContent, holds, years_after
from ledger.records import load_law
from tests.ledger.domain.facts import (
    MANAGER,
    attached,
    corrected,
    described,
    determina,
    funded,
    published,
    registered,
    service,
)
from tests.ledger.domain.facts_documents import (
    COMMIT,
    DOC,
    approved,
    asked,
    classified,
    erased,
    held,
    released,
)
from tests.ledger.domain.facts_money import disbursed
from tests.ledger.domain.facts_oversight import audit, audit_closed
from tests.ledger.domain.worlds import World, commit_of

if TYPE_CHECKING:
    from ledger.domain.law import Law

START = (registered(), funded("60000.00"))
TODAY = "2031-12-31"
LATER = "2032-01-01"


def with_rules(*rules: RetentionRule) -> Law:
    """Return the law with these rules of retention alone."""
    return replace(load_law(), compliance=ComplianceTables(retention=rules))


def kept(world: World, name: str = DOC, on: str = "2026-09-01") -> KeptContent:
    """Return what the state says of the keeping of a content."""
    return next(one for one in world.state(as_of=on).kept_contents if one.name == name)


def rules(found: KeptContent) -> dict[str, str]:
    """Return the last day of each rule that applies."""
    return {one.rule: one.until.isoformat() for one in found.rules}


def test_all_evidence_is_kept_five_years_after_the_last_instalment() -> None:
    found = kept(World().given(*START, attached()))
    assert rules(found) == {"ret-rrf": "2031-12-31"}
    assert (found.due_on, found.erasable) == (date(2031, 12, 31), False)


def test_the_due_date_is_the_latest_of_the_rules_that_apply() -> None:
    invoice = attached("fattura.pdf", kind="fattura", public=True)
    world = World().given(*START, invoice, disbursed())
    assert rules(kept(world, "fattura.pdf")) == {
        "ret-rrf": "2031-12-31",
        "ret-finreg": "2029-08-02",
        "ret-publication": "2028-12-31",
    }
    assert kept(world, "fattura.pdf").due_on == date(2031, 12, 31)


def test_supporting_documents_are_kept_five_years_above_sixty_thousand_euro() -> None:
    invoice = attached("fattura.pdf", kind="fattura")
    above = World().given(registered(), funded("60000.01"), invoice, disbursed())
    assert rules(kept(above, "fattura.pdf"))["ret-finreg"] == "2031-08-02"


def test_supporting_documents_have_no_day_of_their_own_before_the_balance() -> None:
    advance = disbursed()
    advance["data"]["kind"] = "anticipo"
    world = World().given(*START, attached("fattura.pdf", kind="fattura"), advance)
    assert rules(kept(world, "fattura.pdf")) == {"ret-rrf": "2031-12-31"}


def test_evidence_of_a_service_is_kept_five_years_after_the_year_of_disbursement() -> None:
    of_service = attached("collaudo.pdf", item="s01")
    world = World().given(registered(), service(), funded(), of_service)
    assert "ret-service" not in rules(kept(world, "collaudo.pdf"))
    world.given(disbursed())
    assert rules(kept(world, "collaudo.pdf"))["ret-service"] == "2031-12-31"


def test_a_classification_adds_the_rule_that_it_names() -> None:
    world = World().given(*START, attached(), classified(retention="ret-service"), disbursed())
    assert set(rules(kept(world))) == {"ret-rrf", "ret-service"}


def test_the_file_of_an_act_at_the_albo_is_kept_to_the_end_of_its_term() -> None:
    world = World().given(*START, determina(), attached())
    assert "ret-albo" not in rules(kept(world, "atto-100.pdf"))
    world.given(published())
    assert rules(kept(world, "atto-100.pdf"))["ret-albo"] == "2023-02-09"
    named = World().given(*START, attached(), classified(retention="ret-albo"))
    assert set(rules(kept(named))) == {"ret-rrf"}


@pytest.mark.parametrize(("day", "code"), [(TODAY, "retention-running"), (LATER, None)])
def test_erasure_waits_for_the_day_after_the_last(day: str, code: str | None) -> None:
    world = World(today=LATER).given(*START[:1], attached(), asked(COMMIT), approved())
    answer = world.when(erased(COMMIT, basis="GDPR art. 17", on=day))
    assert getattr(answer, "code", None) == code


def test_a_rule_that_is_not_confirmed_is_told_and_refuses_nothing() -> None:
    rule = RetentionRule(
        rule="r", what="tutto", applies="tutto", until=date(2050, 1, 1), source="da confermare"
    )
    law = with_rules(rule)
    world = World(law=law).given(*START[:1], attached(), asked(COMMIT), approved())
    found = kept(world)
    assert (found.due_on, found.erasable) == (date(2050, 1, 1), True)
    assert not hasattr(world.when(erased(COMMIT, basis="GDPR art. 17")), "code")


def test_what_no_rule_keeps_may_be_erased() -> None:
    world = World(law=with_rules()).given(registered(), attached())
    found = kept(world)
    assert (found.due_on, found.rules, found.erasable) == (None, (), True)


def test_a_rule_of_publication_has_no_day_for_what_is_no_document() -> None:
    named = RetentionRule(rule="r", what="x", applies="tutto", basis="pubblicazione", source="x")
    law = with_rules(named)
    keeper = Keeper.of(World(law=law).given(registered()).dossier(), law, date(2026, 9, 1))
    assert keeper.kept_by(None) == ()


def test_five_years_after_the_29th_of_february_is_the_first_of_march() -> None:
    assert years_after(date(2024, 2, 29), 5) == date(2029, 3, 1)
    assert years_after(date(2024, 2, 29), 4) == date(2028, 2, 29)


def test_a_hold_of_one_act_holds_its_documents_alone() -> None:
    act = "c_e506/registro-generale/2023/100"
    world = World().given(
        *START, determina(), attached(act=act), attached("altro.pdf"), held(scope=act)
    )
    assert (kept(world).holds, kept(world, "altro.pdf").holds) == (("h-1",), ())


def test_a_hold_over_words_that_name_nothing_holds_everything() -> None:
    world = World().given(*START, attached(), held(scope="ricorso al TAR"))
    assert kept(world).holds == ("h-1",)
    assert [one.scope for one in holds(world.dossier())] == ["ricorso al TAR"]
    world.given(released())
    assert (kept(world).holds, holds(world.dossier())) == ((), ())


def test_what_was_erased_is_kept_no_more_and_says_so() -> None:
    world = World().given(*START[:1], attached(), asked(COMMIT), approved(), erased(COMMIT))
    state = world.state()
    assert state.kept_contents == ()
    [document] = state.documents
    assert document.erased is not None
    assert (document.erased.index, document.erased.legal_basis) == (4, "garante-order")


def test_the_contents_of_a_person_are_kept_and_erased_by_their_commitment() -> None:
    world = World().given(*START[:1])
    person = ObjectRef(f"{MANAGER}.json", commit_of(1, MANAGER), 100, PERSON_TYPE)
    world.events.append(replace(world.proposed(described(title="Nuovo")), objects=(person,)))
    assert kept(world, person.name).due_on == date(2031, 12, 31)
    world.given(asked(person.commit), approved(), erased(person.commit, by=3))
    assert [one.erased is not None for one in world.dossier().documents.persons] == [True]
    again = world.when(asked(person.commit, name="r-2"))
    assert getattr(again, "code", None) == "reference-closed"


def test_an_open_audit_holds_everything_by_itself() -> None:
    world = World().given(*START, attached(), audit())
    assert kept(world).holds == ("a1",)
    world.given(audit_closed())
    assert kept(world).holds == ()


def test_a_hold_that_was_an_error_holds_nothing() -> None:
    world = World().given(*START, attached(), held(), corrected(3, role="segretario"))
    assert holds(world.dossier()) == ()
