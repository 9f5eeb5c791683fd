"""Every file of the vault: what is changed, cut, lost, or put there, is named."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from ledger.errors import StorageError
from ledger.vault import durable
from ledger.vault.folder import FolderVault
from tests.exporters.ledger_writer import counted_octets
from tests.ledger.fsck.ledgers import VAULT_KEY, places

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ledger.vault.inspection import Inspection
    from tests.ledger.fsck.conftest import Copy
    from tests.ledger.fsck.ledgers import Made

HARMLESS = {"lock"}  # made anew whenever a vault is opened


def flip(at: float) -> Callable[[Path], None]:
    """Return what changes one bit, at a part of the file."""

    def spoil(path: Path) -> None:
        data = bytearray(path.read_bytes())
        if data:
            data[min(int(at * len(data)), len(data) - 1)] ^= 4
        else:
            data += b"\x04"
        path.write_bytes(bytes(data))

    return spoil


SPOILING: dict[str, Callable[[Path], None]] = {
    "first byte": flip(0),
    "a byte between": flip(0.5),
    "another byte between": flip(0.9),
    "last byte": flip(1),
    "cut by one byte": lambda path: path.write_bytes(path.read_bytes()[:-1] or b"x") and None,
    "emptied": lambda path: path.write_bytes(b"" if path.name != "lock" else b"x") and None,
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"\n") and None,
    "removed": lambda path: path.unlink(),
}


def files_of(made: Made) -> list[str]:
    """Return every file of the vault."""
    every = made.vault.rglob("*")
    return sorted(str(path.relative_to(made.vault)) for path in every if path.is_file())


def test_an_honest_vault_is_in_order(told_file: Made, copy: Copy) -> None:
    report = copy(told_file).examine(with_vault=True)
    assert (list(report.findings), report.objects) == ([], 2)


@pytest.mark.parametrize("how", SPOILING)
def test_every_spoiled_file_is_named(how: str, told_file: Made, copy: Copy) -> None:
    every = files_of(told_file)
    assert len(every) == 6  # marker, lock, two records, two objects
    for name in every:
        twin = copy(told_file)
        SPOILING[how](twin.vault / name)
        found = list(twin.examine(with_vault=True).findings)
        assert found, f"{name} {how}"
        is_fault = not (name in HARMLESS and how == "removed")
        assert found[0].is_fault is is_fault, f"{name} {how}: {places(found)}"
        parts = (name.split("/")[-1].removesuffix(".json"), "vault/")
        told = " ".join(f"{one.file} {one.sentence}" for one in found)
        assert parts[0] in told or name.startswith("objects/"), f"{name} {how}: {told}"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("note.txt", "vault-file-unknown"),
        ("keys/ab/note.json", "vault-file-unknown"),
        ("objects/ab/" + "0" * 32, "vault-file-unknown"),
        ("objects/00/" + "0" * 32, "vault-file-unreferenced"),
        ("objects/deep/er/and/deeper", "vault-file-unknown"),
        ("tmp/" + "0" * 32, "vault-leftover"),
        ("tmp/anything", "vault-leftover"),
    ],
)
def test_a_file_of_nobody_wants_attention(
    name: str, code: str, told_file: Made, copy: Copy
) -> None:
    twin = copy(told_file)
    path = twin.vault / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    found = list(twin.examine(with_vault=True).findings)
    assert [(one.code, one.is_fault) for one in found] == [(code, False)]
    assert found[0].file.startswith("vault/")
    assert path.exists(), "an examination removes nothing"


def test_an_upload_that_was_never_recorded_wants_attention(told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    vault = FolderVault(twin.vault, VAULT_KEY, random=counted_octets("another upload"))
    vault.put(io.BytesIO(b"caricato e mai registrato"), "text/plain")
    found = list(twin.examine(with_vault=True).findings)
    assert [(one.code, one.is_fault) for one in found] == [("object-unnamed", False)]


def test_who_writes_in_the_vault_leaves_no_leftovers_to_be_told(
    told_file: Made, copy: Copy
) -> None:
    twin = copy(told_file)
    (twin.vault / "tmp" / ("0" * 32)).write_bytes(b"half of it")
    with durable.locked(twin.vault / "lock", alone=False):
        assert list(twin.examine(with_vault=True).findings) == []


def test_an_object_under_another_name_is_found(told_file: Made, copy: Copy) -> None:
    """The ciphertexts of two objects, exchanged."""
    twin = copy(told_file)
    first, second = sorted(path for path in (twin.vault / "objects").rglob("*") if path.is_file())
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)
    found = list(twin.examine(with_vault=True).findings)
    assert [one.code for one in found] == ["object-header-wrong"] * 2


def test_a_vault_key_that_is_gone_is_a_finding(told_file: Made, copy: Copy) -> None:
    def no_key() -> Inspection:
        raise StorageError("vault-key-absent", "La chiave di deposito non c'è.")

    twin = copy(told_file)
    found = list(twin.examine(with_vault=no_key).findings)
    assert [(one.code, one.file) for one in found] == [("vault-key-absent", "vault.key")]
