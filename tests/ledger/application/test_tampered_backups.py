"""A backup that was changed, by accident or on purpose: each is named, and nothing is put in place."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from ledger.application.proof_of_restore import AtWork, prove
from ledger.errors import PistaError
from ledger.journal.checkpoint import Checkpoint, sign_checkpoint
from ledger.journal.note import Ed25519NoteSigner
from ledger.journal.policy import Log, Policy, format_policy
from ledger.journal.row import pack, unpack
from ledger.signing.algorithms import ed25519_public, sign_ed25519
from tests.ledger.application.backup_kit import (
    FILES,
    KEYS,
    SmallLedger,
    restored,
    silent,
    unprepared,
    unsigned,
)
from tests.ledger.application.tamper_kit import another_digit, cut, flip, seal
from tests.ledger.journal.sequencer_kit import ORIGIN, SIGNER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Change = Callable[[Path], object]

SEED = bytes(32)
FORGER = Ed25519NoteSigner(ORIGIN, lambda data: sign_ed25519(SEED, data), ed25519_public(SEED))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup with keys, not to be changed."""
    place = tmp_path_factory.mktemp("sound")
    with SmallLedger.make(place / "home") as small:
        small.put(b"determina 1")
        small.put(b"determina 2")
        (place / "home" / "outbox").mkdir()
        (place / "home" / "outbox" / "a.jws").write_bytes(b"envelope")
        return small.backup(place / "copies", FILES | KEYS).folder


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    """A backup of one's own."""
    return shutil.copytree(sound, tmp_path / sound.name)


def one(folder: Path, pattern: str) -> Path:
    """Return the first file below a folder that fits."""
    return min(path for path in folder.rglob(pattern) if path.is_file())


def sql(folder: Path, statement: str) -> None:
    """Change the journal."""
    with closing(sqlite3.connect(folder / "ledger.sqlite")) as connection, connection:
        connection.executescript(statement)


def other_event(folder: Path) -> None:
    """Put another envelope in the place of one, with its leaf left as it is."""
    with closing(sqlite3.connect(folder / "ledger.sqlite")) as connection, connection:
        (data,) = connection.execute("SELECT data FROM event WHERE position = 3").fetchone()
        leaf, envelope = unpack(data)
        changed = pack(leaf, envelope.replace(b"A", b"B", 1))
        connection.execute("UPDATE event SET data = ? WHERE position = 3", (changed,))


def longer_manifest(folder: Path) -> None:
    """Add a line to the manifest for a file that is not there."""
    manifest = folder / "manifest-sha256.txt"
    manifest.write_bytes(manifest.read_bytes() + b"0" * 64 + b"  zzz\n")


def without_line(folder: Path) -> None:
    """Take a file away together with its line."""
    manifest = folder / "manifest-sha256.txt"
    lines = manifest.read_bytes().splitlines(keepends=True)
    manifest.write_bytes(b"".join(line for line in lines if b"outbox" not in line))
    (folder / "outbox" / "a.jws").unlink()


def linked(folder: Path) -> None:
    """Put a link to the same content, outside, in the place of a document."""
    path = one(folder, "objects/*/*")
    outside = folder.parent / "outside"
    path.rename(outside)
    path.symlink_to(outside)


ACCIDENTS: dict[str, tuple[Change, str]] = {
    "a byte of the journal flipped": (lambda f: flip(f / "ledger.sqlite"), "backup-file-changed"),
    "a byte of a document flipped": (lambda f: flip(one(f, "objects/*/*")), "backup-file-changed"),
    "a byte of a key record flipped": (
        lambda f: flip(one(f, "vault/keys/*/*.json")),
        "backup-file-changed",
    ),
    "a byte of the vault key flipped": (lambda f: flip(f / "vault.key"), "backup-file-changed"),
    "a byte of the policy flipped": (lambda f: flip(f / "policy.txt"), "backup-file-changed"),
    "a byte of an envelope flipped": (lambda f: flip(f / "outbox/a.jws"), "backup-file-changed"),
    "a digit of the description changed": (
        lambda f: flip(f / "backup.json", (f / "backup.json").read_bytes().index(b"13:00") + 4),
        "backup-file-changed",
    ),
    "a digit of a digest changed": (
        lambda f: another_digit(f / "manifest-sha256.txt"),
        "backup-file-changed",
    ),
    "the journal cut": (lambda f: cut(f / "ledger.sqlite"), "backup-file-changed"),
    "a document cut": (lambda f: cut(one(f, "objects/*/*")), "backup-file-changed"),
    "the description cut": (lambda f: cut(f / "backup.json"), "backup-unreadable"),
    "the manifest cut": (lambda f: cut(f / "manifest-sha256.txt"), "backup-unreadable"),
    "no journal": (lambda f: (f / "ledger.sqlite").unlink(), "backup-file-missing"),
    "no document": (lambda f: one(f, "objects/*/*").unlink(), "backup-file-missing"),
    "no policy": (lambda f: (f / "policy.txt").unlink(), "backup-file-missing"),
    "no manifest": (lambda f: (f / "manifest-sha256.txt").unlink(), "backup-file-missing"),
    "no description": (lambda f: (f / "backup.json").unlink(), "not-a-backup"),
    "no vault": (lambda f: shutil.rmtree(f / "vault"), "backup-file-missing"),
    "a file too many": (lambda f: (f / "anchor").write_bytes(b"x"), "backup-file-unlisted"),
    "a file too many in the vault": (
        lambda f: (f / "vault" / "objects" / "x").write_bytes(b"x"),
        "backup-file-unlisted",
    ),
    "a write-ahead log beside the journal": (
        lambda f: (f / "ledger.sqlite-wal").write_bytes(b"x"),
        "backup-file-unlisted",
    ),
    "a line too many": (longer_manifest, "backup-file-missing"),
    "a file gone with its line": (without_line, "backup-differs"),
    "a folder for a file": (
        lambda f: ((f / "policy.txt").unlink(), (f / "policy.txt").mkdir()),
        "backup-file-missing",
    ),
    "an empty folder": (lambda f: (shutil.rmtree(f), f.mkdir()), "not-a-backup"),
    "no folder": (shutil.rmtree, "not-a-backup"),
    "a file for the folder": (lambda f: (shutil.rmtree(f), f.write_bytes(b"")), "not-a-backup"),
}


def resealed(change: Change, **members: object) -> Change:
    """Return a change after which description and manifest are made to fit."""

    def forge(folder: Path) -> None:
        change(folder)
        seal(folder, **members)

    return forge


def forged_note(folder: Path) -> None:
    """Sign the head of a changed journal with another key, and give out a policy that fits."""
    policy = format_policy(Policy((Log(SIGNER.key),), (), (), "none"))
    assert (folder / "policy.txt").read_bytes() == policy
    note = sign_checkpoint(Checkpoint(ORIGIN, 6, bytes(32)), FORGER)
    seal(folder, checkpoint=note, root=bytes(32))


