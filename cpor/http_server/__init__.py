"""An ASGI application, served over HTTP by a program that has an event loop of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Generator

import uvicorn
from starlette.applications import Starlette

from cpor.http_server.connections import Bounds, Count, Doorkeeper, Reason, bounded_by

__all__ = ["Bounds", "Count", "Reason", "listen", "served"]


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 is any free one. Raises `OSError`."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def _uncounted(_: Reason) -> None:
    pass


@contextlib.asynccontextmanager
async def served(
    app: Starlette,
    listener: socket.socket,
    *,
    grace: int,
    bounds: Bounds | None = None,
    count: Count = _uncounted,
) -> AsyncGenerator[None]:
    """Serve until the end of the block, then wait for running requests, `grace` seconds at most.

    `count` is told of each connection that is ended or refused by the bounds.
    """
    bounds = bounds or Bounds()
    server = _Server(
        uvicorn.Config(
            app,
            http=bounded_by(Doorkeeper(bounds, count)),
            h11_max_incomplete_event_size=bounds.header_bytes,
            # A path may be a secret: requests are not logged.
            access_log=False,
            log_config=None,
            # What anybody can bring about by a line of noise is counted, not logged.
            log_level="error",
            lifespan="off",
            proxy_headers=False,
            server_header=False,
            ws="none",
            timeout_graceful_shutdown=grace,
        )
    )
    serving = asyncio.create_task(server.serve([listener]))
    try:
        while not (server.started or serving.done()):
            await asyncio.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        await serving
        listener.close()


class _Server(uvicorn.Server):
    """Leaves signals to the program."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield
