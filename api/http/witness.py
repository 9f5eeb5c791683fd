"""A witness over HTTP, as C2SP tlog-witness has it.

    POST /add-checkpoint             200 the line of the cosignature, and 400 403 404 409 422
    GET  /<SHA-256 of the origin, hex>/checkpoint       the note that was cosigned last, or 404
    GET  /healthz                    200, or 503 when a log is frozen or the clock is not believed

What the specification does not speak of: 413 a body that is too long, 408 one that does not come, 429
too many requests, 503 a witness that cannot sign now (its disk, its clock, its state). An error is a
line of text: its code and its sentence. A wrong old size is answered with the size alone.

Source: C2SP tlog-witness, "HTTP Interface".
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException

from api.http.limits import Buckets, Limits, TooLong, TooSlow, read_body
from ledger.errors import Busy, NotVerified, PistaError, Refused, StorageError, Unreadable
from ledger.transparency.protocol import MAX_REQUEST_BYTES, SIZE_TYPE, OtherSize, format_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.middleware.base import RequestResponseEndpoint

    from ledger.transparency.witness import Witness
    from ledger.transparency.witness_folder import WitnessFolder

_Answer = TypeVar("_Answer")

HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
STATUS_OF_CODE: Final = {
    "log-not-witnessed": 404,
    "never-cosigned": 404,
    "empty-root-differs": 422,
    "root-differs": 422,
    "consistency-not-proven": 422,
}
STATUS_OF_FAMILY: Final[tuple[tuple[type[PistaError], int], ...]] = (
    (OtherSize, 409),
    (TooLong, 413),
    (TooSlow, 408),
    (Unreadable, 400),
    (NotVerified, 403),
    (StorageError, 503),
    (Refused, 400),
)


def make_witness_app(
    witness: Witness,
    folder: WitnessFolder,
    limits: Limits | None = None,
    seconds: Callable[[], float] = time.monotonic,
) -> FastAPI:
    """Return the application of a witness; `seconds` is the clock of the limits."""
    limits = limits or Limits(MAX_REQUEST_BYTES)
    buckets = Buckets(limits.per_second, limits.burst, seconds)
    app = FastAPI(title="Pista witness", docs_url=None, redoc_url=None, openapi_url=None)

    @app.middleware("http")
    async def limited(request: Request, call_next: RequestResponseEndpoint) -> Response:
        address = request.client.host if request.client else ""
        if buckets.take(address):
            response = await call_next(request)
        else:
            response = _text(429, "too-many-requests", "Troppe richieste: riprovare fra poco.")
            response.headers["Retry-After"] = "1"
        response.headers.update(HEADERS)
        return response

    @app.post("/add-checkpoint")
    async def add_checkpoint(request: Request) -> Response:
        body = await read_body(request, limits)
        lines = await _in_time(limits, lambda: witness.add_checkpoint(body))
        return Response(lines, media_type="text/plain; charset=utf-8")

    @app.get("/{origin_hash}/checkpoint")
    async def checkpoint(origin_hash: str) -> Response:
        note = await _in_time(limits, lambda: _cosigned(witness, folder, origin_hash))
        return Response(note, media_type="text/plain; charset=utf-8")

    @app.get("/healthz")
    async def health() -> JSONResponse:
        told = await _in_time(limits, lambda: _health(witness, folder))
        return JSONResponse(told, status_code=503 if told["faults"] else 200)

    app.add_exception_handler(PistaError, _problem)
    app.add_exception_handler(HTTPException, _no_such_thing)
    return app


async def _in_time(limits: Limits, work: Callable[[], _Answer]) -> _Answer:
    """Return what a thread gives; who waits in vain is told, and what was begun is let end.

    Raises:
        Busy: `witness-slow`, after the seconds that an answer may take.
    """
    try:
        return await asyncio.wait_for(asyncio.to_thread(work), limits.answer_seconds)
    except TimeoutError as error:
        raise Busy(
            "witness-slow",
            "Il testimone non riesce a scrivere il proprio stato in tempo: riprovare più tardi.",
        ) from error


def _cosigned(witness: Witness, folder: WitnessFolder, origin_hash: str) -> bytes:
    log = folder.find_by_hash(origin_hash)
    if log is None:
        raise HTTPException(404)
    return witness.cosigned(log)


def _health(witness: Witness, folder: WitnessFolder) -> dict[str, Any]:
    """Return what the witness could say of each log, and what keeps it from signing."""
    logs, faults = list[dict[str, Any]](), list[dict[str, str]]()
    try:
        witness.check_clock()
    except StorageError as error:
        faults.append({"code": error.code})
    for log in folder.logs():
        try:
            head = log.state.read()
        except StorageError as error:
            faults.append({"origin": log.origin, "code": error.code})
        else:
            logs.append({"origin": log.origin, "size": head.checkpoint.size, "time": head.time})
    return {"witness": witness.vkey, "logs": logs, "faults": faults}


async def _problem(_request: Request, error: Exception) -> Response:
    """Answer with the status of an error, by its code or else by its family.

    The type of a size is written by hand, since the framework would add a charset to it.
    """
    if isinstance(error, OtherSize):
        return Response(format_size(error.size), 409, {"Content-Type": SIZE_TYPE})
    if not isinstance(error, PistaError):
        raise error
    by_family = (code for family, code in STATUS_OF_FAMILY if isinstance(error, family))
    response = _text(STATUS_OF_CODE.get(error.code) or next(by_family), error.code, error.sentence)
    if isinstance(error, TooLong | TooSlow):
        response.headers["Connection"] = "close"
    return response


async def _no_such_thing(_request: Request, error: Exception) -> Response:
    """Answer to a path or method that is none."""
    if not isinstance(error, HTTPException):
        raise error
    response = _text(error.status_code, "no-such-thing", "Qui non c'è nulla.")
    response.headers.update(error.headers or {})
    return response


def _text(status: int, code: str, sentence: str) -> PlainTextResponse:
    return PlainTextResponse(f"{code}: {sentence}\n", status)
