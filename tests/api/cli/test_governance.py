"""What administrators decide, with `pista record` and their keys: recorded, in force, exported, verified."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from api.app import open_ledger
from api.cli import exits
from api.cli.doctor import adopted_checks
from api.client import enrolment
from api.machine import now
from ledger.journal.note import Ed25519NoteSigner
from ledger.records import load_law
from ledger.signing.certificates import create_ca
from ledger.signing.signer import create_key_file
from tests.api.cli.town_kit import LATE, Town, adopted, asked
from tests.api.home_kit import BODY, CUP, ORIGIN, enter, run

if TYPE_CHECKING:
    from pathlib import Path

    from api.home import Home

PERSON = "p_" + "a" * 26
LAW = load_law()


@pytest.fixture
def town(home: Home, tmp_path: Path) -> Town:
    """A home of one's own, with a secretary and an importer."""
    town = Town(home, tmp_path)
    town.enrol("segretaria", "segretario")
    town.enrol("importatore", "importatore")
    return town


def determina(number: str, on: str, role: str = "rup") -> dict[str, Any]:
    """Return the registration of a determina."""
    return {
        "command": "register-determina/1",
        "role": role,
        "data": {
            "register": "registro-generale",
            "year": int(on[:4]),
            "number": number,
            "adopted_on": on,
            "subject": "Nomina",
            "office": "Innovazione",
            "signatory": PERSON,
            "links": [{"cup": CUP}],
            "cup_in_text": "si",
            "file": "a.pdf",
            "subtype": "nomina",
        },
        "files": {"a.pdf": "a.pdf"},
    }


def test_a_package_made_after_a_setting_was_adopted_is_verified_offline(town: Town) -> None:
    before = town.size()
    assert LATE in town.codes()
    town.must("admin", adopted("fact-registered-late.days", "3650"))
    assert LATE not in town.codes()
    assert LATE in town.codes("--known-at", f"@{before - 1}")
    told = {}
    for options in ((), ("--known-at", f"@{before - 1}")):
        verified = town.verified(*options)
        assert verified.exit_code == exits.OK, verified.stdout
        with zipfile.ZipFile(
            max(town.home.packages.glob("*.zip"), key=lambda z: z.stat().st_mtime_ns)
        ) as package:
            (name,) = (n for n in package.namelist() if n.endswith("state/intervention.json"))
            told[options] = LATE.encode() in package.read(name)
    assert list(told.values()) == [False, True]
    assert run(town.home, "fsck").exit_code == exits.OK


def test_a_setting_takes_force_when_as_many_administrators_agree_as_must(town: Town) -> None:
    town.enrol("admin-2")
    second = [{"actor": town.actor("admin-2")}]
    town.must("admin", asked("change-administrators/1", add=second, approvals=2))
    before = town.size()
    [proposal] = town.must("admin", adopted("fact-registered-late.days", "3650"))
    assert LATE in town.codes()
    again = town.record("admin", asked("give-approval/1", event=proposal["event"]))
    assert (again.exit_code, "approval-repeated" in again.stderr) == (exits.NOT_ALLOWED, True)
    proposed = town.size()
    town.must("admin-2", asked("give-approval/1", event=proposal["event"]))
    assert LATE not in town.codes()
    assert all(LATE in town.codes("--known-at", f"@{place - 1}") for place in (before, proposed))
    verified = town.verified()
    assert verified.exit_code == exits.OK, verified.stdout
    town.must(
        "admin",
        removal := asked("change-administrators/1", remove=[town.actor("admin-2")], approvals=1),
    )
    assert removal["data"]["approvals"] == 1


def test_what_is_set_and_what_waits_are_shown(town: Town) -> None:
    town.must("admin", adopted("sod.payment", "finding"))
    shown = run(town.home, "settings").stdout
    assert [line.split()[:2] for line in shown.splitlines() if "sod.payment" in line] == [
        ["sod.payment", "finding"]
    ]
    assert "refusal o finding" in shown
    told = {one["setting"]: one for one in run(town.home, "--json", "settings").lines[:-1]}
    assert set(told) == {one.setting for one in LAW.settings}
    assert "registrazione n." in told["sod.payment"]["source"]
    assert told["albo.count_from"]["value"] == "start"
    assert run(town.home, "--json", "pending").lines == [
        {"schema": "pista.cli/1", "kind": "summary", "count": 0}
    ]
    town.enrol("admin-2")
    second = [{"actor": town.actor("admin-2")}]
    town.must("admin", asked("change-administrators/1", add=second, approvals=2))
    [waits] = town.must("admin", adopted("sod.payment", "refusal"))
    [told_of, _] = run(town.home, "--json", "pending").lines
    assert (told_of["event"], told_of["missing"]) == (waits["event"], 1)
    assert "sod.payment = refusal" in run(town.home, "pending").stdout


