"""A mailbox of our own for trying and testing: real SMTP on loopback, each mail a file.

The files are named by arrival and by the notice they carry: 0007-CPOR-7Q2M4X.consent.2.contact.eml
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

from aiosmtpd.smtp import SMTP, Envelope, Session

from cpor.settings import LOOPBACK
from cpor.store import Store, StoreError

MOST_PORTS = 100


class MailboxError(Exception):
    """The mailbox cannot listen or keep mails: one sentence."""


@dataclass(frozen=True)
class Mailbox:
    folder: Path
    port: int


@asynccontextmanager
async def listening(
    folder: Path, port: int, tell: Callable[[str], None] = lambda _: None
) -> AsyncGenerator[Mailbox]:
    """A mailbox that keeps mails in a folder, for as long as the context lasts.

    Port 0 is any free one. A taken port gives the next free one, which `tell` is told.
    """
    # At info this logger names the people who write and are written to.
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    try:
        store = await asyncio.to_thread(Store.open, str(folder))
    except StoreError as error:
        raise MailboxError(str(error)) from None
    keeper, loop = _Keeper(store, _first_number(folder)), asyncio.get_running_loop()
    conversations: set[_Conversation] = set()
    server = await _serve(lambda: _Conversation(keeper, conversations, loop), port, tell)
    try:
        yield Mailbox(folder, server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for conversation in list(conversations):
            conversation.hang_up()
        await server.wait_closed()


class _Conversation(SMTP):
    """One client's connection, known to the mailbox so that it can be ended."""

    def __init__(
        self,
        keeper: _Keeper,
        conversations: set[_Conversation],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__(
            keeper, hostname="localhost", ident="local mailbox", enable_SMTPUTF8=True, loop=loop
        )
        self._conversations = conversations

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._conversations.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._conversations.discard(self)
        super().connection_lost(error)

    def hang_up(self) -> None:
        if self.transport is not None:
            self.transport.close()


class _Keeper:
    def __init__(self, store: Store, first: int) -> None:
        self._store = store
        self._numbers = count(first)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        name = f"{next(self._numbers):04}-{_title(content)}.eml"
        try:
            await self._store.write(name, content)
        except StoreError:
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
    name = message_id.strip(" <>").rpartition("@")[0]
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)[:120] or "mail"


def _first_number(folder: Path) -> int:
    """One more than the highest number there, so that a restart goes on counting."""
    names = (re.match(r"\d+", file.name) for file in folder.glob("*.eml"))
    return max((int(found[0]) for found in names if found), default=0) + 1