FORGERIES: dict[str, tuple[Change, str]] = {
    "another envelope": (resealed(other_event), "envelope-differs"),
    "the tail of the journal gone": (
        resealed(
            lambda f: sql(
                f,
                "DELETE FROM stream_event WHERE position > 4; DELETE FROM event WHERE position > 4;"
                "UPDATE ledger_head SET position = 4; UPDATE stream SET count = 2, last_position = 3",
            )
        ),
        "backup-differs",
    ),
    "a row gone": (
        resealed(lambda f: sql(f, "DELETE FROM event WHERE position = 3")),
        "row-missing",
    ),
    "a stream changed": (resealed(lambda f: sql(f, "UPDATE stream SET count = 9")), "tree-differs"),
    "the journal of another origin": (
        resealed(lambda f: sql(f, "UPDATE ledger_head SET origin = 'other.example/log'")),
        "origin-mismatch",
    ),
    "a description of another origin": (
        resealed(lambda _: None, origin="other.example/log"),
        "snapshot-other",
    ),
    "a description of another size": (resealed(lambda _: None, size=4), "backup-differs"),
    "a description of another root": (resealed(lambda _: None, root=bytes(32)), "backup-differs"),
    "a checkpoint that is none": (
        resealed(lambda _: None, checkpoint=b"no note"),
        "note-unreadable",
    ),
    "a checkpoint by another key": (forged_note, "signature-missing"),
    "a policy of another log": (
        resealed(
            lambda f: (f / "policy.txt").write_bytes(
                format_policy(Policy((Log(FORGER.key),), (), (), "none"))
            )
        ),
        "signature-missing",
    ),
    "a policy that is none": (
        resealed(lambda f: (f / "policy.txt").write_bytes(b"x")),
        "policy-unreadable",
    ),
    "a journal that is no database": (
        resealed(lambda f: (f / "ledger.sqlite").write_bytes(b"x" * 9000)),
        "snapshot-other",
    ),
    "a journal of a newer program": (
        resealed(lambda f: sql(f, "PRAGMA user_version = 99")),
        "schema-newer",
    ),
    "a file listed outside the folder": (
        lambda f: (f / "manifest-sha256.txt").write_bytes(b"0" * 64 + b"  ../../etc/passwd\n"),
        "backup-unreadable",
    ),
    "a link for a file": (linked, "backup-file-changed"),
    "a backup of a newer program": (
        lambda f: (f / "backup.json").write_bytes(b'{"format":"pista/backup/v2"}\n'),
        "backup-newer",
    ),
}
CHANGES = ACCIDENTS | FORGERIES


@pytest.mark.parametrize(("change", "code"), CHANGES.values(), ids=CHANGES.keys())
def test_a_changed_backup_is_named_and_nothing_is_put_in_place(
    folder: Path, tmp_path: Path, change: Change, code: str
) -> None:
    change(folder)
    with pytest.raises(PistaError) as caught:
        restored(folder, tmp_path / "new")
    assert caught.value.code == code, caught.value
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(("change", "code"), CHANGES.values(), ids=CHANGES.keys())
def test_a_changed_backup_is_not_proven(
    folder: Path, tmp_path: Path, change: Change, code: str
) -> None:
    change(folder)
    with pytest.raises(PistaError) as caught:
        prove(folder, tmp_path / "aside", AtWork(), unprepared, silent, examine=unsigned)
    assert caught.value.code == code, caught.value


def test_what_was_not_changed_is_restored_and_proven(folder: Path, tmp_path: Path) -> None:
    assert prove(
        folder, tmp_path / "aside", AtWork(), unprepared, silent, examine=unsigned
    ).is_whole
    assert restored(folder, tmp_path / "new").absent == ()


def test_a_changed_byte_anywhere_is_found(folder: Path, tmp_path: Path) -> None:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        for at in {0, len(data) // 2, len(data) - 1}:
            flip(path, at)
            with pytest.raises(PistaError):
                restored(folder, tmp_path / "new")
            path.write_bytes(data)
    restored(folder, tmp_path / "new")


def swapped(folder: Path) -> None:
    """Put the ciphertext of one document in the place of another, and make the manifest fit."""
    first, second = sorted(path for path in folder.rglob("objects/*/*") if path.is_file())
    data = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(data)
    seal(folder)


def test_a_forged_document_is_found_by_the_proof_that_opens_it(
    folder: Path, tmp_path: Path
) -> None:
    swapped(folder)
    with pytest.raises(PistaError, match="backup-object-unreadable"):
        prove(folder, tmp_path / "aside", AtWork(), unprepared, silent, examine=unsigned)


def test_a_document_taken_away_with_its_lines_is_told(folder: Path, tmp_path: Path) -> None:
    record = one(folder, "vault/keys/*/*.json")
    record.unlink()
    seal(folder)
    found = restored(folder, tmp_path / "new")
    assert [code for _, code in found.absent] == ["object-absent"]
