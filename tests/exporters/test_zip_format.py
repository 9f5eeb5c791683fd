"""The form of ZIP headers, large numbers above all, judged by Python's zipfile."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters.container import open_container
from exporters.members import Limits
from exporters.zip_format import (
    CENTRAL_BYTES,
    DEFLATED,
    STORED,
    Ends,
    Entry,
    central_rest,
    format_central,
    format_ends,
    format_local,
    parse_central,
    parse_ends,
)

if TYPE_CHECKING:
    from pathlib import Path

GIB = 1024**3
EDGES = st.sampled_from([0, 1, 2**32 - 2, 2**32 - 1, 2**32, 2**40])
WIDE = Limits(total_bytes=2**50, member_bytes=2**50)


@given(EDGES, EDGES, EDGES, st.sampled_from([STORED, DEFLATED]))
def test_format_then_parse_of_a_central_header_gives_the_same(
    size: int, packed: int, offset: int, method: int
) -> None:
    entry = Entry("data/row", method, 7, 7 if method == STORED else 9, packed, size, offset)
    header = format_central(entry)
    fixed, rest = header[:CENTRAL_BYTES], header[CENTRAL_BYTES:]
    assert central_rest(fixed) == len(rest)
    assert parse_central(fixed, rest, offset) == entry
    assert parse_central(fixed, rest, offset + 1) is None


@given(st.sampled_from([0, 1, 65534, 65535, 65536]), EDGES, EDGES)
def test_format_then_parse_of_the_ends_gives_the_same(count: int, size: int, offset: int) -> None:
    ends = Ends(count, size, offset)
    data = format_ends(ends)
    assert parse_ends(data, offset + size + len(data)) == ends
    assert parse_ends(data, offset + size + len(data) + 1) is None


def test_zip64_is_used_only_when_a_number_needs_it() -> None:
    entry = Entry("row", STORED, 0, 0, 2**32 - 2, 2**32 - 2, 0)
    assert len(format_local(entry)) == 30 + 3
    assert len(format_local(replace(entry, size_bytes=2**32 - 1))) == 30 + 3 + 20
    assert len(format_ends(Ends(65534, 0, 0))) == 22
    assert len(format_ends(Ends(65535, 0, 0))) == 22 + 56 + 20


def sparse_zip(path: Path, sizes: list[int]) -> list[Entry]:
    """Write a ZIP of stored members whose content is holes, so that it takes no space."""
    entries = []
    with path.open("wb") as file:
        for number, size in enumerate(sizes):
            entry = Entry(f"{number}", STORED, 0, 0, size, size, file.tell())
            entries.append(entry)
            file.write(format_local(entry))
            file.seek(size, 1)
        offset = file.tell()
        for entry in entries:
            file.write(format_central(entry))
        file.write(format_ends(Ends(len(entries), file.tell() - offset, offset)))
    return entries


def test_members_beyond_4_gib_are_told_to_other_programs_and_to_us(tmp_path: Path) -> None:
    path = tmp_path / "large.zip"
    entries = sparse_zip(path, [2**32 - 1, 5 * GIB, 3, 2**32 - 2])
    expected = [(one.name, one.size_bytes, one.offset) for one in entries]
    with zipfile.ZipFile(path) as archive:
        told = [(one.filename, one.file_size, one.header_offset) for one in archive.infolist()]
    assert told == expected
    with open_container(path, WIDE) as container:
        assert [(name, container.size(name)) for name in container.names()] == [
            one[:2] for one in expected
        ]
        assert container.open("1").read(3) == bytes(3)


def test_over_65535_members_are_told_to_other_programs_and_to_us(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    data = bytearray()
    names = sorted(f"{number:x}" for number in range(65536))
    entries = []
    for name in names:
        entries.append(Entry(name, STORED, 0, 0, 0, 0, len(data)))
        data += format_local(entries[-1])
    offset = len(data)
    data += b"".join(map(format_central, entries))
    path.write_bytes(data + format_ends(Ends(len(names), len(data) - offset, offset)))
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == names
    with open_container(path) as container:
        assert container.names() == names


@pytest.mark.parametrize("place", range(76 + 22))
def test_any_changed_byte_of_a_zip64_end_is_found(place: int) -> None:
    data = bytearray(format_ends(Ends(70_000, 5, 6)))
    size = len(data) + 11
    assert parse_ends(bytes(data), size) == Ends(70_000, 5, 6)
    data[place] ^= 0x01
    assert parse_ends(bytes(data), size) is None
