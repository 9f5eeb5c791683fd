"""TLS before a PostgreSQL server whose build has none, as the protocol begins it.

    with tls_front(server.socket, certificate, key) as port: ...     on 127.0.0.1

The client asks with an SSLRequest, is told S, and shakes hands; behind the front all goes to the
Unix socket of the server. What is tested is the client: libpq judges a real certificate.

Source: https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-FLOW-SSL.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SSL_REQUEST = bytes.fromhex("0000000804d2162f")


@contextmanager
def tls_front(target: str, certificate: Path, key: Path) -> Iterator[int]:
    """Lend the port of a front before the server on this socket; it ends with the block."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await _serve(reader, writer, target, context)
        writer.close()

    server = asyncio.run_coroutine_threadsafe(
        asyncio.start_server(serve, "127.0.0.1", 0), loop
    ).result(10)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _serve(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    target: str,
    context: ssl.SSLContext,
) -> None:
    if await reader.readexactly(len(_SSL_REQUEST)) != _SSL_REQUEST:
        return
    writer.write(b"S")
    await writer.drain()
    await writer.start_tls(context)
    from_server, to_server = await asyncio.open_unix_connection(target)
    try:
        await asyncio.gather(_pump(reader, to_server), _pump(from_server, writer))
    finally:
        to_server.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    writer.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
