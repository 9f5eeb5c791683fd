"""Step 10: what each registration is proven to lie between, and who dates it otherwise than it was."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from exporters.container import open_container
from exporters.times import TOLERANCE, Interval
from exporters.verification.case import Case, Given
from exporters.verification.package_reader import Package
from exporters.verification.tally import Tally
from exporters.verification.verify import carry_out, verify_package
from schemas.files import read
from tests.exporters.ledger_fixture import CUP, Built, build, by_rup
from tests.exporters.stamp_kit import SOON, TRUST, head_time, stamped, token, write
from tests.exporters.verification.attacker import Forgery, codes
from tests.exporters.verification.test_verify import cosigned, with_witness

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from exporters.verification.report import Report
    from ledger.signing.timestamp_trust import TSATrust

ACCURACY = timedelta(seconds=1)


def intervals(package: Path, built: Built, tsa: TSATrust | None = TRUST) -> dict[int, Interval]:
    """Return what step 10 comes to, by index."""
    with open_container(package) as container:
        case = Case(Package(container), Given(policy=built.policy, tsa=tsa), Tally())
        carry_out(case)
    return {one.index: one for one in case.intervals}


def judged(built: Built, folder: Path, **stamps: Any) -> Report:  # noqa: ANN401  tokens by size
    """Return the report over a package with these tokens, by `of_<size>`."""
    tokens = {int(name.removeprefix("of_")): made for name, made in stamps.items()}
    package = write(replace(built.evidence, stamps=tokens), folder, CUP)
    return verify_package(package, policy=built.policy, tsa=TRUST)


def at(built: Built, size: int, moved: timedelta) -> bytes:
    """Return a token over a head, at the time of its last event moved by so much."""
    moment = (head_time(built.evidence, size) + moved).replace(microsecond=0)
    return token(built.evidence, size, at=moment)


def test_a_registration_lies_between_its_basis_and_the_first_stamp_that_covers_it(
    built: Built, tmp_path: Path
) -> None:
    found = intervals(write(stamped(built, 30, 64), tmp_path, CUP), built)
    evidence = built.evidence
    assert found[26] == Interval(
        index=26,
        received_at=head_time(evidence, 28),
        after=head_time(evidence, 26),
        before=(head_time(evidence, 30) + SOON).replace(microsecond=0) + ACCURACY,
        by="time-stamp",
        size=30,
    )
    assert (found[32].size, found[60].size) == (64, 64)
    assert found[0].after is None


def test_a_registration_after_the_last_stamp_has_no_proven_date(
    built: Built, tmp_path: Path
) -> None:
    package = write(stamped(built, 30), tmp_path, CUP)
    found = intervals(package, built)
    assert (found[26].by, found[32].before, found[32].by) == ("time-stamp", None, None)
    report = verify_package(package, policy=built.policy, tsa=TRUST)
    assert "14 registrazioni su 29 provate entro una data" in report.step(10).detail
    assert "(n. 26)" in report.step(10).detail


def test_a_stamp_that_is_not_trusted_bounds_nothing(built: Built, tmp_path: Path) -> None:
    package = write(stamped(built, 64), tmp_path, CUP)
    assert all(one.before is None for one in intervals(package, built, None).values())
    report = verify_package(package, policy=built.policy)
    assert "nessuna registrazione ha una data provata da altri" in report.step(10).detail


def test_a_witness_that_the_reader_trusts_bounds_what_no_stamp_does(
    package: Path, built: Built, tmp_path: Path
) -> None:
    forged = cosigned(package, tmp_path, built.policy)
    report = forged.verify(with_witness(built.policy, "w1"))
    assert (report.failures, report.exit) == ((), 0)
    assert "la firma di un testimone su 64 foglie" in report.step(10).detail


# ------------------------------------------------------------- who dates it otherwise than it was


def test_a_ledger_that_dates_forward_is_found_by_a_stamp_of_before(
    built: Built, tmp_path: Path
) -> None:
    report = judged(built, tmp_path, of_64=at(built, 64, -timedelta(hours=1)))
    assert report.exit == 1
    assert codes(report, 10) == {"received-after-stamp"}
    assert {failure.index for failure in report.failures} == {60, 62}


def test_a_ledger_that_dates_back_is_found_by_a_stamp_that_lacks_the_registration(
    built: Built, tmp_path: Path
) -> None:
    """The head of 46 leaves was stamped two hours later than the next registrations say."""
    report = judged(
        built, tmp_path, of_46=at(built, 46, timedelta(hours=2)), of_64=at(built, 64, SOON)
    )
    assert report.exit == 1
    assert codes(report, 10) == {"received-before-stamp"}
    assert {failure.index for failure in report.failures} == {46, 48}


@pytest.mark.parametrize("moved", [-TOLERANCE + ACCURACY, TOLERANCE])
def test_clocks_that_are_minutes_apart_contradict_nothing(
    built: Built, tmp_path: Path, moved: timedelta
) -> None:
    report = judged(built, tmp_path, of_46=at(built, 46, moved), of_64=at(built, 64, moved))
    assert (report.failures, report.exit) == ((), 0)


def test_an_untrusted_stamp_accuses_nobody(built: Built, tmp_path: Path) -> None:
    tokens = {64: at(built, 64, -timedelta(hours=1))}
    package = write(replace(built.evidence, stamps=tokens), tmp_path, CUP)
    assert verify_package(package, policy=built.policy).failures == ()


def test_a_witness_whose_clock_is_behind_is_told_and_accuses_nobody(
    package: Path, built: Built, tmp_path: Path
) -> None:
    early = head_time(built.evidence, 64) - timedelta(hours=5)
    forged = cosigned(package, tmp_path, built.policy, at=early)
    report = forged.verify(with_witness(built.policy, "w1"))
    assert (report.failures, report.exit) == ((), 0)
    assert "uno dei due orologi è falso" in report.step(10).detail


@pytest.fixture
def own(tmp_path: Path) -> Built:
    """Return a ledger of one's own, to go on from."""
    return build(tmp_path / "ledger")


