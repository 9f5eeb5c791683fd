"""The read-only server: interventions as a page and as JSON, from the views.

    GET /                          -> /interventi
    GET /interventi                the list
    GET /interventi/{cup}          the page     .json  the public state     .xml  the same
    GET /checkpoint /tile/...      the log as it is published, see published_log.py
    GET /healthz                   live, how far the views are, what witnesses said last, the newest time stamp

Source: EXPERIENCE section 4 (the part that reads).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from fastapi.responses import Response as HttpResponse

from api.http.published_log import add_published_log
from api.pages.people import rup_names
from api.pages.plain import Beside, intervention_page, list_page
from api.publication_mark import read_attempt
from api.stamping import newest_stamp, stamps_of
from exporters.to_json import state_to_json
from exporters.to_xml import state_to_xml
from ledger.domain.public import is_public, public
from ledger.domain.shapes import shape_of
from ledger.domain.statement import InterventionState
from ledger.errors import Absent, PistaError, StorageError

if TYPE_CHECKING:
    from starlette.middleware.base import RequestResponseEndpoint

    from api.app import Reading
    from ledger.views.store import InterventionRow

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
STATUS: tuple[tuple[type[PistaError], int], ...] = ((Absent, 404), (StorageError, 503))


def make_app(reading: Reading) -> FastAPI:  # noqa: C901  one route, one inner function
    """Return the application over an open ledger; it only reads."""
    app = FastAPI(title="Pista", docs_url=None, redoc_url=None)

    @app.middleware("http")
    async def secured(request: Request, call_next: RequestResponseEndpoint) -> HttpResponse:
        response = await call_next(request)
        response.headers.update(HEADERS)
        return response

    def row(cup: str) -> InterventionRow:
        found = reading.views.intervention(cup)
        if found is None:
            raise HTTPException(404, f"Il CUP {cup} non è in questo registro.")
        return found

    def told(found: InterventionRow) -> InterventionState:
        shape = shape_of(InterventionState)
        state: InterventionState = shape.parse(json.loads(found.state))
        return public(state)

    @app.get("/", include_in_schema=False)
    def root() -> RedirectResponse:
        return RedirectResponse("/interventi")

    @app.get("/interventi", response_class=HTMLResponse)
    def interventions() -> HTMLResponse:
        return HTMLResponse(list_page(reading.views.interventions()))

    @app.get("/interventi/{cup}.json")
    def intervention_json(cup: str) -> HttpResponse:
        content = state_to_json(told(row(cup)))
        return HttpResponse(content, media_type="application/json")

    @app.get("/interventi/{cup}.xml")
    def intervention_xml(cup: str) -> HttpResponse:
        return HttpResponse(state_to_xml(told(row(cup))), media_type="application/xml")

    @app.get("/interventi/{cup}", response_class=HTMLResponse)
    def intervention(cup: str) -> HTMLResponse:
        found = row(cup)
        every = reading.views.timeline(f"cup/{found.cup}", limit=10_000)
        timeline = [one for one in every if is_public(one.type)]
        state = json.loads(state_to_json(told(found)))
        beside = Beside(reading.settings.remarks, rup_names(reading, state), reading.runner.health)
        page = intervention_page(state, timeline, beside)
        return HTMLResponse(page)

    @app.get("/healthz")
    def health() -> JSONResponse:
        return _health(reading)

    add_published_log(app, reading.home.public_log)

    @app.exception_handler(PistaError)
    async def problem(_: object, error: PistaError) -> JSONResponse:
        status = next((code for family, code in STATUS if isinstance(error, family)), 400)
        members = {"code": error.code, "detail": error.sentence, "status": status}
        return JSONResponse(members, status, media_type="application/problem+json")

    return app


def _health(reading: Reading) -> JSONResponse:
    """Return how far the views are, what the last attempt to publish came to, the newest stamp."""
    found, attempt = reading.runner.health, read_attempt(reading.home.path)
    members: dict[str, Any] = {"seen": found.seen, "size": found.size, "error": found.error}
    members["publication"] = attempt and {
        "at": attempt.at.isoformat(),
        "size": attempt.size,
        "published": attempt.published,
        "witnesses": {one.witness: one.state for one in attempt.said},
    }
    stamp = newest_stamp(stamps_of(reading.home))
    members["time_stamp"] = stamp and {"size": stamp[0], "at": stamp[1].isoformat()}
    return JSONResponse(members, status_code=200 if found.error is None else 503)
