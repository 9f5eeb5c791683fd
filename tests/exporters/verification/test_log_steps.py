"""Steps 13 and 14 with the log at hand: an event that a package hides is found, and so is a split view."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from exporters.package import write_folder
from exporters.verification.comparison import compare_package
from exporters.verification.verify import verify_package
from ledger.errors import NotVerified, StorageError
from ledger.journal.checkpoint import Checkpoint, sign_checkpoint
from ledger.journal.leaf import EventLeaf, HeadsLeaf, StreamPlace, format_leaf, parse_leaf
from ledger.journal.merkle import Tree, consistency_proof, inclusion_proof, leaf_hash
from ledger.journal.tiles import encode_bundle, parse_bundle
from ledger.records import load_law
from tests.exporters.ledger_writer import ORIGIN
from tests.exporters.verification.attacker import Forgery, codes
from tests.exporters.verification.test_verify import note_signer, witness
from tests.ledger.transparency.forger import Forger
from tests.ledger.transparency.tiled_log import Files, TiledLog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from exporters.package import PackageInfo
    from tests.exporters.ledger_fixture import Built


class LyingEvidence:
    """The ledger as a log shows it that has one event more than it counts."""

    def __init__(self, built: Built) -> None:
        """Hide an event of the CUP, and one of another, before the closing leaf."""
        self._true = built.evidence
        self._counted = built.size
        before = parse_leaf(built.evidence.leaf(built.size - 2))
        heads = parse_leaf(built.evidence.leaf(built.size - 1))
        assert isinstance(before, EventLeaf)
        assert isinstance(heads, HeadsLeaf)
        self.leaves = leaves_of(built)
        for cup in (built.cup, built.third_cup):  # the last one is shown, for the time of the head
            count = len(built.evidence.stream(f"cup/{cup}", built.size))
            places = (StreamPlace(f"cup/{cup}", count),)
            hidden = replace(before, envelope_digest=bytes(32), streams=places)
            self.leaves.append(format_leaf(hidden))
        root = TiledLog(ORIGIN, self.leaves).root(len(self.leaves))
        self.leaves.append(format_leaf(replace(heads, size=len(self.leaves), root=root)))
        self.tree = Tree()
        for leaf in self.leaves:
            self.tree.append(leaf_hash(leaf))

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever the true ledger has
        """Be the true ledger in all else."""
        return getattr(self._true, name)

    def last_head(self) -> int:
        return len(self.leaves)

    def checkpoint(self, size: int) -> bytes:
        head = Checkpoint(ORIGIN, size, TiledLog(ORIGIN, self.leaves).root(size))
        return sign_checkpoint(head, self._true.note_signer)

    def leaf(self, index: int) -> bytes:
        return self.leaves[index]

    def stream(self, name: str, size: int) -> Sequence[int]:
        return self._true.stream(name, min(size, self._counted))

    def rows(self, names: Sequence[str], size: int) -> Any:  # noqa: ANN401  as Evidence
        return self._true.rows(names, min(size, self._counted))

    def inclusion(self, index: int, size: int) -> Sequence[bytes]:
        return inclusion_proof(self.tree, index, size)

    def consistency(self, old_size: int, size: int) -> Sequence[bytes]:
        return consistency_proof(self.tree, old_size, size)


def shown(leaves: Sequence[bytes], note: bytes, size: int) -> Files:
    """Return what a log publishes."""
    return Files(TiledLog(ORIGIN, leaves).files(size) | {"checkpoint": note})


def leaves_of(built: Built) -> list[bytes]:
    """Return all leaves of the ledger."""
    return [built.evidence.leaf(index) for index in range(built.size)]


@pytest.fixture
def log(built: Built) -> Files:
    return shown(leaves_of(built), built.evidence.checkpoint(built.size), built.size)


def test_an_honest_package_is_scanned_against_its_log(
    package: Path, built: Built, log: Files
) -> None:
    report = verify_package(package, policy=built.policy, log=log, scan=True)
    assert report.exit == 0
    assert report.step(13).outcome == "passed"
    assert report.step(13).detail == "64 foglie rilette dal registro, 10 flussi ricalcolati"


def test_a_scan_that_is_asked_for_and_cannot_be_made_is_incomplete(
    package: Path, built: Built
) -> None:
    report = verify_package(package, policy=built.policy, scan=True)
    assert (report.exit, report.step(13).outcome) == (3, "incomplete")
    assert "non scansionato" in report.step(13).detail


def test_an_event_that_the_log_does_not_count_is_found_by_the_scan_alone(
    built: Built, tmp_path: Path
) -> None:
    lying: Any = LyingEvidence(built)
    size = lying.last_head()
    path = write_folder(lying, [built.cup], tmp_path, law=load_law(), size=size).path
    assert verify_package(path, policy=built.policy).exit == 0
    log = shown(lying.leaves, lying.checkpoint(size), size)
    report = verify_package(path, policy=built.policy, log=log)
    assert report.exit == 1
    assert codes(report, 13) == {"event-omitted", "heads-leaf-differs"}
    assert {failure.index for failure in report.step(13).failures} == {None, size - 3}


def test_a_log_that_does_not_answer_leaves_the_steps_undone(package: Path, built: Built) -> None:
    kept = built.evidence.checkpoint(21)
    report = verify_package(package, policy=built.policy, log=Files({}), kept=kept)
    assert report.exit == 3
    assert [report.step(number).outcome for number in (13, 14)] == ["incomplete", "incomplete"]


def test_another_log_contradicts_the_package(package: Path, built: Built, log: Files) -> None:
    other = [*leaves_of(built)[:-2], *[built.evidence.leaf(1)] * 2]
    report = verify_package(package, policy=built.policy, log=shown(other, b"", built.size))
    assert (report.exit, codes(report, 13)) == (1, {"head-not-proven"})
    log.files["tile/entries/000.p/64"] = log.files["tile/entries/000.p/64"][:-1] + b"!"
    report = verify_package(package, policy=built.policy, log=log)
    assert (report.exit, codes(report, 13)) == (1, {"entry-differs"})


@pytest.mark.parametrize("size", [1, 2, 21, 33, 63])
def test_any_head_that_was_kept_is_compared_by_the_tiles(
    size: int, package: Path, built: Built, log: Files
) -> None:
    tiled = TiledLog(ORIGIN, leaves_of(built))
    kept = sign_checkpoint(tiled.checkpoint(size), built.evidence.note_signer)
    report = verify_package(package, policy=built.policy, log=log, kept=kept)
    assert (report.exit, report.step(14).detail) == (0, f"coerente con {size} foglie")
    other = sign_checkpoint(Checkpoint(ORIGIN, size, bytes(32)), built.evidence.note_signer)
    report = verify_package(package, policy=built.policy, log=log, kept=other)
    assert (report.exit, codes(report, 14)) == (1, {"log-forked"})


def test_a_newer_head_that_was_kept_is_compared_with_an_older_package(
    built: Built, log: Files, tmp_path: Path
) -> None:
    old = write_folder(built.evidence, [built.cup], tmp_path, law=load_law(), size=60).path
    kept = built.evidence.checkpoint(built.size)
    assert verify_package(old, policy=built.policy, kept=kept).exit == 3
    assert verify_package(old, policy=built.policy, kept=kept, log=log).exit == 0
    forked = [built.evidence.leaf(0), *[built.evidence.leaf(1)] * (built.size - 1)]
    head = TiledLog(ORIGIN, forked).checkpoint(built.size)
    note = sign_checkpoint(head, built.evidence.note_signer)
    place = shown(forked, note, built.size)
    report = verify_package(old, policy=built.policy, kept=note, log=place)
    assert codes(report, 14) == {"log-forked"}


def test_a_kept_head_that_the_log_did_not_sign_says_nothing(
    package: Path, built: Built, log: Files
) -> None:
    head = TiledLog(ORIGIN, leaves_of(built)).checkpoint(33)
    kept = sign_checkpoint(head, note_signer("another key"))
    report = verify_package(package, policy=built.policy, log=log, kept=kept)
    assert codes(report, 14) == {"signature-missing"}


def test_what_came_after_a_package_is_listed(built: Built, log: Files, tmp_path: Path) -> None:
    old = write_folder(built.evidence, [built.cup], tmp_path, law=load_law(), size=50).path
    found = compare_package(old, built.policy, log)
    after = [n for n in built.evidence.stream(f"cup/{built.cup}", built.size) if n >= 50]
    assert after
    assert [one.index for one in found.news] == after
    assert (found.report.exit, found.lack, found.went_back) == (0, "", False)
    assert (found.report.size, found.head.size) == (50, built.size)


def test_the_log_of_the_package_itself_has_nothing_after_it(
    zip_package: PackageInfo, built: Built, log: Files
) -> None:
    found = compare_package(zip_package.path, built.policy, log)
    assert (found.report.exit, found.news) == (0, ())


def test_a_split_view_is_found(package: Path, built: Built) -> None:
    other = Forger()
    other.grow(100)
    head = TiledLog(ORIGIN, other.leaves).checkpoint(other.size)
    note = sign_checkpoint(head, built.evidence.note_signer)
    found = compare_package(package, built.policy, shown(other.leaves, note, other.size))
    assert found.report.exit == 1
    assert codes(found.report, 14) == {"log-forked"}
    assert codes(found.report, 13) == {"log-forked"}


def test_a_log_that_went_back_is_told(package: Path, built: Built, log: Files) -> None:
    log.files |= TiledLog(ORIGIN, leaves_of(built)).files(50)
    log.files["checkpoint"] = built.evidence.checkpoint(50)
    found = compare_package(package, built.policy, log)
    assert (found.went_back, found.report.exit) == (True, 0)


def test_a_live_log_that_contradicts_itself_is_an_error(package: Path, built: Built) -> None:
    leaves = [*leaves_of(built), built.evidence.leaf(1)]
    head = TiledLog(ORIGIN, leaves).checkpoint(len(leaves))
    note = sign_checkpoint(head, built.evidence.note_signer)
    with pytest.raises(NotVerified, match="heads-leaf-differs"):
        compare_package(package, built.policy, shown(leaves, note, len(leaves)))


def test_a_live_head_without_quorum_is_told(package: Path, built: Built, log: Files) -> None:
    text = built.policy.split(b"\n")[0].decode()
    policy = f"{text}\nwitness W {witness('w').vkey}\nquorum W\n".encode()
    found = compare_package(package, policy, log)
    assert "quorum" in found.lack


def test_a_live_log_that_is_not_there_is_an_error(package: Path, built: Built) -> None:
    with pytest.raises(StorageError, match="not-published"):
        compare_package(package, built.policy, Files({}))


@pytest.fixture(scope="module")
def scannable(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package that holds every leaf of the log."""
    folder = tmp_path_factory.mktemp("scannable")
    return write_folder(built.evidence, [built.cup], folder, law=load_law(), scan=True).path


