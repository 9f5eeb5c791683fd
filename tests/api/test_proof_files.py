"""The checkpoint in whatever a person kept: each form, and how each may be broken."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.home import Home
from api.proof_files import NOTE, PACKAGE, PROOF, RECEIPT, find_checkpoint
from ledger.errors import Malformed, PistaError, Unreadable
from ledger.journal.policy import parse_policy
from tests.api.proof_kit import kept_forms

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FORMS = {
    "note": NOTE,
    "proof": PROOF,
    "receipt": RECEIPT,
    "package": PACKAGE,
    "unpacked package": PACKAGE,
}


@pytest.fixture(scope="session")
def forms(told: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The five forms, of one ledger; not to be written to."""
    home = Home(shutil.copytree(told, tmp_path_factory.mktemp("exported") / "home"))
    return kept_forms(home, tmp_path_factory.mktemp("kept"))


@pytest.mark.parametrize("form", FORMS)
def test_the_checkpoint_is_found_by_content(form: str, forms: dict[str, Path], told: Path) -> None:
    found = find_checkpoint(forms[form])
    assert found.form == FORMS[form]
    head = parse_policy(Home(told).policy.read_bytes()).verify_checkpoint(found.note).checkpoint
    size = int(forms["note"].read_text(encoding="utf-8").splitlines()[1])
    # A receipt is later than the package whose export it proves: an event and its closing leaf.
    assert head.size - size == (2 if form in {"proof", "receipt"} else 0)


def zipped(_: bytes) -> bytes:
    """Return a ZIP that is no package."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("log/checkpoint", "niente")
    return memory.getvalue()


BROKEN: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    "an empty file": ("note", lambda _: b"", "riga vuota"),
    "a text that is none of the forms": ("note", lambda _: b"niente\n", "riga vuota"),
    "bytes that are no text": ("note", lambda _: b"\xff\xfe\x00", "UTF-8"),
    "a note without its last line end": ("note", lambda data: data[:-1], "righe di firma intere"),
    "a note without signatures": ("note", lambda data: data.split(b"\n\n")[0], "riga vuota"),
    "a note with line ends of mail": (
        "note",
        lambda data: data.replace(b"\n", b"\r\n"),
        "carattere di controllo",
    ),
    "a note that is no checkpoint": (
        "note",
        lambda data: data.replace(b"\n", b"\nun.altra riga\n", 1),
        "origine, dimensione, radice",
    ),
    "a proof of another version": (
        "proof",
        lambda data: data.replace(b"@v1", b"@v2", 1),
        "c2sp.org/tlog-proof@v1",
    ),
    "a proof without its checkpoint": (
        "proof",
        lambda data: data.split(b"\n\n")[0] + b"\n\n",
        "riga vuota",
    ),
    "a proof whose checkpoint is cut": ("proof", lambda data: data[:-40], "righe di firma intere"),
    "a receipt cut in half": ("receipt", lambda data: data[: len(data) // 2], "a capo"),
    "a receipt that was laid out anew": (
        "receipt",
        lambda data: json.dumps(json.loads(data), indent=1).encode() + b"\n",
        "forma canonica",
    ),
    "a receipt without its proof": (
        "receipt",
        lambda data: without(data, "proof"),
        "v, envelope, leaf, proof",
    ),
    "a receipt with a member more": (
        "receipt",
        lambda data: data.replace(b'"v":1}', b'"v":1,"x":1}'),
        "v, envelope, leaf, proof",
    ),
    "a receipt whose proof is none": (
        "receipt",
        lambda data: data.replace(b"tlog-proof@v1", b"tlog-proof@v3"),
        "c2sp.org/tlog-proof@v1",
    ),
    "another JSON": ("receipt", lambda _: b'{"v":1}\n', "v, envelope, leaf, proof"),
    "a file over a mebibyte": ("note", lambda _: b"x" * ((1 << 20) + 1), "mebibyte"),
    "a package cut in half": (
        "package",
        lambda data: data[: len(data) // 2],
        "non è uno ZIP nella forma prevista",
    ),
    "a ZIP that is no package": ("package", zipped, "non è uno ZIP nella forma prevista"),
}


def without(data: bytes, name: str) -> bytes:
    """Return a canonical JSON object without one of its members."""
    members = {key: value for key, value in json.loads(data).items() if key != name}
    text = json.dumps(members, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode() + b"\n"


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_told_with_its_reason(
    name: str, forms: dict[str, Path], tmp_path: Path
) -> None:
    form, change, reason = BROKEN[name]
    path = tmp_path / "trovato"
    path.write_bytes(change(forms[form].read_bytes()))
    with pytest.raises(Unreadable) as caught:
        find_checkpoint(path)
    assert caught.value.code == "checkpoint-not-found"
    assert str(path) in caught.value.sentence
    assert reason in caught.value.sentence
    assert ".tlog-proof, una ricevuta o un pacchetto" in caught.value.sentence


def test_a_file_that_is_not_there_is_another_error(tmp_path: Path) -> None:
    with pytest.raises(Malformed) as caught:
        find_checkpoint(tmp_path / "niente")
    assert caught.value.code == "file-missing"


def test_a_folder_that_is_no_package_is_told(tmp_path: Path) -> None:
    (tmp_path / "backup.json").write_bytes(b"{}")
    with pytest.raises(Unreadable, match="non è quella di un pacchetto"):
        find_checkpoint(tmp_path)


def test_a_package_without_checkpoint_is_told(forms: dict[str, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(forms["unpacked package"], tmp_path / "package")
    (inner,) = folder.rglob("log/checkpoint")
    inner.unlink()
    with pytest.raises(Unreadable, match="Manca nel pacchetto: checkpoint"):
        find_checkpoint(folder)


@given(st.sampled_from([b"", b"PK", b"{", b"c2sp.org/tlog-proof@"]), st.binary(max_size=80))
def test_any_bytes_are_a_checkpoint_or_an_error_of_ours(
    tmp_path_factory: pytest.TempPathFactory, begin: bytes, rest: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "trovato"
    path.write_bytes(begin + rest)
    with pytest.raises(PistaError) as caught:
        find_checkpoint(path)
    assert caught.value.code == "checkpoint-not-found"
