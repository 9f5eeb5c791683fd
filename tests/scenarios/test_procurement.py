"""Storie di gare, contratti e fasi, raccontate con le richieste e con lo stato che ne risulta.

Ogni prova ha il nome dello scenario di DOMAIN, sezione 14, righe 9, 11, 12, 13 e 23.
"""

from __future__ import annotations

from datetime import date

import pytest

from ledger.domain.labels import LabelledCIG, find_labelled_cigs
from ledger.errors import Refused
from tests.ledger.domain.facts import (
    ACT,
    MANAGER,
    RUP_PERSON,
    but,
    determina,
    phase,
    registered,
    reverted,
    service,
)
from tests.ledger.domain.facts_procurement import (
    CONTRACT,
    DERIVED,
    MERGED,
    PARTNER,
    PCP,
    SIMOG,
    SMART,
    SUPPLIER,
    awarded,
    cancelled,
    contract,
    deserted,
    executed,
    procedure,
    replaced,
    skipped,
    subcontracted,
    succeeded,
)
from tests.ledger.domain.worlds import World

START = (registered(), service())
SIGNED = (*START, procedure(), contract(items=["s01"]))


def chain(world: World, code: str) -> tuple[str, ...]:
    """Return the codes that lead to a code."""
    return world.dossier().procurement.chain(code)


def test_smartcig_becomes_cig() -> None:
    """Un affidamento nato con SmartCIG supera la soglia e prende un CIG: la catena li tiene tutti e due."""
    world = World().given(*START, procedure(SMART), replaced(SMART, PCP, "smartcig"))
    assert chain(world, PCP) == (SMART, PCP)
    old, new = world.state().cigs
    assert old.end is not None
    assert (old.cig, old.end.new, old.end.cause) == (SMART, PCP, "smartcig")
    assert (new.cig, new.replaces, new.procedure) == (PCP, SMART, SMART)


def test_derived_cig() -> None:
    """Chi aderisce a un accordo quadro acquisisce un CIG derivato: si sa da quale deriva."""
    world = World().given(*START, procedure(DERIVED, kind="26", derived_from=PCP))
    [found] = world.state().cigs
    assert (found.cig, found.derived_from) == (DERIVED, PCP)
    [state] = world.state().procedures
    assert state.kind_name == "Affidamento diretto in adesione ad accordo quadro o convenzione"


def test_derived_cig_takes_the_place_of_the_first() -> None:
    """Il CIG dell'accordo quadro, usato per errore, lascia il posto a quello derivato."""
    world = World().given(*START, procedure(), replaced(SIMOG, DERIVED, "derivato"))
    assert chain(world, DERIVED) == (SIMOG, DERIVED)
    assert world.dossier().procurement.codes_of(SIMOG) == (SIMOG, DERIVED)


def test_no_cig_reason_017() -> None:
    """Un affidamento in house non ha CIG: si indica il motivo 017. Né l'uno né l'altro, o tutti e due, no."""
    in_house = procedure("nocig/in-house-1", kind="24", cig_absence="017")
    world = World().given(*START, in_house)
    [found] = world.state().procedures
    assert (found.cig, found.cig_absence) == (None, "017")
    for request in (
        procedure("nocig/in-house-2", kind="24"),
        procedure(PCP, cig_absence="017"),
    ):
        answer = world.when(request)
        assert isinstance(answer, Refused)
        assert answer.code == "cig-and-absence"


def test_cig_originario_in_text() -> None:
    """«CIG ORIGINARIO» è un legame tra gare; numeri di fattura e parole non sono CIG."""
    text = f"Adesione: CIG ORIGINARIO {PCP}, CIG derivato {DERIVED}; fattura 2510002280, PAE0022284"
    assert [(one.code, one.relation) for one in find_labelled_cigs(text)] == [
        (PCP, "originario"),
        (DERIVED, "derivato"),
    ]
    assert find_labelled_cigs("Liquidazione fattura 2510002280 e ordine PAE0022284") == ()
    [wrong] = find_labelled_cigs("CIG ORIGINARIO B503E401EC")
    assert wrong == LabelledCIG("B503E401EC", "originario", None)


