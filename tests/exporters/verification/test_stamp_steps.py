"""Step 3: the time stamps of a package, those that prove, those that prove nothing, those that lie."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from exporters.stamps import first_covering
from exporters.verification.verify import verify_package
from ledger.journal.checkpoint import Checkpoint, sign_checkpoint
from ledger.journal.proofs import format_consistency
from ledger.signing.timestamp_token import kept_form
from tests.exporters.ledger_fixture import CUP
from tests.exporters.stamp_kit import (
    OTHER,
    TOWN,
    TRUST,
    head_time,
    stamped,
    token,
    trust_in,
    write,
)
from tests.exporters.verification.attacker import Forgery, codes, places
from tests.exporters.verification.test_changed_bytes import changed, named, offsets
from tests.time_authority import Authority, Unit, answer, authority, ec_key, recipe, rsa_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.exporters.ledger_fixture import Built

SIZES = (30, 46, 64)


@pytest.fixture(scope="module")
def package(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a package with three stamps: two earlier heads and its own."""
    return write(stamped(built, *SIZES), tmp_path_factory.mktemp("stamped"), CUP)


def log_files(package: Path) -> set[str]:
    (folder,) = package.glob("data/*/representations/rep1/data/log")
    return {path.name for path in folder.iterdir()}


def test_a_package_holds_the_first_stamp_that_covers_each_registration(package: Path) -> None:
    assert log_files(package) == {
        "checkpoint",
        "checkpoint.log",
        "checkpoint.log.tsr",
        "checkpoint.30.log",
        "checkpoint.30.tsr",
        "checkpoint.46.log",
        "checkpoint.46.tsr",
        "consistency",
        "policy.txt",
    }


def test_stamps_are_verified_against_the_authorities_of_the_reader(
    package: Path, built: Built
) -> None:
    report = verify_package(package, policy=built.policy, tsa=TRUST)
    assert (report.failures, report.exit) == ((), 0)
    step = report.step(3)
    assert step.outcome == "passed"
    assert "3 marche temporali dal 0" in step.detail
    assert "Unità di marcatura 1" in step.detail
    assert "rfc3161-client" in step.detail or "asn1crypto" in step.detail


def test_without_authorities_the_stamps_are_there_and_prove_nothing(
    package: Path, built: Built
) -> None:
    report = verify_package(package, policy=built.policy)
    assert (report.failures, report.exit) == ((), 3)
    assert report.step(3).outcome == "incomplete"
    assert "time stamp present, authority not trusted" in report.step(3).detail
    assert "--tsa-ca" in report.step(3).detail


def test_stamps_of_an_authority_that_the_reader_does_not_know_prove_nothing(
    package: Path, built: Built
) -> None:
    report = verify_package(package, policy=built.policy, tsa=trust_in(OTHER))
    assert (report.failures, report.exit) == ((), 3)
    assert "non fra quelle riconosciute" in report.step(3).detail


def test_a_package_without_stamps_says_so_and_is_incomplete_for_who_asks_for_them(
    built: Built, tmp_path: Path
) -> None:
    plain = write(built.evidence, tmp_path, CUP)
    assert not [name for name in log_files(plain) if name.endswith(".tsr")]
    report = verify_package(plain, policy=built.policy)
    assert (report.exit, report.step(3).outcome) == (0, "not-applicable")
    assert "senza marca temporale (not time-stamped)" in report.step(3).detail
    asked = verify_package(plain, policy=built.policy, tsa=TRUST)
    assert (asked.exit, asked.step(3).outcome) == (3, "incomplete")


def test_what_no_stamp_covers_is_told(built: Built, tmp_path: Path) -> None:
    package = write(stamped(built, 30), tmp_path, CUP)
    report = verify_package(package, policy=built.policy, tsa=TRUST)
    assert report.exit == 0
    assert "registrazioni dopo l'ultima marca (a 30 foglie)" in report.step(3).detail


