"""The CUP, the life of the intervention, its services and its people. Source: DOMAIN 9.1, 9.2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.ledger.domain.cases import Accepted, Refusal
from tests.ledger.domain.facts import (
    ACT,
    answered,
    but,
    determina,
    fact,
    funded,
    live,
    opened,
    registered,
    service,
    signed,
)
from tests.ledger.domain.facts_life import (
    OWNER,
    abstained,
    changed,
    conflict,
    cup_corrected,
    cup_linked,
    cup_replaced,
    cup_status,
    local_code,
    modification,
    moved,
    owners,
    with_reason,
)
from tests.ledger.domain.facts_money import committed, disbursed, recovered, recovery, reduced
from tests.ledger.domain.facts_oversight import audit
from tests.ledger.domain.worlds import CUP, OTHER_CUP, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.ledger.domain.worlds import Request

START = (registered(),)
BOTH = (registered(), registered(cup=OTHER_CUP))
SERVICE = (*START, service(origin="on-premise-strutturato", destination="iaas", mode="A"))
FROZEN = (*SERVICE, funded())
APPROVED = (*FROZEN, modification("s01"))
NOT_REGISTERED = "C51J25001200006"
LOCAL_CODE = (
    "assign-local-project-code/1",
    "rup",
    "2022-09-10",
    {"clp": "PRJ_1", "measure": "M1C1I1.2"},
)
NO_ORIGIN = service()
del NO_ORIGIN["data"]["origin"]


def item(name: str) -> Callable[[Any], Any]:
    """Return what shows a member of the first service."""
    return lambda d: getattr(d.scope.items[0], name)


TWO_CODES = (registered(clp="PRJ_1"), registered(clp="PRJ_2", on="2022-03-01"))
TWO_OF_A_MEASURE = (registered(), registered(clp="PRJ_2", on="2022-03-01"))


def chosen(request: Request, **selector: str) -> Request:
    """Return the request with the intervention that it means, on the measure of the tests."""
    intervention = {"measure": "M1C1I1.2", **selector}
    return but(request, data={**request["data"], "intervention": intervention})


ACCEPTED = {
    "the local code of the intervention that is chosen": Accepted(
        TWO_CODES,
        chosen(local_code("PRJ_3"), clp="PRJ_2"),
        lambda d: [r.clp for r in d.registrations],
        ["PRJ_1", "PRJ_3"],
    ),
    "without a local code the intervention is chosen that has none": Accepted(
        TWO_OF_A_MEASURE,
        chosen(moved("suspend")),
        lambda d: [move.kind for move in d.life.moves],
        ["sospensione"],
    ),
    "a local project code": Accepted(
        START, local_code(), lambda d: [r.clp for r in d.registrations], ["PRJ_1"]
    ),
    "another local project code": Accepted(
        (*START, local_code()),
        local_code("PRJ_2"),
        lambda d: [r.clp for r in d.registrations],
        ["PRJ_2"],
    ),
    "a wrong CUP that is registered here too, in the right one": Accepted(
        BOTH, cup_corrected(), lambda d: [c.wrong for c in d.life.corrections], [OTHER_CUP]
    ),
    "a wrong CUP that is registered here too, in the wrong one": Accepted(
        BOTH,
        cup_corrected(),
        lambda d: [c.right for c in d.life.corrections],
        [CUP],
        stream=OTHER_CUP,
    ),
    "a wrong CUP that nobody registered": Accepted(
        START,
        cup_corrected(NOT_REGISTERED),
        lambda d: [c.wrong for c in d.life.corrections],
        [NOT_REGISTERED],
    ),
    "a wrong CUP in an act": Accepted(
        (*START, determina()),
        cup_corrected(NOT_REGISTERED, where="atto", act=ACT),
        lambda d: [c.act for c in d.life.corrections],
        [ACT],
    ),
    "a CUP that takes the place of another, not yet registered": Accepted(
        START, cup_replaced(), lambda d: [r.new for r in d.life.replacements], [OTHER_CUP]
    ),
    "a CUP that takes the place of another, in the new one": Accepted(
        BOTH,
        cup_replaced(),
        lambda d: [r.old for r in d.life.replacements],
        [CUP],
        stream=OTHER_CUP,
    ),
    "a replacement told again when the new CUP is registered": Accepted(
        (*START, cup_replaced(), registered(cup=OTHER_CUP)),
        cup_replaced(),
        lambda d: [r.old for r in d.life.replacements],
        [CUP],
        stream=OTHER_CUP,
    ),
    "closed with a checklist that is signed": Accepted(
        (*START, opened(), answered(), signed()),
        moved("close", "2025-06-01"),
        lambda d: [move.kind for move in d.life.moves],
        ["chiusura"],
    ),
    "closed with a commitment of which nothing is left": Accepted(
        (*START, determina(), committed(), reduced("100.00")),
        moved("close", "2025-06-01"),
        lambda d: [move.kind for move in d.life.moves],
        ["chiusura"],
    ),
    "closed with a recovery that is had back": Accepted(
        (*START, disbursed(), recovery(payment=None), recovered()),
        moved("close", "2025-06-01"),
        lambda d: [move.kind for move in d.life.moves],
        ["chiusura"],
    ),
    "a service of which nobody says where it comes from": Accepted(
        START,
        NO_ORIGIN,
        lambda d: [(one.item, one.funded, one.origin) for one in d.scope.items],
        [("s01", True, None)],
    ),
    "a CUP revoked": Accepted(
        START, cup_status(), lambda d: d.life.statement().cup_status.status, "revocato"
    ),
    "an older status recorded late does not count": Accepted(
        (*START, cup_status("chiuso", "2024-01-01")),
        cup_status("attivo", "2022-01-01"),
        lambda d: (d.life.statement().cup_status.status, len(d.life.statuses)),
        ("chiuso", 2),
    ),
    "a CUP linked": Accepted(
        START, cup_linked(), lambda d: [link.other for link in d.life.links], [OTHER_CUP]
    ),
    "a modification": Accepted(
        FROZEN, modification("s01"), lambda d: d.life.modification("mod-1").items, ("s01",)
    ),
    "a service renamed after the decree": Accepted(
        FROZEN, changed(name="Anagrafe e stato civile"), item("name"), "Anagrafe e stato civile"
    ),
    "B in the place of A after the decree": Accepted(
        FROZEN, changed(mode="B", destination="saas"), item("mode"), "B"
    ),
    "a service changed on the day of the decree": Accepted(
        FROZEN, changed(destination="saas", mode="B", on="2022-05-23"), item("destination"), "saas"
    ),
    "a service changed by an approved modification": Accepted(
        APPROVED,
        changed(destination="saas", mode="B", modification="mod-1"),
        item("modification"),
        "mod-1",
    ),
    "a service removed by an approved modification": Accepted(
        APPROVED,
        changed(removed=True, modification="mod-1"),
        lambda d: str(d.scope.items[0].removed_on),
        "2023-03-01",
    ),
    "a service added by an approved modification": Accepted(
        (*START, funded(), modification("s02")),
        service("s02", "2023-03-01", modification="mod-1"),
        lambda d: len(d.scope.items),
        1,
    ),
    "a service that is not funded added after the decree": Accepted(
        (*START, funded()),
        service("s02", "2023-03-01", funded=False),
        lambda d: len(d.scope.items),
        1,
    ),
    "a second step from qualified IaaS to SaaS": Accepted(
        (*START, service(origin="iaas", destination="saas", mode="B")),
        changed(origin_qualified=True, second_step=True),
        lambda d: [one.second_step for one in d.scope.items],
        [True],
    ),
    "a service that was not funded changed freely": Accepted(
        (*START, service(funded=False), funded()),
        changed(destination="iaas"),
        item("destination"),
        "iaas",
    ),
    "suspended": Accepted(START, moved("suspend"), lambda d: d.life.state, "sospeso"),
    "a suspension that is recorded after the closure that followed it": Accepted(
        (*START, moved("close", "2024-05-02")),
        moved("suspend", "2023-06-01"),
        lambda d: (d.life.state, len(d.life.moves)),
        ("chiuso", 2),
    ),
    "resumed": Accepted(
        (*START, moved("suspend")),
        moved("resume", "2023-07-01"),
        lambda d: d.life.state,
        "in-corso",
    ),
    "renounced": Accepted(
        START, moved("renounce", role="delegato"), lambda d: d.life.state, "rinunciato"
    ),
    "closed": Accepted(START, moved("close"), lambda d: d.life.state, "chiuso"),
    "closed with a checklist open, by a reason": Accepted(
        (*START, opened()),
        with_reason(moved("close", "2025-06-01")),
        lambda d: d.life.state,
        "chiuso",
    ),
    "closed with all ended": Accepted(
        (
            *START,
            funded(),
            determina(),
            committed("40.00"),
            reduced("40.00"),
            opened(),
            answered(),
            signed(),
        ),
        moved("close", "2025-06-01"),
        lambda d: d.life.state,
        "chiuso",
    ),
    "reopened": Accepted(
        (*START, moved("close")), moved("reopen", "2023-07-01"), lambda d: d.life.state, "in-corso"
    ),
    "a suspension of an earlier day recorded late": Accepted(
        (*START, moved("close", "2023-07-01"), moved("reopen", "2023-08-01")),
        moved("suspend", "2023-06-01"),
        lambda d: (d.life.state, len(d.life.moves)),
        ("in-corso", 3),
    ),
    "a declaration of no conflict": Accepted(
        START, conflict(), lambda d: [c.outcome for c in d.people.conflicts], ["assente"]
    ),
    "a second declaration for another procedure": Accepted(
        (*START, conflict()),
        conflict(procedure="95156957EC"),
        lambda d: len(d.people.conflicts),
        2,
    ),
    "an abstention": Accepted(
        START, abstained(), lambda d: [a.replaced_by for a in d.people.abstentions], [OWNER]
    ),
    "beneficial owners": Accepted(
        START, owners(OWNER), lambda d: [o.persons for o in d.people.owners], [(OWNER,)]
    ),
}
REFUSED = {
    "a local code of a measure that is not there": Refusal(
        START, local_code(measure="M1C1I1.3"), "reference-unknown"
    ),
    "the same local code": Refusal((*START, local_code()), local_code(), "nothing-changed"),
    "a local code of the measure of another intervention than the chosen one": Refusal(
        TWO_CODES,
        chosen(local_code("PRJ_3", measure="M1C1I1.3"), clp="PRJ_2"),
        "reference-unknown",
    ),
    "the local code of another intervention": Refusal(
        (registered(clp="PRJ_1"), registered(on="2022-03-01")),
        local_code(),
        "intervention-ambiguous",
    ),
    "a right CUP that is the wrong one": Refusal(START, cup_corrected(CUP), "nothing-changed"),
    "a correction of two CUPs of which none is here": Refusal(
        (), cup_corrected(), "intervention-unknown"
    ),
    "a CUP replaced by itself": Refusal(START, cup_replaced(new=CUP), "nothing-changed"),
    "a CUP replaced twice by the same": Refusal(
        (*START, cup_replaced()), cup_replaced(), "nothing-changed"
    ),
    "a CUP replaced twice by the same, both registered": Refusal(
        (*BOTH, cup_replaced()), cup_replaced(), "nothing-changed"
    ),
    "the same status of the same day": Refusal(
        (*START, cup_status()), cup_status(), "nothing-changed"
    ),
    "a link to itself": Refusal(START, cup_linked(CUP), "nothing-changed"),
    "the same link": Refusal((*START, cup_linked()), cup_linked(), "nothing-changed"),
    "a modification twice": Refusal(APPROVED, modification("s02"), "duplicate-key"),
    "a service changed after the decree": Refusal(
        FROZEN, changed(amount="1.00", on="2022-05-24"), "scope-frozen"
    ),
    "a service removed after the decree": Refusal(FROZEN, changed(removed=True), "scope-frozen"),
    "a service changed by the modification of another": Refusal(
        (*FROZEN, modification("s02")),
        changed(amount="1.00", modification="mod-1"),
        "scope-frozen",
    ),
    "A in the place of B after the decree": Refusal(
        (*START, service(mode="B"), funded()), changed(mode="A"), "scope-frozen"
    ),
    "a service made funded after the decree": Refusal(
        (*START, service(funded=False), funded()), changed(funded=True), "scope-frozen"
    ),
    "a service changed by a modification that is not recorded": Refusal(
        FROZEN, changed(name="x", modification="mod-9"), "reference-unknown"
    ),
    "a service added by a modification that is not recorded": Refusal(
        START, service("s02", modification="mod-9"), "reference-unknown"
    ),
    "a service that is not there changed": Refusal(START, changed(name="x"), "reference-unknown"),
    "a service that was removed changed": Refusal(
        (*SERVICE, changed(removed=True)), changed(name="x"), "reference-closed"
    ),
    "a service changed to what it is": Refusal(SERVICE, changed(mode="A"), "nothing-changed"),
    "a service changed to a migration that is not eligible": Refusal(
        SERVICE, changed(origin="saas"), "migration-not-eligible"
    ),
    "a service with an amount of zero": Refusal(
        SERVICE, changed(amount="0.00"), "amount-not-positive"
    ),
    "suspended twice": Refusal(
        (*START, moved("suspend")), moved("suspend", "2023-07-01"), "nothing-changed"
    ),
    "resumed without suspension": Refusal(START, moved("resume"), "nothing-changed"),
    "renounced twice": Refusal((*START, moved("renounce")), moved("renounce"), "nothing-changed"),
    "closed twice": Refusal((*START, moved("close")), moved("close"), "nothing-changed"),
    "reopened without closure": Refusal(START, moved("reopen"), "nothing-changed"),
    "suspended by an act that is not recorded": Refusal(
        START, moved("suspend", act=ACT), "act-unknown"
    ),
    "closed with a checklist open": Refusal(
        (*START, opened()), moved("close", "2025-06-01"), "closure-with-open-items"
    ),
    "closed with a cent committed": Refusal(
        (*START, determina(), committed("0.01")), moved("close"), "closure-with-open-items"
    ),
    "closed with a recovery open": Refusal(
        (*START, recovery("1.00", payment=None)),
        moved("close", "2025-06-01"),
        "closure-with-open-items",
    ),
    "closed with an audit open": Refusal(
        (*START, audit()), moved("close", "2025-06-01"), "closure-with-open-items"
    ),
    "a code that another intervention on the measure has": Refusal(
        (registered(clp="PRJ_1"), registered(clp="PRJ_2")),
        fact(*LOCAL_CODE, intervention={"measure": "M1C1I1.2", "clp": "PRJ_2"}),
        "duplicate-key",
    ),
    "the same declaration twice": Refusal((*START, conflict()), conflict(), "nothing-changed"),
    "owners that are nobody": Refusal(START, owners(), "owners-missing"),
    "a service completed and then removed is closed by nothing": Refusal(
        (*SERVICE, live(), changed(removed=True, on="2023-10-01")),
        changed(name="x"),
        "reference-closed",
    ),
}


@pytest.mark.parametrize("case", ACCEPTED.values(), ids=ACCEPTED)
def test_it_is_recorded_and_changes_the_dossier(case: Accepted) -> None:
    case.check()


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused(case: Refusal) -> None:
    case.check()


def test_a_refused_closure_says_how_each_open_item_is_ended() -> None:
    world = World().given(*START, determina(), committed(), opened())
    answer = world.when(moved("close", "2025-06-01"))
    told = [answer, *getattr(answer, "others", ())]
    assert [getattr(one, "remedy", "") for one in told] == [
        "sign-checklist/1",
        "record-payment/1 o reduce-commitment/1",
    ]