def went_on(own: Built, day: str, type_: str, data: dict[str, Any], **claims: str) -> Built:
    """Return the ledger after one more event of the CUP."""
    if claims:
        payload = own.ledger.draft("c" * 26, type_, [f"cup/{CUP}"], data, role="rup")
        own.ledger.submit(own.ledger.sign("c" * 26, {**payload, "occurred_on": day, **claims}))
    else:
        by_rup(own.ledger, type_, day, data)
    return replace(own, size=own.evidence.last_head())


def test_a_fact_dated_after_the_day_by_which_it_was_registered_is_told(
    own: Built, tmp_path: Path
) -> None:
    after = went_on(own, "2026-04-01", "phase-entered/1", {"phase": "ESECUZIONE"})
    size = after.size
    report = judged(after, tmp_path, **{f"of_{size}": at(after, size, SOON)})
    assert report.step(10).outcome == "passed"
    words = "data del fatto dopo il giorno in cui risultano già registrate (non ricalcolabile): 64"
    assert words in report.step(10).detail


def test_what_holds_from_a_later_day_is_not_told(own: Built, tmp_path: Path) -> None:
    later = {"person": "p_" + "c" * 26, "role": "rup", "from": "2026-04-01"}
    after = went_on(own, "2026-04-01", "role-assigned/1", later)
    size = after.size
    report = judged(after, tmp_path, **{f"of_{size}": at(after, size, SOON)})
    assert "risultano già registrate" not in report.step(10).detail


CLAIMS: dict[str, tuple[timedelta, bool]] = {
    "an hour before the basis": (-timedelta(hours=1), True),
    "at the basis": (timedelta(seconds=1), False),
    "an hour after receipt": (timedelta(hours=2), True),
}


@pytest.mark.parametrize("what", CLAIMS)
def test_a_signer_that_claims_a_time_outside_the_interval_is_told(
    own: Built, tmp_path: Path, what: str
) -> None:
    moved, is_told = CLAIMS[what]
    seen = head_time(own.evidence, own.size)
    claimed = f"{(seen + moved):%Y-%m-%dT%H:%M:%SZ}"
    after = went_on(
        own, "2026-03-01", "phase-entered/1", {"phase": "ESECUZIONE"}, claimed_at=claimed
    )
    report = judged(after, tmp_path)
    assert ("ora dichiarata fuori intervallo" in report.step(10).detail) is is_told
    assert "received-back" not in codes(report, 10)


def test_a_claim_after_the_proof_is_told_though_the_ledger_received_it_later(
    own: Built, tmp_path: Path
) -> None:
    claimed = f"{head_time(own.evidence, own.size) + timedelta(minutes=36):%Y-%m-%dT%H:%M:%SZ}"
    after = went_on(
        own, "2026-03-01", "phase-entered/1", {"phase": "ESECUZIONE"}, claimed_at=claimed
    )
    size = after.size
    plain = judged(after, tmp_path / "plain")
    stamped_early = {f"of_{size}": at(after, size, -timedelta(minutes=20))}
    assert "fuori intervallo" not in plain.step(10).detail
    assert (
        "fuori intervallo" in judged(after, tmp_path / "stamped", **stamped_early).step(10).detail
    )


# ------------------------------------------------------------------------- what the report says


def test_the_report_says_the_stamps_and_what_they_prove_as_data(
    built: Built, tmp_path: Path
) -> None:
    package = write(stamped(built, 30, 46), tmp_path, CUP)
    report = verify_package(package, policy=built.policy, tsa=TRUST)
    told = json.loads(report.to_json())["times"]
    assert [(one["size"], one["trusted"]) for one in told["stamps"]] == [(30, True), (46, True)]
    assert told["stamps"][0]["authority"] == "CN=Unità di marcatura 1,O=Prova,C=IT"
    last = (head_time(built.evidence, 46) + SOON).replace(microsecond=0) + ACCURACY
    assert told["proven"] == {
        "count": 21,
        "of": 29,
        "index": 44,
        "before": f"{last:%Y-%m-%dT%H:%M:%SZ}",
        "by": "time-stamp",
        "size": 46,
    }


