"""What one administrator proposes changes nothing, in the export and in its verification."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from exporters.package import write_folder
from ledger.journal.checkpoint import Checkpoint, sign_checkpoint
from ledger.journal.note import Ed25519NoteSigner
from ledger.records import load_law
from ledger.signing.algorithms import ed25519_public, sign_ed25519
from ledger.signing.certificates import build_ca
from ledger.signing.possession import build_possession
from ledger.signing.signer import key_signer
from tests.exporters.ledger_fixture import Built, build
from tests.exporters.ledger_writer import ADMINISTRATOR, ORIGIN, START, octets, p256
from tests.exporters.verification.attacker import Forgery, codes

if TYPE_CHECKING:
    from pathlib import Path

SEED = octets("another log key")
LOG_KEY = ed25519.Ed25519PrivateKey.from_private_bytes(SEED)
OTHER_LOG = Ed25519NoteSigner(ORIGIN, lambda m: sign_ed25519(SEED, m), ed25519_public(SEED))


@pytest.fixture
def fresh(tmp_path: Path) -> Built:
    """Return a ledger of its own, whose server lets everything pass."""
    return build(tmp_path)


def proposed(built: Built, type_: str, data: dict[str, str], *, approve: bool) -> None:
    """Record an event of the ledger by one administrator, or by both."""
    receipt = built.ledger.record(ADMINISTRATOR, type_, ["sys/log"], data)
    if approve:
        built.ledger.approved(receipt)


def exported(built: Built, folder: Path) -> Forgery:
    """Return a package of the ledger as it is now."""
    package = write_folder(built.evidence, [built.cup], folder, law=load_law())
    return Forgery(package.path, folder / "forged")


@pytest.mark.parametrize("approve", [False, True], ids=["proposed", "approved"])
def test_the_certificate_of_the_ca_is_the_one_in_force(
    fresh: Built,
    tmp_path: Path,
    approve: bool,  # noqa: FBT001  a column of the table
) -> None:
    old, new = fresh.ledger.certificates.pem, build_ca(p256("ca 2"), ORIGIN, START, 2).pem
    proposed(fresh, "ca-rotated/1", {"ca": new}, approve=approve)
    forged = exported(fresh, tmp_path)
    assert forged.path("keys/ca.crt").read_text(encoding="ascii") == (new if approve else old)
    report = forged.verify(fresh.policy)
    assert (report.failures, report.exit) == ((), 0)


def named_policy(data: bytes) -> dict[str, str]:
    """Return the data by which administrators name a file of trust."""
    digest = hashlib.sha256(data).hexdigest()
    return {"setting": "trust.policy", "value": digest, "cause": "nuova chiave del registro"}


def test_a_proposed_policy_does_not_let_another_copy_pass(fresh: Built, tmp_path: Path) -> None:
    other = fresh.policy + b"# altro\n"
    proposed(fresh, "policy-adopted/1", named_policy(other), approve=False)
    forged = exported(fresh, tmp_path)
    assert forged.verify(fresh.policy).step(1).outcome == "passed"
    forged.path("log/policy.txt").write_bytes(other)
    forged.seal()
    assert codes(forged.verify(fresh.policy), 1) == {"policy-differs"}


def test_the_copy_of_the_policy_is_the_one_that_was_adopted_last(
    fresh: Built, tmp_path: Path
) -> None:
    other = fresh.policy + b"# altro\n"
    proposed(fresh, "policy-adopted/1", named_policy(other), approve=True)
    forged = exported(fresh, tmp_path)
    assert codes(forged.verify(fresh.policy), 1) == {"policy-differs"}
    forged.path("log/policy.txt").write_bytes(other)
    forged.seal()
    assert forged.verify(fresh.policy).failures == ()


def test_another_setting_leaves_the_policy_of_the_founding_in_force(
    fresh: Built, tmp_path: Path
) -> None:
    data = {"setting": "sod.payment", "value": "finding", "cause": "delibera"}
    proposed(fresh, "policy-adopted/1", data, approve=True)
    report = exported(fresh, tmp_path).verify(fresh.policy)
    assert (report.failures, report.exit) == ((), 0)


@pytest.mark.parametrize(
    "data",
    [
        {"setting": "tuel-124-1", "value": "1", "cause": "x"},
        {"setting": "sod.payment", "value": "forse", "cause": "x"},
        {"setting": "sod.payment"},
    ],
    ids=["a rule that is no setting", "a value that is not allowed", "without its value"],
)
def test_what_this_version_does_not_admit_is_not_applied_and_is_told(
    fresh: Built, tmp_path: Path, data: dict[str, str]
) -> None:
    proposed(fresh, "policy-adopted/1", data, approve=True)
    report = exported(fresh, tmp_path).verify(fresh.policy)
    assert (report.failures, report.exit) == ((), 3)
    assert "policy-adopted/1" in report.step(12).detail


def test_a_proposed_log_key_signs_nothing(fresh: Built, tmp_path: Path) -> None:
    proof = build_possession(key_signer(LOG_KEY), ADMINISTRATOR, ORIGIN, octets("n", 16), 0)
    data = {"log_key": OTHER_LOG.vkey, "possession": proof}
    proposed(fresh, "log-key-rotated/1", data, approve=False)
    forged = exported(fresh, tmp_path)
    size = fresh.evidence.last_head()
    head = Checkpoint(ORIGIN, size, fresh.evidence.journal.root_at(size))
    forged.sign_again(sign_checkpoint(head, OTHER_LOG))
    report = forged.verify(f"log {OTHER_LOG.vkey}\nquorum none\n".encode())
    assert {(f.step, f.code) for f in report.failures} == {(2, "log-key-differs")}


def test_a_log_that_took_a_new_key_may_still_show_the_old_one(fresh: Built, tmp_path: Path) -> None:
    proof = build_possession(key_signer(LOG_KEY), ADMINISTRATOR, ORIGIN, octets("n", 16), 0)
    data = {"log_key": OTHER_LOG.vkey, "possession": proof}
    proposed(fresh, "log-key-rotated/1", data, approve=True)
    report = exported(fresh, tmp_path).verify(fresh.policy)
    assert report.failures == ()
    assert "che non è l'ultima" in report.step(2).detail
