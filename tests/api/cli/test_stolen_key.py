"""DOMAIN 14, stolen-key: what a key signed in other hands is contested, and reaffirmed one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.app import open_ledger
from api.cli import exits
from api.client import enrolment
from api.client.desk import open_scribe
from ledger.signing.signer import create_key_file
from tests.api.cli.town_kit import Town, asked
from tests.api.home_kit import CUP, ORIGIN, enter, key, kid, run

if TYPE_CHECKING:
    from pathlib import Path

    from api.home import Home


def with_fresh_key(town: Town, actor: str) -> None:
    """Enrol another key of the same actor, as `rup-2`."""
    with open_ledger(town.home) as opened:
        keeper = open_scribe(opened, key(town.home, "admin"))
        signer = create_key_file(town.home.keys / "rup-2.pem")
        request = enrolment.request_enrolment(signer, ORIGIN, actor)
        enrolment.enrol(opened, request, keeper)


def contested(town: Town) -> str:
    """Return what the verification of a package says of contested registrations."""
    exported = run(town.home, "--json", "export", CUP, "--key", key(town.home, "ragioneria")).lines[
        0
    ]
    verified = run(town.home, "verify", exported["path"], "--trust", str(town.home.policy))
    assert verified.exit_code == exits.OK, verified.stdout
    return next((line for line in verified.stdout.splitlines() if "contestate" in line), "")


def test_what_a_stolen_key_signed_is_contested_until_its_holder_reaffirms_it(
    home: Home, tmp_path: Path
) -> None:
    """La chiave del RUP è rubata: è revocata da quando si sa; ciò che ha firmato è contestato.

    Con una chiave nuova il RUP conferma una per una le registrazioni che sono sue; le altre restano
    contestate, e chi verifica il pacchetto lo legge.
    """
    town = Town(home, tmp_path)
    actor, since = town.actor("rup"), town.size()
    [mine] = town.must("rup", enter("AFFIDAMENTO"))
    [other] = town.must("rup", enter("ESECUZIONE", occurred_on="2023-03-01"))
    assert contested(town) == ""
    stolen = ("key", "revoke", kid(home, "rup"), "--reason", "smarrita", "--by")
    assert run(home, *stolen, key(home, "admin"), "--since", str(since)).exit_code == 0
    assert town.record("rup", enter("COLLAUDO")).exit_code == exits.NOT_ALLOWED
    told = contested(town)
    assert all(str(one["index"]) in told for one in (mine, other))
    with_fresh_key(town, actor)
    town.must("rup-2", asked("reaffirm-events/1", actor=actor, events=[mine["event"]]))
    told = contested(town)
    assert (str(mine["index"]) in told, str(other["index"]) in told) == (False, True)
    town.must("rup-2", asked("reaffirm-events/1", actor=actor, events=[other["event"]]))
    assert contested(town) == ""
    assert run(home, "fsck").exit_code == exits.OK
