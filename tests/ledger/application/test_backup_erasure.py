"""What was erased by law before or during a backup is in no byte of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.application.backup import make_backup
from ledger.vault.layout import Layout
from tests.ledger.application.backup_kit import NOW, SmallLedger, contents, text_of
from tests.ledger.vault.vault_cases import holds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallLedger]:
    """A ledger with a document."""
    with SmallLedger.make(tmp_path / "home") as made:
        made.put(b"determina 1")
        yield made


def secrets_of(small: SmallLedger, commit: bytes) -> list[bytes]:
    """Return what must be nowhere: wrapped key, salt and digest, and the ciphertext."""
    layout = Layout(small.home / "vault")
    record = layout.read_record(commit)
    ciphertext = layout.object_path(record.id).read_bytes()[32:]
    return [record.key, record.salt, record.sha256, ciphertext]


def found_in(folder: Path, secrets: list[bytes]) -> list[str]:
    """Return the files that hold one of the secrets."""
    return [
        name
        for name, data in contents(folder).items()
        if any(holds(data, secret) for secret in secrets)
    ]


def test_the_search_finds_what_is_there(small: SmallLedger, tmp_path: Path) -> None:
    commit = small.put(b"personal data")
    secrets = secrets_of(small, commit)
    assert len(found_in(small.backup(tmp_path / "copies").folder, secrets)) == 2


def test_a_backup_after_an_erasure_holds_nothing_of_it(small: SmallLedger, tmp_path: Path) -> None:
    commit = small.put(b"personal data")
    secrets = secrets_of(small, commit)
    small.erase(commit)
    made = small.backup(tmp_path / "copies")
    assert made.description.absent == ()
    assert found_in(tmp_path / "copies", secrets) == []


def test_an_erasure_that_is_recorded_and_not_done_yet_is_done_in_the_backup(
    small: SmallLedger, tmp_path: Path
) -> None:
    commit = small.put(b"personal data")
    secrets = secrets_of(small, commit)
    small.record(type_="content-erased/1", commits=[text_of(commit)])
    made = small.backup(tmp_path / "copies")
    assert made.description.absent == ()
    assert found_in(tmp_path / "copies", secrets) == []


@pytest.mark.parametrize("times", [1, 2])
def test_an_erasure_during_a_backup_is_in_its_log_and_not_in_its_vault(
    small: SmallLedger, tmp_path: Path, times: int
) -> None:
    commits = [small.put(bytes([n]) * 40) for n in range(times)]
    secrets = [secret for commit in commits for secret in secrets_of(small, commit)]
    waiting = list(commits)

    def meanwhile(what: str, done: int, total: int) -> None:
        if what == "documenti" and done == total and waiting:
            small.erase(waiting.pop())

    made = make_backup(small.source(), tmp_path / "copies", NOW, meanwhile)
    assert made.description.absent == ()
    assert made.description.size == small.recorder.head().position
    assert found_in(tmp_path / "copies", secrets) == []


def test_erasures_without_end_do_not_keep_a_backup_from_being_made(
    small: SmallLedger, tmp_path: Path
) -> None:
    waiting = [small.put(bytes([n]) * 40) for n in range(9)]

    def meanwhile(what: str, done: int, total: int) -> None:
        if what == "documenti" and done == total and waiting:
            small.erase(waiting.pop())

    made = make_backup(small.source(), tmp_path / "copies", NOW, meanwhile)
    assert len(waiting) == 6
    assert made.folder.is_dir()
