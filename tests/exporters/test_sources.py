"""Files of open data: those that are cited are in the package, shown and proven; no others are."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from exporters.closure import closure_of
from exporters.package import write_folder
from exporters.verification.verify import verify_package
from ledger.journal.proofs import LogProof, format_proof
from ledger.records import encode_digest
from ledger.signing.envelope import parse
from tests.exporters.ledger_erasure import SECRETARY, erase
from tests.exporters.ledger_fixture import CUP, THIRD_CUP, Built, build
from tests.exporters.observed import IMPORTER, ON, STREAM, absence, file_of, observe, row
from tests.exporters.script_judge import judge
from tests.exporters.unpacked import LAW, files_of
from tests.exporters.verification.attacker import Forgery, codes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.exporters.observed import Observed


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Built, Observed]:
    """Return a ledger with three files of open data, two of them cited."""
    built = build(tmp_path_factory.mktemp("observed"))
    return built, observe(built)


@pytest.fixture(scope="module")
def package(told: tuple[Built, Observed], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the package of the CUP, as a folder."""
    built, _ = told
    return write_folder(built.evidence, [CUP], tmp_path_factory.mktemp("package"), law=LAW).path


def shown(package: Path) -> set[str]:
    """Return the files of the representation, without their folder."""
    return {name.rpartition("rep1/data/")[2] for name in files_of(package)}


def test_the_closure_has_the_cited_files_and_who_signed_them(
    told: tuple[Built, Observed],
) -> None:
    built, observed = told
    closure = closure_of(built.evidence, [CUP], built.evidence.last_head())
    assert {observed.first, observed.second} < set(closure.indexes)
    assert observed.uncited not in closure.indexes
    assert STREAM not in closure.streams
    assert f"actor/{IMPORTER}" in closure.streams
    other = closure_of(built.evidence, [THIRD_CUP], built.evidence.last_head())
    assert {observed.first, observed.second}.isdisjoint(other.indexes)


def test_a_package_has_the_cited_files_with_leaf_proof_and_content(
    told: tuple[Built, Observed], package: Path
) -> None:
    _, observed = told
    names = shown(package)
    for index in (observed.first, observed.second):
        assert {
            f"events/{index}.jws",
            f"leaves/{index}.leaf",
            f"proofs/{index}.tlog-proof",
        } <= names
    assert f"events/{observed.uncited}.jws" not in names
    contents = set(files_of(package).values())
    assert {file_of(1), file_of(2)} < contents
    assert file_of(3) not in contents
    rows = [path for path in package.rglob("*.row") if STREAM in path.read_text()]
    assert rows == []


def test_the_package_verifies_and_says_that_their_number_is_not_proven(
    told: tuple[Built, Observed], package: Path, tools: Path
) -> None:
    built, _ = told
    report = verify_package(package, policy=built.policy)
    assert (report.failures, report.exit) == ((), 0)
    assert "2 registrazioni di fonti citate" in report.step(6).detail
    judged = judge(package, tools)
    assert (judged.returncode, judged.stderr) == (0, "")


def without(package: Path, folder: Path, index: int) -> Forgery:
    """Return a package that leaves out a registration, its content and its schema."""
    forged = Forgery(package, folder)
    raw = forged.path(f"events/{index}.jws").read_bytes()
    forged.remove_event(index)
    (ref,) = parse(raw).objects
    name = encode_digest(ref.commit).rstrip("=").replace("+", "-").replace("/", "_")
    shutil.rmtree(forged.path(f"documents/{name}"))
    forged.seal()
    return forged


def test_a_file_from_which_an_absence_follows_is_not_left_out(
    told: tuple[Built, Observed], package: Path, tools: Path, tmp_path: Path
) -> None:
    built, observed = told
    forged = without(package, tmp_path, observed.second)
    assert codes(forged.verify(built.policy), 6) == {"source-missing"}
    judged = judge(forged.root, tools)
    assert (judged.returncode, "da cui un'assenza è dedotta" in judged.stderr) == (1, True)


def test_another_file_that_is_cited_and_not_there_is_told(
    told: tuple[Built, Observed], package: Path, tmp_path: Path
) -> None:
    built, observed = told
    report = without(package, tmp_path, observed.first).verify(built.policy)
    assert "fonte citata e non registrata qui" in report.step(6).detail


