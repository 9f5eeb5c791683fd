"""An act of 2,449 CUPs through the command line: given a visto, paid upon, annulled, corrected, exported.

What is done to it joins more streams than an event may; one line of a file is several events, recorded
together. Source: FORMATS section 1 (at most 500 streams); DOMAIN 3.4 and 14 (one-cig-2449-cups).
"""

from __future__ import annotations

import io
import json
import secrets
import shutil
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from api.app import open_ledger
from api.client.desk import Desk, open_scribe, read_signer
from api.client.requests import write
from api.home import Home
from api.machine import now
from ledger.application.requests import parse_request
from ledger.domain.act_effects import effect_on
from ledger.domain.acts import LINKS_LIMIT
from ledger.domain.days import parse_date
from ledger.domain.event import ObjectRef
from ledger.domain.pieces import STREAMS_LIMIT
from ledger.domain.shares import proposed_shares
from ledger.journal.batch import Receipt
from ledger.records import encode_digest, event_id
from ledger.signing.envelope import assemble
from tests.api.cli.recording_kit import record
from tests.api.home_kit import INTERVENTION, key, run, size_of, written

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from api.app import Opened

CUPS = [f"C81C22{number:05}0006" for number in range(2449)]
TOTAL = 31_955_600
LINKS = [
    {"cup": cup, "amount": share.format()}
    for cup, share in zip(CUPS, proposed_shares(TOTAL, CUPS), strict=True)
]
ACT = "c_e506/registro-generale/2023/100"
BY = "c_e506/registro-generale/2023/200"
PAYMENTS = {cup: f"c_e506/2023/{8000 + n}" for n, cup in enumerate(CUPS[::100])}
PERSON = "p_" + "a" * 26
DAY = "2023-02-15"
PIECES = 5  # 499 CUPs beside the act in each, and the act that annuls
SHOWN = (CUPS[0], CUPS[1000], CUPS[-1])


def act(number: str, links: list[dict[str, str]], **more: object) -> dict[str, Any]:
    """Return a request that registers a determina."""
    data = {
        "register": "registro-generale",
        "year": 2023,
        "number": number,
        "adopted_on": DAY,
        "subject": "Affidamento",
        "office": "Innovazione",
        "signatory": PERSON,
        "links": links,
        "cup_in_text": "si",
        "file": "determina.pdf",
        "subtype": "affidamento",
        **more,
    }
    return {"command": "register-determina/1", "role": "rup", "data": data}


def linked(links: list[dict[str, str]]) -> dict[str, Any]:
    """Return a request that links the act to further CUPs."""
    data = {"act": ACT, "links": links, "cause": "CIG unico"}
    return {"command": "link-act/1", "role": "rup", "occurred_on": DAY, "data": data}


def annulment(payments: Iterable[str], **beside: object) -> dict[str, Any]:
    """Return the request that annuls the act."""
    said = {"act": ACT, "by": BY, "grounds": "vizio", "scope": "totale"}
    data = {**said, "payments": list(payments)}
    command = {"command": "annul-act/1", "role": "dirigente", "occurred_on": "2023-09-01"}
    return {**command, "data": data, **beside}


def recorded(opened: Opened, requests: Iterable[dict[str, Any]]) -> None:
    """Record requests in one commit, with the key of the RUP."""
    scribe, signer = open_scribe(opened, uri := key(opened.home, "rup")), read_signer(uri)
    raws = []
    for request in requests:
        files = (kept_file(opened),) if "file" in request["data"] else ()
        new = event_id(now(), secrets.token_bytes(10))
        [draft] = scribe.drafts(parse_request({**request, "id": new}, files))
        raws.append(assemble(draft.signing_input, signer.sign(draft.signing_input)))
    outcomes = opened.ledger.record_many(raws)
    assert [one for one in outcomes if not isinstance(one, Receipt)] == []


