"""What the law says of acts, as rows that may change. Source: DOMAIN sections 4.1, 4.3 and 10.2."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, get_args

import pytest

from ledger.domain.acts import DeliberazioneSubtype, DeterminaSubtype, OtherKind
from ledger.domain.evolve import LATE_AFTER_DAYS
from ledger.domain.law import LawRow
from ledger.domain.reconnaissance import RequiredItem
from ledger.errors import Refused
from ledger.records import load_law
from tests.ledger.domain.facts import (
    RESOLUTION,
    adjusted,
    but,
    deliberazione,
    determina,
    enforceable,
    funded,
    published,
    registered,
    service,
    visto,
)
from tests.ledger.domain.facts_acts import annulled, immediate, reconnaissance
from tests.ledger.domain.facts_oversight import adopted
from tests.ledger.domain.worlds import World

if TYPE_CHECKING:
    from ledger.domain.event import Event

LAW = load_law()
DAY = date(2023, 1, 23)
SPENDING = {
    "affidamento",
    "adesione-convenzione",
    "aggiudicazione",
    "prenotazione",
    "impegno",
    "modifica-contratto",
}
# DOMAIN 4.1, restated: what finances or authorises and is null without CUP.
NULL = {
    "determina": SPENDING | {"a-contrarre", "presa-atto-finanziamento"},
    "deliberazione": {
        "approvazione-progetto",
        "adesione-avviso",
        "variazione-bilancio",
        "convenzione",
    },
    "altro": {"atto-obbligo", "convenzione", "decreto-finanziamento", "contratto", "ordine-mepa"},
}
SUBTYPES = {
    "determina": DeterminaSubtype,
    "deliberazione": DeliberazioneSubtype,
    "altro": OtherKind,
}


def with_row(rule: str, **said: object) -> World:
    """Return an empty record under a law whose rows of a rule say something else."""
    rows = tuple(replace(row, **said) if row.rule == rule else row for row in LAW.rows)  # type: ignore[arg-type]  # fields of LawRow
    return World(law=replace(LAW, rows=rows))


def code_of(answer: Event | Refused) -> str | None:
    return answer.code if isinstance(answer, Refused) else None


@pytest.mark.parametrize("kind", NULL)
def test_the_acts_that_are_null_without_cup_are_those_of_the_table(kind: str) -> None:
    assert LAW.words(f"l3-11-2bis.{kind}", DAY) == NULL[kind] <= set(get_args(SUBTYPES[kind]))


def test_the_determine_that_need_the_visto_are_those_of_the_table() -> None:
    assert LAW.words("tuel-183-7.determina", DAY) == SPENDING
    assert LAW.words("tuel-183-7.deliberazione", DAY) == frozenset()


def test_an_act_is_null_by_the_list_of_the_day_of_its_adoption() -> None:
    world = with_row("l3-11-2bis.determina", from_=date(2023, 1, 24)).given(registered())
    bare = {"cup_in_text": "no", "subtype": "impegno"}
    assert code_of(world.when(determina("1", on="2023-01-23", **bare))) is None
    assert code_of(world.when(determina("2", on="2023-01-24", **bare))) == "act-without-cup"


def test_a_determina_needs_the_visto_by_the_list_of_its_day() -> None:
    force = enforceable(rule="det-no-spend", role="dirigente")
    world = with_row("tuel-183-7.determina", value="affidamento").given(registered(), determina())
    assert code_of(world.when(force)) is None
    world = World().given(registered(), determina())
    assert code_of(world.when(force)) == "visto-missing"


def test_a_rule_that_is_not_in_force_on_the_day_gives_no_force() -> None:
    told = registered(), determina(), visto()
    world = with_row("tuel-183-7", to=date(2022, 12, 31)).given(*told)
    assert code_of(world.when(enforceable())) == "rule-not-applicable"
    world = with_row("enforceability.determina", value="det-no-spend").given(*told)
    assert code_of(world.when(enforceable())) == "rule-not-applicable"
    assert code_of(World().given(*told).when(enforceable())) is None


def test_the_part_of_the_members_that_must_vote_is_that_of_the_law() -> None:
    told = registered(), deliberazione()
    for part, votes, code in (
        ("1/2", 5, "immediate-without-majority"),
        ("1/2", 6, None),
        ("2/3", 6, "immediate-without-majority"),
        ("2/3", 7, None),
    ):
        answer = with_row("tuel-134-4", value=part).given(*told).when(immediate(votes, 10))
        assert code_of(answer) == code, (part, votes)
    answer = with_row("tuel-134-4", value="2/3").given(*told).when(immediate(6, 10))
    assert "più di 2/3 dei 10 componenti" in str(answer)


def test_where_no_vote_gives_force_at_once_all_members_are_not_enough() -> None:
    world = with_row("tuel-134-4", to=date(2022, 6, 8)).given(registered(), deliberazione())
    assert code_of(world.when(immediate(10, 10))) == "immediate-without-majority"


@pytest.mark.parametrize(("days", "first"), [("10", "20/06/2022"), ("12", "22/06/2022")])
def test_the_days_of_publication_are_those_of_the_law(days: str, first: str) -> None:
    world = with_row("tuel-134-3", value=days).given(
        registered(), deliberazione(), published(RESOLUTION, "2022-06-10", "2022-06-25")
    )
    answer = world.when(enforceable(RESOLUTION, "2022-06-19", "tuel-134-3", "segretario"))
    assert code_of(answer) == "enforceable-too-early"
    assert f"non prima del {first}: {days} giorni di pubblicazione" in str(answer)


@pytest.mark.parametrize(
    ("value", "words"), [("start", "dall'inizio della"), ("end", "dalla fine della")]
)
def test_a_finding_tells_from_where_the_body_counts(value: str, words: str) -> None:
    world = World().given(registered(), adopted("albo.count_from", value), deliberazione())
    world.given(
        published(RESOLUTION, "2022-06-10", "2022-06-25"),
        enforceable(RESOLUTION, "2022-07-19", "tuel-134-3", "segretario"),
    )
    [found] = [one for one in world.findings() if one.code == "enforceability-by-policy"]
    assert words in found.sentence
    assert "albo.count_from" in found.sentence


def test_thresholds_of_findings_are_settings() -> None:
    world = World().given(registered(), determina(on="1989-12-31", year=1990))
    assert "improbable-date" in {one.code for one in world.findings()}
    world.given(adopted("improbable-date.first_year", "1980"))
    assert "improbable-date" not in {one.code for one in world.findings()}
    world = World().given(but(registered(), received="2023-02-15"))
    [late] = [one for one in world.findings() if one.code == "fact-registered-late"]
    assert late.severity == "minor"
    world.given(adopted("fact-registered-late.minor_days", "400"))
    [late] = [one for one in world.findings() if one.code == "fact-registered-late"]
    assert late.severity == "info"


def test_what_the_state_notes_as_late_is_all_that_a_setting_may_ask_for() -> None:
    [least] = [s.least for s in LAW.settings if s.setting == "fact-registered-late.days"]
    assert least == LATE_AFTER_DAYS


def test_the_items_of_the_atto_ricognitivo_are_those_of_the_table() -> None:
    rows = LAW.reconnaissance
    assert [row.rule for row in rows] == [f"r{number:02}" for number in range(1, 15)]
    assert [row.rule for row in rows if row.may_be_absent] == ["r06", "r07", "r10", "r14"]


def test_an_item_is_asked_on_the_days_of_its_row() -> None:
    told = registered(), service(), determina("1", on="2024-01-10", subtype="ricognitivo")
    rows = (*LAW.reconnaissance, RequiredItem(rule="r15", text="altro", source="prova"))
    world = World(law=replace(LAW, reconnaissance=rows)).given(*told)
    answer = world.when(reconnaissance("c_e506/registro-generale/2024/1"))
    assert code_of(answer) == "reconnaissance-incomplete"
    assert "manca il punto: r15 (altro)" in str(answer)
    rows = (*LAW.reconnaissance[:-1], replace(LAW.reconnaissance[-1], to=date(2022, 1, 1)))
    world = World(law=replace(LAW, reconnaissance=rows)).given(*told)
    assert "non esiste il punto: r14" in str(
        world.when(reconnaissance("c_e506/registro-generale/2024/1"))
    )


def test_the_funds_of_a_price_increase_are_those_of_the_law() -> None:
    told = funded(), adjusted(("STATO", "100.00"), cause="incremento-prezzi")
    code = "price-increase-without-source"
    world = World().given(registered(), *told)
    assert code in {one.code for one in world.findings()}
    world = with_row("dl50-26", value="STATO").given(registered(), *told)
    assert code not in {one.code for one in world.findings()}


@pytest.mark.parametrize(
    ("adopted_on", "annulled_on", "months"),
    [
        ("2019-10-01", "2021-05-31", 18),
        ("2020-05-31", "2021-06-01", 12),
        ("2024-12-16", "2025-12-17", 12),
        ("2025-06-17", "2025-12-18", 6),
    ],
)
def test_an_annulment_is_late_by_the_months_of_its_own_day(
    adopted_on: str, annulled_on: str, months: int
) -> None:
    key = f"c_e506/registro-generale/{adopted_on[:4]}/100"
    annulling = f"c_e506/registro-generale/{annulled_on[:4]}/200"
    told = (
        registered(),
        determina(on=adopted_on),
        determina("200", annulled_on, subtype="annullamento"),
        annulled(key, annulling, annulled_on),
    )
    [found] = [f for f in World().given(*told).findings() if f.code == "annulment-out-of-term"]
    assert f"dopo più di {months} mesi" in found.sentence


def test_only_the_body_has_a_term_to_annul_and_only_for_what_finances() -> None:
    late = "2025-01-24"
    of_judge = annulled(by=None, on=late)
    of_judge["data"]["judgment"] = "TAR Puglia n. 1/2025"
    by_body = annulled(by="c_e506/registro-generale/2025/200", on=late)
    for first, annulment in ((determina(), of_judge), (determina(subtype="nomina"), by_body)):
        world = World().given(registered(), first)
        world.given(determina("200", late, subtype="annullamento"), annulment)
        assert "annulment-out-of-term" not in {one.code for one in world.findings()}


def test_words_of_a_rule_are_those_of_the_day() -> None:
    row = LawRow(rule="x", value="a b", to=date(2023, 1, 22), source="prova")
    law = replace(LAW, rows=(row,))
    assert law.words("x", date(2023, 1, 22)) == {"a", "b"}
    assert law.words("x", DAY) == law.words("y", DAY) == frozenset()
