"""Storie di vita: CUP revocati e riusati, persone che cambiano, inizi lontani, enti che si fondono.

Ogni prova ha il nome dello scenario di DOMAIN, sezione 14, righe 7, 8, 10, 13, 14 e 23.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.ledger.domain.facts import (
    ACT,
    MANAGER,
    RUP_PERSON,
    but,
    ceased,
    determina,
    excepted,
    funded,
    live,
    nominated,
    phase,
    registered,
    service,
    visto,
)
from tests.ledger.domain.facts_acts import BY, other_act, reconnaissance
from tests.ledger.domain.facts_life import abstained, conflict, cup_replaced, cup_status, moved
from tests.ledger.domain.facts_money import committed, paid, revoked
from tests.ledger.domain.worlds import ALL_ROLES, CUP, OTHER_CUP
from tests.scenarios.telling import Story, given, then_recorded, then_refused

START = (registered(),)
SECOND_RUP = "p_" + "f" * 26
RICOGNITIVO = determina("200", "2023-05-30", subtype="ricognitivo")


def covering(started_on: str, **items: str) -> dict[str, Any]:
    """Adopt the atto ricognitivo that covers the first service."""
    request = reconnaissance(**items)
    [covered] = request["data"]["covers"]
    covers = [{**covered, "started_on": started_on}]
    return but(request, data={**request["data"], "covers": covers})


def test_revoked_then_replaced() -> None:
    """Il CUP è revocato e sostituito: i vecchi pagamenti restano sul vecchio, il nuovo lo nomina.

    La sostituzione si registra anche prima del nuovo CUP; poi si ripete, perché lo sappia anche lui.
    """
    story = given(*START, determina(), funded("90.00"), committed("90.00"), paid("60.00"))
    story.given(cup_status("revocato", "2023-08-01"))
    then_recorded(story.when(cup_replaced()))
    then_recorded(story.when(registered(cup=OTHER_CUP, on="2023-08-02")))
    then_recorded(story.when(cup_replaced()))
    status = story.shown().life.cup_status
    assert status is not None
    assert status.status == "revocato"
    assert (story.amounts()["pagato"], story.amounts(OTHER_CUP)["pagato"]) == ("60,00", "0,00")
    for cup in (CUP, OTHER_CUP):
        [one] = story.shown(cup).life.replacements
        assert (one.old, one.new) == (CUP, OTHER_CUP)


def test_same_cup_again() -> None:
    """Rinunciata, poi finanziata di nuovo con un altro importo: un solo flusso, due finanziamenti."""
    story = given(*START, funded("319556.00"))
    story.given(moved("renounce", "2023-06-01"), revoked(("PNRR", "-319556.00"), on="2023-06-01"))
    assert story.shown().life.state == "rinunciato"
    assert story.amounts()["finanziato"] == "0,00"
    anew = {"number": "9 - 1/2024 - PNRR", "on": "2024-02-10"}
    then_refused(story.when(funded("268000.00", on="2024-02-10")), "duplicate-key", "12 - 1/2022")
    then_recorded(story.when(funded("268000.00", on="2024-02-10", decree=anew)))
    assert story.amounts()["finanziato"] == "268.000,00"
    assert story.amounts(on="2023-01-01")["finanziato"] == "319.556,00"
    granted = [one for one in story.shown().funding.entries if one.cause == "concessione"]
    assert [str(one.on) for one in granted] == ["2022-05-23", "2024-02-10"]
    assert len(story.shown().interventions) == 1


def test_shared_cup() -> None:
    """Due misure sullo stesso CUP: da quel momento ogni registrazione dice di quale intervento parla."""
    second = {"measure": "M1C1I1.4.1", "clp": "PRJ_2"}
    story = given(*START)
    then_recorded(story.when(phase("PROGETTAZIONE", "2022-02-01")))
    then_recorded(story.when(registered(on="2022-03-01", **second)))
    then_refused(story.when(phase("AFFIDAMENTO", "2022-04-01")), "intervention-ambiguous", CUP)
    then_recorded(story.when(phase("AFFIDAMENTO", "2022-04-01", intervention=second)))
    then_refused(
        story.when(phase("ESECUZIONE", "2022-05-01", intervention={"measure": "M1C1I1.3.1"})),
        "intervention-unknown",
        "M1C1I1.2",
        "M1C1I1.4.1 PRJ_2",
    )
    assert [(one.measure, one.clp) for one in story.shown().interventions] == [
        ("M1C1I1.2", None),
        ("M1C1I1.4.1", "PRJ_2"),
    ]
    assert ("shared-cup", CUP) in story.anomalies()


def in_office(story: Story, day: str, role: str = "rup") -> list[str]:
    """Return who holds a role on a day."""
    on = date.fromisoformat(day)
    return [one.person for one in story.shown().people if one.role == role and one.in_force(on)]


def test_rup_changes_mid_award() -> None:
    """Il RUP cambia a gara aperta: ogni giorno ha il suo, e nessun giorno ne ha due."""
    award = determina(subtype="nomina")
    story = given(*START, award, nominated(), phase("AFFIDAMENTO", "2023-04-03"))
    story.given(ceased(to="2023-05-31"))
    then_recorded(story.when(nominated(from_="2023-06-01", person=SECOND_RUP, act=ACT)))
    assert in_office(story, "2023-05-31") == [RUP_PERSON]
    assert in_office(story, "2023-06-01") == [SECOND_RUP]
    first, second = story.shown().people
    assert (str(first.to), second.to, second.act) == ("2023-05-31", None, ACT)
    then_recorded(story.when(conflict(person=SECOND_RUP, on="2023-06-01")))
    assert [one.person for one in story.shown().conflicts] == [SECOND_RUP]


def test_interim_during_illness() -> None:
    """Il RUP si ammala: un altro ne fa le veci per tre settimane, e si vede che è un supplente."""
    story = given(*START, nominated())
    stand_in = nominated(from_="2023-04-03", to="2023-04-21", person=SECOND_RUP, interim=True)
    then_recorded(story.when(stand_in))
    assert in_office(story, "2023-04-02") == [RUP_PERSON]
    assert in_office(story, "2023-04-10") == [RUP_PERSON, SECOND_RUP]
    assert in_office(story, "2023-04-22") == [RUP_PERSON]
    assert [one.interim for one in story.shown().people] == [False, True]
    assert "rup-overlap" not in {code for code, _ in story.anomalies()}


def test_acting_before_nomination() -> None:
    """Il RUP firma la fase a marzo ed è nominato ad aprile: i due fatti restano con le loro date."""
    story = given(*START, phase("PROGETTAZIONE", "2023-03-10"))
    then_recorded(story.when(nominated(from_="2023-04-03")))
    assert in_office(story, "2023-03-10") == []
    [move] = story.shown().moves
    [nomination] = story.shown().people
    assert move.on < nomination.from_


def test_nomination_without_act() -> None:
    """Una nomina senza atto si registra; per atto si intende uno registrato, che esista e che valga."""
    story = given(*START)
    then_refused(story.when(nominated(act=ACT)), "act-unknown")
    then_recorded(story.when(nominated()))
    assert [one.act for one in story.shown().people] == [None]
    assert "role-without-act" in {code for code, _ in story.anomalies()}


def test_one_person_town() -> None:
    """Un solo dirigente, RUP e ragioniere: il visto sul proprio atto no, con la deroga del segretario sì.

    La deroga vale per i giorni che dice, e sta in testa a ogni pacchetto.
    """
    decree = other_act("decreto-sindacale", "7")
    story = given(*START, decree, but(determina(), signed_by=ALL_ROLES))
    own_visto = but(visto(), signed_by=ALL_ROLES)
    then_refused(story.when(own_visto), "separation-of-duties", ACT)
    decree_key = "c_e506/ordini/2023/7"
    exception = excepted("dirigente", "finanziario", from_="2023-01-20", act=decree_key)
    exception["data"]["to"] = "2023-12-31"
    then_recorded(story.when(exception))
    then_refused(story.when(but(own_visto, occurred_on="2024-01-02")), "separation-of-duties")
    then_recorded(story.when(own_visto))
    [shown] = story.shown().exceptions
    assert (shown.roles, shown.person, str(shown.to)) == (
        ("dirigente", "finanziario"),
        MANAGER,
        "2023-12-31",
    )
    assert str(story.act_on(ACT).endorsed_on) == "2023-01-23"


def test_abstention_and_its_stand_in() -> None:
    """Chi ha un interesse si astiene, e un altro ne prende il posto: resta scritto da chi e per che cosa."""
    story = given(*START, nominated(), conflict("presente"))
    then_recorded(story.when(abstained()))
    [one] = story.shown().abstentions
    assert (one.person, one.matter) == (RUP_PERSON, "affidamento del lotto 2")


def test_began_before_cup() -> None:
    """Le attività partono il 1° marzo 2020, il CUP è del 2022: si registra, e il ricognitivo lo attesta."""
    story = given(registered(on="2022-05-02"), service())
    answer = story.when(phase("ESECUZIONE", "2020-03-01"))
    then_recorded(answer)
    story.given(RICOGNITIVO)
    then_recorded(story.when(covering("2020-03-01")))
    shown = story.shown()
    assert shown.phase is not None
    assert (str(shown.phase.since), str(shown.interventions[0].registered_on)) == (
        "2020-03-01",
        "2022-05-02",
    )
    [adopted] = shown.reconnaissances
    assert (adopted.act, str(adopted.covers[0].started_on)) == (BY, "2020-03-01")


def test_economia_without_order() -> None:
    """Lavoro del personale interno senza ordine di servizio: lo attesta il ricognitivo, punto r14.

    Il punto r14 può anche non essere pertinente; gli altri, come r01, no.
    """
    story = given(*START, service(), live(), RICOGNITIVO)
    nothing = covering("2022-05-01", r01="non-pertinente")
    then_refused(story.when(nothing), "reconnaissance-incomplete", "r01")
    rules = "Regolamento degli uffici, art. 12: lavori in economia"
    then_recorded(story.when(covering("2022-05-01", r06="non-pertinente", r14=rules)))
    [adopted] = story.shown().reconnaissances
    assert adopted.items["r14"] == rules
    assert [one.item for one in adopted.covers] == ["s01"]
    assert not any(one.subtype == "ordine-di-servizio" for one in story.shown().acts)


def test_economia_with_order() -> None:
    """Con l'ordine di servizio, l'atto è tra quelli dell'intervento: non impegna e non chiede il visto."""
    story = given(*START, service(), live())
    then_recorded(story.when(other_act("ordine-di-servizio", "7", cigs=[])))
    [order] = story.shown().acts
    assert (order.subtype, order.key) == ("ordine-di-servizio", "c_e506/ordini/2023/7")


def test_union_of_bodies_keeps_the_keys_of_acts() -> None:
    """Un atto di un altro ente, come l'Unione che affida per il Comune, ha la chiave dell'ente suo."""
    story = given(*START, determina())
    then_recorded(story.when(determina(ipa="uc_esempio", subtype="affidamento")))
    assert [one.key for one in story.shown().acts] == [ACT, ACT.replace("c_e506", "uc_esempio")]