def kept_file(opened: Opened) -> ObjectRef:
    """Keep the file of an act."""
    stored = opened.vault.put(io.BytesIO(b"%PDF-1.7 atto"), "application/pdf")
    commit = encode_digest(stored.commit)
    return ObjectRef("determina.pdf", commit, stored.size_bytes, stored.media_type)


def paid(opened: Opened) -> None:
    """Commit and pay on the act, on some of the CUPs."""
    rup, finance = (open_scribe(opened, key(opened.home, one)) for one in ("rup", "ragioneria"))
    decree = {"decree": {"number": "28/2022", "on": "2022-09-05"}, "instrument": "decreto"}
    for cup, payment in PAYMENTS.items():
        by_rup = {"cup": cup, "role": "rup", "occurred_on": "2022-09-05"}
        money = {"amount": "60.00", "source": "PNRR"}
        write(rup, "record-funding/1", {**money, **decree}, **by_rup)
        beside = {"cup": cup, "role": "finanziario", "occurred_on": "2023-03-01"}
        owed = {**money, "commitment": "c_e506/2023/1577", "act": ACT, "chapter": "1801"}
        write(finance, "record-commitment/1", owed, **beside)
        codes = {"payee": "16825251008", "cup_on": True, "cig_on": True}
        on = {"payment": payment, "commitment": "c_e506/2023/1577"}
        write(finance, "record-payment/1", {**money, **on, **codes}, **beside)


