"""Serves the customer's page over HTTP until the process is told to stop."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, AsyncExitStack

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from cpor import http_server
from cpor.alongside import alongside
from cpor.client.client import ClaimsClient
from cpor.http_server import Count, Reason
from cpor.links import SignedLinks
from cpor.page.app import app
from cpor.page.counted_noes import CountedNoes
from cpor.page.kept_noes import KeptNoes
from cpor.page.wrong_links import WrongLink
from cpor.settings import Settings, SettingsError
from cpor.signals import Stop

GRACE = 15
"""Seconds for running requests when the process is told to stop."""


class PortTaken(Exception):
    """The page cannot listen there; the text is one sentence."""


async def serve(
    settings: Settings,
    connected: Callable[[], AbstractAsyncContextManager[ClaimsClient]],
    host: str,
    port: int,
    tell: Callable[[str], None],
    count: Callable[[Reason | WrongLink], None],
    counted: CountedNoes,
    shown: Callable[[ClaimsClient], AbstractContextManager[None]],
    beside: Callable[[ClaimsClient], Sequence[BaseRoute]],
) -> None:
    """Serve the page until SIGTERM or Ctrl-C; `count` is told of whom it turned away.

    While it serves, it is `shown` to be ready. What is `beside` the page comes first.
    """
    links = SignedLinks.of(settings)
    if links is None:
        raise SettingsError(
            [
                "serve-decline needs CLAIMS_DECLINE_URL, the public address of the page, and "
                "CLAIMS_LINK_SECRET, the worker's own."
            ]
        )
    with listening(host, port) as listener:
        async with connected() as claims, AsyncExitStack() as serving:
            noes = KeptNoes(claims, counted)
            page = app(claims, links, settings, count, noes)
            page.router.routes[:0] = beside(claims)
            await serving.enter_async_context(served(page, listener, count))
            await serving.enter_async_context(alongside(noes.take_up()))
            serving.enter_context(shown(claims))
            at, stop = listener.getsockname()[:2], Stop()
            tell(f"The customer's page is served on {at[0]}, port {at[1]}, as {links.address}.")
            await stop.requested
            tell("Finishing what is being answered.")


def listening(host: str, port: int) -> socket.socket:
    """Port 0 is any free one."""
    try:
        return http_server.listen(host, port)
    except OSError as error:
        raise PortTaken(
            f"The customer's page cannot listen on {host}, port {port}: {error.strerror}. "
            "Choose another with --host and --port."
        ) from None


def served(
    page: Starlette, listener: socket.socket, count: Count = lambda _: None
) -> AbstractAsyncContextManager[None]:
    return http_server.served(page, listener, grace=GRACE, count=count)
