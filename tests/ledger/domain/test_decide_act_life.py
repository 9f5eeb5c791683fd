"""What happens to acts: links, opinions, albo, and what later acts do. Source: DOMAIN 4 and 9.3."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from ledger.domain.act_effects import effect_on, text_in_force
from ledger.domain.event import Event
from ledger.errors import Refused
from tests.ledger.domain.cases import Accepted, Refusal
from tests.ledger.domain.facts import (
    ACT,
    RESOLUTION,
    but,
    corrected,
    deliberazione,
    determina,
    enforceable,
    funded,
    published,
    registered,
    service,
    visto,
)
from tests.ledger.domain.facts_acts import (
    AGAIN,
    BY,
    annulled,
    completed_at_albo,
    extended,
    immediate,
    linked,
    opinion,
    other_act,
    reconnaissance,
    rectified,
    relinked,
    revoked_act,
    suspended,
    validated,
    visto_refused,
    voided,
    withdrawn_from_albo,
)
from tests.ledger.domain.facts_money import PAYMENT, committed, paid
from tests.ledger.domain.worlds import CUP, OTHER_CUP, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger.domain.dossier import Dossier
    from tests.ledger.domain.worlds import Request

THIRD_CUP = "C81F22004270006"
START = (registered(),)
BOTH = (registered(), registered(cup=OTHER_CUP))
SPENT = (*START, determina())
RESOLVED = (*START, deliberazione())
FORCE = enforceable(rule="det-no-spend", role="dirigente")
ON_RESOLUTION = but(committed(), data={**committed()["data"], "act": RESOLUTION})
ALBO = (*RESOLVED, published(RESOLUTION, "2022-06-10", "2022-06-25"))
TWO = (*START, determina(), determina("200", "2023-05-30", subtype="annullamento"))
THREE = (*TWO, determina("300", "2023-08-30", subtype="annullamento"))
VOID = (*START, determina(void=True, cup_in_text="no"), determina("200", "2023-05-30"))
HALVES = [{"cup": CUP, "amount": "40.00"}]
ONE, OTHER = [{"cup": CUP}], [{"cup": OTHER_CUP}]
OF_TWO = {"links": [{"cup": CUP, "amount": "25.00"}], "links_total": 2}
REST = linked(OTHER_CUP, amount="15.00")
FIRST = [{"cup": CUP, "measure": "M1C1I1.2"}]
SECOND = [{"cup": CUP, "measure": "M1C1I1.4.1"}]
IN_BOTH = [{"cup": CUP, "amount": "40.00"}, {"cup": OTHER_CUP, "amount": "60.00"}]
PAID_ON = (*TWO, funded("90.00"), committed(), paid())


def effect(act: str = ACT, day: str = "2024-01-01") -> Callable[[Dossier], str]:
    """Return what shows the effect of an act on a day."""

    def shown(dossier: Dossier) -> str:
        found = dossier.acts[act]
        on = date.fromisoformat(day)
        return effect_on(dossier.act_effects, act, on, is_void=found.void)

    return shown


def on_days(
    shows: Callable[..., Callable[[Dossier], str]], *days: str
) -> Callable[[Dossier], list[str]]:
    """Return what shows the same of an act on several days."""
    return lambda dossier: [shows(day=day)(dossier) for day in days]


def by_order(order: str, on: str = "2023-06-01", **term: str) -> Request:
    """Suspend an act by the order of a judge."""
    return but(suspended(on=on), data={"act": ACT, "order": order, **term})


def text(dossier: Dossier) -> str:
    """Return the act whose text is in force."""
    return text_in_force(dossier.act_effects, ACT, date(2024, 1, 1))


def albo_on(day: str) -> Callable[[Dossier], str]:
    """Return what shows the state of publication of the resolution on a day."""
    return lambda d: d.acts[RESOLUTION].publication_on(date.fromisoformat(day))


ACCEPTED = {
    "a service order": Accepted(
        START,
        other_act(),
        lambda d: [(a.kind, a.subtype) for a in d.acts.values()],
        [("altro", "ordine-di-servizio")],
    ),
    "a decree of who granted, with its issuer": Accepted(
        START,
        other_act("decreto-finanziamento", issuer="DTD"),
        lambda d: [a.issuer for a in d.acts.values()],
        ["DTD"],
    ),
    "an act linked to one CUP more, in its stream": Accepted(
        (*BOTH, determina()),
        linked(OTHER_CUP),
        lambda d: [link.cup for link in d.acts[ACT].continued],
        [OTHER_CUP],
        stream=f"act/{ACT}",
    ),
    "an act linked to one CUP more, in the stream of the CUP": Accepted(
        (*BOTH, determina()),
        linked(OTHER_CUP, amount="5.00"),
        lambda d: [(one.act, one.share) for one in d.linked_acts],
        [(ACT, 500)],
        stream=OTHER_CUP,
    ),
    "an act moved to the right CUP, in the right one": Accepted(
        (*BOTH, determina()),
        relinked(CUP, OTHER_CUP),
        lambda d: [one.relinked_from for one in d.linked_acts],
        [CUP],
        stream=OTHER_CUP,
    ),
    "an act moved to the right CUP, in the wrong one": Accepted(
        (*BOTH, determina(amount="10.00")),
        relinked(CUP, OTHER_CUP, amount="10.00"),
        lambda d: [d.acts[ACT].share_of(CUP), d.acts[ACT].share_of(OTHER_CUP)],
        [None, 1_000],
    ),
    "the share of an act moved to the right CUP, in the right one": Accepted(
        (*BOTH, determina(amount="40.00", links=HALVES)),
        relinked(CUP, OTHER_CUP, amount="40.00"),
        lambda d: [(one.share, one.relinked_from) for one in d.linked_acts],
        [(4_000, CUP)],
        stream=OTHER_CUP,
    ),
    "an act moved away from a CUP to which it was linked later": Accepted(
        (*BOTH, registered(cup=THIRD_CUP), determina(amount="40.00", **OF_TWO), REST),
        relinked(OTHER_CUP, THIRD_CUP, amount="15.00"),
        lambda d: [(one.share, one.relinked_to) for one in d.linked_acts],
        [(None, THIRD_CUP)],
        stream=OTHER_CUP,
    ),
    "an act moved away and back again": Accepted(
        (*BOTH, determina(amount="10.00"), relinked(CUP, OTHER_CUP, amount="10.00")),
        relinked(OTHER_CUP, CUP, amount="10.00"),
        lambda d: (d.acts[ACT].share_of(CUP), d.acts[ACT].moved_from),
        (1_000, (OTHER_CUP,)),
    ),
    "an act that says how many links it has in all, with the first": Accepted(
        BOTH,
        determina(amount="40.00", **OF_TWO),
        lambda d: (d.acts[ACT].links_total, d.acts[ACT].share_of(CUP)),
        (2, 2_500),
    ),
    "the last link of an act, with the share that makes its amount": Accepted(
        (*BOTH, determina(amount="40.00", **OF_TWO)),
        REST,
        lambda d: [link.amount for link in d.acts[ACT].every_link],
        [2_500, 1_500],
        stream=f"act/{ACT}",
    ),
    "a link with a share of nothing, of an act whose shares make its amount": Accepted(
        (*BOTH, determina(amount="40.00", links=HALVES)),
        linked(OTHER_CUP, amount="0.00"),
        lambda d: [one.share for one in d.linked_acts],
        [0],
        stream=OTHER_CUP,
    ),
    "an act linked to the other intervention of a shared CUP": Accepted(
        (*START, registered(measure="M1C1I1.4.1", on="2022-03-01"), determina(links=FIRST)),
        but(linked(), data={"act": ACT, "cause": "altra misura", "links": SECOND}),
        lambda d: [link.measure for link in d.acts[ACT].continued],
        ["M1C1I1.4.1"],
        stream=f"act/{ACT}",
    ),
    "a technical opinion": Accepted(
        RESOLVED, opinion(), lambda d: [o.kind for o in d.acts[RESOLUTION].opinions], ["tecnica"]
    ),
    "an adverse accounting opinion": Accepted(
        RESOLVED,
        opinion("contabile", "finanziario", "contrario"),
        lambda d: [o.outcome for o in d.acts[RESOLUTION].opinions],
        ["contrario"],
    ),
    "a visto refused": Accepted(
        SPENT,
        visto_refused(),
        lambda d: [r.cause for r in d.acts[ACT].refusals],
        ["capitolo incapiente"],
    ),
    "a visto given after it was refused": Accepted(
        (*SPENT, visto_refused(), visto(on="2023-02-01")),
        enforceable(on="2023-02-01"),
        lambda d: str(d.acts[ACT].enforceability.effective_on),
        "2023-02-01",
    ),
    "a commitment on an act that had the visto before it had force": Accepted(
        (*SPENT[:-1], determina(subtype="altro"), visto(), FORCE),
        committed(),
        lambda d: d.spending.committed(),
        10_000,
    ),
    "a commitment on an act that has no force yet": Accepted(
        (*SPENT[:-1], determina(subtype="altro")),
        committed(),
        lambda d: d.spending.committed(),
        10_000,
    ),
    "force of a deliberazione that carries a commitment, without visto": Accepted(
        (*ALBO, ON_RESOLUTION),
        enforceable(RESOLUTION, "2022-06-20", "tuel-134-3", "segretario"),
        lambda d: d.acts[RESOLUTION].enforceability_on(date(2022, 6, 20)),
        "esecutiva",
    ),
    "immediate enforceability by one vote more than half": Accepted(
        RESOLVED,
        immediate(6, 10),
        lambda d: d.acts[RESOLUTION].enforceability_on(date(2022, 6, 9)),
        "immediatamente-eseguibile",
    ),
    "a longer publication": Accepted(
        ALBO, extended("2022-07-10"), albo_on("2022-07-10"), "in-pubblicazione"
    ),
    "an interruption": Accepted(
        ALBO,
        extended("2022-06-29", "2022-06-13", "2022-06-14"),
        albo_on("2022-06-13"),
        "interrotta",
    ),
    "the end of the publication": Accepted(
        ALBO, completed_at_albo(), albo_on("2022-06-26"), "defissa"
    ),
    "a publication taken away": Accepted(
        ALBO, withdrawn_from_albo(), albo_on("2022-06-15"), "ritirata"
    ),
    "a rectification": Accepted(TWO, rectified(), effect(), "rettificata"),
    "the text in force is the last rectification, whatever came first": Accepted(
        (*THREE, rectified(by=AGAIN, on="2023-09-01")),
        rectified(by=BY, on="2023-06-01"),
        lambda d: (text(d), len(d.act_effects[ACT])),
        (AGAIN, 2),
    ),
    "the rectification of a rectification": Accepted(
        (*THREE, rectified(by=BY)), rectified(BY, AGAIN, "2023-09-01"), text, AGAIN
    ),
    "a suspension": Accepted(TWO, suspended(), effect(), "sospesa"),
    "a suspension that has ended": Accepted(
        TWO, suspended(to="2023-12-31"), effect(day="2023-12-31"), "sospesa"
    ),
    "a suspension by the order of a judge": Accepted(
        TWO, by_order("TAR 12/2023"), effect(), "sospesa"
    ),
    "a suspension without term ends when its act is revoked": Accepted(
        (*THREE, suspended()),
        revoked_act(BY, AGAIN, "2023-09-01"),
        on_days(effect, "2023-08-31", "2023-09-01"),
        ["sospesa", "efficace"],
    ),
    "a suspension never was when its act is void": Accepted(
        (*TWO, suspended()), voided(BY, "2023-07-01"), effect(), "efficace"
    ),
    "a suspension holds while its act is not itself suspended": Accepted(
        (*THREE, suspended()),
        suspended(BY, "2023-09-01", by=AGAIN, to="2023-09-30"),
        on_days(effect, "2023-08-31", "2023-09-30", "2023-10-01"),
        ["sospesa", "efficace", "sospesa"],
    ),
    "a later act of the body gives a term to a suspension that has none": Accepted(
        (*THREE, suspended()),
        suspended(on="2023-09-01", by=AGAIN, to="2023-09-10"),
        on_days(effect, "2023-09-10", "2023-09-11"),
        ["sospesa", "efficace"],
    ),
    "a later act of the body puts off the term of a suspension": Accepted(
        (*THREE, suspended(to="2023-12-31")),
        suspended(on="2023-09-01", by=AGAIN, to="2024-03-31"),
        effect(),
        "sospesa",
    ),
    "a later order of a judge gives a term to his suspension": Accepted(
        (*TWO, by_order("TAR 12/2023")),
        by_order("TAR 45/2023", on="2023-09-01", to="2023-09-01"),
        effect(),
        "efficace",
    ),
    "a judge ends his own suspension and not that of the body": Accepted(
        (*TWO, by_order("TAR 12/2023"), suspended()),
        by_order("TAR 45/2023", on="2023-09-01", to="2023-09-01"),
        lambda d: (effect()(d), len(d.act_effects[ACT])),
        ("sospesa", 3),
    ),
    "a revocation holds from its day": Accepted(TWO, revoked_act(), effect(), "revocata"),
    "an annulment": Accepted(TWO, annulled(), effect(), "annullata"),
    "an annulment holds also for the days before it": Accepted(
        TWO, annulled(), effect(day="2023-02-01"), "annullata"
    ),
    "an annulment by a judge": Accepted(
        TWO, annulled(by=None, judgment="TAR Lecce 99/2023"), effect(), "annullata"
    ),
    "an annulment in part": Accepted(
        TWO, annulled(scope="parziale", parts="punto 3"), effect(), "annullata-in-parte"
    ),
    "an annulment that lists the payments": Accepted(
        PAID_ON, annulled(payments=[PAYMENT]), effect(), "annullata"
    ),
    "an annulment annulled: as if it had never been": Accepted(
        (*THREE, annulled()), annulled(BY, AGAIN, "2023-09-01"), effect(), "efficace"
    ),
    "an annulment annulled, in the stream of the first act": Accepted(
        (*THREE, annulled()),
        annulled(BY, AGAIN, "2023-09-01"),
        effect(),
        "efficace",
        stream=f"act/{ACT}",
    ),
    "nullity": Accepted(SPENT, voided(), effect(), "nulla"),
    "a validation": Accepted(TWO, validated(), effect(), "convalidata"),
    "a validation makes a void act good": Accepted(VOID, validated(), effect(), "convalidata"),
    "a rectification makes a void act good": Accepted(VOID, rectified(), effect(), "rettificata"),
    "an atto ricognitivo makes a void act good": Accepted(
        (*VOID, service()), reconnaissance(), effect(), "efficace"
    ),
    "an atto ricognitivo with what is not pertinent": Accepted(
        (*TWO, service()),
        reconnaissance(r06="non-pertinente", r14="non-pertinente"),
        lambda d: [one.items["r06"] for one in d.reconnaissances],
        ["non-pertinente"],
    ),
}
REFUSED = {
    "an act of 301 CUPs": Refusal(
        BOTH,
        determina(links=[{"cup": CUP}] * 301),
        "links-too-many",
    ),
    "a link that the act has": Refusal(SPENT, linked(CUP), "act-already-linked"),
    "a link to nothing": Refusal(SPENT, linked(), "cup-not-linked"),
    "the same CUP twice": Refusal(
        (*BOTH, determina()), linked(OTHER_CUP, OTHER_CUP), "link-repeated"
    ),
    "a link to a CUP that is not registered": Refusal(
        SPENT, linked(OTHER_CUP), "intervention-unknown"
    ),
    "a link of an act that is not recorded": Refusal(BOTH, linked(OTHER_CUP), "act-unknown"),
    "a share by a cent above the amount": Refusal(
        (*BOTH, determina(amount="40.00", links=HALVES)),
        linked(OTHER_CUP, amount="0.01"),
        "shares-above-amount",
    ),
    "a share beside the whole amount of an only link": Refusal(
        (*BOTH, determina(amount="40.00")),
        linked(OTHER_CUP, amount="0.01"),
        "shares-above-amount",
    ),
    "a link without share, of an act that has shares": Refusal(
        (*BOTH, determina(amount="40.00", links=HALVES)), linked(OTHER_CUP), "sum-mismatch"
    ),
    "a share beside links that have none": Refusal(
        (*BOTH, registered(cup=THIRD_CUP), determina(amount="40.00", links=[*ONE, *OTHER])),
        linked(THIRD_CUP, amount="1.00"),
        "sum-mismatch",
    ),
    "the last link of an act, with a cent less than its amount": Refusal(
        (*BOTH, determina(amount="40.00", **OF_TWO)),
        linked(OTHER_CUP, amount="14.99"),
        "sum-mismatch",
    ),
    "more links than the act has in all": Refusal(
        (*BOTH, registered(cup=THIRD_CUP), determina(**OF_TWO)),
        linked(OTHER_CUP, THIRD_CUP),
        "links-beyond-total",
    ),
    "an act with more links than it says to have in all": Refusal(
        BOTH, determina(links=[*ONE, *OTHER], links_total=1), "links-beyond-total"
    ),
    "an act moved without its share": Refusal(
        (*BOTH, determina(amount="10.00")), relinked(CUP, OTHER_CUP), "share-not-whole"
    ),
    "an act moved with a part of its share": Refusal(
        (*BOTH, determina(amount="10.00")),
        relinked(CUP, OTHER_CUP, amount="9.99"),
        "share-not-whole",
    ),
    "an act without shares moved with one": Refusal(
        (*BOTH, determina()), relinked(CUP, OTHER_CUP, amount="9.99"), "share-not-whole"
    ),
    "an act moved from where it is not": Refusal(
        (*BOTH, determina()), relinked(OTHER_CUP, CUP), "act-not-linked"
    ),
    "an act moved to where it is": Refusal(
        (*BOTH, determina(links=IN_BOTH, amount="100.00")),
        relinked(CUP, OTHER_CUP, amount="40.00"),
        "act-already-linked",
    ),
    "an act moved nowhere": Refusal(SPENT, relinked(CUP, CUP), "nothing-changed"),
    "an accounting opinion by the manager": Refusal(
        RESOLVED, opinion("contabile"), "opinion-of-another-role"
    ),
    "a technical opinion by finance": Refusal(
        RESOLVED, opinion("tecnica", "finanziario"), "opinion-of-another-role"
    ),
    "an opinion on an act that is not recorded": Refusal(START, opinion(), "act-unknown"),
    "force on a visto that was only refused": Refusal(
        (*SPENT, visto_refused()), enforceable(), "visto-missing"
    ),
    "force of an act that carries a commitment, without visto": Refusal(
        (*START, determina(subtype="altro"), committed()),
        enforceable(rule="det-no-spend", role="dirigente"),
        "visto-missing",
    ),
    "force of an act that carries a commitment of a CUP that it is not linked to": Refusal(
        (*BOTH, determina(subtype="altro"), but(committed(), cup=OTHER_CUP)),
        enforceable(rule="det-no-spend", role="dirigente"),
        "visto-missing",
    ),
    "a commitment on an act that has force without visto": Refusal(
        (*START, determina(subtype="altro"), FORCE), committed(), "visto-missing"
    ),
    "a commitment on an act that has force from before its visto": Refusal(
        (*START, determina(subtype="altro"), FORCE, visto(on="2023-01-25")),
        committed(),
        "visto-missing",
    ),
    "immediate enforceability by half of the members": Refusal(
        RESOLVED, immediate(5, 10), "immediate-without-majority"
    ),
    "more votes than members": Refusal(RESOLVED, immediate(11, 10), "immediate-without-majority"),
    "immediate enforceability of a determina": Refusal(
        (*START, determina(on="2022-06-01")),
        immediate(act=ACT.replace("2023", "2022")),
        "immediate-only-deliberazione",
    ),
    "immediate enforceability twice": Refusal(
        (*RESOLVED, immediate()), immediate(), "already-enforceable"
    ),
    "a publication extended that is not": Refusal(
        RESOLVED, extended("2022-07-10"), "reference-unknown"
    ),
    "a publication shortened below fifteen days": Refusal(
        ALBO, extended("2022-06-23"), "publication-too-short"
    ),
    "an interruption after which fifteen days do not follow": Refusal(
        ALBO, extended("2022-06-28", "2022-06-13", "2022-06-14"), "publication-too-short"
    ),
    "an interruption that ends before it begins": Refusal(
        ALBO, extended("2022-07-28", "2022-06-14", "2022-06-13"), "dates-reversed"
    ),
    "a publication completed before it begins": Refusal(
        ALBO, completed_at_albo(on="2022-06-09"), "dates-reversed"
    ),
    "a publication completed twice": Refusal(
        (*ALBO, completed_at_albo()), completed_at_albo(), "reference-closed"
    ),
    "a publication completed after it was withdrawn": Refusal(
        (*ALBO, withdrawn_from_albo()), completed_at_albo(), "reference-closed"
    ),
    "force before the ten days of a restart are over": Refusal(
        (*ALBO, extended("2022-06-29", "2022-06-13", "2022-06-14")),
        enforceable(RESOLUTION, "2022-06-24", "tuel-134-3", "segretario"),
        "enforceable-too-early",
    ),
    "an act that rectifies itself": Refusal(TWO, rectified(by=ACT), "act-on-itself"),
    "a rectification by an act that is not recorded": Refusal(SPENT, rectified(), "act-unknown"),
    "a rectification before the act": Refusal(TWO, rectified(on="2023-01-22"), "before-adoption"),
    "the same rectification twice": Refusal(
        (*TWO, rectified()), rectified(), "act-effect-repeated"
    ),
    "a suspension that rests on nothing": Refusal(
        TWO, but(suspended(), data={"act": ACT}), "author-missing"
    ),
    "the same order of a judge twice": Refusal(
        (*TWO, by_order("TAR 12/2023")), by_order("TAR 12/2023"), "act-effect-repeated"
    ),
    "a suspension that ends before it begins": Refusal(
        TWO, suspended(to="2023-05-31"), "dates-reversed"
    ),
    "a revocation with an indemnity of zero": Refusal(
        TWO, revoked_act(indemnity="0.00"), "amount-not-positive"
    ),
    "an annulment that rests on nothing": Refusal(TWO, annulled(by=None), "author-missing"),
    "an annulment twice": Refusal(
        (*TWO, annulled()), annulled(by=None, judgment="TAR"), "act-effect-repeated"
    ),
    "an annulment that omits a payment": Refusal(PAID_ON, annulled(), "payments-unlisted"),
    "an annulment by an annulled act": Refusal(
        (*THREE, annulled(BY, AGAIN)), annulled(on="2023-09-01"), "author-without-effect"
    ),
    "a visto on an annulled act": Refusal(
        (*TWO, annulled()), visto(on="2023-07-01"), "act-without-effect"
    ),
    "a commitment on a revoked act": Refusal(
        (*TWO, revoked_act(on="2023-02-01")), committed(), "act-without-effect"
    ),
    "a commitment on a suspended act": Refusal(
        (*TWO, suspended(on="2023-01-30")), committed(), "act-without-effect"
    ),
    "a commitment on a void act": Refusal(
        (*SPENT, voided(on="2023-02-01")), committed(), "act-without-effect"
    ),
    "a commitment on an annulled act": Refusal(
        (*TWO, annulled(on="2023-02-01")), committed(), "act-without-effect"
    ),
    "an atto ricognitivo without an item": Refusal(
        (*TWO, service()), reconnaissance(r03=""), "reconnaissance-incomplete"
    ),
    "an atto ricognitivo with an item that must be pertinent": Refusal(
        (*TWO, service()), reconnaissance(r01="non-pertinente"), "reconnaissance-incomplete"
    ),
    "an atto ricognitivo with a fifteenth item": Refusal(
        (*TWO, service()), reconnaissance(r15="testo"), "reconnaissance-incomplete"
    ),
    "an atto ricognitivo of a service that is not there": Refusal(
        TWO, reconnaissance(), "reference-unknown"
    ),
}


@pytest.mark.parametrize("case", ACCEPTED.values(), ids=ACCEPTED)
def test_it_is_recorded_and_changes_the_dossier(case: Accepted) -> None:
    case.check()


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused(case: Refusal) -> None:
    case.check()


def test_an_act_that_is_affected_on_two_ways_is_joined_once() -> None:
    fourth = determina("400", "2023-11-30", subtype="annullamento")
    world = World().given(
        *THREE, fourth, rectified(), rectified(ACT, AGAIN, "2023-09-01"), rectified(BY, AGAIN)
    )
    answer = world.when(annulled(AGAIN, AGAIN.replace("300", "400"), "2023-12-01"))
    assert isinstance(answer, Event), answer
    acts = [f"act/{key}" for key in (ACT, BY, AGAIN, AGAIN.replace("300", "400"))]
    assert sorted(answer.streams) == [*acts, f"cup/{CUP}"]


def test_an_atto_ricognitivo_joins_the_acts_that_it_remedies_and_no_other_subject() -> None:
    remedies = [
        {"code": "cup-unusual", "subject": CUP},
        {"code": "cup-missing-in-text", "subject": ACT},
        {"code": "cup-missing-in-text", "subject": AGAIN},
    ]
    world = World().given(*TWO, service())
    event = world.when(reconnaissance(remedies=remedies))
    assert isinstance(event, Event), event
    assert sorted(event.streams) == [f"act/{ACT}", f"act/{BY}", f"cup/{CUP}"]


def test_what_a_partial_annulment_leaves_may_be_relied_on() -> None:
    World().given(*TWO, annulled(scope="parziale"), visto(on="2023-07-01"))


def test_a_revoked_act_stands_for_what_rested_on_it_before() -> None:
    world = World().given(*TWO, revoked_act(), committed())
    assert world.state(as_of="2023-05-31").acts[0].effect == "efficace"
    assert world.state(as_of="2023-06-01").acts[0].effect == "revocata"


def test_who_reads_before_the_annulment_was_annulled_sees_the_act_annulled() -> None:
    """Known then: annulled for every day; known now: in force throughout."""
    world = World().given(*THREE, annulled(), annulled(BY, AGAIN, "2023-09-01"))
    for day in ("2023-02-01", "2023-07-01", "2023-10-01"):
        on = date.fromisoformat(day)
        then = world.known_at(5)
        assert effect_on(then.act_effects, ACT, on, is_void=False) == "annullata"
        assert world.state(as_of=day).acts[0].effect == "efficace"


def test_the_cup_that_an_act_was_moved_from_goes_on_to_know_what_becomes_of_it() -> None:
    given = (*BOTH, determina(), relinked(CUP, OTHER_CUP), visto(), enforceable())
    world = World().given(*given)
    for name in (CUP, f"act/{ACT}"):
        act = world.dossier(name).acts[ACT]
        assert act.moved_from == (CUP,)
        assert act.enforceability is not None
    assert world.state().acts[0].share is None
    assert [one.act for one in world.state(OTHER_CUP).linked_acts] == [ACT]


def test_a_share_that_is_missing_at_the_last_link_is_proposed() -> None:
    cups = (*BOTH, registered(cup=THIRD_CUP))
    first = {"links": [{"cup": CUP, "amount": "39.97"}], "links_total": 3}
    answer = (
        World()
        .given(*cups, determina(amount="40.00", **first))
        .when(linked(OTHER_CUP, THIRD_CUP, amount="0.01"))
    )
    assert isinstance(answer, Refused)
    assert "Le parti fanno 39,99" in answer.sentence
    assert f"proposta: {OTHER_CUP} 0,02, {THIRD_CUP} 0,01" in answer.sentence


def test_an_annulment_that_was_recorded_in_error_is_corrected() -> None:
    world = World().given(*TWO, annulled())
    world.given(but(corrected(3), role="segretario"))
    assert world.state().acts[0].effect == "efficace"


def test_the_state_tells_the_rectification_in_force_and_what_stands() -> None:
    world = World().given(*THREE, rectified(), rectified(by=AGAIN, on="2023-09-01"))
    act = world.state().acts[0]
    assert act.text_in_force == AGAIN
    assert [one.by for one in act.effects] == [BY, AGAIN]
    assert world.state().acts[1].affects == (ACT,)


def test_the_ten_days_are_counted_as_the_body_has_set() -> None:
    world = World().given(*ALBO, extended("2022-06-29", "2022-06-13", "2022-06-14"))
    (publication,) = world.act(RESOLUTION).publications
    expected = {
        ("start", "restart"): date(2022, 6, 25),
        ("start", "resume"): date(2022, 6, 22),
        ("end", "restart"): date(2022, 7, 9),
        ("end", "resume"): date(2022, 7, 9),
    }
    for (count_from, interruption), day in expected.items():
        set_to = {"albo.count_from": count_from, "albo.interruption": interruption}
        rows = tuple(
            type(row)(rule=row.rule, value=set_to.get(row.rule, row.value), source=row.source)
            for row in world.law.rows
        )
        assert publication.enforceable_from(type(world.law)(rows)) == day