def test_a_stamp_that_proves_nothing_is_not_exported_and_the_next_one_is(
    built: Built, tmp_path: Path
) -> None:
    evidence = stamped(built, 30, 46, 64)
    broken = replace(evidence, stamps={**evidence.stamps, 30: b""})
    package = write(broken, tmp_path, CUP)
    assert "checkpoint.30.tsr" not in log_files(package)
    assert verify_package(package, policy=built.policy, tsa=TRUST).exit == 0


def test_the_same_stamps_give_the_same_bytes(built: Built, tmp_path: Path) -> None:
    evidence = stamped(built, 30, 64)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, second = write(evidence, tmp_path / "a", CUP), write(evidence, tmp_path / "b", CUP)
    name = "tagmanifest-sha256.txt"
    assert (first / name).read_bytes() == (second / name).read_bytes()


def test_an_earlier_head_is_exported_with_its_own_stamp(built: Built, tmp_path: Path) -> None:
    package = write(stamped(built, 30, 46, 64), tmp_path, CUP, size=46)
    assert {"checkpoint.log.tsr", "checkpoint.30.tsr"} <= log_files(package)
    assert "checkpoint.64.tsr" not in log_files(package)
    assert verify_package(package, policy=built.policy, tsa=TRUST).exit == 0


@pytest.mark.parametrize("by", [authority(rsa_key()), authority(ec_key(2, "secp384r1"))])
def test_stamps_by_other_keys_are_verified(built: Built, tmp_path: Path, by: Authority) -> None:
    package = write(stamped(built, 64, by=by), tmp_path, CUP)
    report = verify_package(package, policy=built.policy, tsa=trust_in(by))
    assert (report.failures, report.exit) == ((), 0)


COVERING: tuple[tuple[tuple[int, ...], list[int], set[int]], ...] = (
    ((), [5], set()),
    ((0, 1), [], set()),
    ((0,), [5, 9], {5}),
    ((4,), [5, 9], {5}),
    ((5,), [5, 9], {9}),
    ((9,), [5, 9], set()),
    ((0, 1, 6, 7), [5, 9, 12], {5, 9}),
)


@pytest.mark.parametrize(("indexes", "sizes", "expected"), COVERING)
def test_the_first_stamp_above_an_index_covers_it(
    indexes: tuple[int, ...], sizes: list[int], expected: set[int]
) -> None:
    assert first_covering(indexes, sizes) == expected


# ---------------------------------------------------------------------------- tokens that lie


def put(name: str, data: bytes) -> Callable[[Forgery, Built], None]:
    return lambda forged, _: void(forged.path(f"log/{name}").write_bytes(data))


def void(_: object) -> None:
    """Take what a call gives, and give nothing."""


def flip(forged: Forgery, _: Built) -> None:
    path = forged.path("log/checkpoint.46.tsr")
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)


def other_head(forged: Forgery, built: Built) -> None:
    put("checkpoint.46.tsr", token(built.evidence, 30))(forged, built)


def expired(forged: Forgery, built: Built) -> None:
    old = authority(ec_key(1), Unit(end=head_time(built.evidence, 30)))
    put("checkpoint.46.tsr", token(built.evidence, 46, old))(forged, built)


def unfit(forged: Forgery, built: Built) -> None:
    bad = authority(ec_key(1), Unit(is_critical=False))
    put("checkpoint.46.tsr", token(built.evidence, 46, bad))(forged, built)


def forked(forged: Forgery, built: Built) -> None:
    """Put a note of the log's own key over another tree, with a token over it."""
    note = sign_checkpoint(Checkpoint(built.origin, 46, b"\x01" * 32), built.evidence.note_signer)
    forged.path("log/checkpoint.46.log").write_bytes(note)
    at = head_time(built.evidence, 46).replace(microsecond=0)
    made = answer(TOWN, note, recipe(at=at, certificates=(TOWN.certificate,)))
    forged.path("log/checkpoint.46.tsr").write_bytes(kept_form(made))


