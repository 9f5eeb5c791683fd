"""Every command of the README once, in words and in JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from api.home import Home
from ledger.domain.events.catalogue import event_types
from ledger.journal.policy import parse_policy
from tests.api.home_kit import CUP, ORIGIN, PEOPLE, enter, key, kid, run, size_of, written

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def ndjson(home: Home, *arguments: str) -> list[dict[str, Any]]:
    """Run a command in JSON; every line is of the schema, the last one the summary."""
    ran = run(home, "--json", *arguments)
    assert ran.exit_code == 0, ran.stderr
    assert {line["schema"] for line in ran.lines} == {"pista.cli/1"}
    kinds = [line["kind"] for line in ran.lines]
    assert kinds[-1] == "summary"
    assert set(kinds[:-1]) <= {"item", "warning"}
    return ran.lines


SHOWN: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    "commands": (["commands"], ["enter-phase/1", "rup, dirigente"]),
    "one command": (["commands", "enter-phase"], ["phase-entered/1", "schema dei dati", '"cup"']),
    "intervention list": (["intervention", "list"], [CUP, "M1C1I1.2", "PROGETTAZIONE"]),
    "a list by measure": (["intervention", "list", "--measure", "m1c1 i1.2"], [CUP]),
    "a list by words": (["intervention", "list", "--q", "cloud"], [CUP]),
    "intervention show": (["intervention", "show", CUP], [f"CUP {CUP}", "fase Progettazione"]),
    "history": (["history", CUP], ["Registrato l'intervento", "Avviata la fase"]),
    "history of a type": (["history", CUP, "--type", "phase-entered"], ["Avviata la fase"]),
    "history in lower case": (["history", CUP.lower()], ["Avviata la fase"]),
    "replay on a day": (
        ["replay", CUP, "--as-of", "2022-07-01"],
        ["stato al 01/07/2022", "fase nessuna"],
    ),
    "replay as known": (["replay", CUP, "--known-at", "@0"], ["prime 1 posizioni", "dopo questo"]),
    "replay as known at a time": (
        ["replay", CUP, "--known-at", "2020-01-01T00:00:00Z"],
        ["prime 0 posizioni", "registrate dopo questo punto: 2"],
    ),
    "replay as XML": (["replay", CUP, "--format", "xml"], ["<?xml", CUP]),
    "diff of two places": (
        ["diff", CUP, "--from", "@0", "--to", "@1000"],
        ["/phase", "rup", "campi cambiati"],
    ),
    "diff from a checkpoint to a day": (
        ["diff", CUP, "--from", "checkpoint:0", "--to", "2999-12-31"],
        ["/interventions/0", "campi cambiati"],
    ),
    "diff of two legal days": (
        ["diff", CUP, "--by", "legal", "--from", "2022-01-01", "--to", "2999-12-31"],
        ["/phase", "campi cambiati"],
    ),
    "diff of a point and itself": (
        ["diff", CUP, "--from", "2020-01-01T00:00:00Z", "--to", "@1000"],
        ["/interventions/0"],
    ),
    "key list": (["key", "list"], ["active", "dirigente, rup", "amministratore"]),
    "trust show": (["trust", "show"], ["log ", "quorum none"]),
    "checkpoint show": (["checkpoint", "show"], [ORIGIN, "— "]),
}


@pytest.mark.parametrize("case", SHOWN.values(), ids=SHOWN.keys())
def test_a_command_shows_what_it_is_for(
    told: Path, case: tuple[Sequence[str], Sequence[str]]
) -> None:
    arguments, wanted = case
    ran = run(Home(told), *arguments)
    assert ran.exit_code == 0, ran.stderr
    assert [text for text in wanted if text not in ran.stdout] == []


CURRENT = sum(1 for one in event_types().values() if one.succeeded_by is None)
LISTS: dict[str, tuple[Sequence[str], int]] = {
    "commands": (["commands"], CURRENT),
    "diff": (["diff", CUP, "--from", "@1000", "--to", "@1000"], 0),
    "one command": (["commands", "enter-phase/1"], 1),
    "intervention list": (["intervention", "list"], 1),
    "history": (["history", CUP], 2),
    "history since": (["history", CUP, "--type", "phase-entered/1"], 1),
    "key list": (["key", "list"], 4),
}


@pytest.mark.parametrize("case", LISTS.values(), ids=LISTS.keys())
def test_a_list_in_json_ends_with_its_summary(told: Path, case: tuple[Sequence[str], int]) -> None:
    arguments, count = case
    lines = ndjson(Home(told), *arguments)
    assert len(lines) == count + 1


def test_replay_in_json_is_the_state_itself(told: Path) -> None:
    for arguments in (["replay", CUP, "--json"], ["replay", CUP, "--format", "json"]):
        state = json.loads(run(Home(told), *arguments).stdout)
        assert (state["cup"], state["phase"]["phase"]) == (CUP, "PROGETTAZIONE")


def test_the_raw_history_is_the_signed_envelopes(told: Path) -> None:
    lines = run(Home(told), "history", CUP, "--raw").stdout.splitlines()
    assert [line.count(".") for line in lines] == [2, 2]


def test_init_founds_a_ledger_that_can_be_used_at_once(tmp_path: Path) -> None:
    home = Home(tmp_path / "new")
    ran = run(home, "init", "--ente", "c_e506", "--origin", ORIGIN)
    assert ran.exit_code == 0
    assert "registrazione n. 0" in ran.stdout
    assert size_of(home) == 2
    assert (home.keys / "admin-1.pem").stat().st_mode & 0o077 == 0
    assert run(home, "intervention", "list").exit_code == 0


def test_init_in_json_names_trust_file_and_administrators(tmp_path: Path) -> None:
    home = Home(tmp_path / "new")
    keys = [str(tmp_path / f"{name}.pem") for name in "ab"]
    named = [word for path in keys for word in ("--admin-key", path)]
    (item, _) = ndjson(
        home, "init", "--ente", "c_e506", "--origin", ORIGIN, *named, "--approvals", "2"
    )
    assert (item["origin"], item["administrators"]) == (ORIGIN, keys)
    assert parse_policy(home.policy.read_bytes()).logs


def test_a_key_is_enrolled_works_is_rotated_and_revoked(home: Home, tmp_path: Path) -> None:
    mine, admin = tmp_path / "new.pem", key(home, "admin")
    (item, _) = ndjson(
        home, "key", "enrol", "--key", str(mine), "--by", admin, "--role", "rup", "--office", "X"
    )
    requests = written(tmp_path / "r.ndjson", enter())
    assert run(home, "record", str(requests), "--key", f"file:{mine}").exit_code == 0
    (rotated, _) = ndjson(
        home, "key", "rotate", "--key", f"file:{mine}", "--to", str(tmp_path / "newer.pem")
    )
    assert rotated["kid"] != item["kid"]
    (revoked, _) = ndjson(
        home, "key", "revoke", rotated["kid"], "--reason", "smarrita", "--by", admin
    )
    assert revoked["index"] > rotated["index"]
    states = {line["kid"]: line["state"] for line in ndjson(home, "key", "list")[:-1]}
    assert (states[item["kid"]], states[rotated["kid"]]) == ("revoked", "revoked")
    assert states[kid(home, "rup")] == "active"


def test_an_enrolment_waits_for_the_second_administrator(tmp_path: Path) -> None:
    home = Home(tmp_path / "new")
    files = [tmp_path / f"{name}.pem" for name in "ab"]
    named = [word for path in files for word in ("--admin-key", str(path))]
    run(home, "init", "--ente", "c_e506", "--origin", ORIGIN, *named, "--approvals", "2")
    mine, by = str(tmp_path / "me.pem"), [f"file:{path}" for path in files]
    ran = run(home, "key", "enrol", "--key", mine, "--by", by[0], "--role", "rup")
    assert "servono 2 amministratori" in ran.stdout
    pending = [line for line in ndjson(home, "key", "list")[:-1] if line["state"] == "pending"]
    (waiting,) = pending
    assert run(home, "key", "approve", waiting["kid"], "--by", by[0]).exit_code == 12
    (item, _) = ndjson(home, "key", "approve", waiting["kid"], "--by", by[1])
    assert item["approved"] == 2
    listed = {line["kid"]: line for line in ndjson(home, "key", "list")[:-1]}
    assert (listed[waiting["kid"]]["state"], listed[waiting["kid"]]["roles"]) == ("active", "rup")
    assert run(home, "key", "approve", waiting["kid"], "--by", by[1]).exit_code == 2


def test_a_role_of_nobody_enrols_nobody(home: Home, tmp_path: Path) -> None:
    size, mine = size_of(home), tmp_path / "me.pem"
    ran = run(
        home, "key", "enrol", "--key", str(mine), "--by", key(home, "admin"), "--role", "capo"
    )
    assert (ran.exit_code, size_of(home), mine.exists()) == (2, size, False)


def test_a_package_is_exported_recorded_and_verified_with_the_trust_file(
    home: Home, tmp_path: Path
) -> None:
    trust = tmp_path / "trust.txt"
    assert run(home, "trust", "export", "--to", str(trust)).exit_code == 0
    (item, _) = ndjson(home, "export", CUP, "--key", key(home, "rup"), "--recipient", "Audit")
    assert item["recorded"] is not None
    verified = run(home, "verify", item["path"], "--trust", str(trust))
    assert verified.exit_code == 0, verified.stdout
    assert run(home, "verify", item["path"]).exit_code == 3
    assert "Esportato il pacchetto" in run(home, "history", CUP).stdout


def test_an_act_is_shown_by_its_numbers(home: Home, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    request = {
        "command": "register-determina/1",
        "role": "rup",
        "data": {
            "register": "registro-generale",
            "year": 2023,
            "number": "100",
            "adopted_on": "2023-02-15",
            "subject": "Affidamento",
            "office": "Innovazione",
            "signatory": "@rossi",
            "links": [{"cup": CUP}],
            "cup_in_text": "si",
            "file": "a.pdf",
            "subtype": "affidamento",
        },
        "persons": {"rossi": {"name": "Rosa"}},
        "files": {"a.pdf": "a.pdf"},
    }
    run(home, "record", str(written(tmp_path / "r", request)), "--key", key(home, "rup"))
    (item, _) = ndjson(home, "act", "show", "c_e506/registro-generale/2023/100")
    assert (item["act"]["subject"], item["act"]["kind"]) == ("Affidamento", "determina")
    assert "Affidamento" in run(home, "act", "show", "c_e506/registro-generale/2023/100").stdout


def test_help_names_every_command(told: Path) -> None:
    shown = run(Home(told), "--help")
    for command in ("init", "record", "replay", "export", "verify", "doctor", "serve", "key"):
        assert command in shown.stdout


def test_the_kit_has_the_people_that_it_says(told: Path) -> None:
    kids = {line["kid"] for line in ndjson(Home(told), "key", "list")[:-1]}
    assert {kid(Home(told), name) for name in (*PEOPLE, "admin")} == kids
