"""An erasure by law through backup and restore of a home."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from api.app import log_signer
from api.home import Home
from api.machine import now
from ledger.journal.anchor import FileAnchor
from ledger.journal.batch import Candidate
from ledger.journal.merkle import EMPTY_ROOT
from ledger.journal.sequencer import Sequencer
from ledger.journal.sqlite import SQLiteRecorder
from ledger.signing.envelope import StreamClaim
from ledger.vault.folder import FolderVault
from ledger.vault.layout import Layout
from ledger.vault.vaultkey import read_vault_key
from tests.api.cli.backup_kit import backed_up, with_document
from tests.api.home_kit import ORIGIN, run
from tests.exporters.ledger_writer import PassThrough
from tests.ledger.application.backup_kit import contents, jws, text_of
from tests.ledger.vault.vault_cases import holds

if TYPE_CHECKING:
    from pathlib import Path


def record_erasure(home: Home, commit: bytes, type_: str = "content-erased/1") -> None:
    """Append an erasure past the door, which would ask for its approval, in a stream of its own."""
    event_id = "01981f6e-0000-7000-8000-000000000001"
    data = {"commits": [text_of(commit)], "legal_basis": "garante-order", "approval": event_id}
    payload = {
        "id": event_id,
        "type": type_,
        "streams": [{"name": "erasures"}],
        "actor": "a" * 26,
        "role": "dpo",
        "occurred_on": "2026-03-01",
        "claimed_at": "2026-03-01T09:00:00Z",
        "objects": [],
        "data": data,
    }
    signing_input, raw = jws(payload)
    claims = (StreamClaim("erasures", 0, None),)
    with closing(SQLiteRecorder(home.database, ORIGIN)) as recorder:
        anchor = FileAnchor(home.anchor)
        sequencer = Sequencer(recorder, log_signer(home, ORIGIN), anchor, now, PassThrough())
        sequencer.submit(
            Candidate(raw, "erasure", type_, signing_input, claims, 0, EMPTY_ROOT, kid="k")
        )


def some_commit(home: Home) -> tuple[bytes, list[bytes]]:
    """Return the commitment of a document, and what tells of it in the vault."""
    layout = Layout(home.vault)
    commit = next(layout.commits())
    record = layout.read_record(commit)
    return commit, [record.key, record.salt, layout.object_path(record.id).read_bytes()[32:]]


def test_what_was_erased_is_in_no_later_backup_and_in_no_restored_home(
    home: Home, tmp_path: Path
) -> None:
    with_document(home, tmp_path)
    commit, secrets = some_commit(home)
    record_erasure(home, commit)
    FolderVault(home.vault, read_vault_key(home.vault_key)).erase(commit)
    ran, folder = backed_up(home, tmp_path / "copies", "--with-keys")
    assert ran.lines[-1]["exit"] == 0
    new = Home(tmp_path / "new")
    assert run(new, "restore", str(folder)).exit_code == 3
    for place in (folder, new.path):
        found = contents(place).values()
        assert not any(holds(data, secret) for data in found for secret in secrets)


def test_an_older_backup_is_restored_without_what_the_ledger_has_erased_since(
    home: Home, tmp_path: Path
) -> None:
    with_document(home, tmp_path)
    _, folder = backed_up(home, tmp_path / "copies", "--with-keys")
    commit, secrets = some_commit(home)
    record_erasure(home, commit)
    new = Home(tmp_path / "new")
    ran = run(new, "--json", "restore", str(folder), "--erasures-from", str(home.path))
    assert (ran.exit_code, ran.lines[0]["erased"]) == (3, 2)
    assert [line["code"] for line in ran.lines[1:-1]] == ["anchor-absent"]
    found = contents(new.path).values()
    assert not any(holds(data, secret) for data in found for secret in secrets)


def test_a_proof_tells_of_erasures_since(home: Home, tmp_path: Path) -> None:
    with_document(home, tmp_path)
    _, folder = backed_up(home, tmp_path / "copies")
    record_erasure(home, some_commit(home)[0])
    ran = run(home, "--json", "restore", str(folder), "--prove")
    assert (ran.exit_code, ran.lines[0]["erased_since"]) == (0, 1)
    said = run(home, "restore", str(folder), "--prove").stdout
    assert "documenti cancellati da allora: 1" in said


def test_views_that_cannot_be_built_are_told_and_the_ledger_is_there(
    home: Home, tmp_path: Path
) -> None:
    record_erasure(home, bytes(32), "invented-thing/1")
    _, folder = backed_up(home, tmp_path / "copies", "--with-keys")
    new = Home(tmp_path / "new")
    ran = run(new, "--json", "restore", str(folder), "--anchor", str(home.anchor))
    assert ran.exit_code == 3
    (warning,) = [line for line in ran.lines if line["kind"] == "warning"]
    assert warning["sentence"]
    assert not new.views.exists()
    assert run(new, "trust", "show").exit_code == 0