@pytest.fixture(scope="module")
def town(told: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A ledger with 2,449 interventions, and one act of all of them that was paid upon."""
    folder = tmp_path_factory.mktemp("town") / "home"
    shutil.copytree(told, folder)
    home, ask = Home(folder), {"role": "rup", "occurred_on": "2022-06-28"}
    registered = [c for c in CUPS if c != INTERVENTION["cup"]]
    runs = [LINKS[at : at + LINKS_LIMIT] for at in range(0, len(LINKS), LINKS_LIMIT)]
    with open_ledger(home) as opened:
        data = ({**INTERVENTION, "cup": cup} for cup in registered)
        recorded(
            opened, ({"command": "register-intervention/2", "data": one, **ask} for one in data)
        )
        said = {"amount": "319556.00", "links_total": len(LINKS)}
        recorded(opened, [act("100", runs[0], **said)])
        recorded(opened, [act("200", [{"cup": CUPS[0]}])])
        for links in runs[1:]:
            recorded(opened, [linked(links)])
        paid(opened)
        opened.runner.catch_up()
    return home


def effects(home: Home, cups: Iterable[str] = CUPS[::97]) -> set[str]:
    """Return the effects of the act that CUPs know, every ninety-seventh unless they are named."""
    day = parse_date("2023-12-31")
    with open_ledger(home) as opened:
        dossiers = (opened.ledger.judge.histories.dossier(f"cup/{cup}") for cup in cups)
        return {effect_on(one.act_effects, ACT, day, is_void=False) for one in dossiers}


def test_an_act_of_2449_cups_is_annulled_by_one_line(town: Home, tmp_path: Path) -> None:
    """One line, five events in one commit; every CUP knows, and nothing is recorded twice."""
    size, file = size_of(town), tmp_path / "annul.ndjson"
    ran = record(town, written(file, annulment(list(PAYMENTS.values())[:-1])))
    assert (ran.exit_code, size_of(town)) == (13, size)
    assert "payments-unlisted" in ran.stdout
    tried = record(town, written(file, annulment(PAYMENTS.values())), "--dry-run")
    assert (tried.lines[0]["pieces"], size_of(town)) == (PIECES, size)
    assert effects(town) == {"efficace"}
    ran = record(town, file)
    first, summary = ran.lines
    assert ran.exit_code == 0, ran.stderr
    assert [one["index"] for one in first["pieces"]] == list(range(size, size + PIECES))
    assert (first["index"], summary["recorded"]) == (size, PIECES)
    assert size_of(town) == size + PIECES + 1
    assert effects(town, CUPS) == {"annullata"}
    check_envelopes(town, range(size, size + PIECES))
    again = record(town, file)
    assert [one["index"] for one in again.lines[0]["pieces"]] == [
        one["index"] for one in first["pieces"]
    ]
    assert (again.lines[0]["first"], again.lines[1]["recorded"]) == (False, 0)
    assert size_of(town) == size + PIECES + 1
    check_resumed(town, file, [one["event"] for one in first["pieces"]])
    check_packages(town, tmp_path)
    check_corrected(town, tmp_path, first["pieces"][3]["event"])


def check_envelopes(home: Home, indexes: Iterable[int]) -> None:
    """Hold each event to its limits: streams, bytes, and the payments of its own CUPs."""
    with open_ledger(home) as opened:
        events = [opened.ledger.judge.histories.event(one) for one in ids_of(opened, indexes)]
        sizes = [len(opened.journal.envelope(index)) for index in indexes]
    assert max(sizes) <= (64 + 5) * 1024 * 4 // 3
    joined: list[str] = []
    for event in events:
        assert event is not None
        assert len(event.streams) <= STREAMS_LIMIT
        joined += event.cups
        assert {str(one) for one in event.data.payments} == {
            PAYMENTS[cup] for cup in event.cups if cup in PAYMENTS
        }
    assert sorted(joined) == sorted(CUPS)


def ids_of(opened: Opened, indexes: Iterable[int]) -> list[str]:
    """Return the ids of the events at these places."""
    history = opened.ledger.judge.histories.history(f"act/{ACT}")
    return [event.id for event in history if event.index in set(indexes)]


def check_resumed(home: Home, file: Path, ids: list[str]) -> None:
    """Lose receipts of the outbox, and one envelope that would be sent: a second run gives them back."""
    desk = Desk(home.outbox)
    for one in ids[1:3]:
        desk.receipt_file(one).unlink()
    size = size_of(home)
    ran = record(home, file)
    assert (ran.exit_code, len(ran.lines[0]["pieces"]), size_of(home)) == (0, PIECES, size)
    assert all(desk.receipt_file(one).exists() for one in ids)


def check_packages(home: Home, folder: Path) -> None:
    """Export and verify the first, a middle and the last CUP; examine the whole ledger."""
    for cup in SHOWN:
        out, report = folder / cup, folder / f"{cup}.json"
        assert run(home, "export", cup, "--to", str(out), "--no-record").exit_code in (0, 3)
        [packed] = out.glob("*.zip")
        run(home, "verify", str(packed), "--trust", str(home.policy), "--report", str(report))
        found = json.loads(report.read_bytes())
        assert found["verdict"] == "verified", found
        with zipfile.ZipFile(packed) as archive:
            [name] = [n for n in archive.namelist() if n.endswith("/state/intervention.json")]
            state = json.loads(archive.read(name))
        [told] = [
            one
            for one in (*state.get("acts", ()), *state.get("linked_acts", ()))
            if is_the_act(one)
        ]
        assert (told["effect"], told["effects"][0]["kind"]) == ("annullata", "annullamento")
    assert run(home, "fsck").exit_code == 0


def is_the_act(told: dict[str, Any]) -> bool:
    """Return whether the state tells of the act, registered here or linked later."""
    return ACT in (told.get("key"), told.get("act"))


def check_corrected(home: Home, folder: Path, event: str) -> None:
    """Take the annulment back by the id of one of its events: all of it goes."""
    correction = {
        "command": "correct-error/1",
        "role": "dirigente",
        "occurred_on": "2023-12-01",
        "corrects": [event],
        "data": {"cause": "atto sbagliato"},
    }
    ran = record(home, written(folder / "correct.ndjson", correction))
    assert ran.exit_code == 0, ran.stderr
    assert len(ran.lines[0]["pieces"]) == PIECES
    assert effects(home) == {"efficace"}
