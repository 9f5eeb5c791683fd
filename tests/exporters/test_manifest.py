"""Members are read in pieces; manifests are what sha256sum accepts."""

from __future__ import annotations

import io
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters.manifest import (
    format_manifest,
    list_member,
    member_of_bytes,
    member_of_chunks,
    member_read_by,
)

if TYPE_CHECKING:
    from pathlib import Path

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_manifest_is_sorted_by_the_bytes_of_the_path() -> None:
    names = ["data/b", "data/a/9", "data/a/10", "data/A", "data/a-b"]
    listed = [list_member(member_of_bytes(name, b"abc")) for name in names]
    ordered = ["data/A", "data/a-b", "data/a/10", "data/a/9", "data/b"]
    assert format_manifest(listed) == "".join(f"{ABC}  {name}\n" for name in ordered).encode()


def test_sha256sum_accepts_a_manifest_and_finds_a_changed_file(tmp_path: Path) -> None:
    contents = {"a/empty": b"", "a/abc": b"abc", "b": bytes(range(256))}
    for name, data in contents.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    listed = [list_member(member_of_bytes(name, data)) for name, data in contents.items()]
    (tmp_path / "manifest").write_bytes(format_manifest(listed))
    command = ["sha256sum", "--strict", "-c", "manifest"]
    assert subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode == 0
    (tmp_path / "b").write_bytes(b"x")
    assert subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode == 1


def test_no_members_give_an_empty_manifest() -> None:
    assert format_manifest([]) == b""


def test_a_member_is_listed_with_its_size_and_digest() -> None:
    assert list_member(member_of_bytes("a", b"")).sha256 == EMPTY
    assert list_member(member_of_bytes("a", b"abc")).size_bytes == 3


@given(st.lists(st.binary(max_size=50), max_size=10))
def test_chunks_of_any_size_read_as_their_sum(chunks: list[bytes]) -> None:
    member = member_of_chunks("a", lambda: iter(chunks))
    with member.open() as stream:
        assert stream.read() == b"".join(chunks)
    assert list_member(member) == list_member(member)
    assert list_member(member).sha256 == list_member(member_of_bytes("a", b"".join(chunks))).sha256


def test_a_member_is_opened_afresh_each_time() -> None:
    reads = io.BytesIO(b"xy")
    member = member_read_by("a", lambda: reads.read(1))
    assert [member.open().read(), member.open().read()] == [b"x", b"y"]


def test_an_error_while_a_member_is_read_comes_out() -> None:
    def broken() -> bytes:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        list_member(member_read_by("a", broken))
