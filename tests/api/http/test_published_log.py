"""The published log over HTTP: the paths of C2SP tlog-tiles, with what caches may do."""

from __future__ import annotations

import asyncio
import gzip
from typing import TYPE_CHECKING

import httpx
import pytest

from api.app import open_reading
from api.http.server import make_app
from ledger.errors import Absent
from ledger.journal.policy import parse_policy
from ledger.transparency.asking import Reply
from ledger.transparency.tile_reader import open_tiles
from tests.api.home_kit import CUP, run, size_of
from tests.api.witness_servers import DIRECT, witnesses_of
from tests.ledger.transparency.asked_kit import Answering

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.app import Reading
    from api.home import Home


class Browser:
    """Asks the application itself, without a socket; also a `Source` of the log."""

    def __init__(self, reading: Reading) -> None:
        """Serve an open ledger."""
        self._transport = httpx.ASGITransport(make_app(reading))

    def get(self, path: str, encoding: str = "identity", method: str = "GET") -> httpx.Response:
        """Return the answer."""

        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(
                transport=self._transport, base_url="http://test"
            ) as client:
                return await client.request(method, path, headers={"Accept-Encoding": encoding})

        return asyncio.run(ask())

    def read(self, path: str, limit: int) -> bytes:
        """Return a file of the log."""
        answer = self.get(f"/{path}")
        if answer.status_code == 404:
            raise Absent("not-published", path)
        assert len(answer.content) <= limit
        return answer.content


@pytest.fixture
def client(home: Home) -> Iterator[Browser]:
    """A client of the server over a home whose log is published."""
    assert run(home, "checkpoint", "publish").exit_code == 0
    with open_reading(home) as reading:
        reading.runner.catch_up()
        yield Browser(reading)


def test_a_reader_needs_nothing_but_the_server_and_the_policy(client: Browser, home: Home) -> None:
    policy = parse_policy(home.policy.read_bytes())
    head = policy.verify_checkpoint(client.read("checkpoint", 65_536)).checkpoint
    tiles = open_tiles(client, head)
    leaves = [leaf for _, leaf in tiles.entries(0, head.size)]
    assert len(leaves) == size_of(home)
    assert any(f"cup/{CUP} ".encode() in leaf for leaf in leaves)
    tiles.verify_beginning(head)


FOREVER = "public, max-age=31536000, immutable"
TEXT = "text/plain; charset=utf-8"


def test_every_file_has_its_type_and_says_how_long_it_may_be_kept(
    client: Browser, home: Home
) -> None:
    size = size_of(home)
    (home.public_log / f"checkpoints/{size}.tsr").write_bytes(b"token")
    (home.public_log / f"checkpoints/{size}.log").write_bytes(b"note")
    expected = {
        "/checkpoint": (TEXT, "no-cache"),
        "/policy.txt": (TEXT, "no-cache"),
        f"/checkpoints/{size}": (TEXT, "no-cache"),
        f"/checkpoints/{size}.log": (TEXT, "no-cache"),
        f"/checkpoints/{size}.tsr": ("application/timestamp-reply", "no-cache"),
        f"/tile/0/000.p/{size}": ("application/octet-stream", FOREVER),
        f"/tile/entries/000.p/{size}": ("application/octet-stream", FOREVER),
    }
    for path, (media_type, caching) in expected.items():
        answer = client.get(path)
        told = answer.headers["content-type"], answer.headers["cache-control"]
        assert (answer.status_code, told) == (200, (media_type, caching)), path
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.content == (home.public_log / path[1:]).read_bytes()
        head = client.get(path, method="HEAD")
        assert (head.status_code, head.content) == (200, b"")
        assert int(head.headers["content-length"]) == len(answer.content)


def test_bundles_are_compressed_for_who_takes_it(client: Browser, home: Home) -> None:
    path = f"/tile/entries/000.p/{size_of(home)}"
    plain, packed = client.get(path), client.get(path, "gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"
    assert packed.headers["cache-control"] == FOREVER
    assert packed.content == plain.content  # httpx unpacks it
    assert int(packed.headers["content-length"]) < len(plain.content)
    assert int(packed.headers["content-length"]) == len(gzip.compress(plain.content, mtime=0))


NOT_THERE = (
    "/tile/0/000",
    "/tile/0/000.p/255",
    "/tile/0/x001/000",
    "/tile/0/0",
    "/tile/0/",
    "/tile/entries/",
    "/tile/%2e%2e/%2e%2e/ledger.json",
    "/tile/0/%2e%2e/%2e%2e/checkpoint.pending",
    "/checkpoints/999999",
    "/checkpoints/007",
    "/checkpoints/7.txt",
    "/checkpoints/7.log.tsr",
    "/checkpoints/..%2fcheckpoint.pending",
    "/checkpoint.pending",
    "/waiting/7",
    "/.lock",
)


@pytest.mark.parametrize("path", NOT_THERE)
def test_what_is_not_there_is_not_to_be_remembered_as_absent(client: Browser, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    if answer.headers["content-type"] == "application/problem+json":
        assert answer.headers["cache-control"] == "no-store"
        assert answer.json()["status"] == 404


def test_before_anything_is_published_there_is_no_checkpoint(home: Home) -> None:
    with open_reading(home) as reading:
        answer = Browser(reading).get("/checkpoint")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-published")


def test_a_head_that_waits_is_shown_as_such_and_health_tells_for_whom(home: Home) -> None:
    with witnesses_of(home, 1, 2) as desk:
        desk.witnesses[2] = Answering(lambda _: Reply(503, b""))
        assert run(home, "checkpoint", "publish", environment=DIRECT).exit_code == 3
    with open_reading(home) as reading:
        reading.runner.catch_up()
        browser = Browser(reading)
        assert browser.get("/checkpoint").status_code == 404
        waiting = browser.get("/checkpoint.pending")
        assert waiting.content == (home.public_log / "checkpoint.pending").read_bytes()
        assert waiting.headers["cache-control"] == "no-cache"
        told = browser.get("/healthz").json()["publication"]
    assert told["witnesses"] == {"W1": "cosigned", "W2": "failing"}
    assert (told["published"], told["size"]) == (False, size_of(home))


def test_health_says_nothing_of_publishing_before_it_was_tried(home: Home) -> None:
    with open_reading(home) as reading:
        assert Browser(reading).get("/healthz").json()["publication"] is None
