"""Backups hold what witnesses signed; the rest of the published log is written again."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from api.home import Home
from tests.api.cli.backup_kit import backed_up, with_keys
from tests.api.home_kit import enter, key, run, size_of, written
from tests.api.witness_servers import DIRECT, witnesses_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def new(tmp_path: Path) -> Home:
    """A home that is not there yet."""
    return Home(tmp_path / "new")


def publish(home: Home) -> int:
    """Publish now."""
    return run(home, "checkpoint", "publish", environment=DIRECT).exit_code


def record(home: Home) -> None:
    """Record one event."""
    file = written(home.path / "more.ndjson", enter())
    assert run(home, "record", str(file), "--key", key(home, "rup")).exit_code == 0


def test_what_witnesses_signed_is_back_and_the_rest_is_written_again(
    home: Home, tmp_path: Path, new: Home
) -> None:
    with witnesses_of(home, 1, 2):
        assert publish(home) == 0
        record(home)
        assert publish(home) == 0
        (home.public_log / "checkpoints/.draft-9").write_bytes(b"half")
        (home.public_log / "checkpoints/7.tsr").write_bytes(b"token")
        _, folder = backed_up(home, tmp_path / "copies")
        kept = sorted(path.name for path in (folder / "log/checkpoints").iterdir())
        assert kept == sorted([str(size_of(home) - 2), str(size_of(home)), "7.tsr"])
        assert not (folder / "log/tile").exists()
        new.path.mkdir()
        shutil.copy(home.anchor, new.anchor)
        restored = run(new, "--json", "restore", str(folder))
        assert restored.exit_code == 3, restored.stderr  # the keys are to be put back
        with_keys(home, new)
        for path in (home.public_log / "checkpoints").glob("[0-9]*"):
            assert (new.public_log / "checkpoints" / path.name).read_bytes() == path.read_bytes()
        assert len(list((new.path / "policies").iterdir())) == 2
        assert run(new, "fsck", "--jobs", "1").exit_code == 1  # its tiles are not there yet
        assert publish(new) == 0
        (new.public_log / "checkpoints/7.tsr").unlink()
        assert run(new, "fsck", "--jobs", "1").exit_code == 0


def test_an_older_backup_is_told_by_the_first_witness_that_is_asked(
    home: Home, tmp_path: Path, new: Home
) -> None:
    """Though the anchor was lost and adopted: no key is used for a second history unnoticed."""
    with witnesses_of(home, 1, 2) as desk:
        assert publish(home) == 0
        _, folder = backed_up(home, tmp_path / "copies", "--with-keys")
        record(home)
        assert publish(home) == 0
        run(new, "restore", str(folder))
        (checkpoint,) = (new.public_log / "checkpoints").iterdir()
        ran = run(new, "anchor", "adopt", "--checkpoint", str(checkpoint), "--nothing-newer-exists")
        assert ran.exit_code == 3, (
            ran.stderr
        )  # a checkpoint of the copy itself: adopted all the same
        assert len(desk.witnesses) == 2
        told = run(new, "--json", "checkpoint", "publish", environment=DIRECT)
    assert told.exit_code == 1
    assert [one["state"] for one in told.lines[:-1]] == ["ahead", "ahead"]
    assert not (new.public_log / "checkpoint").exists()
    (proof,) = new.outbox.glob("contradiction-*")
    assert proof.read_bytes() in {one.latest() for one in desk.witnesses.values()}


def test_a_public_log_elsewhere_is_backed_up_as_well(home: Home, tmp_path: Path) -> None:
    elsewhere = tmp_path / "www"
    environment = {"PISTA_PUBLIC_LOG": str(elsewhere)}
    assert run(home, "checkpoint", "publish", environment=environment).exit_code == 0
    ran = run(home, "backup", "--to", str(tmp_path / "copies"), environment=environment)
    assert ran.exit_code == 0
    (folder,) = (tmp_path / "copies").iterdir()
    name = f"checkpoints/{size_of(home)}"
    assert (folder / "log" / name).read_bytes() == (elsewhere / name).read_bytes()
