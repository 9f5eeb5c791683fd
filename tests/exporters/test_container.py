"""Containers of both kinds: what was written is read."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from exporters.container import open_container
from exporters.members import Limits
from ledger.errors import NotVerified
from tests.exporters.container_cases import MEMBERS, contents, refusal, unpack, write

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@pytest.fixture(params=[write, unpack], ids=["zip", "folder"])
def package(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The same members as a ZIP and as a folder."""
    make: Callable[[Path, Mapping[str, bytes]], Path] = request.param
    return make(tmp_path / "package", MEMBERS)


def test_what_was_written_is_read(package: Path) -> None:
    with open_container(package) as container:
        assert contents(container) == MEMBERS


def test_names_are_in_byte_order_and_sizes_are_of_the_content(package: Path) -> None:
    with open_container(package) as container:
        assert container.names() == sorted(MEMBERS)
        assert [container.size(name) for name in container.names()] == [
            len(MEMBERS[name]) for name in sorted(MEMBERS)
        ]


def test_a_member_that_is_not_there_is_named(package: Path) -> None:
    with open_container(package) as container:
        for ask in (
            container.size,
            container.open,
            lambda name: container.read(name, 10),
        ):
            with pytest.raises(NotVerified, match=r"member-missing.*PIndex\.xml"):
                ask("PIndex.xml")


def test_a_member_over_the_limit_of_its_reader_is_not_read(package: Path) -> None:
    with open_container(package) as container:
        with pytest.raises(NotVerified, match="member-too-large"):
            container.read("data/p/documents/c0/salt", 31)
        assert container.read("data/p/documents/c0/salt", 32) == bytes(32)


def test_a_stream_is_read_in_any_steps(package: Path) -> None:
    name = "data/p/documents/c0/content"
    with open_container(package) as container, container.open(name) as stream:
        assert stream.read(3) == MEMBERS[name][:3]
        assert b"".join(iter(lambda: stream.read(7), b"")) == MEMBERS[name][3:]


def test_a_stream_left_half_read_leaves_nothing_open(package: Path) -> None:
    before = len(list(Path("/dev/fd").iterdir()))
    with open_container(package) as container:
        stream = container.open("data/p/documents/c0/content")
        stream.read(1)
        stream.close()
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_many_threads_read_one_container(tmp_path: Path) -> None:
    members = {f"{number:03}": bytes([number]) * 200_000 for number in range(8)}
    read: dict[str, bytes] = {}
    with open_container(write(tmp_path / "p.zip", members)) as container:
        threads = [
            threading.Thread(target=lambda n=name: read.update({n: container.open(n).read()}))
            for name in container.names()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert read == members


LIMITS = {
    "a member too large": Limits(member_bytes=len(MEMBERS["data/p/state/intervention.json"]) - 1),
    "all too large together": Limits(total_bytes=sum(map(len, MEMBERS.values())) - 1),
    "too many members": Limits(members=len(MEMBERS) - 1),
}


@pytest.mark.parametrize("limits", LIMITS.values(), ids=LIMITS.keys())
def test_a_container_over_the_limits_is_refused(package: Path, limits: Limits) -> None:
    assert refusal(package, limits) == "container-unsafe"


def test_a_container_just_within_the_limits_is_opened(package: Path) -> None:
    sizes = [len(data) for data in MEMBERS.values()]
    limits = Limits(sum(sizes), max(sizes), len(sizes))
    with open_container(package, limits) as container:
        assert contents(container) == MEMBERS


def test_what_is_not_there_cannot_be_opened(tmp_path: Path) -> None:
    assert refusal(tmp_path / "package.zip") == "container-unreadable"


def test_what_is_neither_file_nor_folder_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe") == "container-malformed"