def test_a_file_that_nothing_cites_is_refused(
    told: tuple[Built, Observed], package: Path, tools: Path, tmp_path: Path
) -> None:
    built, observed = told
    forged, size = Forgery(package, tmp_path), built.evidence.last_head()
    index, note = observed.uncited, built.evidence.checkpoint(size)
    raw = built.evidence.envelope(index)
    path = tuple(built.evidence.inclusion(index, size))
    forged.path(f"events/{index}.jws").write_bytes(raw)
    forged.path(f"leaves/{index}.leaf").write_bytes(built.evidence.leaf(index))
    forged.path(f"proofs/{index}.tlog-proof").write_bytes(format_proof(LogProof(index, path, note)))
    forged.seal()
    report = forged.verify(built.policy)
    assert "file-unexpected" in codes(report, 15)
    judged = judge(forged.root, tools)
    assert (judged.returncode, f"nulla cita la registrazione {index}" in judged.stderr) == (1, True)


def test_a_registration_of_a_file_without_its_envelope_is_refused(
    told: tuple[Built, Observed], package: Path, tools: Path, tmp_path: Path
) -> None:
    built, observed = told
    forged = Forgery(package, tmp_path)
    forged.path(f"events/{observed.first}.jws").unlink()
    forged.seal()
    report = forged.verify(built.policy)
    assert codes(report, 7) == {"absent-without-reason"}
    assert judge(forged.root, tools).returncode == 1


def test_the_last_registration_of_the_head_may_be_a_cited_file(tmp_path: Path, tools: Path) -> None:
    built = build(tmp_path)
    observe(built)
    row(built, 3, key="riga 8")
    size = built.evidence.last_head()
    package = write_folder(built.evidence, [CUP], tmp_path, law=LAW).path
    assert verify_package(package, policy=built.policy).exit == 0
    assert judge(package, tools).returncode == 0
    last = built.evidence.stream(STREAM, size)[-1]
    assert f"events/{last}.jws" in shown(package)


def test_a_file_recorded_again_is_shown_each_time(tmp_path: Path) -> None:
    built = build(tmp_path)
    observed = observe(built)
    again = built.ledger.record(
        IMPORTER,
        "source-observed/1",
        [STREAM],
        parse(built.evidence.envelope(observed.first)).data | {"docs": []},
        role="importatore",
        on=ON,
    )
    package = write_folder(built.evidence, [CUP], tmp_path, law=LAW).path
    assert f"events/{again.index}.jws" in shown(package)
    report = verify_package(package, policy=built.policy)
    assert (report.failures, report.exit) == ((), 0)


def test_a_cited_file_that_was_lawfully_erased_is_told(tmp_path: Path, tools: Path) -> None:
    built = build(tmp_path)
    observed = observe(built)
    (ref,) = parse(built.evidence.envelope(observed.first)).objects
    (other,) = parse(built.evidence.envelope(observed.uncited)).objects
    at = erase(built.ledger, [STREAM], commits=[encode_digest(ref.commit)]).index
    erase(built.ledger, [STREAM], commits=[encode_digest(other.commit)], request="r-2")
    built.evidence.vault.erase(ref.commit)
    package = write_folder(built.evidence, [CUP], tmp_path, law=LAW).path
    report = verify_package(package, policy=built.policy)
    assert (report.failures, report.exit) == ((), 0)
    assert f"cancellato secondo legge, registrazione n. {at}," in report.step(11).detail
    assert f"actor/{SECRETARY}" in "".join(p.read_text() for p in package.rglob("*.row"))
    names = shown(package)
    assert {f"events/{index}.jws" for index in (at, at - 2, at - 4)} < names
    later = built.evidence.stream(STREAM, built.evidence.last_head())[-1]
    assert f"events/{later}.jws" not in names
    judged = judge(package, tools)
    assert (judged.returncode, judged.stderr) == (0, "")
    assert f"registrazione n. {at}" in judged.stdout


def test_an_absence_may_be_cited_from_a_later_file_too(tmp_path: Path) -> None:
    built = build(tmp_path)
    observed = observe(built)
    absence(built, 3, key="riga 8")
    closure = closure_of(built.evidence, [CUP], built.evidence.last_head())
    assert {observed.first, observed.second, observed.uncited} < set(closure.indexes)
