"""The published log over HTTP, from its folder, at the paths of C2SP tlog-tiles.

    GET /checkpoint                the head with its witnesses: always asked anew
    GET /checkpoint.pending        a head that waits for witnesses, for those that come and look
    GET /tile/0/x001/234.p/17      a tile; /tile/entries/...: a bundle, compressed for who takes it
    GET /checkpoints/1291          every head that was published; 1291.log and 1291.tsr when stamped
    GET /policy.txt                a copy for reading

Any static server can do the same over the same folder. Tiles never change, so they are kept for
ever by whoever keeps them; what is not there yet is not to be remembered as absent. Everything is
public and for every origin, so that a page elsewhere can verify it.

Source: C2SP tlog-tiles, "APIs".
"""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING, Final

from starlette.responses import JSONResponse, Response

from ledger.errors import Absent, Unreadable
from ledger.journal.tiles import parse_tile_path
from ledger.transparency.kept_checkpoints import KEPT_FOLDER
from ledger.transparency.source import CHECKPOINT_PATH, FolderSource, not_published
from ledger.transparency.static_log import PENDING_PATH, POLICY_PATH

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI, Request

    from ledger.errors import PistaError

_FOREVER: Final = "public, max-age=31536000, immutable"
_ANEW: Final = "no-cache"
_TEXT: Final = "text/plain; charset=utf-8"
_BYTES: Final = "application/octet-stream"
_TIME_STAMP: Final = "application/timestamp-reply"
_OPEN: Final = {"Access-Control-Allow-Origin": "*"}
_OK, _NOT_FOUND = 200, 404
_MOST_BYTES: Final = 1 << 25  # no bundle of entries is longer than half of that
_KEPT: Final = re.compile(r"(?:0|[1-9][0-9]{0,18})(?:\.log|(?P<stamp>\.tsr))?")


def add_published_log(app: FastAPI, folder: Path) -> None:
    """Add the paths of a published log to an application; it reads the folder when asked."""
    source = FolderSource(folder)

    def checkpoint(_: Request) -> Response:
        return _answer(source, CHECKPOINT_PATH, _TEXT, _ANEW)

    def pending(_: Request) -> Response:
        return _answer(source, PENDING_PATH, _TEXT, _ANEW)

    def policy(_: Request) -> Response:
        return _answer(source, POLICY_PATH, _TEXT, _ANEW)

    def tile(request: Request) -> Response:
        return _tile(source, f"tile/{request.path_params['path']}", request)

    def kept(request: Request) -> Response:
        match = _KEPT.fullmatch(request.path_params["name"])
        if match is None:
            return _absent(not_published(request.path_params["name"], KEPT_FOLDER))
        media_type = _TIME_STAMP if match["stamp"] else _TEXT
        return _answer(source, f"{KEPT_FOLDER}/{match[0]}", media_type, _ANEW)

    for path, endpoint in (
        ("/checkpoint", checkpoint),
        ("/checkpoint.pending", pending),
        ("/policy.txt", policy),
        ("/tile/{path:path}", tile),
        ("/checkpoints/{name}", kept),
    ):
        app.add_route(path, endpoint, include_in_schema=False)


def _answer(source: FolderSource, path: str, media_type: str, caching: str) -> Response:
    """Return a file, or that it is not there."""
    try:
        data = source.read(path, _MOST_BYTES)
    except Absent as error:
        return _absent(error)
    return Response(data, media_type=media_type, headers={**_OPEN, "Cache-Control": caching})


def _tile(source: FolderSource, path: str, request: Request) -> Response:
    """Return a tile; a bundle of entries is text, and half as long when it is compressed."""
    try:
        place = parse_tile_path(path)
    except Unreadable as error:
        return _absent(error)
    answer = _answer(source, path, _BYTES, _FOREVER)
    if place.level is None and answer.status_code == _OK:
        answer.headers["Vary"] = "Accept-Encoding"
        if "gzip" in request.headers.get("accept-encoding", ""):
            packed = gzip.compress(bytes(answer.body), mtime=0)
            headers = {**answer.headers, "Content-Encoding": "gzip"}
            headers["content-length"] = str(len(packed))
            return Response(packed, headers=headers)
    return answer


def _absent(error: PistaError) -> Response:
    members = {"code": error.code, "detail": error.sentence, "status": _NOT_FOUND}
    headers = {**_OPEN, "Cache-Control": "no-store"}
    return JSONResponse(members, _NOT_FOUND, headers, media_type="application/problem+json")
