"""The intervention and its services. Source: DOMAIN sections 3, 5.4 and 9.1; FAQ c-001, c-003, p-034."""

from __future__ import annotations

import pytest

from ledger.domain.event import Event
from tests.ledger.domain.cases import Accepted, Refusal
from tests.ledger.domain.facts import (
    but,
    described,
    funded,
    live,
    phase,
    registered,
    service,
)
from tests.ledger.domain.worlds import CUP, World

TWO = (registered(), registered(measure="M1C1I1.4.1", on="2022-03-01"))
ACCEPTED = {
    "an intervention is registered": Accepted(
        (), registered(), lambda d: [str(r.measure) for r in d.registrations], ["M1C1I1.2"]
    ),
    "a second one makes the CUP shared": Accepted(
        TWO[:1], TWO[1], lambda d: (d.is_shared, len(d.registrations)), (True, 2)
    ),
    "a description takes the place of the old one": Accepted(
        (registered(description="Prima"),),
        described(description="Dopo"),
        lambda d: (d.registrations[0].description, d.registrations[0].title[:5]),
        ("Dopo", "Abili"),
    ),
    "on a shared CUP the intervention that is meant is described": Accepted(
        TWO,
        described(title="PagoPA", intervention={"measure": "M1C1I1.04.01"}),
        lambda d: [r.title for r in d.registrations],
        ["Abilitazione al cloud per le PA locali", "PagoPA"],
    ),
    "a description with addresses on a shared CUP": Accepted(
        TWO,
        described(links=["https://example.it/albo"], intervention={"measure": "M1C1I1.2"}),
        lambda d: [r.links for r in d.registrations],
        [("https://example.it/albo",), ()],
    ),
    "a service is added before the decree": Accepted(
        (registered(), funded()),
        service(on="2022-05-23"),
        lambda d: [str(item.item) for item in d.scope.items],
        ["s01"],
    ),
    "a service that is not funded is added after the decree": Accepted(
        (registered(), funded()),
        service(on="2022-05-24", funded=False),
        lambda d: [item.funded for item in d.scope.items],
        [False],
    ),
    "a migration that is not eligible is recorded as not funded": Accepted(
        (registered(),),
        service(origin="saas", destination="saas", origin_qualified=True, funded=False),
        lambda d: len(d.scope.items),
        1,
    ),
    "of a measure that finances no migrations by table any is recorded": Accepted(
        (registered(measure="M1C1I1.1"),),
        service(origin="saas", destination="saas", origin_qualified=True),
        lambda d: len(d.scope.items),
        1,
    ),
    "a service goes live": Accepted(
        (registered(), service()),
        live(on="2023-09-01", started_on="2023-09-01"),
        lambda d: d.scope.item("s01").completion and str(d.scope.item("s01").completion.live_on),
        "2023-09-01",
    ),
}
REFUSED = {
    "the same measure in another spelling is the same intervention": Refusal(
        (registered(),), registered(measure="M1C1I1.02.00"), "duplicate-key"
    ),
    "a service code is used once": Refusal(
        (registered(), service()), service(name="Anagrafe"), "duplicate-key"
    ),
    "a description that is already so": Refusal(
        (registered(area="Digitale"),), described(area="Digitale"), "nothing-changed"
    ),
    "an empty description": Refusal((registered(),), described(), "nothing-changed"),
    "a funded service after the decree": Refusal(
        (registered(), funded()), service(on="2022-05-24"), "scope-frozen"
    ),
    "a service moved from SaaS to SaaS with money": Refusal(
        (registered(),), service(origin="saas", origin_qualified=True), "migration-not-eligible"
    ),
    "a service moved in the mode that is not eligible": Refusal(
        (registered(),), service(mode="A"), "migration-not-eligible"
    ),
    "on a shared CUP a migration that no measure finances": Refusal(
        (registered(measure="M1C1I1.1"), registered()),
        service(origin="saas", intervention={"measure": "M1C1I1.2"}),
        "migration-not-eligible",
    ),
    "a body with the tax code of a person": Refusal(
        (),
        registered(body={"ipa": "c_e506", "tax_code": "rss mra 85t10 a562s"}),
        "personal-data-in-text",
    ),
    "a body with the tax code of a person, though confirmed": Refusal(
        (),
        but(
            registered(body={"ipa": "c_e506", "tax_code": "RSSMRA85T10A562S"}),
            not_personal={"/data/body/tax_code": ["tax-code"]},
        ),
        "tax-code-personal",
    ),
    "a subject with the tax code of a person as one of another country": Refusal(
        (),
        but(
            registered(subjects=[{"role": "4", "tax_code": "x:IT:RSSMRA85T10A562S"}]),
            not_personal={"/data/subjects/0/tax_code": ["tax-code"]},
        ),
        "tax-code-personal",
    ),
    "an amount of zero": Refusal((registered(),), service(amount="0.00"), "amount-not-positive"),
    "a service that is not in the scope goes live": Refusal(
        (registered(),), live(), "reference-unknown"
    ),
    "a service goes live twice": Refusal(
        (registered(), service(), live()), live(on="2023-10-01"), "reference-closed"
    ),
    "a service goes live before its migration began": Refusal(
        (registered(), service()), live(on="2023-09-01", started_on="2023-09-02"), "dates-reversed"
    ),
}


@pytest.mark.parametrize("case", ACCEPTED.values(), ids=ACCEPTED)
def test_it_is_recorded_and_changes_the_dossier(case: Accepted) -> None:
    case.check()


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused(case: Refusal) -> None:
    case.check()


def test_an_event_on_a_shared_cup_names_its_intervention() -> None:
    world = World().given(*TWO)
    chosen = phase("PROGETTAZIONE", "2022-06-01", intervention={"measure": "M1C1I1.2"})
    assert isinstance(world.when(chosen), Event)


def test_a_cup_is_known_by_its_normal_form_and_kept_as_written() -> None:
    world = World().given(but(registered(cup="c81c 22001220006"), cup=CUP))
    [found] = world.dossier().registrations
    assert (found.cup, found.cup.raw) == (CUP, "c81c 22001220006")
