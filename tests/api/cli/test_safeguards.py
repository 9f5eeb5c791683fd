"""`pista anchor` and `pista clock`: what a person does when the ledger does not write."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

from api.app import open_ledger
from api.client.desk import open_scribe
from api.client.requests import write
from api.machine import boot_id, now, uptime
from ledger.journal.clock import ClockFile, FirstLook
from tests.api.home_kit import CUP, enter, key, run, size_of, written

if TYPE_CHECKING:
    from pathlib import Path

    from api.home import Home


def record(home: Home, folder: Path, number: int = 1) -> tuple[int, str]:
    file = str(written(folder / f"r{number}.ndjson", enter()))
    ran = run(home, "record", file, "--key", key(home, "rup"))
    return ran.exit_code, ran.stderr


def shown(home: Home, *words: str) -> tuple[int, str]:
    ran = run(home, *words)
    return ran.exit_code, ran.stdout + ran.stderr


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
    assert record(home, tmp_path)[0] == 0
    home.anchor.unlink()
    code, told = record(home, tmp_path, 2)
    assert (code, "anchor-absent" in told, "pista anchor adopt" in told) == (1, True, True)
    assert shown(home, "anchor", "show")[0] == 3
    adopting = ("anchor", "adopt", "--checkpoint", str(kept))
    code, told = shown(home, *adopting)
    assert (code, "adoption-not-confirmed" in told, home.anchor.exists()) == (13, True, False)
    code, told = shown(home, *adopting, "--nothing-newer-exists")
    assert (code, "2 foglie oltre" in told) == (0, True)
    assert record(home, tmp_path, 2)[0] in {0, 13}
    assert shown(home, "anchor", "show")[0] == 0
    assert shown(home, *adopting)[0] == 14


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


def test_no_checkpoint_is_signed_of_a_store_that_its_anchor_denies(
    home: Home, tmp_path: Path
) -> None:
    """Reading signs too: a copy that went another way gives out no second tree of a size."""
    copy = tmp_path / "copy.sqlite"
    shutil.copy(home.database, copy)
    assert record(home, tmp_path)[0] == 0
    for part in home.path.glob("ledger.sqlite*"):
        part.unlink()
    shutil.copy(copy, home.database)
    code, told = shown(home, "checkpoint", "show")
    assert (code, "store-shorter" in told) == (1, True)
    code, told = shown(home, "export", CUP, "--to", str(tmp_path / "p"), "--no-record")
    assert (code, "store-shorter" in told) == (1, True)
    home.anchor.unlink()
    code, told = shown(home, "checkpoint", "show")
    assert (code, "anchor-absent" in told, "\u2014" in told) == (1, True, False)


def test_an_older_checkpoint_is_shown_of_a_ledger_that_stands(home: Home, tmp_path: Path) -> None:
    size, before = size_of(home), run(home, "checkpoint", "show").stdout
    assert record(home, tmp_path)[0] == 0
    assert shown(home, "checkpoint", "show", str(size)) == (0, before)
