"""Casi difficili di DOMAIN 14 che riguardano controlli, osservazioni e l'ente che tiene il registro."""

from __future__ import annotations

from datetime import date

from ledger.domain.event import Event
from ledger.errors import Refused
from tests.ledger.domain.facts import (
    ACT,
    RUP_PERSON,
    but,
    corrected,
    determina,
    funded,
    observed,
    registered,
    visto,
)
from tests.ledger.domain.facts_oversight import (
    FILE,
    absent,
    asked,
    audit,
    audit_closed,
    checked,
    found,
    national_row,
    renamed,
    replied,
    source,
)
from tests.ledger.domain.worlds import OTHER_CUP, World

SECOND, THIRD = "cd" * 32, "ef" * 32


def test_body_merges() -> None:
    """Il Comune confluisce in un altro ente dal 1° gennaio 2024: cambia il codice IPA.

    Gli atti adottati prima restano con il codice di allora, anche se registrati dopo; quelli adottati
    da quel giorno prendono il nuovo. Su un vecchio atto si continua a registrare con la sua chiave.
    """
    world = World().given(registered(), determina("100", "2023-01-23"), renamed(new="c_m999"))
    late = world.when(determina("101", "2023-12-31"))
    first = world.when(determina("100", "2024-01-01"))
    assert isinstance(late, Event)
    assert isinstance(first, Event)
    assert sorted(world.dossier().acts) == [
        "c_e506/registro-generale/2023/100",
        "c_e506/registro-generale/2023/101",
        "c_m999/registro-generale/2024/100",
    ]
    world.given(visto(ACT), visto("c_m999/registro-generale/2024/100", "2024-01-02"))
    again = world.when(determina("100", "2024-01-01"))
    assert isinstance(again, Refused)
    assert again.code == "act-already-registered"
    assert "c_m999" in again.sentence
    world.given(corrected(3, role="dirigente"), determina("101", "2023-12-31"))


def test_a_body_that_changes_its_code_twice_has_each_in_its_time() -> None:
    """Due cambi di codice: ogni atto porta quello in vigore il giorno della sua adozione."""
    world = World().given(registered(), renamed(new="c_b002"))
    world.given(renamed("c_b002", "c_c003", on="2025-07-01"))
    days = ("2023-12-31", "2024-01-01", "2025-06-30", "2025-07-01")
    for number, day in enumerate(days, start=1):
        world.given(determina(str(number), day))
    keys = [key.split("/", maxsplit=1)[0] for key in world.dossier().acts]
    assert keys == ["c_e506", "c_b002", "c_b002", "c_c003"]
    assert world.law_now().at(1).adopted == ()


def test_hold_at_expiry() -> None:
    """La conservazione scade mentre un controllo è aperto: le prove restano finché non si chiude.

    Il controllo trattiene da sé, senza un blocco registrato a parte; ciò che trattiene si vede nello
    stato, con il giorno di apertura.
    """
    world = World(today="2032-03-01").given(
        registered(), audit(on="2031-11-03"), asked(on="2031-11-03")
    )
    held = world.state(as_of="2032-01-15")
    assert [(one.audit, str(one.on), one.closed_on) for one in held.audits] == [
        ("a1", "2031-11-03", None)
    ]
    assert [one.audit for one in world.dossier(as_of="2032-01-15").audits.open()] == ["a1"]
    world.given(replied(on="2031-12-01"), audit_closed(on="2032-02-20"))
    assert world.dossier(as_of="2032-02-19").audits.open() != ()
    assert world.dossier().audits.open() == ()


def test_partial_then_negative() -> None:
    """L'asseverazione è prima parzialmente positiva, poi negativa: restano entrambe, con la loro data."""
    world = World().given(registered())
    world.given(checked("parzialmente-positivo", "2024-05-10", items=["s01", "s02"]))
    world.given(checked("negativo", "2024-09-30"))
    assert [(one.outcome, str(one.on)) for one in world.state().external_checks] == [
        ("parzialmente-positivo", "2024-05-10"),
        ("negativo", "2024-09-30"),
    ]
    before = world.state(as_of="2024-06-01")
    assert [one.outcome for one in before.external_checks] == ["parzialmente-positivo"]


