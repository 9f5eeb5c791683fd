"""Recording a file of requests with the key of the RUP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.api.home_kit import (
    key,
    run,
)

if TYPE_CHECKING:
    from pathlib import Path

    from api.home import Home


def record(home: Home, file: Path | str, *more: str, stdin: str | bytes | None = None) -> Any:  # noqa: ANN401
    """Record a file with the RUP's key, in JSON."""
    return run(home, "--json", "record", str(file), "--key", key(home, "rup"), *more, stdin=stdin)
