"""Storie di soldi: fonti, tetti al centesimo, recuperi, aumenti dei prezzi, fondi che cambiano fonte.

Ogni prova ha il nome dello scenario di DOMAIN, sezione 14, righe 17 e 18: dato, quando, allora.
"""

from __future__ import annotations

from tests.ledger.domain.facts import (
    adjusted,
    but,
    described,
    determina,
    funded,
    registered,
)
from tests.ledger.domain.facts_life import cup_status
from tests.ledger.domain.facts_money import (
    COMMITMENT,
    PAYMENT,
    committed,
    disbursed,
    invoiced,
    liquidated,
    paid,
    recovered,
    recovery,
    reduced,
    revoked,
    storno,
)
from tests.scenarios.telling import given, then_recorded, then_refused

START = (registered(), determina())
MINISTRY = "Ministero dell'Innovazione tecnologica e transizione digitale"
DEPARTMENT = "Presidenza del Consiglio dei Ministri, DTD"
OWN, OWN_PAYMENT = "c_e506/2023/1578", "c_e506/2023/8123"


def test_mixed_sources() -> None:
    """Una fattura di 122,00 euro: l'imponibile lo paga il PNRR, l'IVA il bilancio del Comune.

    Sono due impegni e due mandati, ciascuno sulla sua fonte; la fattura è una sola.
    """
    story = given(*START, funded("100.00"), funded("22.00", source="COMUNE"))
    story.given(committed("100.00"), committed("22.00", OWN, source="COMUNE"))
    story.given(invoiced("122.00", vat="22.00"))
    taxable = but(liquidated("100.00", invoice="12345678901"))
    vat = liquidated("22.00", "liq-2", commitment=OWN, invoice="12345678901")
    story.given(taxable, vat)
    then_recorded(story.when(paid("100.00", liquidation="liq-1", invoice="12345678901")))
    on_own_funds = {"commitment": OWN, "source": "COMUNE", "liquidation": "liq-2"}
    then_recorded(story.when(paid("22.00", OWN_PAYMENT, invoice="12345678901", **on_own_funds)))
    shown = story.shown().spending
    assert [(one.source, one.paid.format_it()) for one in shown.sources] == [
        ("COMUNE", "22,00"),
        ("PNRR", "100,00"),
    ]
    [invoice] = shown.invoices
    assert invoice.vat is not None
    assert (invoice.amount.format_it(), invoice.vat.format_it()) == ("122,00", "22,00")
    assert sum(one.amount for one in shown.payments if one.invoice == "12345678901") == 12_200


def test_over_total_not_over_pnrr() -> None:
    """Si può pagare più del finanziamento totale, con soldi propri; non un centesimo di PNRR in più."""
    story = given(*START, funded("100.00"), committed("100.01"), committed("50.00", OWN))
    cent_too_much = paid("100.01")
    then_refused(story.when(cent_too_much), "pnrr-paid-above-funding", "100,01", "100,00")
    then_recorded(story.when(paid("100.00")))
    own = paid("50.00", OWN_PAYMENT, commitment=OWN, source="COMUNE")
    then_recorded(story.when(own))
    assert story.amounts()["finanziato"] == "100,00"
    assert story.amounts()["pagato"] == "150,00"
    then_refused(story.when(paid("0.01", f"{PAYMENT}/2")), "pnrr-paid-above-funding")


def test_recovery_below_zero() -> None:
    """Da un pagamento di 60,00 euro non se ne recuperano 60,01, né di più dopo uno storno."""
    story = given(*START, funded("60.00"), committed("60.00"), paid("60.00"), recovery("60.01"))
    then_refused(story.when(recovered("60.01")), "payment-balance-negative", PAYMENT, "60,00")
    story.given(storno("10.00"))
    then_refused(story.when(recovered("50.01")), "payment-balance-negative", "50,00")
    then_recorded(story.when(recovered("50.00")))
    assert story.amounts()["pagato"] == "0,00"


def test_money_given_back_below_zero() -> None:
    """Non si restituisce a chi ha finanziato più di quanto è arrivato."""
    story = given(*START, funded("100.00"), disbursed("100.00"), recovery("100.01", payment=None))
    then_refused(story.when(recovered("100.01")), "payment-balance-negative", "erogazioni ricevute")
    then_recorded(story.when(recovered("100.00")))
    assert story.shown().incomes.received == 0


def test_reduction_before_commitment() -> None:
    """Il disimpegno arriva prima dell'impegno: si registra prima l'impegno, con la sua data vera."""
    story = given(*START)
    then_refused(story.when(reduced("40.00")), "reference-unknown", COMMITMENT, "record-commitment")
    story.given(committed("100.00"))
    then_refused(story.when(reduced("100.01")), "commitment-balance-negative", "100,00")
    then_recorded(story.when(reduced("40.00")))
    assert story.amounts()["impegnato"] == "60,00"
    [commitment] = story.shown().spending.commitments
    assert str(commitment.on) == "2023-02-01"


