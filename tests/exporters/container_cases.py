"""One package in both kinds of container, and how tests look into it."""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING

import pytest

from exporters.container import open_container, write_zip
from exporters.members import DEFAULT_LIMITS, Limits
from ledger.errors import NotVerified, Unopenable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

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
    sources = [(name, len(data), partial(io.BytesIO, data)) for name, data in members.items()]
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


def refusal(path: Path, limits: Limits = DEFAULT_LIMITS) -> str:
    """Return the code of the error by which a container is refused as a whole."""
    with pytest.raises(Unopenable) as caught:
        open_container(path, limits)
    return caught.value.code


def passes(path: Path, data: bytes) -> bool:
    """Tell whether data opens as a container and all of it can be read."""
    path.write_bytes(data)
    try:
        with open_container(path) as container:
            contents(container)
    except NotVerified:
        return False
    return True
