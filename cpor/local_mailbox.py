"""A local mailbox for trying and testing: SMTP on loopback, each mail a file.

Files are named by arrival and by notice: 0007-CPOR-7Q2M4X.consent.2.contact.eml. Beside each lies
its page for a browser, and index.html has them all.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from itertools import count
from pathlib import Path
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, Envelope, Session

from cpor.mailbox_errors import MailboxError
from cpor.mailbox_pages import INDEX, Pages
from cpor.settings import LOOPBACK, Settings
from cpor.store import Store, StoreError

MOST_PORTS = 100


@dataclass(frozen=True)
class Mailbox:
    folder: Path
    port: int


@asynccontextmanager
async def listening(
    folder: Path, port: int, tell: Callable[[str], None] = lambda _: None
) -> AsyncGenerator[Mailbox]:
    """A mailbox that keeps mails in a folder until the end of the block.

    Port 0 is any free one. If the port is taken, the next free one is used, and `tell` is told.
    """
    # At level info this logger writes the addresses of senders and recipients.
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    try:
        store = await asyncio.to_thread(Store.open, str(folder))
    except StoreError as error:
        raise MailboxError(str(error)) from None
    handler = _Handler(store, Pages(folder), _first_number(folder))
    loop = asyncio.get_running_loop()
    transports = WeakSet[asyncio.BaseTransport]()
    server = await _serve(lambda: _Connection(handler, transports, loop), port, tell)
    try:
        yield Mailbox(folder, server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for transport in list(transports):
            transport.close()
        await server.wait_closed()


@asynccontextmanager
async def unless_configured(
    settings: Settings, tell: Callable[[str], None]
) -> AsyncGenerator[Settings]:
    """Settings with a mail server: the configured one, or a local mailbox until the block ends."""
    if settings.smtp_host is not None:
        yield settings
        return
    folder = Path(settings.mailbox_folder)
    async with listening(folder, settings.mailbox_port, tell) as mailbox:
        tell(f"No mail server is set: mails are kept in {folder}, port {mailbox.port}.")
        tell(f"To read them, open {folder / INDEX} in a browser.")
        yield settings.model_copy(update={"mailbox_port": mailbox.port})


class _Connection(SMTP):
    """One client's connection, whose transport the mailbox can close."""

    def __init__(
        self,
        handler: _Handler,
        transports: WeakSet[asyncio.BaseTransport],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__(
            handler, hostname="localhost", ident="local mailbox", enable_SMTPUTF8=True, loop=loop
        )
        self._transports = transports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transports.add(transport)
        super().connection_made(transport)


class _Handler:
    def __init__(self, store: Store, pages: Pages, first: int) -> None:
        self._store = store
        self._pages = pages
        self._numbers = count(first)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        name = f"{next(self._numbers):04}-{_title(content)}.eml"
        try:
            await self._store.write(name, content)
            self._pages.add(name, content)
        except (StoreError, OSError):
            return "452 4.3.1 no room to keep this mail"
        return f"250 2.0.0 kept as {name}"


async def _serve(
    factory: Callable[[], SMTP], port: int, tell: Callable[[str], None]
) -> asyncio.Server:
    loop, last = asyncio.get_running_loop(), min(port + MOST_PORTS, 65535)
    for candidate in range(port, last + 1):
        try:
            server = await loop.create_server(factory, LOOPBACK, candidate)
        except OSError:
            continue
        if candidate != port:
            tell(f"Port {port} is taken: the local mailbox listens on {candidate}.")
        return server
    raise MailboxError(f"No port from {port} to {last} is free for the local mailbox.")


def _title(content: bytes) -> str:
    message_id = str(BytesHeaderParser().parsebytes(content).get("Message-ID", ""))
    name = message_id.strip(" <>").rpartition("@")[0].partition("+")[0]
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)[:120] or "mail"


def _first_number(folder: Path) -> int:
    """One more than the highest number in the folder."""
    names = (re.match(r"\d+", file.name) for file in folder.glob("*.eml"))
    return max((int(found[0]) for found in names if found), default=0) + 1