def test_a_package_with_every_leaf_is_scanned_without_the_log(
    scannable: Path, built: Built, log: Files
) -> None:
    report = verify_package(scannable, policy=built.policy, scan=True)
    assert report.exit == 0
    assert report.step(13).detail == "64 foglie rilette dal pacchetto, 10 flussi ricalcolati"
    both = verify_package(scannable, policy=built.policy, log=log)
    assert both.exit == 0
    assert "64 foglie rilette dal registro" in both.step(13).detail
    assert "64 foglie rilette dal pacchetto" in both.step(13).detail


@pytest.mark.parametrize("size", [1, 2, 33, 63])
def test_any_older_head_is_compared_with_the_leaves_of_the_package(
    size: int, scannable: Path, built: Built
) -> None:
    tiled = TiledLog(ORIGIN, leaves_of(built))
    kept = sign_checkpoint(tiled.checkpoint(size), built.evidence.note_signer)
    report = verify_package(scannable, policy=built.policy, kept=kept)
    assert (report.exit, report.step(14).detail) == (0, f"coerente con {size} foglie")
    other = sign_checkpoint(Checkpoint(ORIGIN, size, bytes(32)), built.evidence.note_signer)
    assert codes(verify_package(scannable, policy=built.policy, kept=other), 14) == {"log-forked"}


