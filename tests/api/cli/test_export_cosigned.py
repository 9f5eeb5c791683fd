"""Packages under a policy that asks for witnesses: exported with their signatures, verified with them."""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from api.cli.exits import INCOMPLETE, OK, REFUSED
from exporters.verification.receipt import parse_receipt
from ledger.journal.policy import parse_policy
from ledger.transparency.asking import Reply
from tests.api.home_kit import CUP, enter, key, run, size_of, written
from tests.api.witness_servers import DIRECT, policy_of, witnesses_of
from tests.ledger.transparency.asked_kit import Answering

if TYPE_CHECKING:
    from pathlib import Path

    from api.home import Home

AWAY = Answering(lambda _: Reply(503, b""))


@dataclass(frozen=True)
class Exported:
    """A run of the export, and where its package is."""

    exit_code: int
    stderr: str
    item: dict[str, Any]

    @property
    def path(self) -> str:
        """Return the package."""
        return str(self.item["path"])


def export(home: Home, *options: str) -> Exported:
    """Export the CUP, recorded."""
    ran = run(
        home, "--json", "export", CUP, "--key", key(home, "rup"), *options, environment=DIRECT
    )
    return Exported(ran.exit_code, ran.stderr, ran.lines[0])


def verified(home: Home, package: str, *options: str) -> tuple[int, dict[str, Any]]:
    """Verify a package under the policy of the home; return exit and report."""
    ran = run(home, "--json", "verify", package, "--trust", str(home.policy), *options)
    return ran.exit_code, json.loads(ran.stdout)


def record_more(home: Home) -> int:
    """Record one event; return the size."""
    file = written(home.path / "more.ndjson", enter())
    assert run(home, "record", str(file), "--key", key(home, "rup")).exit_code == OK
    return size_of(home)


def test_a_package_and_the_receipt_of_its_export_bear_the_witnesses(home: Home) -> None:
    with witnesses_of(home, 1, 2):
        exported = export(home)
    assert (exported.exit_code, exported.item["quorum"]) == (OK, True)
    code, report = verified(home, exported.path, "--max-age", "1")
    assert code == OK, report
    shown = json.dumps(report)
    assert "testimoni: w1.example, w2.example" in shown
    receipt = (home.packages / f"{exported.path.rsplit('/', 1)[1]}.receipt").read_bytes()
    note = parse_receipt(receipt).proof.checkpoint
    head = parse_policy(home.policy.read_bytes()).verify_checkpoint(note)
    assert head.checkpoint.size == size_of(home)
    assert [one.name for one in head.cosigners] == ["w1.example", "w2.example"]


def test_a_package_without_its_quorum_is_made_and_told(home: Home) -> None:
    with witnesses_of(home, 1, 2) as desk:
        desk.witnesses[2] = AWAY
        exported = export(home)
        assert (exported.exit_code, exported.item["quorum"]) == (INCOMPLETE, False)
        assert "W2 ha risposto 503" in exported.stderr
        shown = run(home, "export", CUP, "--no-record", environment=DIRECT)
        assert shown.exit_code == INCOMPLETE
        assert "con la sola firma del registro" in shown.stderr
    code, report = verified(home, exported.path)
    assert code == INCOMPLETE
    assert "quorum" in json.dumps(report)


def test_an_earlier_head_is_exported_with_the_signatures_it_was_published_with(home: Home) -> None:
    with witnesses_of(home, 1, 2) as desk:
        first = export(home)
        size = first.item["size"]
        record_more(home)
        desk.witnesses = {1: AWAY, 2: AWAY}
        again = export(home, "--at", str(size))
        assert (again.exit_code, again.item["quorum"], again.item["size"]) == (OK, True, size)
        assert verified(home, again.path)[0] == INCOMPLETE  # the receipt of the export waits
        never = size_of(home)
        lacking = export(home, "--at", str(never))
        assert (lacking.exit_code, lacking.item["quorum"]) == (INCOMPLETE, False)
        # A head that was never published is signed by the log alone, for ever.
        desk.witnesses = {}
    assert first.item["sha256"] == again.item["sha256"]


def test_an_earlier_head_is_exported_with_the_policy_that_was_in_force_there(home: Home) -> None:
    founding = home.policy.read_bytes()
    never = size_of(home)
    with witnesses_of(home, 1, 2) as desk:
        size = export(home).item["size"]
        first = desk.policy
    with witnesses_of(home, 2):
        exported = export(home, "--at", str(size))
        before = export(home, "--at", str(never))
    shown = {policy_in(one.path): one for one in (exported, before)}
    assert shown.keys() == {first, founding}
    # Of two witnesses then, one is trusted now: it is enough, and the other is explained.
    code, report = verified(home, exported.path, "--max-age", "1")
    assert code == OK, report
    assert "testimoni: w2.example" in json.dumps(report)
    # Before there were witnesses, the log alone signed.
    assert before.exit_code == INCOMPLETE
    assert verified(home, before.path)[0] == INCOMPLETE


def policy_in(package: str) -> bytes:
    """Return the copy of the policy in a package."""
    with zipfile.ZipFile(package) as found:
        (name,) = (one for one in found.namelist() if one.endswith("log/policy.txt"))
        return found.read(name)


def test_a_policy_that_is_no_longer_kept_is_asked_for(home: Home) -> None:
    size = size_of(home)
    with witnesses_of(home, 1) as desk:
        (old,) = (
            path for path in (home.path / "policies").iterdir() if path.read_bytes() != desk.policy
        )
        for spoil in (lambda: old.write_bytes(b"quorum none\n"), old.unlink):
            spoil()
            ran = run(home, "export", CUP, "--at", str(size), environment=DIRECT)
            assert ran.stderr.startswith("policy-not-kept")
            assert str(old) in ran.stderr
        assert export(home).exit_code == OK


def test_a_verifier_that_trusts_other_witnesses_says_so(home: Home, tmp_path: Path) -> None:
    with witnesses_of(home, 1, 2):
        exported = export(home)
    other = tmp_path / "trust.txt"
    other.write_bytes(policy_of(home, {1: "", 3: ""}))
    ran = run(home, "verify", exported.path, "--trust", str(other))
    assert ran.exit_code == INCOMPLETE
    assert "quorum mancante" in ran.stdout


def test_nothing_is_exported_under_a_policy_that_is_not_in_force(home: Home) -> None:
    home.policy.write_bytes(policy_of(home, {1: "http://127.0.0.1:1"}))
    ran = run(home, "export", CUP)
    assert (ran.exit_code, ran.stderr.split(":")[0]) == (REFUSED, "policy-not-in-force")
    assert list(home.packages.glob("*.zip")) == []


def test_a_public_folder_that_cannot_be_written_does_not_stop_an_export(home: Home) -> None:
    with witnesses_of(home, 1):
        home.public_log.write_bytes(b"a file in the place of a folder")
        exported = export(home)
    assert exported.exit_code == INCOMPLETE
    assert "non pubblicato" in exported.stderr


@pytest.mark.parametrize("line", [b"w1.example", b"w2.example"])
def test_a_package_from_which_a_signature_was_cut_is_not_what_was_sealed(
    home: Home, tmp_path: Path, line: bytes
) -> None:
    with witnesses_of(home, 1, 2):
        exported = export(home, "--no-record")
    folder = tmp_path / "open"

    shutil.unpack_archive(exported.path, folder)
    (note,) = folder.rglob("log/checkpoint")
    lines = note.read_bytes().split(b"\n")
    note.write_bytes(b"\n".join(one for one in lines if line not in one))
    code, _ = verified(home, str(folder))
    assert code == 1
