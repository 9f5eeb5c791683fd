"""Storie di atti: quote, annullamenti, rettifiche, ritardi, CUP errati, albo, visto.

Ogni prova ha il nome dello scenario di DOMAIN, sezione 14, righe 1-6, 15 e 16: dato, quando, allora.
"""

from __future__ import annotations

from tests.ledger.domain.facts import (
    ACT,
    RESOLUTION,
    but,
    deliberazione,
    determina,
    enforceable,
    funded,
    phase,
    published,
    registered,
    visto,
)
from tests.ledger.domain.facts_acts import (
    AGAIN,
    BY,
    annulled,
    completed_at_albo,
    extended,
    immediate,
    reconnaissance,
    rectified,
    relinked,
    revoked_act,
    suspended,
    visto_refused,
)
from tests.ledger.domain.facts_life import cup_corrected
from tests.ledger.domain.facts_money import (
    COMMITMENT,
    PAYMENT,
    committed,
    paid,
    recovered,
    recovery,
)
from tests.ledger.domain.worlds import CUP, OTHER_CUP
from tests.scenarios.telling import body_sets, given, late, then_recorded, then_refused

THIRD_CUP = "C81F22004270006"
THREE = (CUP, OTHER_CUP, THIRD_CUP)
START = (registered(),)
SECOND = determina("200", "2023-05-30", subtype="annullamento")
THIRD = determina("300", "2023-08-30", subtype="annullamento")
ALBO = published(RESOLUTION, "2022-06-10", "2022-06-25")


def shares(*amounts: str) -> list[dict[str, str]]:
    """Return the links of an act to three CUPs, each with its share."""
    return [{"cup": cup, "amount": amount} for cup, amount in zip(THREE, amounts, strict=True)]


def test_split_that_does_not_divide() -> None:
    """Una determina di 100,00 euro su tre CUP: tre volte 33,33 non fa 100, un CUP ne ha 33,34.

    Il rifiuto propone le quote; non le corregge da sé.
    """
    story = given(*(registered(cup=cup) for cup in THREE))
    answer = story.when(determina(amount="100.00", links=shares("33.33", "33.33", "33.33")))
    then_refused(
        answer,
        "sum-mismatch",
        "Le parti fanno 99,99",
        f"proposta: {CUP} 33,34, {OTHER_CUP} 33,33, {THIRD_CUP} 33,33",
    )
    answer = story.when(determina(amount="100.00", links=shares("33.34", "33.33", "33.33")))
    then_recorded(answer)
    assert [story.act_on(ACT, cup=cup).share for cup in THREE] == [3334, 3333, 3333]


def test_annulled_after_payment() -> None:
    """Annullato in autotutela un impegno già pagato: i pagamenti si elencano, il pagato non sparisce.

    L'annullamento ha effetto dal primo giorno; il pagato scende soltanto con i recuperi incassati.
    """
    story = given(*START, funded(), determina(), SECOND)
    story.given(committed("12000.00"), paid("12000.00"))
    then_refused(story.when(annulled()), "payments-unlisted", ACT, PAYMENT)
    answer = story.when(annulled(payments=[PAYMENT]))
    then_recorded(answer)
    assert story.act_on(ACT, on="2023-02-01").effect == "annullata"
    assert story.act_on(ACT).effects[0].payments == (PAYMENT,)
    assert story.amounts()["pagato"] == "12.000,00"
    story.given(recovery("12000.00"), recovered("5000.00"))
    assert story.amounts()["pagato"] == "7.000,00"
    story.given(recovered("7000.00"))
    assert story.amounts()["pagato"] == "0,00"
    assert story.told()[-3:] == [
        "Avviato il recupero rec-1 di 12.000,00 EUR: atto annullato",
        "Recuperati 5.000,00 EUR (rec-1)",
        "Recuperati 7.000,00 EUR (rec-1)",
    ]


def test_partial_and_back() -> None:
    """Atto annullato in parte, poi annullato l'annullamento: è come se non fosse mai stato toccato.

    Chi chiede che cosa si sapeva tra le due registrazioni trova l'atto annullato in parte; chi chiede
    oggi lo trova efficace in ogni giorno.
    """
    story = given(*START, determina(), SECOND, THIRD)
    story.given(late(annulled(scope="parziale", parts="lotto 2"), "2026-09-02"))
    story.given(late(annulled(BY, AGAIN, on="2023-09-01"), "2026-09-10"))
    between = story.act_on(ACT, known_on="2026-09-05")
    assert (between.effect, between.effects[0].parts) == ("annullata-in-parte", "lotto 2")
    for day in ("2023-02-01", "2023-07-01", "2023-12-01"):
        assert story.act_on(ACT, on=day).effect == "efficace"
    assert story.act_on(BY).effect == "annullata"
    assert len(story.told()) == 6