def test_a_kept_head_that_is_none_does_not_stop_the_scan(scannable: Path, built: Built) -> None:
    report = verify_package(scannable, policy=built.policy, kept=b"none")
    assert (report.step(13).outcome, codes(report, 14)) == ("passed", {"note-unreadable"})


def test_an_event_that_the_log_does_not_count_is_found_in_the_package_alone(
    built: Built, tmp_path: Path
) -> None:
    lying: Any = LyingEvidence(built)
    path = write_folder(lying, [built.cup], tmp_path, law=load_law(), scan=True).path
    report = verify_package(path, policy=built.policy)
    assert (report.exit, codes(report, 13)) == (1, {"event-omitted", "heads-leaf-differs"})


BUNDLE = "log/tile/entries/000.p/64"


def _cut(forged: Forgery) -> None:
    data = encode_bundle(parse_bundle(forged.path(BUNDLE).read_bytes())[:-1])
    forged.path(BUNDLE).write_bytes(data)


def _swap(forged: Forgery) -> None:
    leaves = parse_bundle(forged.path(BUNDLE).read_bytes())
    leaves[3], leaves[5] = leaves[5], leaves[3]
    forged.path(BUNDLE).write_bytes(encode_bundle(leaves))


def _replace(forged: Forgery) -> None:
    forged.path(BUNDLE).rename(forged.path("log/tile/entries/000.p/63"))


def _add(forged: Forgery) -> None:
    forged.path("log/tile/entries/001").write_bytes(forged.path(BUNDLE).read_bytes())


def _garble(forged: Forgery) -> None:
    forged.path(BUNDLE).write_bytes(b"\xff")


TAMPERED: dict[str, tuple[Callable[[Forgery], None], set[str], set[str]]] = {
    "a leaf is cut off": (_cut, {"bundle-unreadable"}, set()),
    "two leaves change places": (_swap, {"bundles-differ"}, set()),
    "another bundle than the head has": (
        _replace,
        {"member-missing"},
        {"file-missing", "file-unexpected"},
    ),
    "a bundle more": (_add, set(), {"file-unexpected"}),
    "no bundle at all": (_garble, {"bundle-unreadable"}, set()),
}


@pytest.mark.parametrize("case", TAMPERED.values(), ids=TAMPERED.keys())
def test_bundles_that_were_tampered_with_are_found(
    case: tuple[Callable[[Forgery], None], set[str], set[str]],
    scannable: Path,
    built: Built,
    tmp_path: Path,
) -> None:
    act, scan, shell = case
    forged = Forgery(scannable, tmp_path)
    act(forged)
    forged.seal()
    report = forged.verify(built.policy)
    assert (report.exit, codes(report, 13), codes(report, 15)) == (1, scan, shell)