def test_disbursed_then_revoked() -> None:
    """La fonte nazionale dice erogato, poi un controllo a campione revoca: lo stato torna da E a R.

    Vale l'osservazione più recente, comunque arrivino; lo stato locale non cambia da solo.
    """
    world = World().given(registered(), funded(), audit(on="2026-03-02"))
    world.given(
        observed("R", "2026-07-10", "2026-08-18T09:00:00Z"),
        observed("E", "2026-06-15", "2026-08-17T09:00:00Z"),
        found(on="2026-07-01", amount="319556.00"),
        audit_closed(on="2026-07-09", outcome="negativo"),
    )
    state = world.state()
    assert state.national_state is not None
    assert (state.national_state.state, str(state.national_state.state_on)) == ("R", "2026-07-10")
    assert [one.state for one in state.national_states] == ["R", "E"]
    assert [one.outcome for one in state.audits] == ["negativo"]
    assert state.funding.importo_finanziato.format() == "319556.00"


def test_a_header_only_file_takes_nobody_away() -> None:
    """Regola 1: il 24 ottobre 2022 il file nazionale arriva con la sola intestazione, il 25 è intero.

    Il file vuoto è rifiutato finché una persona non lo accetta; accettato, non è completo e non se ne
    deduce che una riga manchi. Il file intero del giorno dopo si confronta con l'ultimo completo.
    """
    world = World().given(registered(), source(20_947))
    empty = source(0, "2022-10-24T06:00:00Z", digest=SECOND)
    refused = world.when(empty)
    assert isinstance(refused, Refused)
    assert refused.code == "source-shrunk"
    assert "accepted_by" in refused.sentence
    accepted = {**empty["data"], "accepted_by": RUP_PERSON, "complete": False}
    world.given(but(empty, data=accepted))
    vanished = world.when(absent(digest=SECOND))
    assert isinstance(vanished, Refused)
    assert vanished.code == "source-shrunk"
    world.given(source(20_950, "2022-10-25T06:00:00Z", digest=THIRD))
    assert [file.rows for file in world.dossier("sys/sources").sources.files] == [20_947, 0, 20_950]
    assert world.state().national_absences == ()


def test_a_partial_file_of_the_sixth_of_july() -> None:
    """Regola 1: il 6 luglio 2023 mancano 3.487 righe per mezz'ora: oltre il 5 per cento, si rifiuta."""
    world = World().given(registered(), source(36_000, "2023-07-06T12:00:00Z"))
    partial = source(36_000 - 3_487, "2023-07-06T12:37:00Z", digest=SECOND)
    refused = world.when(partial)
    assert isinstance(refused, Refused)
    assert refused.code == "source-shrunk"
    world.given(source(36_000, "2023-07-06T13:21:00Z", digest=THIRD))


def test_a_row_may_go_and_come_back_and_a_cup_be_in_two_files() -> None:
    """Regola 10: lo stato può tornare indietro; un CUP può stare in due file: decide la chiave.

    La stessa riga sparisce da un file completo e poi ricompare; nell'altra fonte c'è sempre stata.
    """
    world = World().given(registered(), registered(cup=OTHER_CUP), source(20_947))
    there = national_row(source=FILE, key="r1", at="2022-10-23T06:00:00Z")
    other = national_row(source="regis", key="r1", at="2022-10-23T06:00:00Z")
    world.given(there, other, source(20_946, "2022-10-24T06:00:00Z", digest=SECOND))
    world.given(absent(key="r1", digest=SECOND))
    gone = world.dossier().national
    assert (gone.is_gone(FILE, "r1"), gone.is_gone("regis", "r1")) == (True, False)
    world.given(source(20_947, "2022-10-25T06:00:00Z", digest=THIRD))
    world.given(national_row(source=FILE, key="r1", at="2022-10-25T06:00:00Z"))
    assert not world.dossier().national.is_gone(FILE, "r1")
    world.given(observed("A", "2022-09-05", "2022-10-23T06:00:00Z"))
    world.given(observed("R", "2022-10-01", "2022-10-24T06:00:00Z"))
    world.given(observed("A", "2022-10-02", "2022-10-25T06:00:00Z"))
    current = world.dossier().national.current()
    assert current is not None
    assert (current.state, current.state_on) == ("A", date(2022, 10, 2))
    assert world.dossier(OTHER_CUP).national.rows == {}
