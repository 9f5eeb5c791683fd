"""Storie di tempo: orologi sbagliati, doppi invii, due uffici insieme, arretrati, giorni di confine.

Ogni prova ha il nome dello scenario di DOMAIN, sezione 14, riga 22. Dove contano la firma, la ricevuta
e l'ordine di arrivo, il registro è quello vero: chiavi, porta, foglie, con un orologio che si regola.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from ledger.domain.days import legal_day
from ledger.errors import Conflict, Refused
from ledger.journal.batch import Receipt
from ledger.journal.memory import MemoryRecorder
from ledger.signing.certificates import certificate_digest
from ledger.signing.envelope import Header, assemble, parse, signing_input
from tests.ledger.application.door_kit import CUP, ORIGIN, House, build
from tests.ledger.application.door_story import (
    DETERMINA,
    INTERVENTION,
    kept_file,
    phase,
    register,
)
from tests.ledger.domain import facts
from tests.ledger.domain.facts import RESOLUTION, deliberazione, enforceable, published, registered
from tests.scenarios.telling import given, then_proposed, then_recorded, then_refused

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.domain.event import ObjectRef


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A founded ledger with a RUP and an accountant."""
    return build(tmp_path, MemoryRecorder(ORIGIN))


def signed_at(house: House, raw: bytes, at: datetime) -> bytes:
    """Return the envelope as a signer whose clock says that time would send it."""
    envelope, holder = parse(raw), house.people["rup"]
    payload = {**envelope.payload, "claimed_at": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
    digest = certificate_digest(holder.certificate)
    header = Header(holder.signer.alg, int(at.timestamp()), holder.signer.kid, digest)
    text = signing_input(header, payload)
    return assemble(text, holder.signer.sign(text))


def phases(house: House) -> list[tuple[str, datetime]]:
    """Return the phases of the intervention in order of the log, with the time that was claimed."""
    events = house.ledger.judge.histories.history(f"cup/{CUP}")
    return [(e.data.phase, e.claimed_at) for e in events if e.type.name == "phase-entered/1"]


def test_clock_skew(house: House) -> None:
    """L'orologio di chi firma è indietro di tre giorni: conta l'ordine di arrivo, l'ora detta resta."""
    register(house)
    name, data, beside = phase("PROGETTAZIONE")
    house.write("rup", name, data, **beside)
    raw = house.envelope("rup", "enter-phase/1", {"phase": "AFFIDAMENTO"}, **beside)
    slow = house.clock.now - timedelta(days=3)
    receipt = house.ledger.record(signed_at(house, raw, slow.replace(microsecond=0)))
    assert receipt.first
    (first, told_first), (second, told_second) = phases(house)
    assert (first, second) == ("PROGETTAZIONE", "AFFIDAMENTO")
    assert told_second < told_first


def test_double_submit(house: House) -> None:
    """La rete cade e l'invio si ripete: stesso identificativo e stessi byte, stessa ricevuta, un solo fatto."""
    register(house)
    name, data, beside = phase("PROGETTAZIONE")
    raw = house.envelope("rup", name, data, **beside)
    first, again = house.ledger.record(raw), house.ledger.record(raw)
    assert (first.first, again.first) == (True, False)
    assert (again.index, again.leaf, again.proof) == (first.index, first.leaf, first.proof)
    assert [one for one, _ in phases(house)] == ["PROGETTAZIONE"]


def test_two_offices(house: House) -> None:
    """Due uffici preparano insieme: il secondo trova un conflitto, riprepara, e nulla va perduto."""
    register(house)
    other = house.another()
    _, data, beside = phase("PROGETTAZIONE")
    first = house.envelope("rup", "enter-phase/1", data, **beside)
    second = other.envelope("rup", "enter-phase/1", {"phase": "AFFIDAMENTO"}, **beside)
    house.ledger.record(first)
    before = house.head()
    with pytest.raises(Conflict) as caught:
        other.ledger.record(second)
    assert (caught.value.code, caught.value.heads) == ("stream-moved", {f"cup/{CUP}": 2})
    assert house.head() == before
    other.write("rup", "enter-phase/1", {"phase": "AFFIDAMENTO"}, **beside)
    house.ledger.judge.follow()
    assert [one for one, _ in phases(house)] == ["PROGETTAZIONE", "AFFIDAMENTO"]


def test_four_hundred_old_acts() -> None:
    """Quattrocento atti del 2022 di un solo intervento: uno ogni dieci è senza CUP, e quello solo è nullo."""
    story = given(registered())
    answers = [
        story.when(
            facts.determina(str(number), "2022-03-01", cup_in_text="si" if number % 10 else "no")
        )
        for number in range(1, 401)
    ]
    refused = [one for one in answers if isinstance(one, Refused)]
    assert {one.code for one in refused} == {"act-without-cup"}
    assert len(refused) == 40
    shown = story.shown().acts
    assert (len(shown), {one.days_late > 365 for one in shown}) == (360, {True})
    assert story.shown(known_on="2026-08-31").acts == ()


def old_act(house: House, cup: str, number: int, file: ObjectRef) -> bytes:
    """Return an act of 2022 about one CUP; every tenth was changed so as to lack the CUP."""
    said = {"year": 2022, "adopted_on": "2022-03-01", "number": str(number)}
    data = {**DETERMINA, **said, "links": [{"cup": cup}]}
    command = house.command("register-determina/1", data, (file,), role="rup")
    draft = house.draft("rup", command)
    if number % 10:
        return house.signed("rup", draft)
    return house.forged("rup", draft, data={**draft.event.plain_data(), "cup_in_text": "no"})


def test_four_hundred_old_acts_in_one_batch(house: House) -> None:
    """Gli stessi, di quattrocento interventi, in un solo invio: ognuno è accettato o rifiutato da sé."""
    cups = [f"C81C22{number:05}0006" for number in range(400)]
    ask = ("rup", "register-intervention/2")
    beside = {"role": "rup", "occurred_on": "2022-02-01"}
    registrations = [house.envelope(*ask, {**INTERVENTION, "cup": c}, **beside) for c in cups]
    assert all(isinstance(one, Receipt) for one in house.ledger.record_many(registrations))
    size = house.journal.size
    file = kept_file(house)
    acts = [old_act(house, cup, number, file) for number, cup in enumerate(cups, start=1)]
    outcomes = house.ledger.record_many(acts)
    refused = [one.code for one in outcomes if isinstance(one, Refused)]
    recorded = [one for one in outcomes if isinstance(one, Receipt)]
    assert refused == ["act-without-cup"] * 40
    assert len(recorded) == 360
    assert [one.index for one in recorded] == list(range(size, size + 360))
    assert len({one.checkpoint for one in recorded}) == 1


def test_29_february() -> None:
    """Il 29 febbraio c'è nel 2024 e non nel 2023; i termini che lo attraversano lo contano."""
    story = given(registered(), deliberazione("210", "2024-02-15"))
    key = RESOLUTION.replace("/2022/", "/2024/")
    then_refused(story.when(published(key, "2024-02-19", "2024-03-03")), "publication-too-short")
    then_recorded(story.when(published(key, "2024-02-19", "2024-03-04")))
    early = enforceable(key, "2024-02-28", "tuel-134-3", "segretario")
    then_refused(story.when(early), "enforceable-too-early", "29/02/2024")
    then_recorded(story.when(enforceable(key, "2024-02-29", "tuel-134-3", "segretario")))
    then_recorded(story.when(facts.determina("1", "2024-02-29")))
    then_proposed(story.when(facts.determina("1", "2023-02-29")), "date-malformed", None)
    assert str(story.act_on(key).effective_on) == "2024-02-29"


def received(house: House) -> list[date]:
    """Return the legal days on which the phases were received."""
    events = house.ledger.judge.histories.history(f"cup/{CUP}")
    return [event.received_on for event in events if event.type.name == "phase-entered/1"]


def test_dst_night(house: House) -> None:
    """La notte in cui torna l'ora solare le 2:30 vengono due volte: il giorno è uno, l'ordine è chiaro.

    Quel giorno comincia alle 22 UTC della sera prima, e finisce alle 23 UTC: dura venticinque ore.
    """
    register(house)
    name, data, beside = phase("PROGETTAZIONE", "2026-10-25")
    house.clock.now = datetime(2026, 10, 24, 21, 58, tzinfo=UTC)
    with pytest.raises(Refused) as caught:
        house.write("rup", name, data, **beside)
    assert caught.value.code == "future-date"
    times = [(24, 22, 0), (25, 0, 30), (25, 1, 30), (25, 22, 58)]
    steps = ("PROGETTAZIONE", "AFFIDAMENTO", "ESECUZIONE", "COLLAUDO")
    for (day, hour, minute), step in zip(times, steps, strict=True):
        house.clock.now = datetime(2026, 10, day, hour, minute, tzinfo=UTC)
        house.write("rup", name, {"phase": step}, **beside)
    assert received(house) == [date(2026, 10, 25)] * 4
    assert [one for one, _ in phases(house)] == list(steps)
    assert legal_day(datetime(2026, 10, 25, 23, 0, tzinfo=UTC)) == date(2026, 10, 26)


def test_terms_across_a_dst_night() -> None:
    """Un termine all'albo che attraversa il cambio dell'ora conta giorni di calendario, non ore."""
    story = given(registered(), deliberazione("210", "2024-03-21"))
    key = RESOLUTION.replace("/2022/", "/2024/")
    story.given(published(key, "2024-03-25", "2024-04-08"))
    early = enforceable(key, "2024-04-03", "tuel-134-3", "segretario")
    then_refused(story.when(early), "enforceable-too-early", "04/04/2024")
    then_recorded(story.when(enforceable(key, "2024-04-04", "tuel-134-3", "segretario")))


def test_31_december_23_30_utc(house: House) -> None:
    """Alle 23:30 UTC del 31 dicembre in Italia è già Capodanno: l'atto numero 1 del nuovo anno si registra."""
    register(house)
    new_year = {"year": 2027, "number": "1", "adopted_on": "2027-01-01"}
    request = ("rup", "register-determina/1", {**DETERMINA, **new_year})
    files = (kept_file(house),)
    house.clock.now = datetime(2026, 12, 31, 22, 30, tzinfo=UTC)
    with pytest.raises(Refused) as caught:
        house.write(*request, role="rup", objects=files)
    assert (caught.value.code, caught.value.item) == ("future-date", "occurred_on")
    house.clock.now = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    receipt = house.write(*request, role="rup", objects=files)
    [*_, event] = house.ledger.judge.histories.history(f"cup/{CUP}")
    assert (event.index, event.received_on, event.days_late) == (receipt.index, date(2027, 1, 1), 0)