def test_the_report_proves_nothing_with_stamps_that_are_not_trusted(
    built: Built, tmp_path: Path
) -> None:
    package = write(stamped(built, 64), tmp_path, CUP)
    told = json.loads(verify_package(package, policy=built.policy).to_json())["times"]
    assert ([one["trusted"] for one in told["stamps"]], told["proven"]) == (
        [False],
        {"count": 0, "of": 29},
    )


def test_the_report_of_a_package_without_stamps_says_nothing_of_times(
    package: Path, built: Built
) -> None:
    assert "times" not in json.loads(verify_package(package, policy=built.policy).to_json())


# ------------------------------------------------------------------------------ state/times.json


def times_file(package: Path) -> Path:
    (folder,) = package.glob("data/*/representations/rep1/data/state")
    return folder / "times.json"


def test_a_package_with_stamps_says_the_times_apart_from_the_state(
    built: Built, tmp_path: Path
) -> None:
    package = write(stamped(built, 30, 64), tmp_path, CUP)
    told = json.loads(times_file(package).read_bytes())
    jsonschema.Draft202012Validator(json.loads(read("times-1.json"))).validate(told)
    assert told["replayable"] is False
    assert [(one["size"], one["file"]) for one in told["stamps"]] == [
        (30, "log/checkpoint.30.tsr"),
        (64, "log/checkpoint.log.tsr"),
    ]
    rows = {row["index"]: row for row in told["registrations"]}
    assert (rows[26]["size"], rows[32]["size"]) == (30, 64)
    assert rows[26]["before"] == told["stamps"][0]["no_later_than"]
    assert "after" not in rows[0]
    assert told["findings"] == []
    schemas = {path.name for path in package.glob("data/*/schemas/*.json")}
    assert "times-1.json" in schemas


def test_a_package_without_stamps_has_no_times(built: Built, tmp_path: Path) -> None:
    package = write(built.evidence, tmp_path, CUP)
    assert not times_file(package).exists()
    assert not list(package.glob("data/*/schemas/times-1.json"))


def test_what_signers_say_and_stamps_exclude_is_a_finding_of_the_file(
    own: Built, tmp_path: Path
) -> None:
    after = went_on(own, "2026-04-01", "phase-entered/1", {"phase": "ESECUZIONE"})
    evidence = replace(after.evidence, stamps={after.size: at(after, after.size, SOON)})
    told = json.loads(times_file(write(evidence, tmp_path, CUP)).read_bytes())
    assert [(one["code"], one["index"]) for one in told["findings"]] == [
        ("occurred-after-proof", 64)
    ]
    assert "datato 01/04/2026" in told["findings"][0]["sentence"]


def edited(forged: Forgery) -> None:
    path = forged.path("state/times.json")
    path.write_bytes(path.read_bytes().replace(b'"size":30', b'"size":31', 1))


def longer(forged: Forgery) -> None:
    path = forged.path("state/times.json")
    path.write_bytes(path.read_bytes() + b" ")


TAMPERED: dict[str, tuple[Callable[[Forgery], object], str]] = {
    "edited": (edited, "times-differ"),
    "longer": (longer, "times-differ"),
    "empty": (lambda forged: forged.path("state/times.json").write_bytes(b""), "times-differ"),
    "missing": (lambda forged: forged.path("state/times.json").unlink(), "member-missing"),
}


@pytest.mark.parametrize("trust", [TRUST, None], ids=["trusted", "not trusted"])
@pytest.mark.parametrize("what", TAMPERED)
def test_times_that_are_not_what_the_stamps_give_contradict(
    built: Built, tmp_path: Path, what: str, trust: TSATrust | None
) -> None:
    forged = Forgery(write(stamped(built, 30, 64), tmp_path, CUP), tmp_path / "forged")
    spoil, code = TAMPERED[what]
    spoil(forged)
    forged.seal()
    report = forged.verify(built.policy, tsa=trust)
    assert report.exit == 1
    assert codes(report, 10) == {code}


def test_times_without_a_stamp_are_not_expected(built: Built, tmp_path: Path) -> None:
    with_stamp = write(stamped(built, 64), tmp_path / "a", CUP)
    forged = Forgery(write(built.evidence, tmp_path / "b", CUP), tmp_path / "forged")
    forged.path("state/times.json").write_bytes(times_file(with_stamp).read_bytes())
    forged.seal()
    assert "file-unexpected" in codes(forged.verify(built.policy), 15)


def test_times_are_read_from_the_leaves_in_utc(built: Built, tmp_path: Path) -> None:
    package = write(built.evidence, tmp_path, CUP)
    first = intervals(package, built)[0].received_at
    assert isinstance(first, datetime)
    assert first.utcoffset() == timedelta(0)
