"""The guard of the command line: whatever a command raises becomes a sentence and an exit code.

    object-missing: Il file ... non è nell'archivio ...        what, which item, what to do: stderr
    {"schema":"pista.cli/1","kind":"warning",...}              with --json also on stdout,
    {"schema":"pista.cli/1","kind":"summary","exit":13}        the summary last

An error that nobody foresaw is a defect of the program: exit 5, its kind and place without the
values at hand; PISTA_DEBUG=1 shows the whole trace. Source: EXPERIENCE section 3.
"""

from __future__ import annotations

import os
import traceback
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup
from typing_extensions import override

from api.cli.options import Options

if TYPE_CHECKING:
    from ledger.errors import PistaError

INTERRUPTED = 130


class Guarded(TyperGroup):
    """The group of all commands; only the exits of typer leave it."""

    @override
    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for.

        Raises:
            typer.Exit: with the code of the error; a reader that went away is none.
        """
        from ledger.errors import PistaError

        try:
            return super().invoke(ctx)
        except PistaError as error:
            raise typer.Exit(_told(error, ctx.obj)) from error
        except BrokenPipeError:
            _discard_output()
            raise typer.Exit(0) from None
        except KeyboardInterrupt:
            from api.cli import output

            output.note("interrotto: quanto confermato resta registrato")
            raise typer.Exit(INTERRUPTED) from None
        except Exception as error:
            if type(error).__module__.startswith(("typer", "click")):
                raise
            raise typer.Exit(_told(_unforeseen(error), ctx.obj)) from error


def _told(error: PistaError, chosen: object) -> int:
    """Print an error and return its exit code."""
    from api.cli import exits, output

    code = exits.exit_code(error)
    if isinstance(chosen, Options) and chosen.json:
        output.data("warning", output.describe(error))
        output.data("summary", {"exit": code})
    output.explain(error)
    return code


def _unforeseen(error: Exception) -> PistaError:
    """Return our error for one of the system, or for a defect."""
    from api.cli.system import system_error
    from ledger.errors import StorageError

    if os.environ.get("PISTA_DEBUG"):
        traceback.print_exception(error)
    if isinstance(error, OSError):
        return system_error(error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    return StorageError(
        "internal",
        f"Errore interno {type(error).__name__} in {os.path.basename(place.filename)}:{place.lineno}."  # noqa: PTH119
        " Quanto confermato resta registrato. Ripetere con PISTA_DEBUG=1 e segnalarlo.",
    )


def _discard_output() -> None:
    """Let the rest of the output go nowhere, so that the end of the program does not fail on it."""
    import sys

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
