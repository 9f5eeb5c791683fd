"""What keeps a backup or a restore from being made: a code, a sentence, an exit, and nothing left."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from api.app import open_reading
from api.home import Home
from ledger.application.backup_form import slug
from ledger.vault.vaultkey import format_vault_key, new_vault_key
from tests.api.cli.backup_kit import backed_up, pista, with_document
from tests.api.home_kit import ORIGIN, run
from tests.ledger.application.tamper_kit import seal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def _linked(home: Path, tmp: Path) -> str:
    (tmp / "link").symlink_to(home)
    return f"{tmp}/link/copies"


def _file(tmp: Path) -> str:
    (tmp / "file").write_bytes(b"mine")
    return f"{tmp}/file"


BAD_TARGETS: dict[str, tuple[Callable[[Path, Path], str], int, str]] = {
    "a bucket": (lambda _home, _tmp: "s3://copie/lecce", 2, "backup-target-unknown"),
    "the home itself": (lambda home, _tmp: str(home), 2, "backup-target-inside"),
    "a folder of the home": (lambda home, _tmp: str(home / "outbox"), 2, "backup-target-inside"),
    "a new folder in the home": (lambda home, _tmp: f"{home}/copies", 2, "backup-target-inside"),
    "the home by a detour": (
        lambda home, _tmp: f"{home}/../{home.name}/vault",
        2,
        "backup-target-inside",
    ),
    "the home by a link": (_linked, 2, "backup-target-inside"),
    "a file": (lambda _home, tmp: _file(tmp), 5, "backup-not-written"),
    "a folder in a folder that is not there": (
        lambda _home, tmp: f"{tmp}/no/such",
        5,
        "backup-not-written",
    ),
}


@pytest.mark.parametrize(("target", "code", "name"), BAD_TARGETS.values(), ids=BAD_TARGETS.keys())
def test_a_target_that_cannot_be_is_named(
    home: Home, tmp_path: Path, target: Callable[[Path, Path], str], code: int, name: str
) -> None:
    text = target(home.path, tmp_path)
    before = snapshot(tmp_path)
    ran = run(home, "backup", "--to", text)
    assert (ran.exit_code, name in ran.stderr) == (code, True), ran.stderr
    assert snapshot(tmp_path) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_named(home: Home, tmp_path: Path) -> None:
    (tmp_path / "copies").mkdir(mode=0o500)
    ran = run(home, "backup", "--to", str(tmp_path / "copies"))
    assert (ran.exit_code, "backup-not-written" in ran.stderr) == (5, True)


@pytest.mark.parametrize("kib", [40, 200])
def test_a_full_disk_leaves_no_backup_and_the_next_one_is_whole(
    home: Home, tmp_path: Path, kib: int
) -> None:
    with_document(home, tmp_path)
    with_large_document(home, 400)
    copies = tmp_path / "copies"
    process = pista(home, "backup", "--to", str(copies), kib=kib)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 5, told
    assert b"Traceback" not in told
    assert any(code in told for code in (b"backup-not-written", b"snapshot-failed")), told
    assert list(copies.glob("*")) == []
    backed_up(home, copies)


def with_large_document(home: Home, kib: int) -> None:
    """Put an object in the vault that no event names."""
    with open_reading(home) as reading:
        reading.vault.put(io.BytesIO(bytes(1024 * kib)), "application/pdf")


@pytest.mark.parametrize("kib", [0, 40, 200])
def test_a_full_disk_leaves_no_ledger_and_the_next_restore_is_whole(
    home: Home, tmp_path: Path, kib: int
) -> None:
    with_large_document(home, 400)
    _, folder = backed_up(home, tmp_path / "copies")
    new = Home(tmp_path / "new")
    process = pista(new, "restore", str(folder), kib=kib)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 5, told
    assert b"restore-not-written" in told or b"snapshot-failed" in told, told
    assert not new.path.exists()
    assert run(new, "restore", str(folder)).exit_code == 3


def test_a_second_backup_at_once_is_busy(home: Home, tmp_path: Path) -> None:
    holder = (
        "import sys; from pathlib import Path; from ledger.application.work_folder import claimed\n"
        "with claimed(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    (tmp_path / "copies").mkdir()
    incomplete = tmp_path / "copies" / f"{slug(ORIGIN)}.incomplete"
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(incomplete)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        ran = run(home, "backup", "--to", str(tmp_path / "copies"))
        assert (ran.exit_code, "work-busy" in ran.stderr) == (11, True)
        process.communicate()
    backed_up(home, tmp_path / "copies")


def test_without_a_ledger_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    ran = run(Home(tmp_path / "none"), "backup", "--to", str(tmp_path / "copies"))
    assert (ran.exit_code, "pista init" in ran.stderr) == (10, True)
    assert list(tmp_path.iterdir()) == []


BROKEN: dict[str, tuple[Callable[[Home], object], int, str]] = {
    "no vault key": (lambda h: h.vault_key.unlink(), 2, "vault-key-absent"),
    "a vault key of another": (
        lambda h: h.vault_key.write_bytes(_other_key()),
        5,
        "vault-key-other",
    ),
    "no log key": (lambda h: (h.keys / "log.pem").unlink(), 2, "key-file-absent"),
    "an exposed log key": (lambda h: (h.keys / "log.pem").chmod(0o644), 12, "key-file-exposed"),
    "no policy": (lambda h: h.policy.unlink(), 5, "home-damaged"),
    "no anchor": (lambda h: h.anchor.unlink(), 1, "anchor-absent"),
    "a spoilt journal": (lambda h: h.database.write_bytes(b"x" * 9000), 5, "store-failed"),
}


def _other_key() -> bytes:
    return format_vault_key(new_vault_key())


@pytest.mark.parametrize(("spoil", "code", "name"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_home_makes_no_backup(
    home: Home, tmp_path: Path, spoil: Callable[[Home], object], code: int, name: str
) -> None:
    spoil(home)
    ran = run(home, "backup", "--to", str(tmp_path / "copies"))
    assert (ran.exit_code, name in ran.stderr) == (code, True), ran.stderr
    assert list(tmp_path.glob("copies/*")) == []


def test_a_document_that_the_vault_lost_is_named_and_the_rest_is_saved(
    home: Home, tmp_path: Path
) -> None:
    with_document(home, tmp_path)
    record = min(home.vault.rglob("keys/*/*.json"))
    record.write_bytes(b"rotten")
    ran = run(home, "--json", "backup", "--to", str(tmp_path / "copies"))
    assert ran.exit_code == 3
    assert [line["code"] for line in ran.lines[1:-1]] == ["object-not-in-backup"]
    assert record.stem in ran.stderr
    proven = run(home, "--json", "restore", ran.lines[0]["folder"], "--prove")
    assert proven.exit_code == 3
    assert [line["code"] for line in proven.lines[1:-1]] == ["object-not-in-backup"]


BAD_SOURCES: dict[str, tuple[Callable[[Path], object], int, str]] = {
    "an empty folder": (lambda f: (shutil.rmtree(f), f.mkdir()), 4, "not-a-backup"),
    "no folder": (shutil.rmtree, 4, "not-a-backup"),
    "a changed file": (lambda f: (f / "policy.txt").write_bytes(b"x"), 1, "backup-file-changed"),
    "a missing file": (lambda f: (f / "policy.txt").unlink(), 1, "backup-file-missing"),
    "a file too many": (lambda f: (f / "anchor").write_bytes(b"x"), 1, "backup-file-unlisted"),
    "a description cut": (lambda f: (f / "backup.json").write_bytes(b"{"), 4, "backup-unreadable"),
    "a newer version": (
        lambda f: (f / "backup.json").write_bytes(b'{"format":"pista/backup/v2"}\n'),
        5,
        "backup-newer",
    ),
}


@pytest.mark.parametrize(("spoil", "code", "name"), BAD_SOURCES.values(), ids=BAD_SOURCES.keys())
def test_what_is_no_sound_backup_is_named(
    home: Home, tmp_path: Path, spoil: Callable[[Path], object], code: int, name: str
) -> None:
    _, folder = backed_up(home, tmp_path / "copies")
    spoil(folder)
    new = Home(tmp_path / "new")
    for more in ([], ["--prove"]):
        ran = run(new, "restore", str(folder), *more)
        assert (ran.exit_code, name in ran.stderr) == (code, True), ran.stderr
        assert not new.path.exists()


def test_the_settings_of_another_ledger_are_refused(home: Home, tmp_path: Path) -> None:
    _, folder = backed_up(home, tmp_path / "copies")
    settings = folder / "ledger.json"
    settings.write_text(settings.read_text().replace(ORIGIN, "other.example/log"))
    seal(folder)
    ran = run(Home(tmp_path / "new"), "restore", str(folder))
    assert (ran.exit_code, "backup-differs" in ran.stderr) == (1, True)
    assert not (tmp_path / "new").exists()


def test_a_home_with_a_ledger_is_not_overwritten(home: Home, tmp_path: Path) -> None:
    _, folder = backed_up(home, tmp_path / "copies")
    before = snapshot(home.path)
    ran = run(home, "restore", str(folder))
    assert (ran.exit_code, "already-there" in ran.stderr) == (14, True)
    assert snapshot(home.path) == before


def test_an_anchor_that_is_no_file_is_named(home: Home, tmp_path: Path) -> None:
    _, folder = backed_up(home, tmp_path / "copies")
    new = Home(tmp_path / "new")
    ran = run(new, "restore", str(folder), "--anchor", str(tmp_path / "none"))
    assert (ran.exit_code, "file-unreadable" in ran.stderr) == (4, True)
    (tmp_path / "bad").write_bytes(b"x")
    ran = run(new, "restore", str(folder), "--anchor", str(tmp_path / "bad"))
    assert (ran.exit_code, "anchor-unreadable" in ran.stderr) == (5, True)
    assert not new.path.exists()


def test_a_database_url_with_a_password_is_refused(home: Home, tmp_path: Path) -> None:
    _, folder = backed_up(home, tmp_path / "copies")
    url = "postgresql://pista:segreto@127.0.0.1/pista"
    ran = run(Home(tmp_path / "new"), "restore", str(folder), "--database", url)
    assert (ran.exit_code, "database-password-stored" in ran.stderr) == (2, True)
    assert "segreto" not in ran.stdout + ran.stderr