def test_suspended_and_resumed() -> None:
    """Un atto sospeso senza termine torna efficace quando l'atto che lo sospende è revocato.

    Si era fermato tutto ciò che poggia sull'atto; dal giorno della revoca si riprende, e ogni giorno resta
    com'era.
    """
    story = given(*START, determina(), visto(), SECOND, THIRD, suspended())
    answer = then_refused(
        story.when(but(committed(), occurred_on="2023-09-01")), "act-without-effect", "è sospeso"
    )
    assert answer.remedy.startswith("revoke-act/1 sull'atto che lo sospende")
    then_recorded(story.when(revoked_act(BY, AGAIN, on="2023-09-01")))
    then_recorded(story.when(but(committed(), occurred_on="2023-09-01")))
    seen = [story.act_on(ACT, on=day).effect for day in ("2023-05-31", "2023-08-31", "2023-09-01")]
    assert seen == ["efficace", "sospesa", "efficace"]


def test_annulled_and_back() -> None:
    """Lo stesso con un annullamento totale: tra le due registrazioni nulla poteva poggiare sull'atto.

    Nulla di quel giorno o di dopo; un impegno preso prima dell'annullamento c'è stato.
    """
    story = given(*START, determina(), SECOND, THIRD, late(annulled(), "2026-09-02"))
    afterwards = late(but(committed(), occurred_on="2023-06-01"), "2026-09-05")
    then_refused(story.when(afterwards), "act-without-effect", "annullato")
    then_recorded(story.when(late(committed(key=f"{COMMITMENT}/2"), "2026-09-05")))
    story.given(late(annulled(BY, AGAIN, on="2023-09-01"), "2026-09-10"))
    assert story.act_on(ACT, on="2023-02-01", known_on="2026-09-05").effect == "annullata"
    assert story.act_on(ACT, on="2023-02-01").effect == "efficace"
    then_recorded(story.when(late(afterwards, "2026-09-11")))


def test_revoked_ex_nunc() -> None:
    """La revoca per interesse pubblico vale da quel giorno: i pagamenti fatti prima restano validi."""
    story = given(*START, funded(), determina(), SECOND, committed("60.00"), paid("60.00"))
    answer = story.when(revoked_act(on="2023-09-01"))
    then_recorded(answer)
    assert story.act_on(ACT, on="2023-08-31").effect == "efficace"
    assert story.act_on(ACT, on="2023-09-01").effect == "revocata"
    assert story.amounts()["pagato"] == "60,00"
    after = but(committed("1.00", f"{COMMITMENT}/2"), occurred_on="2023-09-01")
    then_refused(story.when(after), "act-without-effect", "è stato revocato", "01/09/2023")
    before = but(after, occurred_on="2023-08-31")
    then_recorded(story.when(before))


def test_rectified_twice_out_of_order() -> None:
    """La seconda rettifica arriva prima della prima: conta la data di adozione, non quella di arrivo."""
    story = given(*START, determina(), SECOND, THIRD)
    then_recorded(story.when(rectified(by=AGAIN, on="2023-08-30")))
    then_recorded(story.when(rectified(by=BY, on="2023-05-30")))
    assert story.act_on(ACT, on="2023-05-29").text_in_force is None
    assert story.act_on(ACT, on="2023-05-30").text_in_force == BY
    assert story.act_on(ACT, on="2023-08-30").text_in_force == AGAIN
    assert [effect.by for effect in story.act_on(ACT).effects] == [AGAIN, BY]


def test_fourteen_months_late() -> None:
    """Un atto del 2022 registrato quattordici mesi dopo, quando l'intervento è già in esecuzione.

    Prima della registrazione nessuno lo sapeva; da allora l'atto c'è, con la sua data; la fase no,
    non torna indietro, nemmeno se con l'atto si registra la fase di allora.
    """
    march = "c_e506/registro-generale/2022/31"
    story = given(*(late(one, "2023-03-10") for one in (*START, phase("ESECUZIONE", "2023-03-01"))))
    story.today = "2023-05-15"
    then_recorded(story.when(determina("31", "2022-03-10", subtype="a-contrarre")))
    then_recorded(story.when(phase("AFFIDAMENTO", "2022-03-10", act=march)))
    assert story.shown(on="2022-04-01", known_on="2023-05-14").acts == ()
    assert [one.key for one in story.shown(on="2022-04-01").acts] == [march]
    assert story.act_on(march).days_late == 431
    assert ("act-registered-late", march) in story.anomalies()
    now, then = story.shown().phase, story.shown(on="2022-04-01").phase
    assert now is not None
    assert then is not None
    assert (now.phase, then.phase) == ("ESECUZIONE", "AFFIDAMENTO")


