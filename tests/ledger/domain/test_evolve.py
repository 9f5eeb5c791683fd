"""(state, event) -> state: legal days, knowledge, acts of several CUPs. Source: DOMAIN 9.9; D11."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import Fact
from ledger.domain.evolve import evolve, fold, withdrawn
from tests.ledger.domain.facts import (
    ACT,
    attached,
    but,
    ceased,
    corrected,
    determina,
    enforceable,
    funded,
    live,
    nominated,
    observed,
    phase,
    published,
    registered,
    service,
    visto,
)
from tests.ledger.domain.facts_documents import versioned
from tests.ledger.domain.worlds import CUP, OTHER_CUP, World

START = (registered(),)
BOTH = (registered(), registered(cup=OTHER_CUP))
LINKS = [{"cup": CUP, "amount": "1.00"}, {"cup": OTHER_CUP, "amount": "2.00"}]


def test_the_dossier_counts_all_events_of_its_stream() -> None:
    world = World().given(*BOTH, phase("ESECUZIONE", "2023-03-01"), corrected(2))
    dossier = world.dossier()
    assert (dossier.count, dossier.last_index) == (3, 3)
    assert (world.dossier(OTHER_CUP).count, world.dossier(OTHER_CUP).last_index) == (1, 1)


def test_what_happened_after_a_legal_day_is_not_true_on_it() -> None:
    world = World().given(
        *START,
        service(),
        live(on="2023-09-01"),
        funded(),
        determina(),
        nominated(from_="2023-01-02"),
        observed(on="2023-03-03"),
    )
    early = world.dossier(as_of="2022-12-31")
    assert (len(early.scope.items), early.scope.items[0].completion) == (1, None)
    assert (early.acts, early.people.assignments, early.national.observed) == ({}, (), ())
    assert early.funding.of_source("PNRR") == 31_955_600
    late = world.dossier(as_of="2023-09-01")
    assert late.scope.items[0].completion is not None
    assert (len(late.acts), len(late.people.assignments), len(late.national.observed)) == (1, 1, 1)
    assert early.count == late.count == 7


def test_a_fact_is_true_on_its_own_day() -> None:
    world = World().given(*START, phase("ESECUZIONE", "2023-03-01"))
    assert world.dossier(as_of="2023-02-28").phases.moves == ()
    assert len(world.dossier(as_of="2023-03-01").phases.moves) == 1


def test_what_was_known_is_what_was_recorded_before() -> None:
    world = World().given(*START, service(), live())
    assert [len(world.known_at(n).scope.items) for n in range(4)] == [0, 0, 1, 1]
    assert [bool(i.completion) for n in (2, 3) for i in world.known_at(n).scope.items] == [
        False,
        True,
    ]


def test_an_act_of_several_cups_goes_its_way_in_each() -> None:
    world = World().given(
        *BOTH, determina(links=LINKS, amount="3.00"), visto(), enforceable(), published()
    )
    mine, other = world.act(ACT, CUP), world.act(ACT, OTHER_CUP)
    assert mine == other
    assert (len(mine.endorsements), len(mine.publications)) == (1, 1)
    assert (mine.share_of(CUP), mine.share_of(OTHER_CUP)) == (100, 200)
    assert [f.name for f in world.dossier(OTHER_CUP).documents.files] == ["atto-100.pdf"]


def test_in_the_stream_of_its_act_a_fact_of_the_intervention_changes_nothing() -> None:
    world = World().given(*START, determina(subtype="nomina"))
    before = world.dossier(f"act/{ACT}")
    world.given(
        phase("AFFIDAMENTO", "2023-02-01", act=ACT),
        nominated(from_="2023-02-01", act=ACT),
        ceased(act=ACT),
        funded(act=ACT, on="2023-02-01"),
        attached(act=ACT),
    )
    after = world.dossier(f"act/{ACT}")
    assert after.count == before.count + 5
    for concept in ("acts", "phases", "people", "funding", "documents", "registrations"):
        assert getattr(after, concept) == getattr(before, concept), concept


def test_a_fact_over_thirty_days_late_is_noted() -> None:
    world = World().given(
        but(registered(), received="2022-02-14"),
        but(phase("ESECUZIONE", "2023-03-01"), received="2023-04-01"),
    )
    [late] = world.dossier().oversight.late
    assert (late.type, late.days_late, late.index) == ("phase-entered/1", 31, 1)


def test_an_adoption_is_as_late_as_its_receipt() -> None:
    world = World().given(*START, but(determina(), received="2023-01-30"))
    assert world.act(ACT).days_late == 7


def test_only_corrections_withdraw() -> None:
    world = World().given(*START)
    entered = world.when(phase("ESECUZIONE", "2023-03-01"))
    assert isinstance(entered, Event)
    stray = replace(entered, corrects=(world.events[0].id,))
    assert withdrawn([*world.events[:-1], stray]) == frozenset()


def test_to_fold_is_to_evolve_event_by_event() -> None:
    world = World().given(*BOTH, determina(links=LINKS), visto(), service(), live(), nominated())
    grown = fold(f"cup/{CUP}", [])
    for event in world.history(f"cup/{CUP}"):
        grown = evolve(grown, event)
    assert grown == world.dossier()


def test_each_file_of_an_event_stands_once_among_the_documents_of_its_cup() -> None:
    world = World().given(
        *START, service(), live(evidence=["prova.pdf"]), determina(), attached("nota.pdf")
    )
    files = [(file.name, file.kind) for file in world.dossier().documents.files]
    assert files == [("prova.pdf", "evidenza"), ("atto-100.pdf", "atto"), ("nota.pdf", "nota")]
    assert world.dossier(f"act/{ACT}").documents.files == ()


def test_of_two_files_of_one_event_the_one_that_is_replaced_is_superseded() -> None:
    world = World().given(*START, service(), live(evidence=["a.pdf", "b.pdf"]))
    world.given(versioned("c.pdf", "b.pdf"))
    files = [(file.name, file.superseded_index) for file in world.dossier().documents.files]
    assert files == [("a.pdf", None), ("b.pdf", 3), ("c.pdf", None)]


def test_by_itself_a_fact_names_nothing_and_changes_nothing() -> None:
    """What a type does not say for itself is as its base says."""
    world = World().given(*START)
    fact, [event], dossier = Fact(), world.events, world.dossier()
    said = (
        fact.natural_keys(dossier),
        fact.missing(dossier),
        fact.closed(dossier),
        fact.closed_on(dossier, event.day),
        fact.named_events(),
        fact.missing_elsewhere(world.situation({})),
        fact.unchanged_elsewhere(event, world.situation({})),
    )
    assert said == ((),) * 7
    assert fact.unchanged(dossier, event) is None
    assert fact.evolve(dossier, event) is dossier
    assert fact.newest() is fact
    assert fact.lasts(event.day) == (None, None)


def test_an_event_of_a_later_day_is_met_and_not_told() -> None:
    """Folding event by event, for a legal day, gives what folding all gives for that day."""
    world = World().given(
        registered(),
        registered(measure="M1C1I1.4.1", on="2022-03-01"),
        phase("PROGETTAZIONE", "2022-06-01", intervention={"measure": "M1C1I1.4.1"}),
    )
    stream, day = f"cup/{CUP}", date(2022, 2, 1)
    grown = Dossier(stream)
    for event in world.history(stream):
        grown = evolve(grown, event, as_of=day)
    whole = fold(stream, world.history(stream), as_of=day)
    assert (grown.parts, grown.count) == (whole.parts, 3)
    assert [len(part.registrations) for part in whole.parts] == [1, 0]
