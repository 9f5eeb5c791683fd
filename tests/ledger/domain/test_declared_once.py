"""What is declared is declared once, and what has no form is told to who writes the program."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from ledger.domain.commitments import Invoice
from ledger.domain.decide import judge
from ledger.domain.events.declaration import Fact, event
from ledger.domain.events.streams import own_cup
from ledger.domain.rules.finding import Raised, View, finding
from ledger.domain.rules.refusal import Broken, refusal
from ledger.domain.scalars import scalar_parser
from ledger.domain.shapes import shape_of
from ledger.errors import Malformed
from ledger.records import load_law
from tests.ledger.domain.facts import (
    RESOLUTION,
    deliberazione,
    determina,
    enforceable,
    phase,
    published,
    registered,
    service,
)
from tests.ledger.domain.facts_acts import BY, annulled, rectified
from tests.ledger.domain.facts_life import changed
from tests.ledger.domain.facts_money import INVOICE, invoiced
from tests.ledger.domain.worlds import CUP, OTHER_CUP, World

if TYPE_CHECKING:
    from ledger.domain.event import Event
    from ledger.domain.situation import Situation

LAW = load_law()


def test_a_type_is_declared_once() -> None:
    with pytest.raises(ValueError, match="declared twice: phase-entered/1"):

        @event("phase-entered/1", ask="x-y/1", italian="X", says="X", streams=(own_cup,), by=())
        @dataclass(frozen=True, kw_only=True)
        class Again(Fact):
            """The same type."""


def test_a_refusal_is_declared_once() -> None:
    with pytest.raises(ValueError, match="declared twice: act-unknown"):

        @refusal("act-unknown", it="", en="", source="", remedy="")
        def again(event: Event, situation: Situation) -> Broken:  # pragma: no cover
            """Refuse nothing."""
            del event, situation
            yield from ()


def test_a_finding_is_declared_once() -> None:
    with pytest.raises(ValueError, match="declared twice: cup-unusual"):

        @finding("cup-unusual", severity="info", it="", en="", source="")
        def again(view: View) -> Raised:  # pragma: no cover
            """Find nothing."""
            del view
            yield from ()


def test_a_type_without_a_parser_is_no_field() -> None:
    with pytest.raises(TypeError, match="no parser for"):
        scalar_parser(complex)


def test_an_annotation_without_a_shape_is_no_field() -> None:
    @dataclass
    class Odd:
        """A field that JSON has not."""

        value: int | str

    with pytest.raises(TypeError, match="no shape for annotation"):
        shape_of(Odd)


def test_a_setting_that_is_none_is_told() -> None:
    with pytest.raises(KeyError, match=r"albo\.colour"):
        LAW.setting("albo.colour", date(2024, 1, 1))
    assert LAW.admits("albo.count_from", "end")
    assert not LAW.admits("albo.count_from", "middle")


def test_a_publication_before_its_first_day_is_none_and_counts_by_the_law_of_its_day() -> None:
    world = World().given(registered(), deliberazione(), published(RESOLUTION))
    (publication,) = world.act(RESOLUTION).publications
    assert publication.state_on(date(2022, 1, 1)) == "non-pubblicata"
    rows = tuple(row for row in LAW.rows if row.rule != "tuel-134-3")
    assert publication.enforceable_from(replace(LAW, rows=rows)) is None


def test_an_invoice_of_two_cups_without_shares_says_so() -> None:
    links = [{"cup": CUP}, {"cup": OTHER_CUP}]
    world = World().given(registered(), registered(cup=OTHER_CUP), invoiced(links=links))
    invoice = world.dossier().spending.invoice(INVOICE)
    assert isinstance(invoice, Invoice)
    assert invoice.share_of(CUP) is None


def test_an_invoice_of_a_contract_that_is_not_recorded_is_refused() -> None:
    answer = World().given(registered()).when(invoiced(contract="95156957EC/1"))
    assert getattr(answer, "code", "") == "reference-unknown"


def test_an_envelope_without_its_legal_date_is_malformed() -> None:
    world = World().given(registered())
    proposed = replace(world.proposed(phase("ESECUZIONE", "2023-01-01")), occurred_on=None)
    with pytest.raises(Malformed, match="missing-field"):
        judge(proposed, world.situation(phase("ESECUZIONE", "2023-01-01")))


def test_another_kind_of_effect_may_follow_on_the_same_act() -> None:
    given = (registered(), determina(), determina("200", "2023-05-30"), rectified())
    world = World().given(*given, annulled(by=BY, scope="parziale"))
    assert [one.kind for one in world.state().acts[0].effects] == ["rettifica", "annullamento"]


def test_a_service_that_was_removed_is_not_asked_whether_it_is_eligible() -> None:
    given = (registered(), service(funded=False, origin="saas", destination="saas"))
    World().given(*given, changed(removed=True))


def test_force_needs_its_act() -> None:
    answer = World().given(registered()).when(enforceable())
    assert getattr(answer, "code", "") == "act-unknown"