def test_cig_cancelled_in_use() -> None:
    """Il CIG di un contratto firmato viene annullato: il fatto è registrato, il contratto resta."""
    world = World().given(*SIGNED, cancelled())
    state = world.state()
    [code] = state.cigs
    assert code.end is not None
    assert (code.end.new, code.end.cause) == (None, "acquisito per errore")
    assert [one.contract for one in state.contracts] == [CONTRACT]


def test_deserted_tender() -> None:
    """La gara va deserta, si torna a progettare e si bandisce di nuovo: la storia mostra i due periodi."""
    world = World().given(
        *START,
        phase("PROGETTAZIONE", "2022-06-01"),
        phase("AFFIDAMENTO", "2022-09-01"),
        procedure(),
        deserted(),
        reverted("AFFIDAMENTO", "PROGETTAZIONE", "2022-12-05"),
    )
    between = world.state()
    assert between.phase is not None
    assert between.phase.phase == "PROGETTAZIONE"
    assert (between.opencoesione_status, between.oc4ids_status) == (
        "In corso di progettazione",
        "preparation",
    )
    world.given(phase("AFFIDAMENTO", "2023-02-01"), procedure(PCP, "2023-02-01"))
    state = world.state()
    spans = [(m.kind, m.phase, str(m.on)) for m in state.moves if m.phase == "AFFIDAMENTO"]
    assert spans == [
        ("entered", "AFFIDAMENTO", "2022-09-01"),
        ("entered", "AFFIDAMENTO", "2023-02-01"),
    ]
    [tender] = [one for one in state.phases if one.phase == "AFFIDAMENTO"]
    assert (tender.times_entered, str(tender.entered_on)) == (2, "2023-02-01")
    assert [one.failure and one.failure.outcome for one in state.procedures] == ["deserta", None]
    answer = world.when(contract())
    assert isinstance(answer, Refused)
    assert answer.code == "reference-closed"


@pytest.mark.parametrize(
    ("left_out", "cause"),
    [("AFFIDAMENTO", "adesione a convenzione Consip"), ("PROGETTAZIONE", "servizi senza progetto")],
    ids=["consip-skip", "no-design-for-services"],
)
def test_consip_skip_and_no_design_for_services(left_out: str, cause: str) -> None:
    """Con Consip non c'è gara, per i servizi può non esserci progetto: dichiarato, non è un'anomalia."""
    others = {
        "DA_ATTIVARE": "2022-02-01",
        "PROGETTAZIONE": "2022-06-01",
        "AFFIDAMENTO": "2022-09-01",
    }
    entered = [phase(name, day) for name, day in others.items() if name != left_out]
    world = World().given(*START, *entered, phase("ESECUZIONE", "2023-03-01"))
    assert "phase-skipped-without-reason" in {one.code for one in world.findings()}
    world.given(skipped(left_out, cause))
    assert "phase-skipped-without-reason" not in {one.code for one in world.findings()}
    [found] = [one for one in world.state().phases if one.phase == left_out]
    assert (found.entered_on, str(found.skipped_on)) == (None, "2022-09-15")
    assert world.state().moves[-1].cause == cause


def test_parallel_lots() -> None:
    """Il lotto 1 è al collaudo, il lotto 2 in gara: ognuno va da sé, la pagina mostra la fase generale."""
    world = World().given(
        *START,
        phase("AFFIDAMENTO", "2022-09-01"),
        phase("COLLAUDO", "2024-05-01", lot="1"),
        phase("AFFIDAMENTO", "2023-09-01", lot="2"),
    )
    state = world.state()
    assert state.phase is not None
    assert (state.phase.phase, state.opencoesione_status) == ("AFFIDAMENTO", "In affidamento")
    assert [(x.lot, x.phase, x.opencoesione_status, x.oc4ids_status) for x in state.lots] == [
        ("1", "COLLAUDO", "Eseguito", "completion"),
        ("2", "AFFIDAMENTO", "In affidamento", "implementation"),
    ]


