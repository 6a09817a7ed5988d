"""The door before the UI: only a browser that asks for this machine by its own name gets in.

The UI answers whoever asks, under any name. So the page of a stranger could have its own name lead
here (DNS rebinding), or send its requests across, and would read histories and send signals with
the rights of whoever looks at it. The UI behind it listens where no such page can guess.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from cpor.engine.ports import LOOPBACK, free_ports

NAMES: Final = (LOOPBACK, "localhost")
MOST_HEAD: Final = 64 * 1024
HEAD_LIMIT: Final = 30.0
"""Seconds for the head of a request."""
PIECE: Final = 64 * 1024


@dataclass(frozen=True)
class Address:
    host: str
    port: int


def out_of_sight() -> Address:
    """Where the UI itself listens: one of the 16 million loopback addresses, where there are so
    many; else on a port nobody is told."""
    with socket.socket() as probe:
        host = ".".join(["127", *(str(1 + secrets.randbelow(254)) for _ in range(3))])
        try:
            probe.bind((host, 0))
        except OSError:
            return Address(LOOPBACK, free_ports(1)[0])
        return Address(host, probe.getsockname()[1])


@contextlib.asynccontextmanager
async def open_before(ui: Address, port: int, host: str = LOOPBACK) -> AsyncGenerator[None]:
    """Raises `OSError` where the port is taken."""
    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        talks.add(task)
        try:
            with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
                await _pass_on(reader, writer, ui)
        finally:
            talks.discard(task)
            writer.close()

    server = await asyncio.start_server(talk, host, port, limit=MOST_HEAD)
    try:
        yield
    finally:
        server.close()
        for each in talks:
            each.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ui: Address) -> None:
    """One request a connection: so each is looked at."""
    try:
        async with asyncio.timeout(HEAD_LIMIT):
            head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        writer.write(_refusal(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE))
        return
    if (status := judged(head)) is not None:
        writer.write(_refusal(status))
        return
    from_ui, to_ui = await asyncio.open_connection(ui.host, ui.port)
    try:
        to_ui.write(_closing(head))
        sending = asyncio.create_task(_copy(reader, to_ui))
        try:
            await _copy(from_ui, writer)
        finally:
            sending.cancel()
    finally:
        to_ui.close()


def judged(head: bytes) -> HTTPStatus | None:
    """Why a request is refused, by its head; None where it is let in."""
    hosts, origins = _values(head, b"host"), _values(head, b"origin")
    if len(hosts) != 1 or len(origins) > 1:
        return HTTPStatus.BAD_REQUEST
    if hosts[0].partition(":")[0] not in NAMES:
        return HTTPStatus.MISDIRECTED_REQUEST
    if origins and origins[0] != f"http://{hosts[0]}":
        return HTTPStatus.FORBIDDEN
    return None


def _values(head: bytes, name: bytes) -> list[str]:
    fields = (line.partition(b":") for line in head.split(b"\n")[1:])
    return [
        value.strip().lower().decode("latin-1")
        for field, _, value in fields
        if field.strip().lower() == name
    ]


def _closing(head: bytes) -> bytes:
    """The same head, and the UI closes the connection after its answer."""
    first, *fields = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    kept = [each for each in fields if each.partition(b":")[0].strip().lower() != b"connection"]
    return b"\r\n".join([first, *kept, b"Connection: close", b"", b""])


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while piece := await reader.read(PIECE):
            writer.write(piece)
            await writer.drain()


def _refusal(status: HTTPStatus) -> bytes:
    text = f"{status.phrase}: this page is for this machine only, by the name localhost.\n"
    return (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: text/plain\r\n"
        f"Content-Length: {len(text)}\r\nConnection: close\r\n\r\n{text}"
    ).encode("ascii")
