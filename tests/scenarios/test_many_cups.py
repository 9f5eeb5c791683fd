"""Storia di un atto per 2.449 CUP: un atto, otto collegamenti, e il pacchetto di ognuno è intero.

È lo scenario «one-cig-2449-cups» di DOMAIN, sezione 14, riga 1; il numero è quello vero di un CIG in
ReGiS. La prima prova guarda lo stato di tutti; la seconda esporta davvero e verifica.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from exporters.package import write_package
from exporters.verification.verify import verify_package
from ledger.domain.acts import LINKS_LIMIT
from ledger.domain.money import EUR
from ledger.domain.shares import proposed_shares
from ledger.journal.batch import Receipt
from ledger.journal.memory import MemoryRecorder
from ledger.records import load_law
from ledger.vault.folder import FolderVault
from tests.exporters.journal_evidence import JournalEvidence
from tests.ledger.application.door_kit import NOTE_SIGNER, ORIGIN, POLICY, House, build
from tests.ledger.application.door_story import ACT as ACT_2026
from tests.ledger.application.door_story import DETERMINA, INTERVENTION, kept_file
from tests.ledger.domain.facts import ACT, determina, registered
from tests.ledger.domain.facts_acts import on_act
from tests.scenarios.telling import given, then_recorded, then_refused

if TYPE_CHECKING:
    from tests.ledger.domain.worlds import Request

CUPS = [f"C81C22{number:05}0006" for number in range(2449)]
TOTAL = 31_955_600
LINKS = [
    {"cup": cup, "amount": share.format()}
    for cup, share in zip(CUPS, proposed_shares(TOTAL, CUPS), strict=True)
]
FIRST = LINKS[:LINKS_LIMIT]
OTHERS = [LINKS[at : at + LINKS_LIMIT] for at in range(LINKS_LIMIT, len(LINKS), LINKS_LIMIT)]
CAUSE = "CIG unico per tutti i CUP"


def more(links: list[dict[str, str]], act: str = ACT) -> Request:
    """Link the act to further CUPs."""
    data = {"act": act, "links": links, "cause": CAUSE}
    return on_act("link-act/1", "rup", "2023-01-23", data)


def test_one_cig_2449_cups() -> None:
    """Un CIG per 2.449 CUP: un atto con le prime 300 quote, otto collegamenti con le altre.

    Le quote fanno l'importo dell'atto al centesimo; ogni CUP vede l'atto e la sua quota.
    """
    story = given(*(registered(cup=cup) for cup in CUPS))
    act = determina(amount="319556.00", cigs=["95156957EC"], links=FIRST, links_total=2449)
    too_many = {**act["data"], "links": LINKS[: LINKS_LIMIT + 1]}
    then_refused(story.when({**act, "data": too_many}), "links-too-many", "poi link-act/1")
    then_recorded(story.when(act))
    assert len(OTHERS) == 8
    for links in OTHERS:
        then_recorded(story.when(more(links)))
    seen = {cup: story.dossier(cup) for cup in CUPS}
    with_the_act = [d.acts[ACT].share_of(cup) for cup, d in seen.items() if d.acts]
    linked = [one.share for d in seen.values() for one in d.linked_acts if one.act == ACT]
    assert (len(with_the_act), len(linked)) == (300, 2149)
    assert sum(share or 0 for share in (*with_the_act, *linked)) == TOTAL
    whole = story.dossier(f"act/{ACT}").acts[ACT]
    assert len({link.cup for link in (*whole.links, *whole.continued)}) == 2449


def test_the_shares_of_a_long_act_never_pass_its_amount() -> None:
    """Le quote che seguono non superano l'importo e con l'ultima lo fanno, al centesimo.

    Un atto che non dice di averne altri deve quadrare subito, quanti che siano i CUP.
    """
    story = given(*(registered(cup=cup) for cup in CUPS[: LINKS_LIMIT + 2]))
    short = determina(amount="319556.00", links=FIRST)
    then_refused(story.when(short), "sum-mismatch", "proposta: da ")
    above = determina(amount="1.00", links=FIRST, links_total=302)
    then_refused(story.when(above), "sum-mismatch")
    then_recorded(story.when(determina(amount="319556.00", links=FIRST, links_total=302)))
    rest = TOTAL - sum(proposed_shares(TOTAL, CUPS)[:LINKS_LIMIT])
    one, other = ({"cup": cup} for cup in CUPS[LINKS_LIMIT : LINKS_LIMIT + 2])
    whole = {**one, "amount": "319556.00"}
    then_refused(story.when(more([whole])), "shares-above-amount")
    then_recorded(story.when(more([{**one, "amount": "1.00"}])))
    wanting = {**other, "amount": EUR(rest - 101).format()}
    then_refused(story.when(more([wanting])), "sum-mismatch", EUR(rest - 100).format_it())
    then_recorded(story.when(more([{**other, "amount": EUR(rest - 100).format()}])))


def recorded(house: House, envelopes: list[bytes]) -> None:
    """Record envelopes in one batch, all accepted."""
    outcomes = house.ledger.record_many(envelopes)
    assert [one for one in outcomes if not isinstance(one, Receipt)] == []


def written(folder: Path) -> House:
    """Write the story in a real ledger, signed by the RUP."""
    house = build(folder, MemoryRecorder(ORIGIN))
    beside = {"role": "rup", "occurred_on": "2026-03-01"}
    ask = ("rup", "register-intervention/2")
    recorded(house, [house.envelope(*ask, {**INTERVENTION, "cup": c}, **beside) for c in CUPS])
    said = {"amount": "319556.00", "cigs": ["95156957EC"], "links_total": len(LINKS)}
    data = {**DETERMINA, "links": FIRST, **said}
    files = (kept_file(house),)
    recorded(
        house, [house.envelope("rup", "register-determina/1", data, role="rup", objects=files)]
    )
    for links in OTHERS:
        data = {"act": ACT_2026, "links": links, "cause": CAUSE}
        recorded(house, [house.envelope("rup", "link-act/1", data, **beside)])
    return house


def test_one_cig_2449_cups_and_every_cup_exports_whole(tmp_path: Path) -> None:
    """Il pacchetto del primo, dell'ultimo e di un CUP di mezzo si verifica e contiene tutto l'atto."""
    house = written(tmp_path)
    vault, ca = house.ledger.vault, house.ca.pem.encode()
    assert isinstance(vault, FolderVault)
    evidence = JournalEvidence(house.journal, NOTE_SIGNER, vault, POLICY, ca)
    for number in (0, 1000, 2448):
        packed = write_package(evidence, [CUPS[number]], tmp_path, law=load_law())
        report = verify_package(packed.path, policy=POLICY)
        assert report.verdict == "verified", report.failures
        with zipfile.ZipFile(packed.path) as archive:
            [name] = [n for n in archive.namelist() if n.endswith("/state/intervention.json")]
            told = json.loads(archive.read(name))
            events = {Path(n).stem for n in archive.namelist() if n.endswith(".jws")}
        of_the_act = house.journal.stream_indexes(f"act/{ACT_2026}")
        assert len(of_the_act) == 9
        assert {str(index) for index in of_the_act} <= events
        shown = told["acts"] if number < LINKS_LIMIT else told["linked_acts"]
        assert [one["share"] for one in shown] == [LINKS[number]["amount"]]
