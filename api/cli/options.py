"""The options that every command has, read from the context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.home import Home, home_named

if TYPE_CHECKING:
    from pathlib import Path

    import typer


@dataclass(frozen=True, slots=True)
class Options:
    """Where the ledger is, and how to print."""

    ledger: Path | None
    json: bool
    quiet: bool

    @property
    def home(self) -> Home:
        """Return the home of the ledger."""
        return home_named(self.ledger)


def options(context: typer.Context) -> Options:
    """Return the options of this run."""
    found = context.find_root().obj
    if not isinstance(found, Options):
        message = "the common options were not read"
        raise TypeError(message)
    return found
