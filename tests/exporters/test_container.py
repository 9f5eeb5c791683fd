"""Containers: what was written is read, and nothing else is opened."""

from __future__ import annotations

import io
import os
import sys
import threading
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporters.container import open_container, write_zip
from exporters.members import Limits
from ledger.errors import NotVerified, Unopenable

sys.path.insert(0, str(Path(__file__).parent))
from hostile_zips import DAMAGED, GOOD, HOSTILE_NAMES, MALFORMED, MIB, UNSAFE, deflated, zipped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from exporters.container import Container

MEMBERS = {
    "bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
    "data/p/documents/c0/content": bytes(range(256)),
    "data/p/documents/c0/salt": bytes(32),
    "data/p/empty": b"",
    "data/p/state/intervention.json": b'{"phases":[' + b'{"name":"collaudo"},' * 40 + b"{}]}\n",
}


def is_text(name: str) -> bool:
    return name.endswith((".txt", ".json"))


def write(path: Path, members: Mapping[str, bytes]) -> Path:
    sources = [
        (name, len(data), lambda data=data: io.BytesIO(data)) for name, data in members.items()
    ]
    write_zip(path, sources, is_text)
    return path


def unpack(path: Path, members: Mapping[str, bytes]) -> Path:
    for name, data in members.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path


def contents(container: Container) -> dict[str, bytes]:
    """Return all members by both ways of reading, which must agree."""
    whole = {name: container.read(name, container.size(name)) for name in container.names()}
    for name, data in whole.items():
        with container.open(name) as stream:
            assert stream.read() == data
    return whole


def refusal(path: Path, limits: Limits | None = None) -> str:
    """Return the code of the error by which a container is refused as a whole."""
    with pytest.raises(Unopenable) as caught:
        open_container(path, *([limits] if limits else []))
    return caught.value.code


@pytest.fixture(params=[write, unpack], ids=["zip", "folder"])
def package(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The same members as a ZIP and as a folder."""
    make: Callable[[Path, Mapping[str, bytes]], Path] = request.param
    return make(tmp_path / "package", MEMBERS)


# Both kinds.


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
    before = len(os.listdir("/dev/fd"))
    with open_container(package) as container:
        stream = container.open("data/p/documents/c0/content")
        stream.read(1)
        stream.close()
    assert len(os.listdir("/dev/fd")) == before


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


# ZIP.


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
        with pytest.raises(NotVerified, match="member-damaged: Member a ") as caught:
            container.read("a", MIB)
        assert not isinstance(caught.value, Unopenable)
        with pytest.raises(NotVerified, match="member-damaged"), container.open("a") as stream:
            stream.read()


def test_the_zip_that_the_hostile_ones_are_made_of_is_good(tmp_path: Path) -> None:
    (tmp_path / "p.zip").write_bytes(GOOD)
    with open_container(tmp_path / "p.zip") as container:
        assert contents(container) == {"row": b"row"}


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
    (tmp_path / "p.zip").write_bytes(zipped(deflated("a", content, crc=1)))
    given_ = b""
    with open_container(tmp_path / "p.zip", Limits(ratio=1000)) as container:
        stream = container.open("a")
        with pytest.raises(NotVerified, match="member-damaged"):
            while piece := stream.read(1000):
                given_ += piece
    assert len(given_) < len(content)
    assert content.startswith(given_)


def test_a_bomb_that_lies_about_its_size_is_never_inflated(tmp_path: Path) -> None:
    bomb = zipped(deflated("a", bytes(64 * MIB), size_bytes=100_000))
    (tmp_path / "p.zip").write_bytes(bomb)
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


def passes(path: Path, data: bytes) -> bool:
    """Tell whether data opens as a container and all of it can be read."""
    path.write_bytes(data)
    try:
        with open_container(path) as container:
            contents(container)
    except NotVerified:
        return False
    return True


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


# Folder.


@pytest.mark.parametrize(
    "name",
    [name for name in HOSTILE_NAMES.values() if "/" not in name and "\0" not in name],
)
def test_a_file_with_a_name_outside_the_grammar_refuses_the_folder(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(b"")
    assert refusal(tmp_path) == "container-unsafe"


def test_a_name_that_is_no_text_refuses_the_folder(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff")).write_bytes(b"")
    assert refusal(tmp_path) == "container-unsafe"


def test_links_and_pipes_refuse_the_folder(tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(b"secret")
    makers: dict[str, Callable[[Path], None]] = {
        "a link to a file": lambda at: at.symlink_to(tmp_path / "outside"),
        "a link to a folder": lambda at: at.symlink_to(tmp_path),
        "a link to itself": lambda at: at.symlink_to(at),
        "a link to nothing": lambda at: at.symlink_to(tmp_path / "nothing"),
        "a pipe": os.mkfifo,
    }
    for number, (why, make) in enumerate(makers.items()):
        root = unpack(tmp_path / f"package{number}", MEMBERS)
        make(root / "data" / "entry")
        assert refusal(root) == "container-unsafe", why


def test_an_empty_folder_refuses_the_folder(tmp_path: Path) -> None:
    (unpack(tmp_path, MEMBERS) / "data" / "hollow").mkdir()
    assert refusal(tmp_path) == "container-unsafe"


def test_folders_too_deep_are_refused_before_they_are_walked(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["d"] * 40)
    deep.mkdir(parents=True)
    (deep / "row").write_bytes(b"")
    assert refusal(tmp_path) == "container-unsafe"


@pytest.mark.parametrize("data", [b"", b"other", b"longer than before"])
def test_a_file_that_changes_after_the_walk_is_found(tmp_path: Path, data: bytes) -> None:
    root = unpack(tmp_path, {"row": b"12345"})
    with open_container(root) as container:
        (root / "new").write_bytes(data)
        (root / "new").replace(root / "row")
        with pytest.raises(NotVerified, match="member-damaged"):
            container.read("row", 10)


def test_a_file_that_becomes_a_link_or_goes_away_after_the_walk_is_found(tmp_path: Path) -> None:
    root = unpack(tmp_path / "p", {"gone": b"1", "linked": b"2"})
    (tmp_path / "outside").write_bytes(b"3")
    with open_container(root) as container:
        (root / "gone").unlink()
        (root / "linked").unlink()
        (root / "linked").symlink_to(tmp_path / "outside")
        for name in ("gone", "linked"):
            with pytest.raises(NotVerified, match="member-damaged"):
                container.read(name, 10)