def renamed(forged: Forgery, _: Built) -> None:
    for suffix in ("log", "tsr"):
        path = forged.path(f"log/checkpoint.46.{suffix}")
        path.rename(path.with_name(f"checkpoint.44.{suffix}"))
    path = forged.path("log/consistency/46.proof")
    forged.path("log/consistency/44.proof").write_bytes(path.read_bytes())


def unsigned(forged: Forgery, _: Built) -> None:
    path = forged.path("log/checkpoint.46.log")
    lines = path.read_text(encoding="utf-8").split("\n")
    other = forged.path("log/checkpoint.30.log").read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join([*lines[:4], other[4], ""]), encoding="utf-8")


def without(name: str) -> Callable[[Forgery, Built], None]:
    return lambda forged, _: forged.path(f"log/{name}").unlink()


def beyond(forged: Forgery, built: Built) -> None:
    for suffix in ("log", "tsr"):
        data = forged.path(f"log/checkpoint.46.{suffix}").read_bytes()
        put(f"checkpoint.99.{suffix}", data)(forged, built)


LIES: dict[str, tuple[Callable[[Forgery, Built], None], int, str, int | None]] = {
    "a flipped bit": (flip, 3, "stamp-signature-invalid", 45),
    "no token": (put("checkpoint.46.tsr", b""), 3, "stamp-unreadable", 45),
    "a web page": (put("checkpoint.log.tsr", b"<html>"), 3, "stamp-unreadable", 63),
    "a token over another head": (other_head, 3, "stamp-imprint-differs", 45),
    "a certificate that had expired": (expired, 3, "stamp-certificate-expired", 45),
    "a certificate for something else": (unfit, 3, "stamp-certificate-unfit", 45),
    "a head of another tree, signed by the log": (forked, 3, "log-forked", 45),
    "a head under another size": (renamed, 3, "stamped-note-differs", 43),
    "a note that the log did not sign": (unsigned, 3, "signature-invalid", 45),
    "a token without its note": (without("checkpoint.46.log"), 3, "member-missing", 45),
    "a note without its token": (without("checkpoint.46.tsr"), 15, "file-unexpected", None),
    "a head beyond that of the package": (beyond, 3, "stamped-note-differs", 98),
}


@pytest.mark.parametrize("what", LIES)
def test_a_wrong_stamp_contradicts(package: Path, built: Built, tmp_path: Path, what: str) -> None:
    spoil, step, code, index = LIES[what]
    forged = Forgery(package, tmp_path)
    spoil(forged, built)
    forged.seal()
    report = forged.verify(built.policy, tsa=TRUST)
    assert report.exit == 1
    assert code in codes(report, step)
    assert index in {failure.index for failure in report.failures if failure.code == code}


def test_a_stamp_that_covers_nothing_first_is_not_expected(built: Built, tmp_path: Path) -> None:
    """Leaves 28 and 30 are of other interventions, so a head of 32 adds nothing to one of 28."""
    forged = Forgery(write(stamped(built, 28, 64), tmp_path, CUP), tmp_path / "forged")
    put("checkpoint.32.log", built.evidence.checkpoint(32))(forged, built)
    put("checkpoint.32.tsr", token(built.evidence, 32))(forged, built)
    proof = format_consistency(built.evidence.consistency(32, 64))
    forged.path("log/consistency/32.proof").write_bytes(proof)
    forged.seal()
    assert "file-unexpected" in codes(forged.verify(built.policy, tsa=TRUST), 15)


@pytest.mark.parametrize("name", ["checkpoint.46.log", "checkpoint.46.tsr", "checkpoint.log.tsr"])
def test_no_byte_of_a_stamp_can_change_even_when_the_manifests_are_made_anew(
    package: Path, built: Built, tmp_path: Path, name: str
) -> None:
    forged = Forgery(package, tmp_path)
    path = forged.path(f"log/{name}")
    original = path.read_bytes()
    for offset in sorted({*offsets(original), *range(0, len(original), len(original) // 5)}):
        path.write_bytes(changed(original, offset))
        forged.seal()
        report = forged.verify(built.policy, tsa=TRUST)
        assert (report.exit, bool(named(forged, path) & places(report))) == (1, True), offset
