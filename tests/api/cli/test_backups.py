"""`pista backup` and `pista restore`: there and back, and what is left to a person."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from api.app import open_ledger, open_reading
from api.backup_marks import MADE, PROVEN, BackupMark, read_mark, write_mark
from api.backups import Beside, restore_home
from api.home import Home
from api.machine import now
from tests.api.cli.backup_kit import backed_up, head_of, with_document, with_keys
from tests.api.home_kit import CUP, ORIGIN, enter, key, run, size_of, written


@pytest.fixture
def documented(home: Home, tmp_path: Path) -> Home:
    """A home with an act, its file and its signatory in the vault."""
    with_document(home, tmp_path)
    return home


@pytest.fixture
def new(tmp_path: Path) -> Home:
    """A home that is not there yet."""
    return Home(tmp_path / "new")


def warnings(ran_lines: list[dict[str, object]]) -> list[object]:
    """Return the codes of the warnings."""
    return [line["code"] for line in ran_lines if line["kind"] == "warning"]


def test_a_backup_says_where_it_is_and_what_it_holds(documented: Home, tmp_path: Path) -> None:
    ran, folder = backed_up(documented, tmp_path / "copies")
    item, summary = ran.lines
    assert (item["origin"], item["size"], item["keys"]) == (ORIGIN, size_of(documented), False)
    assert item["files"] == len([path for path in folder.rglob("*") if path.is_file()]) - 2
    assert (summary["kind"], summary["exit"]) == ("summary", 0)


def test_a_person_is_told_which_keys_to_keep_apart(documented: Home, tmp_path: Path) -> None:
    ran = run(documented, "backup", "--to", str(tmp_path / "copies"))
    assert ran.exit_code == 0
    assert "keys/log.pem, keys/ca.pem e vault.key" in ran.stdout
    assert "PRIVATE KEY" not in "".join(
        path.read_text(encoding="latin-1") for path in (tmp_path / "copies").rglob("*.pem")
    )


def test_a_backup_with_keys_warns_of_them(documented: Home, tmp_path: Path) -> None:
    ran = run(documented, "backup", "--to", str(tmp_path / "copies"), "--with-keys")
    assert "chi la possiede legge i documenti" in ran.stdout
    (folder,) = (tmp_path / "copies").iterdir()
    for name in ("keys/log.pem", "keys/ca.pem", "vault.key"):
        assert (folder / name).read_bytes() == (documented.path / name).read_bytes()
    assert not (folder / "keys" / "rup.pem").exists()


def test_a_target_may_be_a_url(documented: Home, tmp_path: Path) -> None:
    _, folder = backed_up(documented, Path(f"file://{tmp_path}/a%20b"))
    assert folder.parent == tmp_path / "a b"


def test_a_ledger_is_back_with_keys_and_anchor_in_their_places(
    documented: Home, tmp_path: Path, new: Home
) -> None:
    _, folder = backed_up(documented, tmp_path / "copies", "--with-keys")
    new.path.mkdir()
    shutil.copy(documented.anchor, new.anchor)
    ran = run(new, "--json", "restore", str(folder))
    assert (ran.exit_code, warnings(ran.lines), ran.lines[0]["lost"]) == (0, [], 0)
    assert head_of(new) == head_of(documented)
    file = str(written(tmp_path / "r.ndjson", enter()))
    assert run(new, "record", file, "--key", key(documented, "rup")).exit_code == 0


def test_documents_and_views_are_back(documented: Home, tmp_path: Path, new: Home) -> None:
    _, folder = backed_up(documented, tmp_path / "copies")
    run(new, "restore", str(folder))
    with_keys(documented, new)
    with open_reading(documented) as before, open_reading(new) as after:
        assert after.views.interventions() == before.views.interventions()
        assert after.runner.health.behind == 0
        commits = [stored.commit for stored in before.vault.list()]
        assert len(commits) == 2
        for commit in commits:
            assert b"".join(after.vault.open(commit)) == b"".join(before.vault.open(commit))
    shown = run(documented, "history", CUP, "--raw").stdout
    assert run(new, "history", CUP, "--raw").stdout == shown


def test_what_is_left_to_a_person_is_said_and_exits_3(
    documented: Home, tmp_path: Path, new: Home
) -> None:
    _, folder = backed_up(documented, tmp_path / "copies")
    ran = run(new, "--json", "restore", str(folder))
    assert ran.exit_code == 3
    assert warnings(ran.lines) == ["anchor-absent", *["key-to-put-back"] * 3]
    assert ran.lines[-1] == {
        "schema": "pista.cli/1",
        "kind": "summary",
        "count": 1,
        "exit": 3,
    }
    assert "pista anchor adopt --checkpoint" in ran.stderr
    for name in ("keys/log.pem", "keys/ca.pem", "vault.key"):
        assert str(new.path / name) in ran.stderr


def test_a_restored_ledger_without_anchor_reads_and_does_not_write_until_one_is_adopted(
    documented: Home, tmp_path: Path, new: Home
) -> None:
    _, folder = backed_up(documented, tmp_path / "copies", "--with-keys")
    kept = tmp_path / "checkpoint"
    kept.write_text(run(documented, "checkpoint", "show").stdout, encoding="utf-8")
    assert run(new, "restore", str(folder)).exit_code == 3
    assert run(new, "history", CUP).exit_code == 0
    file = str(written(tmp_path / "r.ndjson", enter()))
    ran = run(new, "record", file, "--key", key(documented, "rup"))
    assert (ran.exit_code, "anchor-absent" in ran.stderr) == (1, True)
    adopting = ("anchor", "adopt", "--checkpoint", str(kept), "--nothing-newer-exists")
    ran = run(new, *adopting)
    assert (ran.exit_code, "end-not-proven" in ran.stderr) == (3, True)
    assert run(new, "record", file, "--key", key(documented, "rup")).exit_code == 0


@pytest.mark.parametrize("given", ["in its place", "by option"])
def test_an_anchor_that_is_ahead_says_how_much_is_lost(
    documented: Home, tmp_path: Path, new: Home, given: str
) -> None:
    _, folder = backed_up(documented, tmp_path / "copies", "--with-keys")
    with_document(documented, tmp_path, "101")
    options: list[str] = []
    if given == "by option":
        options = ["--anchor", str(documented.anchor)]
    else:
        new.path.mkdir()
        shutil.copy(documented.anchor, new.anchor)
    ran = run(new, "--json", "restore", str(folder), *options)
    assert (ran.exit_code, ran.lines[0]["lost"]) == (3, 2)
    assert warnings(ran.lines) == ["store-shorter"]
    assert run(new, "history", CUP).exit_code == 0
    file = str(written(tmp_path / "r.ndjson", enter()))
    ran = run(new, "record", file, "--key", key(documented, "rup"))
    code = "store-shorter" if given == "in its place" else "anchor-absent"
    assert (ran.exit_code, code in ran.stderr) == (1, True)


def test_an_anchor_elsewhere_is_looked_at_too(documented: Home, tmp_path: Path) -> None:
    _, folder = backed_up(documented, tmp_path / "copies", "--with-keys")
    elsewhere = tmp_path / "elsewhere"
    shutil.copy(documented.anchor, elsewhere)
    new = Home(tmp_path / "new", anchor_url=f"file:{elsewhere}")
    assert not new.path.exists()
    restored, amiss = restore_home(folder, new, Beside(), lambda *_: None)
    assert (restored.lost, amiss) == (0, [])
    assert head_of(new)[0] == restored.description.size


class TestProof:
    """`pista restore --prove`."""

    def test_a_proof_touches_nothing_and_is_remembered(
        self, documented: Home, tmp_path: Path
    ) -> None:
        _, folder = backed_up(documented, tmp_path / "copies")
        before = {path: path.read_bytes() for path in documented.path.rglob("*") if path.is_file()}
        with_mark = documented.path / PROVEN
        ran = run(documented, "--json", "restore", str(folder), "--prove")
        assert (ran.exit_code, warnings(ran.lines)) == (0, [])
        item = ran.lines[0]
        assert (item["documents"], item["behind"], item["erased_since"]) == (2, 0, 0)
        after = {path: path.read_bytes() for path in documented.path.rglob("*") if path.is_file()}
        assert after.pop(with_mark)
        assert after == before
        mark = read_mark(documented.path, PROVEN)
        assert mark is not None
        assert (mark.size, mark.folder) == (size_of(documented), str(folder))

    def test_a_proof_in_words(self, documented: Home, tmp_path: Path) -> None:
        _, folder = backed_up(documented, tmp_path / "copies")
        with_document(documented, tmp_path, "101")
        ran = run(documented, "restore", str(folder), "--prove")
        assert ran.exit_code == 0
        assert "documenti: 2 decifrati" in ran.stdout
        assert "che ha 2 posizioni in più" in ran.stdout

    def test_without_a_ledger_a_backup_is_proven_as_far_as_can_be(
        self, documented: Home, tmp_path: Path, new: Home
    ) -> None:
        _, folder = backed_up(documented, tmp_path / "copies")
        ran = run(new, "--json", "restore", str(folder), "--prove")
        assert (ran.exit_code, warnings(ran.lines)) == (3, ["documents-not-opened"])
        assert not new.path.exists()
        _, folder = backed_up(documented, tmp_path / "with", "--with-keys")
        assert run(new, "restore", str(folder), "--prove").exit_code == 0
        assert not new.path.exists()

    def test_a_broken_ledger_does_not_keep_its_backup_from_being_proven(
        self, documented: Home, tmp_path: Path
    ) -> None:
        _, folder = backed_up(documented, tmp_path / "copies")
        documented.database.write_bytes(b"x" * 9000)
        ran = run(documented, "--json", "restore", str(folder), "--prove")
        assert (ran.exit_code, warnings(ran.lines)) == (3, ["store-failed"])
        assert ran.lines[0]["documents"] == 2
        assert read_mark(documented.path, PROVEN) is None

    def test_the_backup_of_another_ledger_is_not_proven(
        self, documented: Home, tmp_path: Path, told: Path
    ) -> None:
        _, folder = backed_up(documented, tmp_path / "copies")
        other = Home(shutil.copytree(told, tmp_path / "other"))
        with_document(other, tmp_path, "777")
        ran = run(other, "restore", str(folder), "--prove")
        assert ran.exit_code == 1
        assert "store-forked" in ran.stderr or "backup-not-of-ledger" in ran.stderr
        assert read_mark(other.path, PROVEN) is None


class TestDoctor:
    """What `pista doctor` says of backups."""

    def states(self, home: Home) -> dict[str, str]:
        lines = [json.loads(line) for line in run(home, "--json", "doctor").stdout.splitlines()]
        return {line["what"]: line["state"] for line in lines if line["kind"] == "item"}

    def test_fresh_ones_are_well(self, documented: Home, tmp_path: Path) -> None:
        _, folder = backed_up(documented, tmp_path / "copies")
        run(documented, "restore", str(folder), "--prove")
        states = self.states(documented)
        assert (states["ultima copia"], states["ultima copia provata"]) == ("ok", "ok")

    def test_old_ones_need_attention(self, documented: Home) -> None:
        for name in (MADE, PROVEN):
            mark = BackupMark(now() - timedelta(days=7, minutes=1), "copies/x", 12)
            write_mark(documented.path, name, mark)
        ran = run(documented, "doctor")
        old = [line for line in ran.stdout.splitlines() if "più di 7 giorni" in line]
        assert [line.split()[0] for line in old] == ["attenzione", "attenzione"]
        assert "copies/x" in old[0]

    @pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"at":"ieri","folder":"x","size":1}'])
    def test_marks_that_are_none_count_as_none(self, documented: Home, data: bytes) -> None:
        (documented.path / MADE).write_bytes(data)
        assert self.states(documented)["ultima copia"] == "attenzione"


def test_erasures_of_a_newer_ledger_are_asked_for(
    documented: Home, tmp_path: Path, new: Home
) -> None:
    _, older = backed_up(documented, tmp_path / "older")
    with_document(documented, tmp_path, "101")
    _, newer = backed_up(documented, tmp_path / "newer")
    for later in (documented.path, newer):
        ran = run(new, "--json", "restore", str(older), "--erasures-from", str(later))
        assert (ran.exit_code, ran.lines[0]["erased"]) == (3, 0), ran.stderr
        shutil.rmtree(new.path)
    ran = run(new, "restore", str(newer), "--erasures-from", str(older))
    assert (ran.exit_code, "later-differs" in ran.stderr) == (1, True)


def test_a_home_is_backed_up_while_it_is_open(documented: Home, tmp_path: Path) -> None:
    with open_ledger(documented) as opened:
        _, folder = backed_up(documented, tmp_path / "copies")
        assert opened.journal.size == json.loads((folder / "backup.json").read_bytes())["size"]