def test_a_commitment_ends_with_its_last_reduction() -> None:
    """Un impegno revocato in due volte finisce il giorno dell'ultima, in qualunque ordine si registrino.

    Ciò che è stato liquidato prima si registra ancora; da quel giorno nulla, e nulla prima dell'impegno.
    """
    story = given(*START, committed("100.00"))
    first = but(reduced("40.00", cause="02"), occurred_on="2023-09-30")
    last = but(reduced("60.00", cause="01"), occurred_on="2023-12-01")
    then_refused(
        story.when(but(first, occurred_on="2023-01-31")), "dates-reversed", "31/01/2023", COMMITMENT
    )
    story.given(last, first)
    [commitment] = story.shown().spending.commitments
    assert [(str(one.on), one.amount.format_it(), one.cause) for one in commitment.reductions] == [
        ("2023-12-01", "60,00", "01"),
        ("2023-09-30", "40,00", "02"),
    ]
    assert str(commitment.ended_on) == "2023-12-01"
    [before] = story.shown(on="2023-11-30").spending.commitments
    assert (before.ended_on, before.reduced.format_it()) == (None, "40,00")
    on_that_day = but(liquidated(), occurred_on="2023-12-01")
    then_refused(story.when(on_that_day), "reference-closed", COMMITMENT)
    then_recorded(story.when(but(on_that_day, occurred_on="2023-11-30")))


def test_price_increase_revoked() -> None:
    """Il fondo opere indifferibili dà 50.000 euro e poi li toglie: le due cifre tornano, la storia no.

    L'importo finanziato non si muove mai; quello dopo l'incremento sale e scende.
    """
    story = given(*START, funded("319556.00"))
    increase = adjusted(("FOI", "50000.00"), cause="incremento-prezzi", on="2023-03-01")
    then_recorded(story.when(increase))
    figures = ("finanziato", "dopo l'incremento")
    assert [story.amounts()[one] for one in figures] == ["319.556,00", "369.556,00"]
    withdrawn = revoked(("FOI", "-50000.00"), on="2024-02-01", cause="incremento-prezzi")
    then_recorded(story.when(withdrawn))
    assert [story.amounts()[one] for one in figures] == ["319.556,00", "319.556,00"]
    assert [story.amounts(on="2023-06-01")[one] for one in figures] == ["319.556,00", "369.556,00"]
    history = [(entry.cause, entry.movements[0].delta) for entry in story.shown().funding.entries]
    assert history == [
        ("concessione", 31_955_600),
        ("incremento-prezzi", 5_000_000),
        ("incremento-prezzi", -5_000_000),
    ]
    again = revoked(("FOI", "-0.01"), on="2024-02-02", cause="incremento-prezzi")
    then_refused(story.when(again), "duplicate-key", "FOI", "incremento-prezzi")
    other = {"number": "4/2024", "on": "2024-02-02"}
    again = but(again, data={**again["data"], "decree": other})
    then_refused(story.when(again), "source-balance-negative", "FOI")


def test_measure_defunded() -> None:
    """La misura esce dal PNRR: l'importo passa a un'altra fonte in una registrazione a somma zero."""
    story = given(*START, funded("319556.00"))
    unbalanced = adjusted(("PNRR", "-319556.00"), ("STATO", "319555.99"), cause="spostamento")
    then_refused(story.when(unbalanced), "transfer-not-balanced", "-0,01")
    moved = adjusted(("PNRR", "-319556.00"), ("STATO", "319556.00"), cause="spostamento")
    then_recorded(story.when(moved))
    assert story.amounts()["finanziato"] == "319.556,00"
    sources = {one.source: one.amount.format_it() for one in story.shown().funding.sources}
    assert sources == {"PNRR": "0,00", "STATO": "319.556,00"}
    story.given(committed("1.00"))
    then_refused(story.when(paid("0.01")), "pnrr-paid-above-funding", "0,00 finanziati")


def test_measure_renamed() -> None:
    """La misura cambia nome sul sito nazionale: il codice scritto nella candidatura resta com'è."""
    story = given(registered(measure="M1C1I1.02"))
    then_recorded(story.when(described(title="Abilitazione e facilitazione migrazione al Cloud")))
    [now] = story.shown().interventions
    [before] = story.shown(on="2022-01-31").interventions
    assert (now.measure.raw, before.measure.raw) == ("M1C1I1.02", "M1C1I1.02")
    assert now.measure.key == type(now.measure).parse("M1C1I1.2").key
    assert (before.title, now.title) == (
        "Abilitazione al cloud per le PA locali",
        "Abilitazione e facilitazione migrazione al Cloud",
    )


def test_ministry_renamed() -> None:
    """Il ministero non esiste più: la pagina ne porta ancora il nome, e il registro lo conserva così.

    Il nome come pubblicato e l'ente che finanzia sono due campi: cambiare il resto non lo tocca.
    """
    story = given(registered(granting_label=MINISTRY, granting_body=DEPARTMENT))
    story.given(described(description="Completamento della migrazione"), cup_status("attivo"))
    [shown] = story.shown().interventions
    assert (shown.granting_label, shown.granting_body) == (MINISTRY, DEPARTMENT)
    then_recorded(story.when(but(described(granting_label="DTD"), occurred_on="2024-01-10")))
    assert story.shown(on="2024-01-09").interventions[0].granting_label == MINISTRY
    assert story.shown().interventions[0].granting_label == "DTD"