def test_wrong_cup() -> None:
    """Un atto collegato per errore a un altro intervento: si sposta, e i due CUP lo raccontano entrambi."""
    story = given(*START, registered(cup=OTHER_CUP), determina(amount="500.00"))
    assert story.act_on(ACT).share == 50_000
    then_refused(story.when(relinked(CUP, OTHER_CUP)), "share-not-whole", "di 500,00")
    answer = story.when(relinked(CUP, OTHER_CUP, amount="500.00"))
    then_recorded(answer)
    sentence = f"Spostato l'atto {ACT} dal CUP {CUP} al CUP {OTHER_CUP}: CUP errato"
    assert [story.told(cup)[-1] for cup in (CUP, OTHER_CUP)] == [sentence, sentence]
    assert story.act_on(ACT).share is None
    [arrived] = story.shown(OTHER_CUP).linked_acts
    assert (arrived.act, arrived.relinked_from, arrived.share) == (ACT, CUP, 50_000)
    own = story.dossier(f"act/{ACT}").acts[ACT]
    assert (own.share_of(CUP), own.share_of(OTHER_CUP)) == (None, 50_000)


def test_wrong_cup_in_signed_pdf() -> None:
    """Il PDF firmato porta un CUP sbagliato: il file non si tocca, l'errore si dichiara e si sana."""
    story = given(*START, determina(cup_in_text="errato"), determina("200", "2023-05-30"))
    signed_file = story.shown().documents[0]
    story.given(cup_corrected("C81C22001230006", where="atto", act=ACT))
    assert ("cup-wrong-in-document", ACT) in story.anomalies()
    answer = story.when(
        but(
            reconnaissance(),
            data={
                **reconnaissance()["data"],
                "covers": [],
                "remedies": [{"code": "cup-wrong-in-document", "subject": ACT}],
            },
        )
    )
    then_recorded(answer)
    [correction] = story.shown().life.corrections
    assert (correction.wrong, correction.right, correction.act) == ("C81C22001230006", CUP, ACT)
    assert story.shown().documents[0] == signed_file
    shown = story.act_on(ACT)
    assert (shown.cup_in_text, shown.effect) == ("errato", "efficace")
    assert [(effect.kind, effect.by) for effect in shown.effects] == [("ricognizione", BY)]


def test_published_late() -> None:
    """Delibera immediatamente eseguibile, all'albo dopo quaranta giorni: ha forza dall'adozione."""
    story = given(*START, deliberazione(), immediate())
    answer = story.when(published(RESOLUTION, "2022-07-19", "2022-08-03"))
    then_recorded(answer)
    shown = story.act_on(RESOLUTION, on="2022-06-09")
    assert (shown.enforceability, str(shown.effective_on), shown.rule_id) == (
        "immediatamente-eseguibile",
        "2022-06-09",
        "tuel-134-4",
    )
    assert str(story.act_on(RESOLUTION).published_from) == "2022-07-19"
    assert ("publication-late", RESOLUTION) in story.anomalies()


def test_albo_down() -> None:
    """L'albo resta spento due giorni: il termine ricomincia, e con lui i dieci giorni."""
    story = given(*START, deliberazione(), ALBO)
    short = extended("2022-06-29", "2022-06-14", "2022-06-15")
    then_refused(story.when(short), "publication-too-short", "15 giorni", "qui sono 14")
    restarted = extended("2022-06-30", "2022-06-14", "2022-06-15", on="2022-06-14")
    then_recorded(story.when(restarted))
    assert story.act_on(RESOLUTION, on="2022-06-15").publication == "interrotta"
    assert story.act_on(RESOLUTION, on="2022-06-30").publication == "in-pubblicazione"
    early = enforceable(RESOLUTION, "2022-06-25", "tuel-134-3", "segretario")
    then_refused(story.when(early), "enforceable-too-early", "26/06/2022")
    then_recorded(story.when(enforceable(RESOLUTION, "2022-06-26", "tuel-134-3", "segretario")))
    then_recorded(story.when(completed_at_albo(on="2022-07-01")))
    assert story.act_on(RESOLUTION).publication == "defissa"


