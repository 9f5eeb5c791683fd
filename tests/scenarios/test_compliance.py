"""Storie di DNSH, certificati, documenti e cancellazioni, con le richieste e lo stato che ne risulta.

Ogni prova ha il nome dello scenario di DOMAIN, sezione 14, righe 19, 20, 21 e 24.
"""

from __future__ import annotations

import pytest

from ledger.errors import Refused
from tests.ledger.domain.facts import (
    answered,
    attached,
    determina,
    live,
    opened,
    regime,
    registered,
    service,
    signed,
)
from tests.ledger.domain.facts_compliance import certified, listed
from tests.ledger.domain.facts_documents import (
    COMMIT,
    DOC,
    PUBLIC,
    approved,
    asked,
    erased,
    erasure_refused,
    held,
    redacted,
    released,
    signature,
    unpublished,
)
from tests.ledger.domain.facts_oversight import audit, audit_closed
from tests.ledger.domain.facts_procurement import awarded, procedure
from tests.ledger.domain.worlds import CUP, Request, World, commit_of

START = (registered(),)
PAGOPA = (registered(measure="M1C1I1.04.03"),)


def refused(world: World, request: Request) -> str:
    """Return the code with which a request is refused."""
    answer = world.when(request)
    assert isinstance(answer, Refused), "recorded"
    return answer.code


def test_edition_changes_twice() -> None:
    """La guida DNSH cambia due volte: ogni checklist resta quella dell'edizione con cui è nata."""
    world = World().given(
        *START,
        regime(edition="2021", on="2022-01-10"),
        listed("ante-2021", "ex-ante", "dnsh-6", "2021", edition="2021", sheet=6),
        regime(edition="2022", on="2022-11-10"),
        listed("ante-2022", "ex-ante", "dnsh-6", "2022", edition="2022", sheet=6),
        regime(edition="2024", on="2024-06-01"),
        listed("post-2024", "ex-post", "dnsh-6", "2024", edition="2024", sheet=6),
    )
    state = world.state()
    assert [(one.checklist, one.edition, one.sheet) for one in state.checklists] == [
        ("ante-2021", "2021", 6),
        ("ante-2022", "2022", 6),
        ("post-2024", "2024", 6),
    ]
    due = {(one.edition, one.sheet): one.checklists for one in state.sheets_due}
    assert due == {("2024", 3): (), ("2024", 6): ("post-2024",), ("2024", 8): ()}
    before = world.state(as_of="2022-12-31").sheets_due
    assert {one.edition for one in before} == {"2022"}


def test_without_a_regime_the_measure_says_which_sheets_are_due() -> None:
    """Prima che il regime sia determinato valgono le schede della misura, nell'edizione del giorno."""
    world = World().given(*START)
    due = world.state(as_of="2022-06-01").sheets_due
    assert [(one.edition, one.sheet, one.title) for one in due] == [
        ("2021", 3, "computer e apparecchiature elettriche ed elettroniche"),
        ("2021", 6, "hosting e cloud"),
        ("2021", 8, "data center"),
    ]
    assert world.state(as_of="2021-12-29").sheets_due == ()


def test_late_exemption() -> None:
    """La misura è esentata dopo: le checklist restano agli atti e non sono più dovute."""
    exempt = regime("esente", on="2022-11-10", edition="2022", rule_id="dnsh-exempt-m1c1")
    exempt["data"]["sheets"] = []
    world = World().given(
        *PAGOPA,
        regime(edition="2021", on="2022-02-01"),
        listed("ante", "ex-ante", "dnsh-6", "2021", edition="2021", sheet=6),
        answered(name="ante"),
        signed("ante"),
        exempt,
    )
    state = world.state()
    assert [(one.checklist, one.state) for one in state.checklists] == [("ante", "FIRMATA")]
    assert state.sheets_due == ()
    early = world.state(as_of="2022-11-09").sheets_due
    assert [one.sheet for one in early] == [3, 6, 8]


def test_ten_day_gap() -> None:
    """Un certificato scade il 1°, il successivo comincia il 12: mancano dieci giorni, elencati."""
    world = World().given(
        registered(),
        service(),
        determina(),
        procedure(),
        awarded(on="2023-02-01"),
        live(on="2023-12-31"),
        certified("primo", "2022-07-01", "2023-07-01"),
        certified("secondo", "2023-07-12", "2024-07-11"),
    )
    [found] = world.state().certificate_coverage
    assert (str(found.from_), str(found.to)) == ("2023-02-01", "2023-12-31")
    assert [(str(one.from_), str(one.to), one.days) for one in found.gaps] == [
        ("2023-07-02", "2023-07-11", 10)
    ]
    world.given(certified("ponte", "2023-07-02", "2023-07-11"))
    [closed] = world.state().certificate_coverage
    assert (closed.gaps, closed.days) == ((), 0)


def test_na_without_reason() -> None:
    """«Non applicabile» senza dire perché non si registra; con il perché, sì."""
    world = World().given(*START, opened())
    assert refused(world, answered("NON_APPLICABILE")) == "answer-without-comment"
    world.given(answered("NON_APPLICABILE", comment="Nessun cantiere"))
    assert world.state().checklists[0].rows[0].comment == "Nessun cantiere"


