"""What happened before an end is recorded after it, with its own legal date. Source: DOMAIN 9, 9.12."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.domain.event import Event
from ledger.errors import Refused
from tests.ledger.domain.facts import determina, registered, service
from tests.ledger.domain.facts_procurement import (
    acquired,
    amended,
    awarded,
    contract,
    deserted,
    procedure,
    subcontracted,
    terminated,
)
from tests.ledger.domain.worlds import World

if TYPE_CHECKING:
    from tests.ledger.domain.worlds import Request

STARTED = (registered(), service(), determina(), procedure())
ENDED = (*STARTED, awarded(), contract(), terminated("2024-01-10"))
FAILED = (*STARTED, deserted(on="2023-06-01", outcome="annullata"))
TOLD_LATE = {
    "an extension": (ENDED, amended("durata", "2024-01-09", ends_on="2024-06-30")),
    "a subcontract": (ENDED, subcontracted("2024-01-09")),
    "an award": (FAILED, awarded(on="2023-05-31")),
    "a code": (FAILED, acquired(on="2023-05-31")),
    "a contract": (FAILED, contract(on="2023-05-31")),
}
TOO_LATE = {
    "an extension": (ENDED, amended("durata", "2024-01-10", ends_on="2024-06-30")),
    "a subcontract": (ENDED, subcontracted("2024-01-10")),
    "an award": (FAILED, awarded(on="2023-06-01")),
    "a code": (FAILED, acquired(on="2023-06-01")),
    "a contract": (FAILED, contract(on="2023-06-01")),
    "a second end": (ENDED, terminated("2024-01-09")),
    "a second failure": (FAILED, deserted(on="2023-05-31")),
}


@pytest.mark.parametrize(("given", "when"), TOLD_LATE.values(), ids=TOLD_LATE)
def test_what_came_before_the_end_is_recorded(given: tuple[Request, ...], when: Request) -> None:
    answer = World().given(*given).when(when)
    assert isinstance(answer, Event), answer


@pytest.mark.parametrize(("given", "when"), TOO_LATE.values(), ids=TOO_LATE)
def test_what_comes_after_the_end_is_refused(given: tuple[Request, ...], when: Request) -> None:
    answer = World().given(*given).when(when)
    assert isinstance(answer, Refused)
    assert answer.code == "reference-closed"