def test_albo_down_where_the_term_goes_on() -> None:
    """Dove il regolamento dell'ente non fa ricominciare il termine, i giorni persi si aggiungono."""
    law = body_sets("albo.interruption", "resume")
    story = given(*START, deliberazione(), ALBO, law=law)
    then_recorded(story.when(extended("2022-06-27", "2022-06-14", "2022-06-15")))
    early = enforceable(RESOLUTION, "2022-06-21", "tuel-134-3", "segretario")
    then_refused(story.when(early), "enforceable-too-early", "22/06/2022")
    then_recorded(story.when(enforceable(RESOLUTION, "2022-06-22", "tuel-134-3", "segretario")))


def test_tenth_day() -> None:
    """All'albo dal 1° luglio: esecutiva l'11, o dieci giorni dopo la fine se l'ente conta da lì.

    Le due letture dell'art. 134 c. 3 TUEL stanno nelle impostazioni; lo stato dice con quale regola.
    """
    albo = published(RESOLUTION, "2022-07-01", "2022-07-16")
    readings = (("start", "2022-07-10", "2022-07-11"), ("end", "2022-07-25", "2022-07-26"))
    for count_from, too_early, first in readings:
        law = body_sets("albo.count_from", count_from) if count_from == "end" else None
        story = given(*START, deliberazione(), albo, law=law)
        early = enforceable(RESOLUTION, too_early, "tuel-134-3", "segretario")
        then_refused(story.when(early), "enforceable-too-early")
        then_recorded(story.when(enforceable(RESOLUTION, first, "tuel-134-3", "segretario")))
        shown = story.act_on(RESOLUTION, on=first)
        assert (shown.enforceability, str(shown.effective_on)) == ("esecutiva", first)
        assert shown.rule_id == "tuel-134-3"
        assert story.act_on(RESOLUTION, on=too_early).enforceability == "non-esecutiva"


def test_new_year() -> None:
    """Il numero 1 del 2023 e quello del 2024 sono due atti, come lo stesso numero in due registri."""
    story = given(*START)
    then_recorded(story.when(determina("1", "2023-01-02")))
    then_recorded(story.when(determina("1", "2024-01-02")))
    then_recorded(story.when(deliberazione("1", "2024-01-02")))
    assert [one.key for one in story.shown().acts] == [
        "c_e506/registro-generale/2023/1",
        "c_e506/deliberazioni-giunta/2024/1",
        "c_e506/registro-generale/2024/1",
    ]
    then_refused(story.when(determina("1", "2024-03-02")), "act-already-registered")
    then_refused(story.when(determina("0", "2024-03-02")), "act-number-zero")


def test_visto_refused_then_given() -> None:
    """Il visto è negato, poi dato: l'atto diventa esecutivo con il secondo, il primo resta scritto."""
    story = given(*START, determina(), visto_refused())
    then_refused(story.when(enforceable(on="2023-01-24")), "visto-missing", "visto")
    story.given(visto(on="2023-02-06"))
    then_refused(story.when(enforceable(on="2023-02-05")), "visto-missing")
    then_recorded(story.when(enforceable(on="2023-02-06")))
    shown = story.act_on(ACT)
    assert (shown.enforceability, str(shown.endorsed_on)) == ("esecutiva", "2023-02-06")
    assert [one.cause for one in shown.refusals] == ["capitolo incapiente"]


def test_visto_after_payment() -> None:
    """Pagato prima del visto: è irregolare ma è avvenuto, e si registra con le sue date."""
    story = given(*START, funded(), determina(), committed(), paid())
    answer = story.when(visto(on="2023-07-03"))
    then_recorded(answer)
    [payment] = story.shown().spending.payments
    endorsed = story.act_on(ACT).endorsed_on
    assert endorsed is not None
    assert payment.on < endorsed


def test_enforceability_without_visto() -> None:
    """Una determina di spesa senza visto non diventa esecutiva, qualunque regola si indichi."""
    story = given(*START, determina())
    then_refused(story.when(enforceable()), "visto-missing", "visto di regolarità contabile")
    other_rule = enforceable(rule="det-no-spend", role="dirigente")
    then_refused(story.when(other_rule), "visto-missing")
    assert story.act_on(ACT).enforceability == "non-esecutiva"


def test_a_determina_that_spends_by_its_commitments_needs_the_visto_in_either_order() -> None:
    """Una determina «altro» è esecutiva perché non spende: se impegna, spende, e le serve il visto.

    Il secondo dei due è rifiutato, quale che sia; resta la strada vera: il visto, poi l'esecutività.
    """
    force = enforceable(rule="det-no-spend", role="dirigente")
    for first, second in ((force, committed()), (committed(), force)):
        story = given(*START, determina(subtype="altro"), first)
        then_refused(story.when(second), "visto-missing", "esecutivo dal 24/01/2023", "visto")
    story = given(*START, determina(subtype="altro"), force)
    then_recorded(story.when(visto()))
    then_recorded(story.when(committed()))
