"""`pista anchor adopt` asks everything that the home still keeps before it creates the anchor."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from ledger.fsck.kept import Kept, write_kept
from tests.api.cli.adopt_kit import (
    SURE,
    Parted,
    adopt,
    as_json,
    part,
    receipts_after,
    record,
    shown,
)
from tests.api.home_kit import run, size_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from api.home import Home


@pytest.fixture
def parted(home: Home, tmp_path: Path) -> Parted:
    """A ledger that went further, and an older copy of it."""
    return part(home, tmp_path)


def as_proof(parted: Parted) -> None:
    """Put a bare proof into the outbox, as one does who got it by mail."""
    (receipt, *_) = receipts_after(parted.original, parted.size)
    proof = json.loads(receipt.read_bytes())["proof"]
    (parted.copy.outbox / "da-rossi.txt").write_text(proof, encoding="utf-8")


def as_views(parted: Parted) -> None:
    """Let the views be those of the original."""
    for left in parted.copy.path.glob("views.sqlite*"):
        left.unlink()
    for path in parted.original.path.glob("views.sqlite*"):
        shutil.copy(path, parted.copy.path)


def copying(*patterns: str) -> Callable[[Parted], None]:
    """Return what copies the newest of such files, or such a folder, of the original."""

    def copy(parted: Parted) -> None:
        for pattern in patterns:
            for path in sorted(parted.original.path.glob(pattern)):
                target = parted.copy.path / path.relative_to(parted.original.path)
                if path.is_dir():
                    shutil.copytree(path, target)
                else:
                    shutil.copy(path, target)

    return copy


def as_published(name: str) -> Callable[[Parted], None]:
    """Return what puts the newest head of the original where the copy publishes."""

    def put(parted: Parted) -> None:
        note = run(parted.original, "checkpoint", "show").stdout
        target = parted.copy.public_log / name.format(size=size_of(parted.original))
        target.parent.mkdir(parents=True)
        target.write_text(note, encoding="utf-8")

    return put


# What alone shows that the ledger went further, and how it is named.
KEPT: dict[str, tuple[Callable[[Parted], None], str]] = {
    "receipts": (copying("outbox/*.receipt"), r"outbox/[0-9a-f-]+\.receipt"),
    "the head of a key": (copying("outbox/*.checkpoint"), r"outbox/\S+\.checkpoint"),
    "a proof in the outbox": (as_proof, r"outbox/da-rossi\.txt"),
    "an unpacked package": (copying("packages/spacchettato"), r"packages/spacchettato"),
    "the published head": (as_published("checkpoint"), r"log/checkpoint"),
    "a head that waits": (as_published("checkpoint.pending"), r"log/checkpoint\.pending"),
    "a published head that is kept": (as_published("checkpoints/{size}"), r"log/checkpoints/\d+"),
    "a head that was stamped": (
        as_published("checkpoints/{size}.log"),
        r"log/checkpoints/\d+\.log",
    ),
    "the last examination": (copying("fsck.kept"), r"fsck\.kept"),
    "the last backup": (copying("backup.made"), r"backup\.made \(copia \S+later\S+\)"),
    "the views": (as_views, "Ciò che le viste hanno letto"),
}


@pytest.mark.parametrize("name", KEPT)
def test_whatever_is_kept_of_more_leaves_refuses_and_is_named_with_the_sizes(
    name: str, parted: Parted
) -> None:
    put, named = KEPT[name]
    put(parted)
    for sure in ((), (SURE,)):
        ran = adopt(parted.copy, parted.checkpoint, *sure)
        assert ran.exit_code == 1
        told = re.search(
            rf"newer-proof-kept: {named}(?: \(e altri \d+\))? mostra un registro di (\d+) foglie,"
            rf" l'archivio ne ha {parted.size}:",
            ran.stderr,
        )
        assert told is not None, ran.stderr
        assert parted.size < int(told[1]) <= size_of(parted.original)
        assert not parted.copy.anchor.exists()


def test_a_package_and_the_receipt_of_its_export_are_asked(parted: Parted) -> None:
    """By their names in the folder of packages, at any depth."""
    folder = parted.copy.packages / "2026"
    folder.mkdir()
    for source, target in (("pacchetto", "a.zip"), ("ricevuta", "a.zip.receipt")):
        shutil.copy(parted.original.packages / source, folder / target)
        ran = adopt(parted.copy, parted.checkpoint, SURE)
        assert f"newer-proof-kept: packages/2026/{target}" in ran.stderr
    assert ran.exit_code == 1


class TestUnread:
    """Files of the home that might have shown more."""

    def test_one_that_cannot_be_read_is_named_and_the_exit_is_3(
        self, home: Home, tmp_path: Path
    ) -> None:
        kept = shown(home, tmp_path / "kept")
        assert record(home, tmp_path, home).exit_code == 0
        home.anchor.unlink()
        (home.outbox / "rotta.receipt").write_bytes(b"{")
        home.kept.write_bytes(b"niente\n")
        ran = adopt(home, kept, SURE)
        assert (ran.exit_code, home.anchor.exists()) == (3, True)
        assert "kept-proof-unreadable: 2 file" in ran.stderr
        assert "outbox/rotta.receipt (" in ran.stderr
        assert "fsck.kept (" in ran.stderr

    def test_many_are_counted(self, home: Home, tmp_path: Path) -> None:
        kept = shown(home, tmp_path / "kept")
        assert record(home, tmp_path, home).exit_code == 0
        home.anchor.unlink()
        for number in range(5):
            (home.outbox / f"{number}.receipt").write_bytes(b"{")
        told = as_json(home, kept, SURE).lines[1]
        assert told["code"] == "kept-proof-unreadable"
        assert "5 file" in told["sentence"]
        assert "outbox/2.receipt" in told["sentence"]
        assert "outbox/3.receipt" not in told["sentence"]
        assert "; e altri 2." in told["sentence"]

    def test_a_larger_tree_that_the_log_did_not_sign_refuses_nothing_and_is_told(
        self, home: Home, tmp_path: Path
    ) -> None:
        kept = shown(home, tmp_path / "kept")
        assert record(home, tmp_path, home).exit_code == 0
        home.anchor.unlink()
        lines = kept.read_text(encoding="utf-8").split("\n")
        forged = "\n".join([lines[0], "999", *lines[2:]])
        (home.outbox / "falso.checkpoint").write_text(forged, encoding="utf-8")
        ran = adopt(home, kept, SURE)
        assert (ran.exit_code, "outbox/falso.checkpoint (" in ran.stderr) == (3, True)

    def test_what_is_of_another_ledger_is_passed_over(self, home: Home, tmp_path: Path) -> None:
        kept = shown(home, tmp_path / "kept")
        assert record(home, tmp_path, home).exit_code == 0
        home.anchor.unlink()
        lines = kept.read_text(encoding="utf-8").split("\n")
        other = "\n".join(["altro.it/c_a001", "999", *lines[2:]])
        (home.outbox / "altro.checkpoint").write_text(other, encoding="utf-8")
        write_kept(home.kept, Kept("altro.it/c_a001", 999, b"x" * 32))
        ran = adopt(home, kept, SURE)
        assert (ran.exit_code, ran.stderr.count("\n")) == (0, 1), ran.stderr