def settings_of(town: Town, *question: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a setting and the summary of what `pista settings` shows for a question."""
    *rows, summary = run(town.home, "--json", "settings", *question).lines
    [row] = [one for one in rows if one["setting"] == "fact-registered-late.days"]
    return row, summary


def test_settings_are_those_of_the_legal_day_and_of_the_place_that_are_asked(town: Town) -> None:
    before = town.size()
    setting = "fact-registered-late.days"
    [first] = town.must("admin", adopted(setting, "90"))
    [second] = town.must("admin", adopted(setting, "3650", **{"from": "2024-01-01"}))
    now, summary = settings_of(town)
    assert (now["value"], now["from"]) == ("3650", "2024-01-01")
    assert (summary["known_at"], summary["body"], summary["rule_set"]) == (town.size(), None, None)
    assert settings_of(town, "--as-of", "2023-12-31")[0]["value"] == "90"
    known = {
        f"@{before - 1}": now["default"],
        f"@{first['index']}": "90",
        f"@{second['index']}": "3650",
    }
    assert {place: settings_of(town, "--known-at", place)[0]["value"] for place in known} == known
    then = settings_of(town, "--known-at", f"@{first['index']}")[1]
    assert then["known_at"] == first["index"] + 1
    text = run(town.home, "settings", "--as-of", "2024-06-30").stdout
    assert f"al 30/06/2024, con quanto registrato nelle prime {town.size()} posizioni" in text
    assert ["fact-registered-late.days", "3650", "2024-01-01"] in [
        line.split()[:3] for line in text.splitlines()
    ]


def test_diff_tells_the_setting_that_changed_what_is_found(town: Town) -> None:
    """No registration of the CUP comes after the adoption: the change is of the adoption alone."""
    before = town.size()
    assert LATE in town.codes()
    [adoption] = town.must("admin", adopted("fact-registered-late.days", "3650"))
    assert LATE not in town.codes()
    assert LATE in town.codes("--known-at", f"@{before - 1}")
    points = ("--from", f"@{before - 1}", "--to", f"@{town.size() - 1}")
    told = run(town.home, "--json", "diff", CUP, *points).lines
    gone = [one for one in told if one.get("before") and one["before"].get("code") == LATE]
    assert gone
    authors = {(by["type"], by["index"]) for one in gone for by in one["events"]}
    assert authors == {("policy-adopted/1", adoption["index"])}
    assert "policy-adopted" not in run(town.home, "diff", CUP, *points).stderr


def test_tables_that_the_ledger_has_not_adopted_are_told_by_doctor(town: Town) -> None:
    checks = {one["what"]: one for one in run(town.home, "--json", "doctor").lines[:-1]}
    assert checks["tabelle di legge"]["state"] == checks["schemi"]["state"] == "ok"
    with open_ledger(town.home) as opened:
        told = {one.what: one for one in adopted_checks(opened, replace(LAW, rule_set="cd" * 32))}
    assert told["tabelle di legge"].state == "attenzione"
    assert "adopt-rule-set/1" in told["tabelle di legge"].detail
    assert told["schemi"].state == "ok"


def test_who_is_no_administrator_adopts_nothing(town: Town) -> None:
    size = town.size()
    ran = town.record("rup", adopted("sod.payment", "finding"))
    assert (ran.exit_code, "not-administrator" in ran.stderr) == (exits.NOT_ALLOWED, True)
    ran = town.record("admin", adopted("sod.visto", "finding"))
    assert (ran.exit_code, "setting-unknown" in ran.stderr) == (exits.REFUSED, True)
    assert "albo.count_from" in ran.stderr
    assert town.size() == size


def test_an_istruttore_registers_acts_once_the_body_lets_them(town: Town) -> None:
    (town.folder / "a.pdf").write_bytes(b"%PDF-1.7")
    town.enrol("istruttrice", "istruttore")
    refused = town.record("istruttrice", determina("7", "2023-03-01", "istruttore"))
    assert refused.exit_code == exits.NOT_ALLOWED
    town.must("admin", adopted("sod.istruttore-registers", "yes"))
    town.must("istruttrice", determina("7", "2023-03-01", "istruttore"))
    town.must("admin", adopted("sod.istruttore-registers", "no"))
    again = town.record("istruttrice", determina("8", "2023-03-01", "istruttore"))
    assert again.exit_code == exits.NOT_ALLOWED
    verified = town.verified()
    assert verified.exit_code == exits.OK, verified.stdout
    assert "nessun guasto" in run(town.home, "fsck").stdout


def test_a_body_that_merges_uses_its_new_code_for_new_acts(town: Town) -> None:
    (town.folder / "a.pdf").write_bytes(b"%PDF-1.7")
    renaming = asked(
        "rename-body/1", old=BODY, new="c_m999", cause="fusione", effective_on="2024-01-01"
    )
    town.must("rup", determina("7", "2023-12-31"))
    town.must("admin", renaming)
    town.must("rup", determina("8", "2023-12-31"), determina("7", "2024-01-01"))
    for act in (
        f"{BODY}/registro-generale/2023/7",
        f"{BODY}/registro-generale/2023/8",
        "c_m999/registro-generale/2024/7",
    ):
        assert run(town.home, "act", "show", act).exit_code == exits.OK
    verified = town.verified()
    assert verified.exit_code == exits.OK, verified.stdout


def test_facts_in_the_streams_of_the_ledger_are_exported_examined_and_verified(town: Town) -> None:
    (town.folder / "a.pdf").write_bytes(b"%PDF-1.7")
    act = f"{BODY}/registro-generale/2023/7"
    exception = {
        "command": "declare-sod-exception/1",
        "role": "segretario",
        "data": {
            "roles": ["rup", "finanziario"],
            "person": PERSON,
            "cause": "comune fino a 5.000 abitanti",
            "act": act,
            "from": "2023-03-01",
        },
    }
    observed = {
        "command": "observe-source/1",
        "role": "importatore",
        "occurred_on": "2025-04-01",
        "data": {
            "source": "regis",
            "digest": "ab" * 32,
            "observed_at": "2025-04-01T06:00:00Z",
            "rows": 20_947,
            "columns": ["cup"],
            "complete": True,
            "licence": "CC-BY-4.0",
        },
    }
    gone = {
        "command": "observe-absence/1",
        "cup": CUP,
        "role": "importatore",
        "occurred_on": "2025-04-01",
        "data": {
            "source": "regis",
            "digest": "ab" * 32,
            "observed_at": "2025-04-01T06:00:00Z",
            "key": "T0079",
        },
    }
    town.must("rup", determina("7", "2023-03-01"))
    [told] = town.must("segretaria", exception)
    town.must("importatore", observed, gone)
    size = town.size()
    assert town.record("rup", observed | {"role": "rup"}).exit_code == exits.NOT_ALLOWED
    assert town.record("importatore", enter(role="importatore")).exit_code == exits.NOT_ALLOWED
    assert town.size() == size
    verified = town.verified()
    assert verified.exit_code == exits.OK, verified.stdout
    withdrawn = {
        "command": "correct-error/1",
        "role": "segretario",
        "occurred_on": "2025-04-02",
        "corrects": [told["event"]],
        "data": {"cause": "atto sbagliato"},
    }
    town.must("segretaria", withdrawn)
    verified = town.verified()
    assert verified.exit_code == exits.OK, verified.stdout
    assert run(town.home, "fsck").exit_code == exits.OK


def test_tables_schemas_and_anchors_are_recorded_by_an_administrator(town: Town) -> None:
    (town.folder / "ricevuta.eml").write_bytes(b"Ricevuta di avvenuta consegna")
    with open_ledger(town.home) as opened:
        head = {
            "size": opened.journal.size,
            "root": opened.journal.root_at(opened.journal.size).hex(),
        }
    town.must(
        "admin",
        asked("adopt-rule-set/1", digest=LAW.rule_set, changes="come alla fondazione"),
        asked("adopt-schema-set/1", digest=LAW.schema_set, changes="come alla fondazione"),
        {
            **asked("anchor-ledger/1", checkpoint=head, means="pec", doc="ricevuta.eml"),
            "files": {"ricevuta.eml": "ricevuta.eml"},
        },
    )
    false = {**head, "root": "ab" * 32}
    ran = town.record("admin", asked("anchor-ledger/1", checkpoint=false, means="carta"))
    assert (ran.exit_code, "checkpoint-unknown" in ran.stderr) == (exits.REFUSED, True)
    verified = town.verified()
    assert verified.exit_code == exits.OK, verified.stdout
    assert run(town.home, "fsck").exit_code == exits.OK


def test_the_key_of_the_log_and_its_authority_change_and_the_packages_follow(town: Town) -> None:
    home = town.home
    authority = create_ca(home.keys / "ca-new.pem", ORIGIN, now() - enrolment.BACKDATED)
    new_log = new_log_key(home)
    policy = f"log {new_log}\n".encode() + home.policy.read_bytes()
    town.must(
        "admin",
        asked("rotate-log-key/1", log_key=new_log, possession=town.possession("log-new")),
        asked("rotate-ca/1", ca=authority.pem),
        adopted("trust.policy", hashlib.sha256(policy).hexdigest()),
    )
    for name in ("log", "ca"):
        (home.keys / f"{name}-new.pem").replace(home.keys / f"{name}.pem")
    (home.keys / "ca.crt").write_text(authority.pem, encoding="ascii")
    home.policy.write_bytes(policy)
    town.enrol("nuova", "rup")
    town.must("nuova", enter())
    verified = town.verified()
    assert verified.exit_code == exits.OK, verified.stdout
    assert run(home, "fsck").exit_code == exits.OK


def new_log_key(home: Home) -> str:
    """Make another key of the log beside the one in use, and return it as verifiers name it."""
    signer = create_key_file(home.keys / "log-new.pem", alg="EdDSA")
    public = base64.urlsafe_b64decode(signer.jwk()["x"] + "=")
    return Ed25519NoteSigner(ORIGIN, signer.sign, public).vkey
