"""A home with a ledger, people and one intervention, and the command line over it.

ran = run(home, "record", str(file), "--key", key(home, "rup"))
ran.exit_code, ran.stdout, ran.stderr, ran.lines          lines: the NDJSON of --json
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from typer.testing import CliRunner

from api.app import open_ledger
from api.cli.main import app
from api.client import enrolment
from api.client.desk import open_scribe, read_signer
from api.client.founding import found
from api.client.requests import write
from api.home import Settings
from ledger.signing.signer import create_key_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from api.home import Home

ORIGIN = "prova.comune.esempio.it/c_e506"
BODY = "c_e506"
CUP, OTHER_CUP = "C81C22001220006", "C81F22004270006"
PEOPLE = {"rup": ("rup", "dirigente"), "ragioneria": ("finanziario",), "ospite": ()}
INTERVENTION = {
    "cup": CUP,
    "title": "Completamento della migrazione in cloud",
    "measure": "M1C1I1.2",
    "body": {"ipa": BODY, "tax_code": "80008510754"},
    "natura": "02",
    "decided_in": 2022,
}
DAY = "2023-02-15"


def make_told_home(home: Home, database: str = "") -> None:
    """Found the ledger, enrol three people, register an intervention and a phase.

    `database` is the URL of a store that is not the home itself.
    """
    home.keys.mkdir(parents=True)
    admin = create_key_file(home.keys / "admin.pem")
    found(home, Settings(ORIGIN, BODY, (), database), [admin], 1)
    with open_ledger(home) as opened:
        keeper = open_scribe(opened, key(home, "admin"))
        for name, roles in PEOPLE.items():
            request = enrolment.request_enrolment(
                create_key_file(home.keys / f"{name}.pem"), ORIGIN
            )
            enrolment.enrol(opened, request, keeper)
            for role in roles:
                enrolment.grant(keeper, request.actor, role, date(2022, 1, 1), "Ufficio")
        rup = open_scribe(opened, key(home, "rup"))
        write(rup, "register-intervention/2", INTERVENTION, role="rup", occurred_on="2022-06-28")
        phase = {"phase": "PROGETTAZIONE"}
        write(rup, "enter-phase/1", phase, cup=CUP, role="rup", occurred_on="2022-10-10")
        opened.runner.catch_up()


def key(home: Home, name: str) -> str:
    """Return the URI of a person's key."""
    return f"file:{home.keys / name}.pem"


def kid(home: Home, name: str) -> str:
    """Return the thumbprint of a person's key."""
    return read_signer(key(home, name)).kid


@dataclass(frozen=True)
class Ran:
    """What a run of the command line left."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Return the NDJSON lines."""
        return [json.loads(line) for line in self.stdout.splitlines()]


def run(
    home: Home,
    *arguments: str,
    stdin: str | bytes | None = None,
    environment: Mapping[str, str] | None = None,
) -> Ran:
    """Run a command over a home; an exception that escapes fails the test."""
    result = CliRunner().invoke(
        app,
        ["--ledger", str(home.path), *arguments],
        input=stdin,
        env=environment,
        catch_exceptions=False,
    )
    return Ran(result.exit_code, result.stdout, result.stderr)


def enter(phase: str = "AFFIDAMENTO", **beside: object) -> dict[str, Any]:
    """Return a request that enters a phase."""
    return {
        "command": "enter-phase/1",
        "cup": CUP,
        "role": "rup",
        "occurred_on": DAY,
        "data": {"phase": phase},
        **beside,
    }


def written(path: Path, *requests: object) -> Path:
    """Write requests one a line; a text is written as it is."""
    lines = [one if isinstance(one, str) else json.dumps(one) for one in requests]
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def size_of(home: Home) -> int:
    """Return the number of leaves."""
    with open_ledger(home) as opened:
        return opened.journal.size
