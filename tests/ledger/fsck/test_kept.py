"""The kept checkpoint: written as far as all is verified, believed only with its root, never lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.errors import StorageError, Unreadable
from ledger.fsck.kept import Kept, format_kept, parse_kept, read_kept, write_kept
from ledger.fsck.subject import LOG
from tests.exporters.ledger_fixture import CUP
from tests.exporters.ledger_writer import ORIGIN, RUP
from tests.ledger.fsck.ledgers import begin_again, places, rerecorded

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ledger.fsck.conftest import Copy
    from tests.ledger.fsck.ledgers import Made

ROOT = bytes(range(32))
KEPT = Kept(ORIGIN, 8192, ROOT)


def kept_at(made: Made) -> Kept:
    """Return the kept checkpoint of a ledger, which has one."""
    kept = read_kept(made.kept)
    assert kept is not None
    return kept


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "fsck.kept"
    assert read_kept(path) is None
    write_kept(path, KEPT)
    write_kept(path, KEPT)
    assert read_kept(path) == KEPT
    assert [one.name for one in tmp_path.iterdir()] == ["fsck.kept"]


def test_every_changed_byte_is_refused() -> None:
    data = format_kept(KEPT)
    for at in range(len(data)):
        for spoiled in (
            data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :],
            data[:at],
            data[:at] + b"0" + data[at:],
        ):
            with pytest.raises(Unreadable):
                parse_kept(spoiled)


def test_all_is_kept_at_the_end_and_taken_up(told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    report = twin.examine()
    assert (report.kept, report.begun_at, report.verified) == (report.size, 0, report.events)
    again = twin.examine(from_kept=True)
    assert (again.begun_at, again.events, list(again.findings)) == (report.size, 0, [])


def test_what_came_after_is_judged(told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    size = twin.examine().size
    with begin_again(twin) as ledger:
        ledger.record(RUP, "phase-entered/1", [f"cup/{CUP}"], {"phase": "INVENTATA"}, role="rup")
    report = twin.examine(from_kept=True)
    assert (report.begun_at, report.events) == (size, 1)
    assert [one.position for one in report.findings if one.is_fault] == [size + 1]
    assert report.kept == size, "nothing is kept beyond what is wrong"


@pytest.mark.parametrize("line", range(5))
def test_every_line_is_examined_and_named(line: int, told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    twin.examine()
    lines = twin.kept.read_bytes().splitlines(keepends=True)
    lines[line] = b"9" + lines[line][1:]
    twin.kept.write_bytes(b"".join(lines))
    for from_kept in (False, True):
        report = twin.examine(from_kept=from_kept)
        assert places(list(report.findings)) == ["kept-unreadable fsck.kept"]
        assert twin.kept.read_bytes() == b"".join(lines), "evidence is not replaced"


def test_where_it_cannot_be_written_the_examination_goes_on(told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    twin.kept_name = "no-such-folder/fsck.kept"
    report = twin.examine()
    assert [(one.code, one.is_fault) for one in report.findings] == [("kept-failed", False)]
    assert report.verified == report.events


@pytest.mark.parametrize("from_kept", [False, True])
def test_a_folder_in_its_place_is_told_and_hides_nothing(
    told_file: Made, copy: Copy, *, from_kept: bool
) -> None:
    twin = copy(told_file)
    twin.kept.mkdir()
    report = twin.examine(from_kept=from_kept)
    (found,) = report.findings
    assert (found.code, found.is_fault, found.file) == ("kept-failed", False, "fsck.kept")
    assert f"Al posto del file {twin.kept} c'è una cartella" in found.sentence
    assert report.verified == report.events > 0
    twin.execute("UPDATE event SET type = 'x/1' WHERE position = 3")
    told = places(list(twin.examine(from_kept=from_kept).findings))
    assert told == ["column-differs event.type, position 3", "kept-failed fsck.kept"]


def test_what_cannot_be_put_in_place_leaves_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "fsck.kept"
    path.mkdir()
    with pytest.raises(StorageError) as refused:
        write_kept(path, KEPT)
    assert (refused.value.code, "spostarla" in refused.value.sentence) == ("kept-failed", True)
    with pytest.raises(StorageError, match="kept-failed"):
        read_kept(path)
    assert [one.name for one in tmp_path.iterdir()] == ["fsck.kept"]


SAYING = {
    "another root": (Kept(ORIGIN, 22, ROOT), "kept-differs"),
    "another ledger": (Kept("altro.example", 22, ROOT), "kept-differs"),
    "more leaves than there are": (Kept(ORIGIN, 10_000, ROOT), "store-shorter"),
    "a size that nothing closes": (Kept(ORIGIN, 23, ROOT), "kept-differs"),
}


@pytest.mark.parametrize("what", SAYING)
def test_a_checkpoint_that_contradicts_is_named(what: str, told_file: Made, copy: Copy) -> None:
    kept, code = SAYING[what]
    twin = copy(told_file)
    write_kept(twin.kept, kept)
    for from_kept in (False, True):
        report = twin.examine(from_kept=from_kept)
        assert places(list(report.findings)) == [f"{code} fsck.kept"]
        assert report.verified == report.events == 32, "then everything is judged"
    assert kept_at(twin) == kept


def test_a_log_written_anew_is_told_by_what_was_kept(
    told_file: Made, copy: Copy, tmp_path: Path
) -> None:
    """Whoever has log and anchor rewritten consistently has not the checkpoint kept before."""
    twin = copy(told_file)
    twin.examine()
    other = rerecorded(tmp_path / "other")
    other.kept.write_bytes(twin.kept.read_bytes())
    assert list(places(list(other.examine().findings))) == ["kept-differs fsck.kept"]


EDITS = {
    "a type": "UPDATE event SET type = 'heads' WHERE position = 21",
    "a key": "UPDATE event SET key = 'x' WHERE position = 21",
    "ordinals": "UPDATE event SET streams = '0' WHERE position = 21",
    "data": "UPDATE event SET data = CAST(data || x'41' AS BLOB) WHERE position = 21",
    "a row": "DELETE FROM event WHERE position = 21",
    "a count": "UPDATE stream SET count = count + 1 WHERE ordinal = 2",
    "a place": "UPDATE stream_event SET position = 9 WHERE ordinal = 3 AND seq = 1",
    "the head": "UPDATE ledger_head SET streams = streams + 1",
    "a surplus place": "INSERT INTO stream_event SELECT ledger_id, 2, 99, 3 FROM ledger_head",
    "a number": "UPDATE stream SET ledger_id = 7 WHERE ordinal = 2",
    "a tile": "INSERT INTO tile SELECT ledger_id, 0, 0, x'00' FROM ledger_head",
}


@pytest.mark.parametrize("what", EDITS)
def test_whatever_is_edited_before_it_is_found_as_by_a_full_run(
    what: str, told_file: Made, copy: Copy
) -> None:
    twin = copy(told_file)
    twin.examine()
    twin.execute(EDITS[what])
    full = list(twin.examine().findings)
    assert full
    assert list(twin.examine(from_kept=True).findings) == full


def test_an_interrupted_run_is_taken_up(long_file: Made, copy: Copy) -> None:
    twin = copy(long_file)

    def stop(what: str, done: int, _total: int) -> None:
        if what == LOG and done >= 8192 + 512:
            raise KeyboardInterrupt

    twin.told = stop
    with pytest.raises(KeyboardInterrupt):
        twin.examine()
    kept = kept_at(twin)
    assert 8000 < kept.size <= 8192
    twin.told = long_file.told
    report = twin.examine(from_kept=True)
    assert (report.begun_at, list(report.findings)) == (kept.size, [])
    assert 0 < report.events < 2000
    assert report.kept == report.size


def test_a_run_does_not_take_back_what_is_kept(told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    twin.examine()
    kept = kept_at(twin)

    def stop(_what: str, _done: int, _total: int) -> None:
        raise KeyboardInterrupt

    twin.told = stop
    with pytest.raises(KeyboardInterrupt):
        twin.examine()
    assert kept_at(twin) == kept


def test_processes_find_what_one_finds(two_file: Made, copy: Copy) -> None:
    twin = copy(two_file)
    twin.jobs = 2
    two = twin.examine()
    assert (two.verified, list(two.findings)) == (two.events, [])
    twin.execute("UPDATE event SET type = 'x/1' WHERE position = 1501")
    twin.execute("UPDATE event SET key = NULL WHERE position = 2101")
    expected = [
        "column-differs event.type, position 1501",
        "column-differs event.key, position 2101",
    ]
    assert places(list(twin.examine(from_kept=True).findings)) == expected
    twin.jobs = 1
    assert places(list(twin.examine().findings)) == expected


def forged(made: Made) -> int:
    """Record an event whose signature is of nobody; return its position."""
    with begin_again(made) as ledger:
        data = {"doc": "x.txt", "kind": "altro", "form": "solo-elettronico"}
        payload = ledger.draft(RUP, "document-attached/1", [f"cup/{CUP}"], data, role="rup")
        raw = ledger.sign(RUP, payload | {"occurred_on": "2026-03-01"})
        receipt = ledger.submit(raw[:-8] + b"AAAAAAAA")
    return receipt.index + 1


def test_a_forged_signature_after_it_is_found(told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    twin.examine()
    position = forged(twin)
    for from_kept in (True, False):
        found = list(twin.examine(from_kept=from_kept).findings)
        assert places(found) == [f"signature-invalid event.data, position {position}"]


def test_a_forged_signature_before_it_is_found_by_a_full_run_alone(
    told_file: Made, copy: Copy
) -> None:
    """What is kept says that signatures were verified: who can write it can lie."""
    twin = copy(told_file)
    position = forged(twin)
    size, root = position + 1, twin.root_at(position + 1)
    write_kept(twin.kept, Kept(ORIGIN, size, root))
    assert list(twin.examine(from_kept=True).findings) == []
    assert places(list(twin.examine().findings)) == [
        f"signature-invalid event.data, position {position}"
    ]
