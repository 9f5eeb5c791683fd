"""`pista anchor` and `pista clock`: what a person does when the ledger does not write."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from api.app import open_ledger
from api.cli import exits
from api.client.desk import open_scribe
from api.client.requests import write
from api.machine import boot_id, now, uptime
from ledger.journal.clock import ClockFile, FirstLook
from tests.api.home_kit import CUP, enter, key, run, size_of, written

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from api.home import Home


def record(home: Home, folder: Path, number: int = 1) -> tuple[int, str]:
    file = str(written(folder / f"r{number}.ndjson", enter()))
    ran = run(home, "record", file, "--key", key(home, "rup"))
    return ran.exit_code, ran.stderr


def shown(home: Home, *words: str) -> tuple[int, str]:
    ran = run(home, *words)
    return ran.exit_code, ran.stdout + ran.stderr


def adopting(file: Path) -> tuple[str, ...]:
    """Return the words that adopt the checkpoint in a file."""
    return "anchor", "adopt", "--checkpoint", str(file), "--nothing-newer-exists"


def test_an_anchor_that_agrees_is_0(home: Home) -> None:
    size = size_of(home)
    assert shown(home, "anchor", "show") == (
        0,
        f"ancora a {size} foglie, archivio {size} foglie: concorde\n",
    )
    ran = run(home, "--json", "anchor", "show")
    item = json.loads(ran.stdout.splitlines()[0])
    assert (item["anchor"], item["store"], item["verdict"]) == (size, size, "concorde")


def test_a_lost_anchor_freezes_and_is_adopted_from_a_kept_checkpoint(
    home: Home, tmp_path: Path
) -> None:
    kept = tmp_path / "checkpoint"
    kept.write_text(run(home, "checkpoint", "show").stdout, encoding="utf-8")
    size = size_of(home)
    assert record(home, tmp_path)[0] == 0
    home.anchor.unlink()
    code, told = record(home, tmp_path, 2)
    assert (code, "anchor-absent" in told, "pista anchor adopt" in told) == (1, True, True)
    assert shown(home, "anchor", "show")[0] == 3
    code, told = shown(home, "anchor", "adopt", "--checkpoint", str(kept))
    assert (code, f"andrebbe a {size} foglie" in told, "due\n     verità" in told) == (
        3,
        True,
        True,
    )
    assert not home.anchor.exists()
    code, told = shown(home, *adopting(kept))
    assert (code, "2 foglie oltre" in told, "l'ultima ricevuta il 20" in told) == (0, True, True)
    assert record(home, tmp_path, 2)[0] in {0, 13}
    assert shown(home, "anchor", "show")[0] == 0
    assert shown(home, *adopting(kept))[0] == 14


def test_a_program_is_told_what_adopting_would_do(home: Home, tmp_path: Path) -> None:
    kept = tmp_path / "checkpoint"
    kept.write_text(run(home, "checkpoint", "show").stdout, encoding="utf-8")
    size = size_of(home)
    home.anchor.unlink()
    ran = run(home, "--json", "anchor", "adopt", "--checkpoint", str(kept))
    item, summary = ran.lines
    assert (item["anchor"], item["beyond"], item["adopted"]) == (size, 0, False)
    assert item["received_at"].endswith("+00:00")
    assert summary["exit"] == ran.exit_code == 3
    done = run(home, "--json", *adopting(kept))
    assert (done.lines[0]["adopted"], done.exit_code) == (True, 0)


@pytest.mark.parametrize("form", ["receipt", "tlog-proof"])
def test_a_receipt_and_a_proof_hold_a_checkpoint_too(home: Home, tmp_path: Path, form: str) -> None:
    assert record(home, tmp_path)[0] == 0
    receipt = max(home.outbox.glob("*.receipt"), key=lambda path: path.stat().st_mtime_ns)
    file = tmp_path / "senza-nome"
    data = receipt.read_bytes()
    file.write_bytes(data if form == "receipt" else json.loads(data)["proof"].encode())
    home.anchor.unlink()
    assert shown(home, *adopting(file))[0] == 0
    assert shown(home, "anchor", "show")[0] == 0


MALFORMED = {
    "a receipt that is cut": lambda data: data[:-20],
    "a receipt with a member more": lambda data: data.replace(b'"v":1', b'"v":1,"x":2'),
    "a proof that is cut": lambda data: json.loads(data)["proof"].encode()[:60],
    "an empty file": lambda data: data[:0],
}


@pytest.mark.parametrize("spoil", MALFORMED.values(), ids=MALFORMED)
def test_a_file_that_holds_no_checkpoint_is_told_as_such(
    home: Home, tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    assert record(home, tmp_path)[0] == 0
    receipt = next(iter(sorted(home.outbox.glob("*.receipt"))))
    file = tmp_path / "file"
    file.write_bytes(spoil(receipt.read_bytes()))
    home.anchor.unlink()
    assert shown(home, *adopting(file))[0] == exits.UNREADABLE
    assert not home.anchor.exists()


def test_a_copy_that_the_home_has_gone_beyond_does_not_sign_a_second_truth(
    home: Home, tmp_path: Path
) -> None:
    """The store is put back from a copy, the anchor is lost, and receipts prove that more was told."""
    kept, copy = tmp_path / "checkpoint", tmp_path / "copy.sqlite"
    kept.write_text(run(home, "checkpoint", "show").stdout, encoding="utf-8")
    shutil.copy(home.database, copy)
    assert record(home, tmp_path)[0] == 0
    for part in home.path.glob("ledger.sqlite*"):
        part.unlink()
    shutil.copy(copy, home.database)
    home.anchor.unlink()
    code, told = shown(home, *adopting(kept))
    assert (code, "newer-proof-kept" in told, ".receipt" in told) == (exits.FAILED, True, True)
    assert not home.anchor.exists()


def test_what_fsck_has_verified_is_a_proof_too(home: Home, tmp_path: Path) -> None:
    kept, copy = tmp_path / "checkpoint", tmp_path / "copy.sqlite"
    kept.write_text(run(home, "checkpoint", "show").stdout, encoding="utf-8")
    shutil.copy(home.database, copy)
    assert record(home, tmp_path)[0] == 0
    assert run(home, "fsck").exit_code == 0
    for part in [*home.path.glob("ledger.sqlite*"), *home.outbox.iterdir()]:
        part.unlink()
    shutil.copy(copy, home.database)
    home.anchor.unlink()
    code, told = shown(home, *adopting(kept))
    assert (code, "fsck.kept" in told) == (exits.FAILED, True)


def test_files_of_the_outbox_that_prove_nothing_are_in_nobodys_way(
    home: Home, tmp_path: Path
) -> None:
    kept = tmp_path / "checkpoint"
    note = run(home, "checkpoint", "show").stdout
    kept.write_text(note, encoding="utf-8")
    (home.outbox / "x.receipt").write_text("niente", encoding="utf-8")
    (home.outbox / "y.checkpoint").write_text(note.replace("\n", "\n9", 1), encoding="utf-8")
    home.kept.write_text("niente", encoding="utf-8")
    home.anchor.unlink()
    assert shown(home, *adopting(kept))[0] == 0


def test_a_checkpoint_that_is_none_or_of_another_key_is_refused(home: Home, tmp_path: Path) -> None:
    note = run(home, "checkpoint", "show").stdout
    home.anchor.unlink()
    file = tmp_path / "checkpoint"
    for text, code in ((None, 2), ("niente", 4), (note.replace("=\n", "A\n", 1), 4)):
        if text is not None:
            file.write_text(text, encoding="utf-8")
        assert shown(home, "anchor", "adopt", "--checkpoint", str(file))[0] == code
    head, dash, signature = note.rpartition("\u2014 ")
    forged = head.replace(head.splitlines()[1], "7") + dash + signature
    file.write_text(forged, encoding="utf-8")
    assert shown(home, "anchor", "adopt", "--checkpoint", str(file))[0] == 1
    assert not home.anchor.exists()


def test_an_older_store_is_told_with_what_is_missing(home: Home, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite"
    shutil.copy(home.database, copy)
    assert record(home, tmp_path)[0] == 0
    shutil.copy(copy, home.database)
    for suffix in ("-wal", "-shm"):
        home.database.with_name(home.database.name + suffix).unlink(missing_ok=True)
    code, told = shown(home, "anchor", "show")
    assert (code, "mancano 2 foglie" in told) == (1, True)
    code, told = record(home, tmp_path, 2)
    assert (code, "store-shorter" in told) == (1, True)
    assert run(home, "history", CUP).exit_code == 0


def set_clock(home: Home, minutes: float) -> None:
    """Make the wall clock look as if it had been set forward since the first look."""
    look = FirstLook(boot_id(), now() - timedelta(minutes=minutes), uptime())
    ClockFile(home.clock, boot_id()).write(look)


def test_a_clock_that_was_set_stops_writing_until_a_person_confirms(
    home: Home, tmp_path: Path
) -> None:
    assert shown(home, "clock", "show")[0] == 0
    set_clock(home, 11)
    code, told = record(home, tmp_path)
    assert (code, "clock-drift" in told, "11 minuti avanti" in told) == (1, True, True)
    assert shown(home, "clock", "show")[0] == 1
    assert run(home, "history", CUP).exit_code == 0
    assert shown(home, "clock", "confirm")[0] == 0
    assert shown(home, "clock", "show")[0] == 0
    assert record(home, tmp_path)[0] == 0


def test_a_log_ahead_of_the_clock_stops_writing_until_a_person_confirms(
    home: Home, tmp_path: Path
) -> None:
    with open_ledger(home, clock=lambda: now() + timedelta(hours=1)) as opened:
        phase = {"phase": "AFFIDAMENTO"}
        rup = open_scribe(opened, key(home, "rup"))
        write(rup, "enter-phase/1", phase, cup=CUP, role="rup", occurred_on="2023-02-15")
        size = opened.journal.size
    code, told = record(home, tmp_path)
    assert (code, "clock-behind" in told) == (1, True)
    assert shown(home, "clock", "show")[0] == 1
    assert shown(home, "clock", "confirm")[0] == 0
    file = str(written(tmp_path / "later.ndjson", enter(data={"phase": "ESECUZIONE"})))
    ran = run(home, "record", file, "--key", key(home, "rup"))
    assert ran.exit_code == 0, ran.stderr
    assert size_of(home) == size + 2
