"""What was published is kept: every head, the first signature of each witness, nothing replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.errors import Frozen, NotVerified, StorageError, Unreadable
from ledger.journal.checkpoint import (
    Checkpoint,
    Ed25519Cosigner,
    format_checkpoint,
    open_checkpoint,
    sign_checkpoint,
)
from ledger.journal.journal import Journal
from ledger.journal.note import Note, format_note, parse_note
from ledger.transparency.kept_checkpoints import KeptCheckpoints, join_notes
from tests.ledger.journal.copy_kit import long_log
from tests.ledger.journal.sequencer_kit import ORIGIN, SIGNER

if TYPE_CHECKING:
    from pathlib import Path


def witness(number: int) -> Ed25519Cosigner:
    """Return a witness with a fixed key."""
    key = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
    return Ed25519Cosigner(f"w{number}", key.sign, key.public_key().public_bytes_raw())


def cosigned(size: int, *signatures: tuple[int, int], root: bytes = bytes(32)) -> bytes:
    """Return a head with signatures, each (number of the witness, time)."""
    head = Checkpoint(ORIGIN, size, root)
    note = parse_note(sign_checkpoint(head, SIGNER))
    lines = [witness(number).cosign(format_checkpoint(head), time) for number, time in signatures]
    return format_note(Note(note.text, (*note.signatures, *lines)))


def signed_by(note: bytes) -> list[tuple[str, int]]:
    """Return (witness, time) of the signatures, all of them verified."""
    keys = [witness(number).key for number in range(1, 40)]
    return [(one.name, one.time) for one in open_checkpoint(note, SIGNER.key, keys).cosigners]


def test_every_head_is_kept_under_its_size(tmp_path: Path) -> None:
    kept = KeptCheckpoints(tmp_path)
    assert (kept.sizes(), kept.read(7), list(kept.newest_first())) == ([], None, [])
    notes = {size: cosigned(size, (1, 100)) for size in (7, 1291, 300)}
    for note in notes.values():
        assert kept.keep(note) == note
    assert kept.sizes() == [7, 300, 1291]
    assert list(kept.newest_first()) == [(size, notes[size]) for size in (1291, 300, 7)]
    assert (tmp_path / "checkpoints/1291").read_bytes() == notes[1291]


def test_the_first_signature_of_a_witness_stays_and_others_are_added(tmp_path: Path) -> None:
    kept = KeptCheckpoints(tmp_path)
    kept.keep(cosigned(7, (1, 100)))
    kept.keep(cosigned(7, (1, 90_000), (2, 90_001)))
    note = kept.keep(cosigned(7, (3, 95_000), (2, 95_000)))
    assert signed_by(note) == [("w1", 100), ("w2", 90_001), ("w3", 95_000)]
    assert kept.read(7) == note


def test_what_adds_nothing_writes_nothing(tmp_path: Path) -> None:
    kept = KeptCheckpoints(tmp_path)
    kept.keep(cosigned(7, (1, 100)))
    before = (tmp_path / "checkpoints/7").stat().st_mtime_ns
    kept.keep(cosigned(7, (1, 200)))
    assert (tmp_path / "checkpoints/7").stat().st_mtime_ns == before


def test_a_second_root_for_a_size_is_never_kept(tmp_path: Path) -> None:
    kept = KeptCheckpoints(tmp_path)
    first = cosigned(7, (1, 100))
    kept.keep(first)
    with pytest.raises(Frozen, match="published-forked"):
        kept.keep(cosigned(7, (1, 200), root=b"x" * 32))
    assert kept.read(7) == first


def test_what_is_no_checkpoint_is_not_kept(tmp_path: Path) -> None:
    kept = KeptCheckpoints(tmp_path)
    with pytest.raises(Unreadable):
        kept.keep(b"no note")
    kept.keep(cosigned(7))
    (tmp_path / "checkpoints/7").write_bytes(b"damaged")
    with pytest.raises(Unreadable):
        kept.keep(cosigned(7, (1, 100)))
    (tmp_path / "checkpoints/7").write_bytes(b"x" * 70_000)
    with pytest.raises(StorageError, match="answer-too-long"):
        kept.read(7)


def test_the_newest_head_that_is_kept_must_be_of_the_log(tmp_path: Path) -> None:
    """It is found though `checkpoint` was deleted, or put back from an older copy."""
    journal, kept = Journal(long_log(300)), KeptCheckpoints(tmp_path)
    kept.check_follows(journal)
    kept.keep(cosigned(200, (1, 100)))
    kept.keep(cosigned(250, (1, 100), root=journal.root_at(250)))
    kept.check_follows(journal)
    kept.keep(cosigned(301, (1, 100)))
    with pytest.raises(Frozen, match=r"published-ahead.*301"):
        kept.check_follows(journal)
    (tmp_path / "checkpoints/301").write_bytes(b"damaged")
    with pytest.raises(StorageError, match="published-unreadable"):
        kept.check_follows(journal)


def test_other_files_of_the_folder_are_no_heads(tmp_path: Path) -> None:
    kept = KeptCheckpoints(tmp_path)
    kept.keep(cosigned(7))
    for name in ("7.tsr", "007", "-1", ".draft-8", "nove"):
        (tmp_path / "checkpoints" / name).write_bytes(b"")
    assert kept.sizes() == [7]


def test_a_note_has_no_more_signatures_than_it_may_have() -> None:
    first = cosigned(7, *((number, 1) for number in range(1, 32)))
    assert len(signed_by(first)) == 31
    with pytest.raises(NotVerified, match="signatures-too-many"):
        join_notes(first, cosigned(7, (32, 1)))
