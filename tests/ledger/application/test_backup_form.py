"""The two files that say what a backup is: one text for each value, everything else is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.application.backup_form import (
    Description,
    format_description,
    format_manifest,
    is_plain_name,
    parse_description,
    parse_manifest,
)
from ledger.errors import PistaError

SAID = Description(
    origin="pnrr.comune.lecce.it/c_e506",
    size=1291,
    root=bytes(range(32)),
    checkpoint="pnrr.comune.lecce.it/c_e506\n1291\n...\n\n— x y\n".encode(),
    made_at=datetime(2026, 11, 24, 9, 12, 3, tzinfo=UTC),
    files=41,
    size_bytes=718_191,
    absent=((b"c" * 32, "object-damaged"),),
)
DIGEST = "7d865e959b2466918c9863afca942d0fb89d7c9ac0c99bafc3749504ded97730"


def changed(**members: Any) -> bytes:  # noqa: ANN401  whatever JSON can hold
    """Return a description with members changed, in canonical form."""
    plain = {**json.loads(format_description(SAID)), **members}
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode() + b"\n"


def test_a_description_is_read_back_as_it_was() -> None:
    assert parse_description(format_description(SAID)) == SAID
    assert changed() == format_description(SAID)
    assert SAID.folder_name == "pnrr.comune.lecce.it_c_e506_1291_20261124T091203Z"


BAD_DESCRIPTIONS: dict[str, tuple[bytes, str]] = {
    "no bytes": (b"", "backup-unreadable"),
    "no JSON": (b"{", "backup-unreadable"),
    "a list": (b"[]\n", "backup-unreadable"),
    "no members": (b"{}\n", "backup-unreadable"),
    "bytes that are no text": (b"\xff\xfe", "backup-unreadable"),
    "deep nesting": (b"[" * 100_000, "backup-unreadable"),
    "a member more": (changed(more=1), "backup-unreadable"),
    "blanks": (format_description(SAID).replace(b",", b", "), "backup-unreadable"),
    "no final line feed": (format_description(SAID)[:-1], "backup-unreadable"),
    "trailing bytes": (format_description(SAID) + b"\n", "backup-unreadable"),
    "a format of something else": (changed(format="pista/anchor/v1"), "backup-unreadable"),
    "a newer version": (changed(format="pista/backup/v2"), "backup-newer"),
    "a much newer version with other members": (
        b'{"format":"pista/backup/v17"}\n',
        "backup-newer",
    ),
    "a size that is text": (changed(size="1291"), "backup-unreadable"),
    "a size that is no integer": (changed(size=1.5), "backup-unreadable"),
    "a size that is a truth": (changed(size=True), "backup-unreadable"),
    "a size below nothing": (changed(size=-1), "backup-unreadable"),
    "a root that is short": (changed(root="AAAA"), "backup-unreadable"),
    "a time that does not exist": (changed(made_at="2026-02-30T00:00:00Z"), "backup-unreadable"),
    "a time with a fraction": (changed(made_at="2026-02-03T00:00:00.5Z"), "backup-unreadable"),
    "an origin that is none": (changed(origin=None), "backup-unreadable"),
    "a commitment that is none": (changed(absent=[["x", "y"]]), "backup-unreadable"),
    "a commitment without code": (changed(absent=[["x"]]), "backup-unreadable"),
    "absent that are no list": (changed(absent=5), "backup-unreadable"),
}


@pytest.mark.parametrize(("data", "code"), BAD_DESCRIPTIONS.values(), ids=BAD_DESCRIPTIONS.keys())
def test_anything_else_is_no_description(data: bytes, code: str) -> None:
    with pytest.raises(PistaError) as caught:
        parse_description(data)
    assert caught.value.code == code


names = st.lists(st.text("abz09._-", min_size=1).filter(lambda t: t not in {".", ".."}), min_size=1)


@given(st.dictionaries(names.map("/".join), st.just(DIGEST)))
def test_a_manifest_is_read_back_as_it_was(digests: dict[str, str]) -> None:
    assert parse_manifest(format_manifest(digests)) == digests


BAD_MANIFESTS: dict[str, bytes] = {
    "no final line feed": f"{DIGEST}  a".encode(),
    "one blank": f"{DIGEST} a\n".encode(),
    "a digest in capitals": f"{DIGEST.upper()}  a\n".encode(),
    "a digest cut": f"{DIGEST[1:]}  a\n".encode(),
    "an absolute path": f"{DIGEST}  /etc/passwd\n".encode(),
    "a path upwards": f"{DIGEST}  ../a\n".encode(),
    "a path upwards within": f"{DIGEST}  vault/../../a\n".encode(),
    "this folder": f"{DIGEST}  ./a\n".encode(),
    "an empty step": f"{DIGEST}  vault//a\n".encode(),
    "a name with a blank": f"{DIGEST}  a b\n".encode(),
    "a name with a backslash": f"{DIGEST}  a\\b\n".encode(),
    "a name that is no ASCII": f"{DIGEST}  è\n".encode(),
    "a name twice": f"{DIGEST}  a\n{DIGEST}  a\n".encode(),
    "names out of order": f"{DIGEST}  b\n{DIGEST}  a\n".encode(),
    "an empty line": f"{DIGEST}  a\n\n".encode(),
    "a carriage return": f"{DIGEST}  a\r\n".encode(),
    "bytes that are no text": b"\xff\n",
}


@pytest.mark.parametrize("data", BAD_MANIFESTS.values(), ids=BAD_MANIFESTS.keys())
def test_anything_else_is_no_manifest(data: bytes) -> None:
    with pytest.raises(PistaError) as caught:
        parse_manifest(data)
    assert caught.value.code == "backup-unreadable"


def test_a_plain_name_is_one_that_a_manifest_can_list() -> None:
    assert is_plain_name("0198c0a2-7d3f.jws")
    assert not is_plain_name("a\nb")
