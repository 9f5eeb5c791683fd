"""`pista anchor adopt`: two truths are refused where anything shows them, the rest is a person's."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from api.app import open_reading
from api.home import Home
from api.machine import now
from ledger.journal.leaf import parse_time
from ledger.views.replay import head_time
from tests.api.cli.adopt_kit import (
    SURE,
    Parted,
    adopt,
    as_json,
    files,
    part,
    receipts_after,
    record,
    shown,
)
from tests.api.cli.backup_kit import backed_up, head_of
from tests.api.home_kit import CUP, ORIGIN, make_told_home, run, size_of
from tests.api.proof_kit import WITNESS, cosigned, kept_forms

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[3]
FORMS = ("note", "proof", "receipt", "package", "unpacked package")


@pytest.fixture
def parted(home: Home, tmp_path: Path) -> Parted:
    """A ledger that went further, and an older copy of it."""
    return part(home, tmp_path)


class TestTwoTruths:
    """An older copy that would go on from where the ledger had gone further."""

    def test_a_copy_is_not_adopted_before_a_person_says_that_nothing_newer_exists(
        self, parted: Parted, tmp_path: Path
    ) -> None:
        run(parted.copy, "anchor", "show")  # whoever opens the vault leaves its lock there
        before = files(parted.copy)
        ran = adopt(parted.copy, parted.checkpoint)
        assert ran.exit_code == 13
        assert files(parted.copy) == before
        size = f"{parted.size} foglie"
        for word in (
            f"punto di controllo {parted.checkpoint}: albero di {size}",
            "UTC, meno di due ore fa",
            "testimoni: nessuno: è la sola parola del registro",
            f"archivio: {size}, 0 oltre quel punto",
            f"ancora: si scriverebbe in {parted.copy.anchor}, a {size}",
            "nessun'altra copia di questo registro",
            f"i testimoni, interrogati adesso, non conoscano più di {size}",
            "le ricevute e i pacchetti più recenti",
        ):
            assert word in ran.stdout
        assert "end-not-proven: " in ran.stderr
        assert "adoption-not-confirmed: Nulla è stato scritto." in ran.stderr
        assert f"rimedio: quando è certo, ripetere con {SURE}" in ran.stderr
        ran = record(parted.copy, tmp_path, parted.original)
        assert (ran.exit_code, "anchor-absent" in ran.stderr) == (1, True)

    def test_a_newer_checkpoint_of_the_original_is_refused_too(
        self, parted: Parted, tmp_path: Path
    ) -> None:
        newer = shown(parted.original, tmp_path / "newer")
        ran = adopt(parted.copy, newer, SURE)
        assert (ran.exit_code, "store-shorter" in ran.stderr) == (1, True)
        assert "non adottare un punto precedente" in ran.stderr
        assert not parted.copy.anchor.exists()

    def test_the_copys_own_checkpoint_is_adopted_with_a_warning_and_3(
        self, parted: Parted, tmp_path: Path
    ) -> None:
        """Nothing in the home tells of more, and a person took it on: the ledger writes again."""
        ran = adopt(parted.copy, parted.checkpoint, SURE)
        assert ran.exit_code == 3
        told = (
            f"end-not-proven: Il punto di controllo, a {parted.size} foglie su {parted.size}, viene"
        )
        assert told in ran.stderr
        assert f"ancora rimessa a {parted.size} foglie" in ran.stdout
        assert "occorre essere certi" not in ran.stdout
        assert run(parted.copy, "anchor", "show").exit_code == 0
        assert record(parted.copy, tmp_path, parted.original).exit_code == 0
        assert size_of(parted.copy) == parted.size + 2

    def test_an_older_proof_of_the_copy_itself_is_warned_of_too(self, parted: Parted) -> None:
        (receipt, *_) = receipts_after(parted.copy, 0)
        ran = adopt(parted.copy, receipt, SURE)
        assert (ran.exit_code, "end-not-proven" in ran.stderr) == (3, True)

    def test_a_copy_that_went_its_own_way_is_refused_by_what_the_original_shows(
        self, parted: Parted, tmp_path: Path
    ) -> None:
        assert adopt(parted.copy, parted.checkpoint, SURE).exit_code == 3
        for phase in ("AFFIDAMENTO", "ESECUZIONE"):
            assert record(parted.copy, tmp_path, parted.original, phase).exit_code == 0
        parted.copy.anchor.unlink()
        (earliest, *_) = sorted(receipts_after(parted.original, parted.size))
        shutil.copy(earliest, parted.copy.outbox)
        ran = adopt(parted.copy, parted.checkpoint, SURE)
        assert (ran.exit_code, "other-tree-kept" in ran.stderr) == (1, True)
        assert f"outbox/{earliest.name} mostra altre {parted.size + 2} foglie" in ran.stderr
        assert not parted.copy.anchor.exists()

    def test_an_older_database_put_back_in_its_home_is_refused(
        self, home: Home, tmp_path: Path
    ) -> None:
        """The database alone is old; outbox and views are as they were."""
        kept = shown(home, tmp_path / "kept")
        older = tmp_path / "older.sqlite"
        size = size_of(home)
        shutil.copy(home.database, older)
        assert record(home, tmp_path, home).exit_code == 0
        put_back(older, home)
        home.anchor.unlink()
        ran = adopt(home, kept, SURE)
        assert (ran.exit_code, "newer-proof-kept" in ran.stderr) == (1, True)
        assert f"foglie, l'archivio ne ha {size}" in ran.stderr


def put_back(copy: Path, home: Home) -> None:
    """Put an older file in the place of the database."""
    shutil.copy(copy, home.database)
    for suffix in ("-wal", "-shm"):
        home.database.with_name(home.database.name + suffix).unlink(missing_ok=True)


class TestHonest:
    """The anchor alone was lost; what was kept elsewhere is in any form."""

    @pytest.mark.parametrize("form", FORMS)
    def test_each_form_puts_the_anchor_back_and_the_ledger_writes(
        self, form: str, home: Home, tmp_path: Path
    ) -> None:
        kept = kept_forms(home, tmp_path / "kept")[form]
        assert record(home, tmp_path, home).exit_code == 0
        home.anchor.unlink()
        ran = as_json(home, kept, SURE)
        assert ran.exit_code == 0, ran.stderr
        item, summary = ran.lines
        with open_reading(home) as reading:
            store, made_at = reading.journal.size, head_time(reading.journal, item["anchor"])
        assert item["anchor"] == store - (2 if form in {"proof", "receipt"} else 4)
        assert (item["store"], item["beyond"]) == (store, store - item["anchor"])
        assert (item["adopted"], item["path"]) == (True, str(home.anchor))
        assert parse_time(item["made_at"]) == made_at
        assert 0 <= item["age_seconds"] < timedelta(hours=1).total_seconds()
        assert (item["witnesses"], summary["exit"]) == ([], 0)
        assert item["newest_kept"]["size"] == store
        assert record(home, tmp_path, home, "ESECUZIONE").exit_code == 0

    def test_a_plan_for_programs_says_that_nothing_was_adopted(
        self, home: Home, tmp_path: Path
    ) -> None:
        kept = shown(home, tmp_path / "kept")
        assert record(home, tmp_path, home).exit_code == 0
        home.anchor.unlink()
        ran = as_json(home, kept)
        assert (ran.exit_code, home.anchor.exists()) == (13, False)
        item, warning, summary = ran.lines
        assert (item["adopted"], item["beyond"]) == (False, 2)
        assert (warning["code"], summary["exit"]) == ("adoption-not-confirmed", 13)

    def test_the_anchor_is_written_where_the_environment_says(
        self, home: Home, tmp_path: Path
    ) -> None:
        kept = shown(home, tmp_path / "kept")
        home.anchor.unlink()
        place = tmp_path / "altrove"
        words = ("anchor", "adopt", "--checkpoint", str(kept), SURE)
        ran = run(home, *words, environment={"PISTA_ANCHOR_URL": f"file:{place}"})
        assert (ran.exit_code, home.anchor.exists(), place.exists()) == (3, False, True)

    def test_a_ledger_in_a_server_is_adopted_and_an_older_copy_of_it_is_not(
        self, tmp_path: Path, postgres_url: str, home: Home
    ) -> None:
        _, folder = backed_up(home, tmp_path / "copies", "--with-keys")
        kept = shown(home, tmp_path / "kept")
        assert record(home, tmp_path, home).exit_code == 0
        server = Home(tmp_path / "server")
        ran = run(server, "restore", str(folder), "--database", postgres_url)
        assert ran.exit_code == 3, ran.stderr
        put_aside = tmp_path / "aside"
        shutil.copytree(server.outbox, put_aside)
        shutil.copytree(home.outbox, server.outbox, dirs_exist_ok=True)
        ran = adopt(server, kept, SURE)
        assert (ran.exit_code, "newer-proof-kept: outbox/" in ran.stderr) == (1, True)
        shutil.rmtree(server.outbox)
        shutil.copytree(put_aside, server.outbox)
        assert adopt(server, kept).exit_code == 13
        assert adopt(server, kept, SURE).exit_code == 3
        assert record(server, tmp_path, home).exit_code == 0


def ask_for_witness(home: Home) -> None:
    """Let the policy of a home ask for a witness."""
    policy = home.policy.read_text(encoding="utf-8")
    assert policy.endswith("quorum none\n")
    lines = f"witness R1 {WITNESS.vkey}\nquorum R1\n"
    home.policy.write_text(policy.replace("quorum none\n", lines), encoding="utf-8")


class TestWitnesses:
    """What the policy asks, and what a checkpoint without it is worth."""

    @pytest.fixture
    def asked(self, home: Home, tmp_path: Path) -> tuple[Home, Path]:
        """A home without anchor whose policy asks for a witness, and its own checkpoint."""
        kept = shown(home, tmp_path / "kept")
        assert record(home, tmp_path, home).exit_code == 0
        home.anchor.unlink()
        ask_for_witness(home)
        return home, kept

    def test_without_the_quorum_it_is_the_ledgers_word_alone(
        self, asked: tuple[Home, Path]
    ) -> None:
        home, kept = asked
        ran = adopt(home, kept, SURE)
        assert (ran.exit_code, home.anchor.exists()) == (1, False)
        assert "quorum-missing: " in ran.stderr
        assert "vale la sola parola del registro, che può darla a ogni sua copia" in ran.stderr

    def test_with_the_quorum_the_witness_is_told_with_its_time(
        self, asked: tuple[Home, Path]
    ) -> None:
        home, kept = asked
        at = now().replace(microsecond=0) - timedelta(days=3, hours=1)
        kept.write_bytes(cosigned(kept.read_bytes(), WITNESS, int(at.timestamp())))
        ran = as_json(home, kept)
        (witness,) = ran.lines[0]["witnesses"]
        assert (witness["name"], parse_time(witness["at"])) == ("w1.example", at)
        ran = adopt(home, kept, SURE)
        assert ran.exit_code == 0, ran.stderr
        assert f"testimoni: w1.example ({at:%d/%m/%Y %H:%M} UTC, 3 giorni fa)" in ran.stdout

    def test_a_time_beyond_the_calendar_is_told_as_its_end(self, asked: tuple[Home, Path]) -> None:
        home, kept = asked
        kept.write_bytes(cosigned(kept.read_bytes(), WITNESS, (1 << 63) - 1))
        ran = adopt(home, kept, SURE)
        assert (ran.exit_code, "w1.example (31/12/9999" in ran.stdout) == (0, True)

    def test_what_is_kept_counts_without_the_quorum(self, parted: Parted) -> None:
        """The log signed it: it can refuse, though it could not be adopted."""
        ask_for_witness(parted.copy)
        at = int(now().timestamp())
        parted.checkpoint.write_bytes(cosigned(parted.checkpoint.read_bytes(), WITNESS, at))
        (receipt, *_) = receipts_after(parted.original, parted.size)
        shutil.copy(receipt, parted.copy.outbox)
        ran = adopt(parted.copy, parted.checkpoint, SURE)
        assert (ran.exit_code, "newer-proof-kept" in ran.stderr) == (1, True)


# What is given to be adopted and is not: the error, its exit, and how the file is made.
NOT_ADOPTED: dict[str, tuple[str, int, Callable[[str], str]]] = {
    "a text": ("checkpoint-not-found", 4, lambda _: "niente\n"),
    "a note whose size was changed": (
        "signature-invalid",
        1,
        lambda note: re.sub(r"\n\d+\n", "\n2\n", note, count=1),
    ),
    "a note of another log": (
        "log-unknown",
        1,
        lambda note: note.replace(ORIGIN, "altro.it/c_a001"),
    ),
    "a note that another key signed": (
        "signature-missing",
        1,
        lambda note: re.sub(rf"— {ORIGIN} ....", f"— {ORIGIN} AAAA", note),
    ),
}


@pytest.mark.parametrize("name", NOT_ADOPTED)
def test_what_is_no_checkpoint_of_this_ledger_is_refused(
    name: str, home: Home, tmp_path: Path
) -> None:
    code, exit_code, change = NOT_ADOPTED[name]
    note = run(home, "checkpoint", "show").stdout
    home.anchor.unlink()
    file = tmp_path / "trovato"
    file.write_text(change(note), encoding="utf-8")
    ran = adopt(home, file, SURE)
    assert (ran.exit_code, code in ran.stderr) == (exit_code, True), ran.stderr
    assert not home.anchor.exists()


def test_a_ledger_founded_anew_under_the_same_name_is_another(home: Home, tmp_path: Path) -> None:
    """Its key may be trusted as well; its tree is not that of the store."""
    other = Home(tmp_path / "other")
    make_told_home(other)
    text = run(other, "trust", "show").stdout
    vkey = re.search(r"^log (\S+)", text, re.MULTILINE)
    assert vkey is not None
    assert ORIGIN in vkey[1]
    policy = home.policy.read_text(encoding="utf-8")
    home.policy.write_text(f"log {vkey[1]}\n{policy}", encoding="utf-8")
    home.anchor.unlink()
    ran = adopt(home, shown(other, tmp_path / "kept"), SURE)
    assert (ran.exit_code, "store-forked" in ran.stderr) == (1, True)
    assert not home.anchor.exists()


def test_the_anchor_of_a_restored_ledger_agrees_with_the_original(
    parted: Parted,
) -> None:
    """The whole ledger, restored from its newest backup and adopted at the newest receipt."""
    newest = parted.original.packages / "ricevuta"
    _, folder = backed_up(parted.original, parted.original.path.parent / "newest", "--with-keys")
    whole = Home(parted.original.path.parent / "third")
    assert run(whole, "restore", str(folder)).exit_code == 3
    assert adopt(whole, newest, SURE).exit_code == 3
    assert head_of(whole) == head_of(parted.original)
    assert run(whole, "history", CUP).stdout == run(parted.original, "history", CUP).stdout


def test_every_code_that_adopting_tells_stands_in_the_handbook() -> None:
    text = (ROOT / "OPERATIONS.md").read_text(encoding="utf-8")
    section = text.split("## When the anchor is lost\n")[1].split("\n## ")[0]
    listed = set(re.findall(r"^\| (`.+?) \|", section, re.MULTILINE))
    named = {code for row in listed for code in re.findall(r"`([a-z-]+)`", row)}
    sources = ("ledger/journal/adopt.py", "api/cli/adopt_words.py", "api/proof_files.py")
    raised = {
        code
        for source in sources
        for code in re.findall(
            r'(?:Conflict|Frozen|NotVerified|Refused|Unreadable|Fault)\(\s*(?:"/\w+", )?"([a-z-]+)"',
            (ROOT / source).read_text(encoding="utf-8"),
        )
    }
    assert {"newer-proof-kept", "adoption-not-confirmed", "checkpoint-not-found"} <= raised
    assert raised - named - {"member-missing"} == set()
    assert SURE in section
