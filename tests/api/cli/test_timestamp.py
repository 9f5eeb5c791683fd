"""`pista checkpoint timestamp` and `authority`: a stamp asked by hand, and what is said of it."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.api.client.raw_server import answer as http_answer
from tests.api.home_kit import run, size_of
from tests.api.tsa_server import TSAServer
from tests.time_authority import OTHER_POLICY, authority, ec_key

if TYPE_CHECKING:
    from pathlib import Path

    from api.home import Home

TOWN = authority(ec_key(1))


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    """The certificate of the authority, in a file."""
    path = tmp_path / "ca.pem"
    path.write_bytes(TOWN.trust_pem())
    return path


def test_a_stamp_is_asked_of_the_authority_of_the_home(home: Home, ca: Path) -> None:
    with TSAServer(TOWN) as server:
        named = run(home, "checkpoint", "authority", f"{server.url}/tsr", "--ca", str(ca))
        assert named.exit_code == 0, named.stderr
        first = run(home, "--json", "checkpoint", "timestamp")
        second = run(home, "checkpoint", "timestamp")
        assert len(server.requests) == 1
    assert first.exit_code == 0, first.stderr
    item, summary = first.lines
    assert (item["size"], item["trusted"], item["new"]) == (size_of(home), True, True)
    assert (item["reader"], item["qualified"]) == ("rfc3161-client", False)
    assert summary["exit"] == 0
    assert second.exit_code == 0
    assert "già marcato" in second.stdout


def test_openssl_verifies_what_is_kept_in_the_home(home: Home, ca: Path) -> None:
    with TSAServer(TOWN) as server:
        asked = run(
            home,
            "--json",
            "checkpoint",
            "timestamp",
            environment={"PISTA_TSA_URL": server.url, "PISTA_TSA_CA": str(ca)},
        )
    assert asked.exit_code == 0, asked.stderr
    size = asked.lines[0]["size"]
    kept = ["-in", f"{size}.tsr", "-data", f"{size}.log", "-CAfile", str(ca)]
    judged = subprocess.run(
        ["openssl", "ts", "-verify", *kept],
        cwd=home.public_log / "checkpoints",
        capture_output=True,
        check=False,
    )
    assert judged.returncode == 0, judged.stderr


def test_a_stamp_of_an_authority_that_nobody_vouched_for_is_incomplete(home: Home) -> None:
    with TSAServer(TOWN) as server:
        ran = run(home, "checkpoint", "timestamp", environment={"PISTA_TSA_URL": server.url})
    assert ran.exit_code == 3
    assert "autorità non fra quelle riconosciute" in ran.stdout


def test_the_policy_and_the_name_that_the_home_says_are_asked_with(
    home: Home, ca: Path, tmp_path: Path
) -> None:
    password = tmp_path / "password"
    password.write_text("segreta\n")
    with TSAServer(TOWN) as server:
        run(home, "checkpoint", "authority", server.url, "--ca", str(ca), "--policy", OTHER_POLICY,
            "--user", "comune")  # fmt: skip
        environment = {"PISTA_TSA_PASSWORD_FILE": str(password)}
        ran = run(home, "--json", "checkpoint", "timestamp", environment=environment)
        assert ran.exit_code == 0, ran.stderr
        (request,) = server.requests
    assert ran.lines[0]["policy"] == OTHER_POLICY
    assert b"Basic Y29tdW5lOnNlZ3JldGE=" in request
    assert "segreta" not in (home.path / "tsa.json").read_text()


FAILS: dict[str, tuple[dict[str, str], int, str]] = {
    "no authority": ({}, 2, "tsa-not-named"),
    "an address with a name in it": ({"PISTA_TSA_URL": "https://a:b@tsa.example"}, 2, "tsa-url"),
    "another scheme": ({"PISTA_TSA_URL": "ftp://tsa.example"}, 2, "tsa-url-malformed"),
    "nobody there": (
        {"PISTA_TSA_URL": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"},
        11,
        "host-unreachable",
    ),
    "a policy that is none": (
        {"PISTA_TSA_URL": "http://127.0.0.1:9", "PISTA_TSA_POLICY": "aruba"},
        2,
        "tsa-policy-malformed",
    ),
    "no such file of certificates": (
        {"PISTA_TSA_URL": "http://127.0.0.1:9", "PISTA_TSA_CA": "nulla.pem"},
        4,
        "tsa-ca-malformed",
    ),
    "no such file of a password": (
        {"PISTA_TSA_URL": "http://127.0.0.1:9", "PISTA_TSA_PASSWORD_FILE": "nulla"},
        4,
        "password-file-unreadable",
    ),
}


@pytest.mark.parametrize("what", FAILS)
def test_it_says_why_there_is_no_stamp_with(home: Home, what: str) -> None:
    environment, code, told = FAILS[what]
    ran = run(home, "checkpoint", "timestamp", environment=environment)
    assert told in ran.stderr
    assert ran.exit_code == code


@pytest.mark.parametrize(
    ("status", "code", "exit_code"), [(500, "tsa-failed", 11), (403, "tsa-not-allowed", 12)]
)
def test_an_authority_that_does_not_answer_is_told_by_doctor_too(
    home: Home, status: int, code: str, exit_code: int
) -> None:
    def refuse(connection: object, _: bytes) -> None:
        connection.sendall(http_answer(status, b""))  # type: ignore[attr-defined]  # a socket

    with TSAServer(TOWN, serve=refuse) as server:
        environment = {"PISTA_TSA_URL": server.url}
        ran = run(home, "checkpoint", "timestamp", environment=environment)
        doctor = run(home, "--json", "doctor", environment=environment)
    assert (ran.exit_code, code in ran.stderr) == (exit_code, True)
    found = {line["what"]: line for line in doctor.lines if "what" in line}
    assert found["ultima marca chiesta"]["state"] == "attenzione"
    assert code in found["ultima marca chiesta"]["detail"]


def test_an_answer_that_proves_nothing_exits_1(home: Home, ca: Path) -> None:
    with TSAServer(authority(ec_key(5), seed=50)) as server:
        environment = {"PISTA_TSA_URL": server.url, "PISTA_TSA_CA": str(ca)}
        ran = run(home, "checkpoint", "timestamp", environment=environment)
    assert (ran.exit_code, "stamp-authority-unknown" in ran.stderr) == (1, True)


def test_settings_that_cannot_be_read_are_told(home: Home) -> None:
    for text in ("{", "[]", json.dumps({"url": 7}), json.dumps({"url": "https://a", "user": 7})):
        (home.path / "tsa.json").write_text(text)
        ran = run(home, "checkpoint", "timestamp")
        assert (ran.exit_code, "home-damaged" in ran.stderr) == (5, True)


def test_an_authority_with_certificates_that_are_none_is_not_written(
    home: Home, tmp_path: Path
) -> None:
    (tmp_path / "none.pem").write_text("nulla")
    ran = run(
        home, "checkpoint", "authority", "https://tsa.example", "--ca", str(tmp_path / "none.pem")
    )
    assert (ran.exit_code, "tsa-ca-malformed" in ran.stderr) == (4, True)
    assert not (home.path / "tsa.json").exists()


# --------------------------------------------------------------------------------------- doctor


def doctor_says(home: Home, **environment: str) -> tuple[str, str]:
    ran = run(home, "--json", "doctor", environment=environment)
    (found,) = (line for line in ran.lines if line.get("what") == "marca temporale")
    return found["state"], found["detail"]


def test_doctor_says_that_no_authority_is_named(home: Home) -> None:
    state, detail = doctor_says(home)
    assert (state, "senza data certa" in detail) == ("attenzione", True)


def test_doctor_says_what_the_newest_stamp_proves(home: Home, ca: Path) -> None:
    with TSAServer(TOWN) as server:
        environment = {"PISTA_TSA_URL": server.url, "PISTA_TSA_CA": str(ca)}
        assert doctor_says(home, **environment)[0] == "attenzione"
        run(home, "checkpoint", "timestamp", environment=environment)
    state, detail = doctor_says(home, **environment)
    size = size_of(home)
    assert (state, f"su {size} di {size} posizioni" in detail) == ("ok", True)
    state, detail = doctor_says(home)
    assert (state, "autorità non riconosciuta" in detail) == ("attenzione", True)


def test_doctor_says_that_a_stamp_is_damaged(home: Home, ca: Path) -> None:
    with TSAServer(TOWN) as server:
        environment = {"PISTA_TSA_URL": server.url, "PISTA_TSA_CA": str(ca)}
        run(home, "checkpoint", "timestamp", environment=environment)
    (path,) = (home.public_log / "checkpoints").glob("*.tsr")
    path.write_bytes(path.read_bytes()[:-1])
    state, detail = doctor_says(home)
    assert (state, "stamp-unreadable" in detail) == ("non va", True)