def test_regis_says_02002() -> None:
    """ReGiS dice 02002 (esecuzione) mentre la fase locale è il passo 4: si vedono l'una accanto all'altra."""
    world = World().given(*START, phase("COLLAUDO", "2024-05-01", regis_code="02002"))
    state = world.state()
    assert state.phase is not None
    assert (state.phase.phase, state.phase.step) == ("COLLAUDO", 4)
    assert state.moves[-1].regis_code == "02002"
    assert state.opencoesione_status == "In esecuzione"
    assert not world.law.phase_map.agrees("COLLAUDO", "In esecuzione", date(2024, 5, 1))


def test_supplier_merger() -> None:
    """Un fornitore è incorporato da un altro: il contratto passa al nuovo, ciò che fu firmato resta scritto."""
    world = World().given(*SIGNED, succeeded())
    [found] = world.state().contracts
    assert [one.op for one in found.operators] == [SUPPLIER, PARTNER]
    assert [(one.op, one.role) for one in found.current_operators] == [
        (SUPPLIER, "mandataria"),
        (MERGED, "mandante"),
    ]
    [deed] = found.replacements
    assert (deed.cause, deed.deed, deed.explanation) == (
        "fusione",
        "atto.pdf",
        "nota del fornitore",
    )
    [before] = world.state(as_of="2023-10-01").contracts
    assert [one.op for one in before.current_operators] == [SUPPLIER, PARTNER]


def test_mandante_quits() -> None:
    """La mandante recede e la mandataria ne assume la parte: gli operatori di oggi sono uno solo."""
    world = World().given(*SIGNED, succeeded(new=SUPPLIER, cause="recesso-mandante"))
    [found] = world.state().contracts
    assert [(one.op, one.role, one.amount) for one in found.current_operators] == [
        (SUPPLIER, "mandataria", 10_000_000)
    ]
    again = world.when(succeeded(new=SUPPLIER, cause="recesso-mandante"))
    assert isinstance(again, Refused)
    assert again.code == "reference-unknown"


def test_subcontract_after_work() -> None:
    """Il subappalto è autorizzato dopo la fine dei lavori: è irregolare ma vero, e si registra."""
    world = World().given(*SIGNED, executed(), subcontracted("2024-02-01"))
    [found] = world.state().contracts
    [item] = found.certificates[0].items
    [subcontract] = found.subcontracts
    assert (str(item.completed_on), str(subcontract.on)) == ("2023-12-15", "2024-02-01")


def test_signed_2020_01_31() -> None:
    """Un contratto del 31 gennaio 2020, un giorno prima del periodo ammissibile, si registra com'è."""
    world = World().given(*START, procedure(on="2019-12-02"), contract(on="2020-01-31"))
    [found] = world.state().contracts
    assert str(found.on) == "2020-01-31"
    assert "contract-before-eligibility" in {one.code for one in world.findings()}


def test_completed_before_contract() -> None:
    """Il servizio era finito prima della firma: il certificato lo dice e si registra."""
    world = World().given(*SIGNED, executed(started="2022-11-02", ended="2023-02-28"))
    [found] = world.state().contracts
    [item] = found.certificates[0].items
    assert item.completed_on < found.on


def test_union_signs() -> None:
    """L'Unione affida per conto del Comune: il CRE porta due firme, quella del suo RUP e quella del Comune."""
    world = World().given(*SIGNED, executed(RUP_PERSON, MANAGER))
    [found] = world.state().contracts
    assert found.certificates[0].signers == (RUP_PERSON, MANAGER)


def test_an_award_and_its_contract_of_two_operators() -> None:
    """Aggiudicazione con determina e stipula con mandataria e mandante: importi e quote al centesimo."""
    world = World().given(
        *START, procedure(), but(determina(subtype="aggiudicazione")), awarded(), contract()
    )
    state = world.state()
    [award] = state.procedures[0].awards
    assert (award.act, award.amount) == (ACT, 10_000_000)
    assert sum(one.amount or 0 for one in state.contracts[0].operators) == award.amount
