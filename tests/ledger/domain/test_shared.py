"""Several interventions on one CUP: each has services, funding, balances and findings of its own."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import pytest

from ledger.domain.dossier import Dossier
from ledger.domain.evolve import evolve, fold
from ledger.domain.shared import MERGED
from ledger.errors import Refused
from tests.ledger.domain.cases import Accepted, Refusal
from tests.ledger.domain.facts import (
    ACT,
    adjusted,
    but,
    corrected,
    determina,
    exported,
    funded,
    live,
    observed,
    phase,
    registered,
    service,
    visto,
)
from tests.ledger.domain.facts_acts import AGAIN, BY, annulled, linked, rectified
from tests.ledger.domain.facts_compliance import acknowledged
from tests.ledger.domain.facts_life import cup_status, local_code, moved
from tests.ledger.domain.facts_money import COMMITMENT, committed, paid
from tests.ledger.domain.facts_procurement import PCP, SIMOG, procedure, replaced
from tests.ledger.domain.worlds import CUP, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.ledger.domain.worlds import Request

CLOUD, PAGO = {"measure": "M1C1I1.2"}, {"measure": "M1C1I1.4.1", "clp": "PRJ_2"}
TWO = (registered(), registered(on="2022-03-01", **PAGO))


def of(chosen: dict[str, str], request: Request) -> Request:
    """Return the request as one about an intervention."""
    return but(request, data={**request["data"], "intervention": chosen})


def both(shows: Callable[[Dossier], Any]) -> Callable[[Dossier], Any]:
    """Return what shows the same of each intervention, in order of registration."""
    return lambda whole: [shows(part) for part in whole.parts]


def funding(dossier: Dossier) -> list[int]:
    return [dossier.funding.of_source("PNRR")]


def services(dossier: Dossier) -> list[str]:
    return [str(one.item) for one in dossier.scope.items]


FUNDED = (*TWO, of(CLOUD, funded("100.00")), of(PAGO, funded("40.00", on="2022-06-01")))
LINKS: list[dict[str, str]] = [
    {"cup": CUP, **CLOUD, "amount": "60.00"},
    {"cup": CUP, **PAGO, "amount": "40.00"},
]
SPENT = (*FUNDED, determina(links=LINKS, amount="100.00"), visto())
COMMITTED = (
    *SPENT,
    of(CLOUD, committed("60.00")),
    of(PAGO, committed("40.00", key=f"{COMMITMENT}/2")),
)


def pay(chosen: dict[str, str], amount: str, **more: Any) -> Request:  # noqa: ANN401
    return of(chosen, paid(amount, **more))


ACCEPTED = {
    "the same service of each intervention": Accepted(
        (*TWO, of(CLOUD, service())),
        of(PAGO, service()),
        both(services),
        [["s01"], ["s01"]],
    ),
    "one is live, the other is not": Accepted(
        (*TWO, of(CLOUD, service()), of(PAGO, service())),
        of(PAGO, live()),
        both(lambda d: [one.completion is not None for one in d.scope.items]),
        [[False], [True]],
    ),
    "what was funded before there were two is of the first": Accepted(
        (*TWO[:1], funded("100.00"), TWO[1]),
        of(PAGO, funded("40.00", on="2022-06-01")),
        both(funding),
        [[10_000], [4_000]],
    ),
    "a service of the other is added after the decree of the first": Accepted(
        (*TWO, of(CLOUD, funded())),
        of(PAGO, service(on="2023-05-02")),
        both(services),
        [[], ["s01"]],
    ),
    "the same decree funds both": Accepted(
        (*TWO, of(CLOUD, funded("100.00"))),
        of(PAGO, funded("40.00")),
        lambda d: d.funding.of_source("PNRR"),
        14_000,
    ),
    "an act has a share of each": Accepted(
        FUNDED,
        determina(links=LINKS, amount="100.00"),
        both(lambda d: d.acts[ACT].share(lambda link: d.owns(ACT, link))),
        [6_000, 4_000],
    ),
    "an act with a share of one and not of the other": Accepted(
        FUNDED,
        determina(links=[{"cup": CUP, **PAGO}], amount="100.00"),
        both(lambda d: list(d.acts)),
        [[], [ACT]],
    ),
    "an act that is linked to the other later": Accepted(
        (*FUNDED, determina(links=LINKS[:1], links_total=2, amount="100.00")),
        but(linked(), data={"act": ACT, "cause": "altra misura", "links": [LINKS[1]]}),
        both(lambda d: [one.share for one in d.linked_acts]),
        [[], [4_000]],
    ),
    "a visto is of those that the act is of": Accepted(
        (*FUNDED, determina(links=LINKS, amount="100.00")),
        visto(),
        both(lambda d: len(d.acts[ACT].endorsements)),
        [1, 1],
    ),
    "a visto of an act of one": Accepted(
        (*FUNDED, determina(links=LINKS[:1], amount="60.00")),
        visto(),
        both(lambda d: [len(one.endorsements) for one in d.acts.values()]),
        [[1], []],
    ),
    "each pays up to its own funding": Accepted(
        (*COMMITTED, pay(CLOUD, "60.00")),
        pay(PAGO, "40.00", key="c_e506/2023/78", commitment=f"{COMMITMENT}/2"),
        both(lambda d: d.spending.paid("PNRR")),
        [6_000, 4_000],
    ),
    "one is suspended and the other goes on": Accepted(
        TWO,
        of(PAGO, moved("suspend")),
        both(lambda d: d.life.state),
        ["in-corso", "sospeso"],
    ),
    "the status of the CUP is of both and needs no choice": Accepted(
        TWO,
        cup_status("revocato"),
        both(lambda d: [one.status for one in d.life.statuses]),
        [["revocato"], ["revocato"]],
    ),
    "who comes second knows the status of the CUP": Accepted(
        (
            *TWO[:1],
            cup_status("provvisorio", on="2022-02-10"),
            phase("PROGETTAZIONE", "2022-02-10"),
        ),
        TWO[1],
        both(lambda d: (len(d.life.statuses), len(d.phases.moves))),
        [(1, 1), (1, 0)],
    ),
    "a package of the CUP needs no choice": Accepted(
        TWO, exported(), both(lambda d: len(d.oversight.packages)), [1, 1]
    ),
    "the correction of a fact of one is told to that one": Accepted(
        (*TWO, of(PAGO, phase("PROGETTAZIONE", "2022-04-01"))),
        corrected(2),
        both(lambda d: (len(d.oversight.corrections), len(d.phases.moves))),
        [(0, 0), (1, 0)],
    ),
    "the correction of what came before there were two is of the first": Accepted(
        (*TWO[:1], phase("PROGETTAZIONE", "2022-02-10"), TWO[1]),
        corrected(1),
        both(lambda d: len(d.oversight.corrections)),
        [1, 0],
    ),
    "an annulment is of those whose facts rest on the act": Accepted(
        (
            *TWO,
            determina(links=LINKS[:1], amount="60.00"),
            visto(),
            of(PAGO, committed()),
            determina("200", "2023-05-30", subtype="annullamento", links=LINKS[:1], amount="60.00"),
        ),
        annulled(),
        both(lambda d: len(d.act_effects.get(ACT, ()))),
        [1, 1],
    ),
}
REFUSED = {
    "a service twice of one intervention": Refusal(
        (*TWO, of(PAGO, service())), of(PAGO, service()), "duplicate-key"
    ),
    "a service of the other": Refusal(
        (*TWO, of(CLOUD, service())), of(PAGO, live()), "reference-unknown"
    ),
    "a service of the one whose decree there is": Refusal(
        (*TWO, of(CLOUD, funded())), of(CLOUD, service(on="2023-05-02")), "scope-frozen"
    ),
    "a payment above the funding of the intervention, below that of the CUP": Refusal(
        COMMITTED, pay(PAGO, "40.01", commitment=f"{COMMITMENT}/2"), "commitment-overdrawn"
    ),
    "a payment on the PNRR of the other": Refusal(
        (*SPENT, of(PAGO, committed("60.00"))), pay(PAGO, "40.01"), "pnrr-paid-above-funding"
    ),
    "a payment on the commitment of the other": Refusal(
        COMMITTED, pay(PAGO, "1.00"), "reference-unknown"
    ),
    "a commitment whose number the other has": Refusal(
        (*SPENT, of(CLOUD, committed("60.00"))), of(PAGO, committed("40.00")), "duplicate-key"
    ),
    "a source of the other": Refusal(
        (*TWO, of(CLOUD, funded("100.00"))),
        of(PAGO, adjusted(("PNRR", "-1.00"))),
        "source-balance-negative",
    ),
    "a phase of the other": Refusal(
        (*TWO, of(CLOUD, phase("ESECUZIONE", "2023-01-01"))),
        but(of(PAGO, phase("ESECUZIONE", "2023-02-01")), command="complete-phase/1"),
        "phase-not-entered",
    ),
    "a closure with what is open on it": Refusal(
        COMMITTED, of(PAGO, moved("close", "2024-01-10")), "closure-with-open-items"
    ),
}


@pytest.mark.parametrize("case", ACCEPTED.values(), ids=ACCEPTED)
def test_it_is_recorded_and_changes_the_dossier(case: Accepted) -> None:
    case.check()


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused(case: Refusal) -> None:
    case.check()


STORY = (
    *COMMITTED,
    of(CLOUD, service()),
    of(PAGO, service()),
    of(CLOUD, phase("ESECUZIONE", "2023-02-01")),
    of(PAGO, phase("AFFIDAMENTO", "2023-02-01")),
    of(CLOUD, observed("E")),
    pay(PAGO, "30.00", commitment=f"{COMMITMENT}/2"),
    cup_status("attivo"),
)


def test_the_state_tells_each_intervention_and_all_of_them_together() -> None:
    shown = World().given(*STORY).state()
    assert [(one.index, one.measure, one.clp) for one in shown.parts] == [
        (0, "M1C1I1.2", None),
        (1, "M1C1I1.4.1", "PRJ_2"),
    ]
    assert [one.funding.importo_finanziato for one in shown.parts] == [10_000, 4_000]
    assert [one.spending.paid for one in shown.parts] == [0, 3_000]
    assert [[act.share for act in one.acts] for one in shown.parts] == [[6_000], [4_000]]
    assert [one.phase and one.phase.phase for one in shown.parts] == ["ESECUZIONE", "AFFIDAMENTO"]
    assert [one.national_state and one.national_state.state for one in shown.parts] == ["E", None]
    assert (shown.funding.importo_finanziato, shown.spending.paid) == (14_000, 3_000)
    assert (shown.phase, shown.phases, shown.opencoesione_status) == (None, (), None)
    assert shown.national_state is None
    assert [str(one.item) for one in shown.services] == ["s01", "s01"]
    assert [act.share for act in shown.acts] == [10_000]
    assert len(shown.life.moves) == 0


def test_a_cup_of_one_intervention_has_no_parts() -> None:
    shown = World().given(registered(), funded()).state()
    assert (shown.parts, shown.phase, len(shown.phases)) == ((), None, 5)


def test_a_shared_cup_goes_on_while_one_of_its_interventions_does() -> None:
    world = World().given(*TWO, of(CLOUD, moved("renounce", doc="rinuncia.pdf")))
    assert world.state().life.state == "in-corso"
    world.given(of(PAGO, moved("suspend")))
    assert world.state().life.state == "sospeso"


def test_a_finding_is_of_one_intervention_and_is_acknowledged_for_it() -> None:
    world = World().given(*STORY)
    found = [one for one in world.state().findings if one.code == "phase-disagrees-national"]
    assert [(one.subject, one.intervention, one.state) for one in found] == [(CUP, 0, "open")]
    take_note = acknowledged("phase-disagrees-national", CUP, role="dirigente")
    answer = world.when(of(PAGO, take_note))
    assert isinstance(answer, Refused)
    assert answer.code == "finding-not-open"
    world.given(of(CLOUD, take_note))
    [found_again] = [
        one for one in world.state().findings if one.code == "phase-disagrees-national"
    ]
    assert (found_again.intervention, found_again.state) == (0, "acknowledged")
    shared = [one for one in world.state().findings if one.code == "shared-cup"]
    assert [(one.subject, one.intervention) for one in shared] == [(CUP, None)]


def test_what_was_true_before_the_registration_was_true_of_that_intervention() -> None:
    world = World().given(*TWO, of(PAGO, funded("40.00", on="2022-02-15")))
    before = world.dossier(as_of="2022-02-20")
    assert [(len(one.registrations), *funding(one)) for one in before.parts] == [(1, 0), (0, 4_000)]


def test_an_intervention_is_known_by_its_new_code_for_every_day() -> None:
    world = World().given(
        registered(),
        registered(measure="M1C1I1.4.1", on="2022-03-01"),
        of({"measure": "M1C1I1.4.1"}, local_code("PRJ_9", measure="M1C1I1.4.1")),
        of({"measure": "M1C1I1.4.1", "clp": "PRJ_9"}, funded("40.00", on="2022-06-01")),
    )
    before = world.dossier(as_of="2022-07-01")
    assert [one.registration and one.registration.clp for one in before.parts] == [None, None]
    assert [funding(one) for one in before.parts] == [[0], [4_000]]


def test_two_interventions_may_have_the_same_procedure() -> None:
    world = World().given(*TWO, of(CLOUD, procedure()), of(PAGO, procedure()))
    assert [len(one.procurement.procedures) for one in world.dossier().parts] == [1, 1]
    answer = world.when(of(PAGO, procedure()))
    assert isinstance(answer, Refused)
    assert answer.code == "duplicate-key"


def test_without_the_second_registration_what_was_told_of_it_stands_no_more() -> None:
    world = World().given(*TWO, of(PAGO, funded("40.00")))
    answer = world.when(corrected(1))
    assert isinstance(answer, Refused)
    assert answer.code == "correction-breaks-state"
    world.given(corrected(2), corrected(1))
    assert not world.dossier().is_shared


def test_folding_event_by_event_gives_the_same_as_folding_all() -> None:
    world = World().given(*STORY)
    stream = f"cup/{CUP}"
    grown = Dossier(stream)
    for event in world.history(stream):
        grown = evolve(grown, event)
    whole = fold(stream, world.history(stream))
    assert grown.parts == whole.parts
    assert all(getattr(grown, name) == getattr(whole, name) for name in MERGED)


def test_every_slice_of_a_dossier_can_be_merged() -> None:
    """A slice holds lists of entries with their place, maps of them, or sums by source."""
    dossier = World().given(*STORY).dossier()
    values = [getattr(dossier, name) for name in MERGED]
    members = [
        getattr(value, one.name) for value in values if is_dataclass(value) for one in fields(value)
    ]
    plain = [value for value in values if not is_dataclass(value)]
    for member in (*members, *plain):
        assert isinstance(member, (tuple, dict))
        entries = member.values() if isinstance(member, dict) else member
        assert all(isinstance(one, (int, tuple)) or one.index >= 0 for one in entries)


def test_what_is_no_member_of_a_dossier_is_told() -> None:
    with pytest.raises(AttributeError, match="fundign"):
        _ = World().given(*TWO).dossier().fundign  # type: ignore[attr-defined]  # the error itself


def test_the_event_names_the_intervention_in_its_refusals() -> None:
    answer = World().given(*SPENT, of(PAGO, committed("60.00"))).when(pay(PAGO, "40.01"))
    assert isinstance(answer, Refused)
    assert answer.item == f"{CUP} (M1C1I1.4.1 PRJ_2)"


def test_a_code_is_replaced_where_it_is_and_nowhere_else() -> None:
    world = World().given(*TWO, of(CLOUD, procedure()), replaced(SIMOG, PCP))
    codes = both(lambda part: list(part.procurement.codes_of(SIMOG)))(world.dossier())
    assert codes == [[SIMOG, PCP], []]


def test_what_was_done_to_an_act_of_both_is_told_once_of_the_whole() -> None:
    by = determina("200", "2023-05-30", links=[{"cup": CUP, **CLOUD}])
    again = determina("300", "2023-06-30", links=[{"cup": CUP, **PAGO}])
    world = World().given(*SPENT, by, again, rectified(), rectified(by=AGAIN, on="2023-07-01"))
    [effects] = world.dossier().act_effects.values()
    assert [(one.kind, one.by) for one in effects] == [("rettifica", BY), ("rettifica", AGAIN)]