def test_redaction_leaks() -> None:
    """Sotto il riquadro nero si legge il testo: la versione è oscurata subito e ne segue un'altra."""
    world = World().given(*START, attached(public=True), redacted())
    world.given(unpublished(PUBLIC))
    assert world.state().public_documents == ()
    world.given(redacted(doc="b.pdf"))
    state = world.state()
    assert [one.commit for one in state.public_documents] == [commit_of(4, "b.pdf")]
    original, leaked, sound = state.documents
    assert (leaked.redaction_of, leaked.superseded_index) == (DOC, 4)
    assert leaked.unpublished is not None
    assert (original.is_public, sound.is_public) == (False, True)


def test_name_in_file_name() -> None:
    """Il nome del file contiene quello di una persona: il nome pubblico è un altro, generato."""
    world = World().given(*START, attached("carta-identita-Mario-Rossi.pdf", public=True))
    [found] = world.state().public_documents
    assert found.public_name == "nota-1-1.pdf"
    assert "Rossi" not in str(found)


def test_owner_asks_erasure() -> None:
    """L'interessato chiede la cancellazione: negata finché va conservato, poi eseguita."""
    world = World(today="2032-01-02").given(
        *START,
        attached(),
        asked(COMMIT),
        erasure_refused(),
        asked(COMMIT, name="r-2"),
        approved("r-2"),
    )
    at_will = "GDPR art. 17"
    early = erased(COMMIT, by=5, basis=at_will, on="2031-12-31")
    assert refused(world, early) == "retention-running"
    world.given(erased(COMMIT, by=5, basis=at_will, on="2032-01-01"))
    state = world.state(as_of="2032-01-02")
    [document] = state.documents
    assert document.erased is not None
    assert document.commit == COMMIT
    first, second = state.erasure_requests
    assert first.refused is not None
    assert first.refused.legal_basis == "GDPR art. 17 par. 3 lett. b"
    assert second.approved is not None
    assert [one.approval for one in state.erasures] == [second.approved.approval]


def test_cached_page() -> None:
    """L'oscuramento vale dal giorno in cui è disposto: lo stato di quel giorno non lo mostra più."""
    world = World().given(*START, attached(public=True), unpublished(on="2023-03-01"))
    assert len(world.state(as_of="2023-02-28").public_documents) == 1
    assert world.state(as_of="2023-03-01").public_documents == ()
    assert world.state(as_of="2023-03-01").documents[0].unpublished is not None


FACETS = {
    "certificato scaduto, con marca temporale": {"certificate": "scaduto", "time_stamp": "valida"},
    "certificato scaduto, senza marca": {"certificate": "scaduto", "time_stamp": "assente"},
    "p7m in p7m": {"envelope": "cades", "integrity": "integra"},
    "p7m in base64": {"envelope": "cades", "trust": "qualificato"},
    "BER di lunghezza indefinita": {"envelope": "cades", "integrity": "illeggibile"},
    "PDF/A non valido": {"envelope": "pades", "integrity": "integra", "revocation": "ignota"},
}


@pytest.mark.parametrize("facets", FACETS.values(), ids=FACETS)
def test_facets_stay_separate(facets: dict[str, str]) -> None:
    """Di una firma si dice ogni aspetto per sé, mai un solo esito; ciò che non si è visto non c'è."""
    world = World().given(*START, attached(), signature(**facets))
    [check] = world.state().documents[0].signature_checks
    said = {name: value for name, value in vars(check.report).items() if value is not None}
    assert said == {"envelope": "cades", "integrity": "integra", **facets}


def test_revoked_later() -> None:
    """Il certificato è revocato dopo: la prima verifica resta accanto alla seconda."""
    world = World().given(
        *START,
        attached(),
        signature(revocation="non-revocato", on="2023-02-05"),
        signature(revocation="revocato", on="2024-02-05"),
    )
    checks = world.state().documents[0].signature_checks
    assert [(str(one.on), one.report.revocation) for one in checks] == [
        ("2023-02-05", "non-revocato"),
        ("2024-02-05", "revocato"),
    ]


def test_one_file_under_two_names() -> None:
    """Un file allegato con due nomi sono due documenti, e ciascuno ha la sua verifica."""
    world = World().given(*START, attached(), attached("copia.pdf"), signature("copia.pdf"))
    first, second = world.state().documents
    assert (len(first.signature_checks), len(second.signature_checks)) == (0, 1)


def test_hold_at_expiry() -> None:
    """Il termine di conservazione finisce durante un controllo: non si cancella finché è aperto."""
    world = World(today="2032-02-01").given(
        *START, attached(), audit(on="2031-11-03"), asked(COMMIT), approved()
    )
    request = erased(COMMIT, by=4, basis="GDPR art. 17", on="2032-01-02")
    assert refused(world, request) == "hold-in-force"
    [kept] = world.state(CUP, as_of="2032-01-02").kept_contents
    assert (kept.holds, kept.erasable) == (("a1",), False)
    world.given(audit_closed(on="2032-01-03"), {**request, "occurred_on": "2032-01-04"})
    assert world.state(as_of="2032-01-04").documents[0].erased is not None


def test_hold_of_a_dispute_outlasts_an_order_of_the_garante() -> None:
    """Un contenzioso blocca anche ciò che il Garante ordina di cancellare: prima si rilascia il blocco."""
    world = World().given(*START, attached(), held(cause="contenzioso"), asked(COMMIT), approved())
    assert refused(world, erased(COMMIT, by=4)) == "hold-in-force"
    world.given(released(on="2026-05-04"), erased(COMMIT, by=4))
