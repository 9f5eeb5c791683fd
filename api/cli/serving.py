"""`pista serve`: a plain page and JSON of each intervention, from the views, on the loopback."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.options import options

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def add_to(app: typer.Typer) -> None:
    """Add the command of this group."""
    app.command("serve")(serve)


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Indirizzo.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Porta.", min=1, max=65535)] = 8000,
) -> None:
    """Pubblica le pagine degli interventi, in sola lettura."""
    import os

    import uvicorn

    from api.app import open_reading
    from api.automatic_stamps import AutomaticStamps
    from api.cli import output
    from api.cli.stamping import told_beside
    from api.http.server import make_app

    if host not in LOOPBACK:
        output.note("attenzione: senza https chi legge non ha un contesto sicuro")
    check_free(host, port)
    with open_reading(options(context).home) as reading, reading.runner:
        reading.runner.wait(reading.journal.size - 1, seconds=30)
        stamps = AutomaticStamps(
            reading, os.environ, told=lambda outcome: output.note(told_beside(outcome))
        )
        output.line(f"http://{host}:{port}/interventi")
        with stamps:
            uvicorn.run(make_app(reading), host=host, port=port, log_level="warning")


def check_free(host: str, port: int) -> None:
    """Return when the address can be listened on.

    Raises:
        Busy: `port-busy`, when another program listens there.
        StorageError: `address-unusable`, when this machine has no such address, or may not use it.
    """
    import errno
    import socket

    from ledger.errors import Busy, StorageError

    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Busy(
                    "port-busy", f"La porta {port} di {host} è occupata: usare --port."
                ) from error
            raise StorageError(
                "address-unusable",
                f"L'indirizzo {host}, porta {port}, non si può usare ({error.strerror}): indicarne"
                " un altro con --host e --port.",
            ) from error
