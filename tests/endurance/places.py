"""A real ledger for one proof, in a folder and perhaps a database, and what the proofs need of it.

    place = found_place(tmp_path, database="")       by `pista init` and `pista key enrol`
    file = write_requests(place.requests, 5000, seed)

keys/ in the folder of requests are the keys of the home, so that a request names file:keys/rup.pem.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from api.app import open_reading
from api.home import Home
from tests.api.home_kit import run

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parent.parent.parent
ORIGIN = "prova.comune.esempio.it/c_e506"
BODY = "c_e506"
PEOPLE = {"rup": ("rup", "dirigente"), "ragioneria": ("finanziario",)}


@dataclass(frozen=True)
class Place:
    """Where a ledger is; `environment` is what its programs are told beside."""

    folder: Path
    home: Home
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def requests(self) -> Path:
        """The folder of the requests."""
        return self.folder / "requests"

    def size(self) -> int:
        """Return the number of leaves."""
        with open_reading(self.home) as reading:
            return reading.journal.size


def found_place(folder: Path, database: str = "") -> Place:
    """Found a ledger and enrol its people with the commands that everyone uses."""
    place = Place(folder, Home(folder / "home"))
    place.requests.mkdir()
    init = ("init", "--ente", BODY, "--origin", ORIGIN)
    _done(place, *init, *(("--database", database) if database else ()))
    for name, roles in PEOPLE.items():
        enrol(place, name, roles)
    (place.requests / "keys").symlink_to(place.home.keys)
    return place


def enrol(place: Place, name: str, roles: tuple[str, ...]) -> None:
    """Make a key, enrol it, and grant it roles."""
    keys = place.home.keys
    granted = [part for role in roles for part in ("--role", role)]
    by = f"file:{keys / 'admin-1.pem'}"
    _done(place, "key", "enrol", "--key", str(keys / f"{name}.pem"), "--by", by, *granted)


def environment_of(place: Place) -> dict[str, str]:
    """Return the environment of a program over the place; nothing of ours reaches it unasked."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PISTA_")}
    return {**own, **place.environment}


def _done(place: Place, *arguments: str) -> None:
    ran = run(place.home, *arguments)
    assert ran.exit_code == 0, ran.stderr
