"""ZIP containers: any changed byte is found, and what would harm is not opened."""

from __future__ import annotations

import os
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporters.container import open_container
from exporters.members import PIECE_BYTES, Limits
from ledger.errors import NotVerified, Unopenable
from tests.exporters.container_cases import MEMBERS, contents, passes, refusal, write
from tests.exporters.hostile_zips import (
    DAMAGED,
    GOOD,
    MALFORMED,
    MIB,
    UNSAFE,
    deflated,
    deflated_to_a_piece,
    lying,
    zipped,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_zip_that_is_not_in_our_form_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "p.zip").write_bytes(data)
    assert refusal(tmp_path / "p.zip") == "container-malformed"


@pytest.mark.parametrize("data", UNSAFE.values(), ids=UNSAFE.keys())
def test_a_zip_that_would_harm_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "p.zip").write_bytes(data)
    assert refusal(tmp_path / "p.zip") == "container-unsafe"


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_member_is_named_when_it_is_read(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "p.zip").write_bytes(data)
    with open_container(tmp_path / "p.zip") as container:
        with pytest.raises(NotVerified, match="member-damaged: Il file a ") as caught:
            container.read("a", MIB)
        assert not isinstance(caught.value, Unopenable)
        with pytest.raises(NotVerified, match="member-damaged"), container.open("a") as stream:
            stream.read()


def test_the_zip_that_the_hostile_ones_are_made_of_is_good(tmp_path: Path) -> None:
    (tmp_path / "p.zip").write_bytes(GOOD)
    with open_container(tmp_path / "p.zip") as container:
        assert contents(container) == {"row": b"row"}


def test_a_deflate_stream_that_ends_with_a_piece_is_read(tmp_path: Path) -> None:
    (tmp_path / "p.zip").write_bytes(deflated_to_a_piece(b""))
    with open_container(tmp_path / "p.zip") as container:
        assert container.read("a", MIB).startswith(bytes(range(256)))


@pytest.mark.parametrize("over", [0, 1, 2, 29, 30, 64, 257, 258])
def test_what_inflate_holds_back_at_the_end_is_read(tmp_path: Path, over: int) -> None:
    content = bytes(2 * PIECE_BYTES + over)
    (tmp_path / "p.zip").write_bytes(zipped(deflated("a", content)))
    with open_container(tmp_path / "p.zip", Limits(ratio=2000)) as container:
        assert container.read("a", MIB) == content


def test_a_damaged_member_leaves_the_others_readable(tmp_path: Path) -> None:
    data = write(tmp_path / "p.zip", MEMBERS).read_bytes()
    (tmp_path / "p.zip").write_bytes(data.replace(b"Bag-", b"bag-").replace(bytes(32), b"\1" * 32))
    with open_container(tmp_path / "p.zip") as container:
        with pytest.raises(NotVerified, match="member-damaged"):
            container.read("data/p/documents/c0/salt", 32)
        name = "data/p/documents/c0/content"
        assert container.read(name, 256) == MEMBERS[name]


def test_the_last_bytes_of_a_damaged_member_are_never_given(tmp_path: Path) -> None:
    content = bytes(range(256)) * 2000
    (tmp_path / "p.zip").write_bytes(lying(content, crc=1))
    given_: list[bytes] = []
    with open_container(tmp_path / "p.zip", Limits(ratio=1000)) as container:
        stream = container.open("a")
        with pytest.raises(NotVerified, match="member-damaged"):
            given_.extend(iter(lambda: stream.read(1000), b""))
    assert 0 < sum(map(len, given_)) < len(content)
    assert content.startswith(b"".join(given_))


def test_a_bomb_that_lies_about_its_size_is_never_inflated(tmp_path: Path) -> None:
    (tmp_path / "p.zip").write_bytes(lying(bytes(64 * MIB), size=100_000))
    with open_container(tmp_path / "p.zip") as container:
        tracemalloc.start()
        try:
            with pytest.raises(NotVerified, match="member-damaged"):
                container.read("a", MIB)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < MIB


def small_zip(tmp_path: Path) -> bytes:
    """Return a small ZIP with a stored, an empty and a deflated member that has long matches."""
    members = {"a": b"row", "b/c": b"", "d.txt": b"ababababab" * 12 + b"aaaaaaaaaaaaaaaaaa"}
    return write(tmp_path / "small.zip", members).read_bytes()


def test_any_changed_byte_of_a_zip_is_found(tmp_path: Path) -> None:
    data = small_zip(tmp_path)
    assert passes(tmp_path / "p.zip", data)
    for place in range(len(data)):
        for flip in (0x01, 0x10, 0x80, 0xFF):
            changed = bytearray(data)
            changed[place] ^= flip
            assert not passes(tmp_path / "p.zip", bytes(changed)), (place, flip)


def test_a_zip_with_a_byte_less_or_more_anywhere_is_found(tmp_path: Path) -> None:
    data = small_zip(tmp_path)
    for place in range(len(data)):
        assert not passes(tmp_path / "p.zip", data[:place]), place
        assert not passes(tmp_path / "p.zip", data[:place] + data[place + 1 :]), place
        assert not passes(tmp_path / "p.zip", data[:place] + b"\0" + data[place:]), place


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"PK\x05\x06", b"PK\x01\x02", b""]))
def test_any_bytes_are_opened_or_refused_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, mark: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "noise.zip"
    assert not passes(path, GOOD[:40] + mark + noise)
    assert not passes(path, mark + noise)


def test_a_zip_that_becomes_shorter_while_it_is_read_is_found(tmp_path: Path) -> None:
    path = write(tmp_path / "p.zip", {"a": bytes(300_000)})
    with open_container(path) as container:
        os.truncate(path, 200_000)
        with pytest.raises(NotVerified, match="member-damaged"):
            container.read("a", MIB)
