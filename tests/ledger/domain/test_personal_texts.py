"""A request with personal data in a text is refused, told by place and kind, unless confirmed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ledger.domain.event import Event
from ledger.errors import Malformed
from tests.ledger.domain.facts import ACT, attached, but, corrected, determina, phase, registered
from tests.ledger.domain.facts_acts import reconnaissance
from tests.ledger.domain.worlds import World

if TYPE_CHECKING:
    from tests.ledger.domain.worlds import Request

TAX_CODE, IBAN, PHONE = "RSSMRA85T10A562S", "IT60X0542811101000000123456", "340 1234567"
FOUND: dict[str, tuple[Request, list[tuple[str, str]]]] = {
    "in a field": (attached(title=f"Nota di {TAX_CODE}"), [("/data/title", "tax-code")]),
    "in the note": (
        phase("AFFIDAMENTO", "2023-02-15", note=f"cell. {PHONE}"),
        [("/data/note", "phone")],
    ),
    "in the reason": (
        but(phase("AFFIDAMENTO", "2023-02-15"), reason=f"su {IBAN}"),
        [("/reason", "iban")],
    ),
    "in the name of a file": (attached(f"c_{TAX_CODE}.pdf"), [("/files", "tax-code")]),
    "in a list of values": (
        determina(chapters=["10502", PHONE]),
        [("/data/chapters/1", "phone")],
    ),
    "in two places": (
        but(attached(title=TAX_CODE.lower()), reason=f"tel. 0832 682111, {IBAN}"),
        [("/data/title", "tax-code"), ("/reason", "iban"), ("/reason", "phone")],
    ),
    "in a table of texts": (
        reconnaissance(r01=f"Sig. {TAX_CODE}"),
        [("/data/items/r01", "tax-code")],
    ),
    "in a code": (
        registered(body={"ipa": "c_e506", "tax_code": IBAN}),
        [("/data/body/tax_code", "iban")],
    ),
}


def refusal(request: Request) -> Malformed:
    """Return the refusal of a request, whose facts need not be there."""
    with pytest.raises(Malformed) as caught:
        World().proposed(request)
    return caught.value


def confirmation(places: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the member that confirms some places."""
    member: dict[str, list[str]] = {}
    for pointer, kind in places:
        member.setdefault(pointer, []).append(kind)
    return member


@pytest.mark.parametrize(("request_", "places"), FOUND.values(), ids=FOUND)
def test_it_is_refused_by_place_and_kind_without_the_value(
    request_: Request, places: list[tuple[str, str]]
) -> None:
    error = refusal(request_)
    assert error.code == "personal-data-in-text"
    expected = confirmation(places)
    assert [fault.pointer for fault in error.faults] == list(expected)
    for fault in error.faults:
        assert all(f'"{kind}"' in fault.sentence for kind in expected[fault.pointer])
        assert "persons" in fault.sentence
        assert "not_personal" in fault.sentence
        for value in (TAX_CODE, TAX_CODE.lower(), IBAN, PHONE, "682111"):
            assert value not in f"{error} {fault}"


@pytest.mark.parametrize(("request_", "places"), FOUND.values(), ids=FOUND)
def test_what_is_confirmed_is_proposed_and_the_event_has_no_trace_of_it(
    request_: Request, places: list[tuple[str, str]]
) -> None:
    event = World().proposed(but(request_, not_personal=confirmation(places)))
    assert not hasattr(event, "not_personal")


NOT_ENOUGH: dict[str, tuple[Any, str]] = {
    "another place": ({"/data/note": ["phone"]}, "personal-data-in-text"),
    "the data as a whole": ({"/data": ["tax-code"]}, "personal-data-in-text"),
    "another kind": ({"/data/title": ["phone"]}, "personal-data-in-text"),
    "no kind": ({"/data/title": []}, "personal-data-in-text"),
    "a kind too many": ({"/data/title": ["tax-code", "phone"]}, "nothing-to-confirm"),
    "a place too many": ({"/data/title": ["tax-code"], "/reason": ["phone"]}, "nothing-to-confirm"),
    "a list of places": (["/data/title"], "malformed-request"),
    "a kind that is none": ({"/data/title": ["name"]}, "malformed-request"),
}


@pytest.mark.parametrize(("member", "code"), NOT_ENOUGH.values(), ids=NOT_ENOUGH)
def test_a_confirmation_is_of_this_place_and_these_kinds(member: object, code: str) -> None:
    error = refusal(but(attached(title=f"Nota di {TAX_CODE}"), not_personal=member))
    assert error.code == code
    assert TAX_CODE not in str(error)


def test_another_kind_written_later_at_a_confirmed_place_is_found() -> None:
    confirmed = but(attached(title=f"Quadro {PHONE}"), not_personal={"/data/title": ["phone"]})
    assert isinstance(World().proposed(confirmed), Event)
    later = but(confirmed, data={**confirmed["data"], "title": f"Quadro {PHONE}, {TAX_CODE}"})
    assert refusal(later).code == "personal-data-in-text"


def test_an_event_made_elsewhere_is_recorded_and_found_until_it_is_corrected() -> None:
    world = World().given(
        registered(),
        but(attached(title=TAX_CODE), not_personal={"/data/title": ["tax-code"]}),
    )
    assert "personal-data-in-text" in {found.code for found in world.findings()}
    world.given(corrected(1))
    assert "personal-data-in-text" not in {found.code for found in world.findings()}


def test_the_finding_is_of_the_act_too_when_the_text_is_of_an_act() -> None:
    told = determina(subject=f"Rimborso al n. {PHONE}, cell.")
    world = World().given(registered(), but(told, not_personal={"/data/subject": ["phone"]}))
    assert world.dossier(f"act/{ACT}").oversight.personal_texts
