"""Witnesses without a server: they read the published folder, sign, and their notes are carried back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.app import log_signer, open_reading
from api.cli.exits import FAILED, INCOMPLETE, OK, REFUSED, UNREADABLE, USAGE
from api.witnessing import open_witness
from ledger.journal.checkpoint import Checkpoint, sign_checkpoint
from ledger.journal.note import Note, format_note, parse_note
from tests.api.cli.test_checkpoints import doctor
from tests.api.home_kit import ORIGIN, enter, key, run, size_of, written
from tests.api.witness_servers import DIRECT, adopt
from tests.ledger.transparency.asked_kit import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from api.home import Home


@pytest.fixture
def visitor(home: Home, tmp_path: Path) -> Path:
    """A witness in a folder that the policy asks for, with both keys, and that has no address."""
    folder = tmp_path / "w1"
    assert run(home, "witness", "init", str(folder), "--name", "w1.example").exit_code == OK
    opened = open_witness(folder)
    vkey = log_signer(home, ORIGIN).vkey
    assert run(home, "witness", "add-log", str(folder), vkey).exit_code == OK
    policy = (
        f"log {vkey}\nwitness W1 {opened.cosigner.vkey}\nwitness W1-RILETTO {opened.rescanner.vkey}\n"
        "group Q all W1 W1-RILETTO\nquorum Q\n"
    ).encode()
    assert adopt(home, policy).exit_code == REFUSED  # it has no address
    file = home.path / "new-policy.txt"
    assert run(home, "trust", "adopt", str(file), "--by-hand").exit_code == OK
    return folder


def publish(home: Home) -> int:
    """Publish now."""
    return run(home, "checkpoint", "publish", environment=DIRECT).exit_code


def test_a_witness_that_comes_and_reads_every_leaf_lets_the_head_be_published(
    home: Home, visitor: Path, tmp_path: Path
) -> None:
    assert publish(home) == INCOMPLETE
    waiting, log = size_of(home), str(home.public_log)
    signed, reread = tmp_path / "signed", tmp_path / "reread"
    assert run(home, "witness", "cosign", str(visitor), log, "--to", str(signed)).exit_code == OK
    added = run(home, "checkpoint", "add", str(signed))
    assert added.exit_code == INCOMPLETE
    assert "resta in attesa di testimoni" in added.stdout
    # Meanwhile people go on writing, and a newer head waits.
    file = written(home.path / "more.ndjson", enter())
    assert run(home, "record", str(file), "--key", key(home, "rup")).exit_code == OK
    rescan = ("witness", "rescan", str(visitor), log, "--to", str(reread))
    assert run(home, "--quiet", *rescan).exit_code == OK
    assert publish(home) == INCOMPLETE
    told = run(home, "--json", "checkpoint", "add", str(reread), str(signed))
    assert (told.exit_code, told.lines[0]["published"], told.lines[0]["size"]) == (
        OK,
        True,
        waiting,
    )
    note = (home.public_log / "checkpoint").read_bytes()
    names = [line.name for line in parse_note(note).signatures]
    assert names == [ORIGIN, "w1.example", "w1.example/rescan"]
    assert run(home, "fsck", "--jobs", "1").exit_code == OK
    assert f"il punto di controllo {size_of(home)} attende" in doctor(home)["testimoni"].detail


def test_a_note_that_our_key_signed_elsewhere_is_kept_as_proof(
    home: Home, visitor: Path, tmp_path: Path
) -> None:
    """A witness brings the head of another copy: the two cannot both be true."""
    assert publish(home) == INCOMPLETE
    note = parse_note(
        sign_checkpoint(Checkpoint(ORIGIN, 9999, b"y" * 32), log_signer(home, ORIGIN))
    )
    line = open_witness(visitor).cosigner.cosign(note.text, NOW)
    brought = tmp_path / "brought"
    brought.write_bytes(format_note(Note(note.text, (*note.signatures, line))))
    ran = run(home, "checkpoint", "add", str(brought))
    assert (ran.exit_code, ran.stderr.split(":")[0]) == (FAILED, "published-ahead")
    (kept,) = home.outbox.glob("contradiction-9999-*")
    assert kept.read_bytes() == brought.read_bytes()
    assert doctor(home)["contraddizione"].state == "non va"


def test_what_is_no_signature_of_a_witness_is_told(
    home: Home, visitor: Path, tmp_path: Path
) -> None:
    assert visitor.exists()
    assert publish(home) == INCOMPLETE
    file = tmp_path / "note"
    file.write_bytes((home.public_log / "checkpoint.pending").read_bytes())
    ran = run(home, "checkpoint", "add", str(file))
    assert (ran.exit_code, ran.stderr.split(":")[0]) == (USAGE, "cosignature-absent")
    file.write_bytes(b"garbage")
    ran = run(home, "checkpoint", "add", str(file))
    assert (ran.exit_code, ran.stderr.split(":")[0]) == (UNREADABLE, "note-unreadable")
    assert run(home, "checkpoint", "add", str(tmp_path / "none")).exit_code == USAGE


def test_a_size_that_no_tree_has_takes_no_signature(
    home: Home, visitor: Path, tmp_path: Path
) -> None:
    assert publish(home) == INCOMPLETE
    with open_reading(home) as reading:
        head = Checkpoint(ORIGIN, 3, reading.journal.root_at(3))
    note = parse_note(sign_checkpoint(head, log_signer(home, ORIGIN)))
    line = open_witness(visitor).cosigner.cosign(note.text, NOW)
    file = tmp_path / "note"
    file.write_bytes(format_note(Note(note.text, (*note.signatures, line))))
    ran = run(home, "checkpoint", "add", str(file))
    assert (ran.exit_code, ran.stderr.split(":")[0]) == (USAGE, "no-such-head")
