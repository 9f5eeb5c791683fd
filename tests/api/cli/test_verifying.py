"""`pista verify --log`, `--checkpoint` in every form, and `pista compare`, over a log that was published."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from api.cli.exits import FAILED, INCOMPLETE, OK, UNREADABLE, USAGE
from tests.api.home_kit import CUP, enter, key, run, size_of, written

if TYPE_CHECKING:
    from api.home import Home
    from tests.api.home_kit import Ran


class Audit:
    """A home whose log is published, and a package of its CUP."""

    def __init__(self, home: Home) -> None:
        """Export with a receipt, then publish."""
        self.home = home
        self.log = str(home.public_log)
        ran = run(home, "--json", "export", CUP, "--key", key(home, "rup"))
        self.package = Path(ran.lines[0]["path"])
        self.publish()

    def publish(self) -> None:
        """Publish the newest head."""
        assert run(self.home, "checkpoint", "publish").exit_code == OK

    def record(self) -> None:
        """Record one more event, and publish."""
        file = written(self.home.path / "more.ndjson", enter())
        assert run(self.home, "record", str(file), "--key", key(self.home, "rup")).exit_code == OK
        self.publish()

    def verify(self, *more: str) -> Ran:
        """Verify the package with the trust file."""
        return run(self.home, "verify", str(self.package), "--trust", str(self.home.policy), *more)

    def compare(self, *options: str) -> Ran:
        """Compare the package with the log."""
        words = [str(self.package), self.log, "--trust", str(self.home.policy)]
        return run(self.home, *options, "compare", *words)


@pytest.fixture
def audit(home: Home) -> Audit:
    return Audit(home)


def test_a_package_is_scanned_against_the_published_log(audit: Audit) -> None:
    assert "non scansionato" in audit.verify().stdout
    assert audit.verify("--scan").exit_code == INCOMPLETE
    audit.record()
    ran = audit.verify("--scan", "--log", audit.log)
    assert ran.exit_code == OK, ran.stdout
    assert "13 ok           Scansione del registro" in ran.stdout


def test_an_export_with_every_leaf_is_scanned_offline(audit: Audit, tmp_path: Path) -> None:
    ran = run(audit.home, "--json", "export", CUP, "--scan", "--no-record", "--to", str(tmp_path))
    audit.package = Path(ran.lines[0]["path"])
    judged = audit.verify("--scan")
    assert judged.exit_code == OK, judged.stdout
    assert "rilette dal pacchetto" in judged.stdout


def test_a_checkpoint_is_taken_in_every_form_it_is_kept_in(audit: Audit, tmp_path: Path) -> None:
    audit.record()
    note = tmp_path / "kept"
    note.write_text(run(audit.home, "checkpoint", "show").stdout)
    receipt = audit.package.with_name(audit.package.name + ".receipt")
    proof = tmp_path / "kept.tlog-proof"
    proof.write_text(json.loads(receipt.read_bytes())["proof"])
    for kept in (note, receipt, proof, audit.package):
        ran = audit.verify("--checkpoint", str(kept), "--log", audit.log)
        assert ran.exit_code == OK, ran.stdout
        assert "14 ok           Punto di controllo conservato: coerente con" in ran.stdout
    assert audit.verify("--checkpoint", str(note)).exit_code == INCOMPLETE
    assert audit.verify("--checkpoint", str(tmp_path / "none")).exit_code == USAGE
    assert audit.verify("--checkpoint", str(audit.home.policy)).exit_code == UNREADABLE


def test_what_came_after_a_package_is_listed(audit: Audit) -> None:
    audit.record()
    index = size_of(audit.home) - 2
    ran = audit.compare()
    assert ran.exit_code == OK, ran.stdout
    assert f"dopo: registrazione {index}," in ran.stdout
    lines = audit.compare("--json").lines
    assert index in [line["index"] for line in lines[:-1]]
    assert (lines[-1]["count"], lines[-1]["exit"]) == (len(lines) - 1, OK)
    assert [step["outcome"] for step in lines[-1]["steps"] if step["number"] in {13, 14}] == [
        "passed",
        "passed",
    ]


def test_a_log_that_lost_what_the_package_rests_on_is_told(audit: Audit) -> None:
    bundle = next(iter((audit.home.public_log / "tile/entries").rglob("*[0-9]")))
    data = bundle.read_bytes()
    bundle.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert audit.verify("--log", audit.log).exit_code == FAILED
    assert audit.compare().exit_code == FAILED


def test_a_comparison_needs_trust_and_a_place(audit: Audit) -> None:
    package = str(audit.package)
    assert run(audit.home, "compare", package, audit.log).exit_code == USAGE
    trust = str(audit.home.policy)
    assert run(audit.home, "compare", package, "--trust", trust).exit_code == USAGE
    audit.home.policy.write_text(audit.home.policy.read_text().replace("\n", f" {audit.log}\n", 1))
    assert run(audit.home, "compare", package, "--trust", trust).exit_code == OK
