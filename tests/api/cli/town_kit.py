"""A home whose people and administrators record requests by `pista record`, for tests.

town = Town(home, tmp_path)
town.enrol("segretaria", "segretario")
town.must("admin", adopted("sod.payment", "finding"))
town.verified().exit_code
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from api.app import open_ledger
from api.client import enrolment
from api.client.desk import open_scribe, read_signer
from api.machine import now
from ledger.signing.possession import build_possession
from ledger.signing.signer import create_key_file
from tests.api.home_kit import CUP, ORIGIN, Ran, key, run, written

if TYPE_CHECKING:
    from pathlib import Path

    from api.home import Home


LATE = "fact-registered-late"


@dataclass
class Town:
    """A home whose people record requests; files of requests are numbered."""

    home: Home
    folder: Path
    asked: int = 0

    def record(self, by: str, *requests: object) -> Ran:
        """Record requests with the key of somebody."""
        self.asked += 1
        file = written(self.folder / f"{self.asked}.ndjson", *requests)
        return run(self.home, "--json", "record", str(file), "--key", key(self.home, by))

    def must(self, by: str, *requests: object) -> list[dict[str, Any]]:
        """Record requests that must be accepted, and return what is told of each."""
        ran = self.record(by, *requests)
        assert ran.exit_code == 0, (ran.stdout, ran.stderr)
        return ran.lines[:-1]

    def actor(self, name: str) -> str:
        """Return the actor of a key."""
        with open_ledger(self.home) as opened:
            return open_scribe(opened, key(self.home, name)).identity.actor

    def enrol(self, name: str, *roles: str) -> None:
        """Enrol a new person with roles; the one administrator is enough."""
        with open_ledger(self.home) as opened:
            keeper = open_scribe(opened, key(self.home, "admin"))
            signer = create_key_file(self.home.keys / f"{name}.pem")
            request = enrolment.request_enrolment(signer, ORIGIN)
            enrolment.enrol(opened, request, keeper)
            for role in roles:
                enrolment.grant(keeper, request.actor, role, date(2022, 1, 1), "Ufficio")

    def possession(self, name: str) -> str:
        """Return the proof that the administrator has a key."""
        signer = read_signer(key(self.home, name))
        made_at = int(now().timestamp())
        return build_possession(
            signer, self.actor("admin"), ORIGIN, secrets.token_bytes(16), made_at
        )

    def size(self) -> int:
        """Return the number of leaves."""
        with open_ledger(self.home) as opened:
            return opened.journal.size

    def codes(self, *options: str) -> set[str]:
        """Return the codes of the findings of the intervention."""
        ran = run(self.home, "replay", CUP, "--json", *options)
        return {one["code"] for one in json.loads(ran.stdout).get("findings", [])}

    def verified(self, *options: str) -> Ran:
        """Export the intervention and return what its verification says."""
        exported = run(self.home, "--json", "export", CUP, "--key", key(self.home, "rup"), *options)
        assert exported.exit_code == 0, exported.stderr
        return run(self.home, "verify", exported.lines[0]["path"], "--trust", str(self.home.policy))


def asked(command: str, **data: Any) -> dict[str, Any]:  # noqa: ANN401  data by name
    """Return a request of an administrator."""
    return {"command": command, "data": data}


def adopted(setting: str, value: str, **more: str) -> dict[str, Any]:
    """Return the adoption of a setting."""
    return asked("adopt-policy/1", setting=setting, value=value, cause="delibera 12/2026", **more)
