"""The page over HTTP, until it is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractAsyncContextManager

import uvicorn
from starlette.applications import Starlette

from cpor.client.client import ClaimsClient
from cpor.links import SignedLinks
from cpor.monitoring import logs
from cpor.page.app import app
from cpor.settings import Settings, SettingsError

MOST_AT_ONCE = 500
"""Connections, idle ones among them; more are answered with 503."""
GRACE = 15
"""Seconds for answers under way when it is told to end."""


class PortTaken(Exception):
    """Nothing can be served there: one sentence."""


async def serve(
    connected: Callable[[], AbstractAsyncContextManager[ClaimsClient]],
    host: str,
    port: int,
    tell: Callable[[str], None],
) -> None:
    """Serve the page until SIGTERM or Ctrl-C."""
    settings = Settings.load()
    logs.begin(settings)
    links = SignedLinks.of(settings)
    if links is None:
        raise SettingsError(
            [
                "serve-decline needs CLAIMS_DECLINE_URL, the public address of the page, and "
                "CLAIMS_LINK_SECRET, the worker's own."
            ]
        )
    with listening(host, port) as listener:
        async with connected() as claims, served(app(claims, links, settings), listener):
            at, stop = listener.getsockname()[:2], asyncio.Event()
            for kind in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(kind, stop.set)
            tell(f"The customer's page is served on {at[0]}, port {at[1]}, as {links.address}.")
            await stop.wait()
            tell("Finishing what is being answered.")


def listening(host: str, port: int) -> socket.socket:
    """Port 0 is any free one."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise PortTaken(
            f"The customer's page cannot listen on {host}, port {port}: {error.strerror}. "
            "Choose another with --host and --port."
        ) from None
    return listener


@contextlib.asynccontextmanager
async def served(page: Starlette, listener: socket.socket) -> AsyncGenerator[None]:
    server = _Server(
        uvicorn.Config(
            page,
            # The path of a link is a secret: no line about a request is ever written.
            access_log=False,
            log_config=None,
            log_level="warning",
            lifespan="off",
            proxy_headers=False,
            server_header=False,
            ws="none",
            limit_concurrency=MOST_AT_ONCE,
            timeout_graceful_shutdown=GRACE,
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
    """Ended by whoever started it, who hears the signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield
