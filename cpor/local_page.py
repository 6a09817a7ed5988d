"""The customer's page for trying: beside a worker on this machine, with links in its mails."""

from __future__ import annotations

import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import SecretStr
from temporalio.client import Client

from cpor.alongside import alongside
from cpor.client.client import ClaimsClient
from cpor.kept_secrets import kept
from cpor.links import SignedLinks
from cpor.page import server
from cpor.page.app import app
from cpor.page.kept_noes import KeptNoes
from cpor.proofs import Signer
from cpor.settings import LOOPBACK, Settings, SettingsError
from cpor.store import Store

SECRET = Path("var/link.secret")
"""Kept, so that the links of yesterday's mails still open."""
MOST_PORTS = 100


@asynccontextmanager
async def unless_configured(
    settings: Settings, client: Client, tell: Callable[[str], None]
) -> AsyncGenerator[Settings]:
    """Settings with a page: the configured one, or one on loopback until the block ends.

    Where mails leave this machine, a link to loopback would lead nowhere, and none is written.
    """
    if settings.decline_url is not None or settings.smtp_host is not None:
        yield settings
        return
    try:
        secret = kept(SECRET)
    except OSError as error:
        why = f"cannot be kept in {SECRET} ({error.strerror})"
        raise SettingsError([f"The secret of the customer's links {why}."]) from None
    with _listening(settings.decline_port) as listener:
        address = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        settings = settings.model_copy(
            update={"decline_url": address, "link_secret": SecretStr(secret)}
        )
        links = SignedLinks.of(settings)
        assert links is not None
        signer = Signer.from_file(settings.signing_key) if settings.signing_key else None
        claims = ClaimsClient(client, Store.open(settings.store_url), signer=signer)
        noes = KeptNoes(claims)
        page = app(claims, links, settings, noes=noes)
        async with server.served(page, listener), alongside(noes.take_up()):
            tell(f"The customer's page is at {links.about}; the mails link to it.")
            yield settings


def _listening(port: int) -> socket.socket:
    """The next free port, if this one is taken."""
    for candidate in range(port, min(port + MOST_PORTS, 65535)):
        try:
            return server.listening(LOOPBACK, candidate)
        except server.PortTaken:
            continue
    return server.listening(LOOPBACK, 0)
