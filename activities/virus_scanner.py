"""Files are given to clamd, the daemon of the virus scanner ClamAV, which says what it finds."""

from __future__ import annotations

import asyncio
import os
import re
import socket
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from activities.failures import retryable
from cpor.evidence.reading import Finding, quoted

SECONDS = 60.0
"""For one file, from the greeting to the answer."""
MOST_ANSWER = 4096
END = b"\0"
"""Of a command, and of its answer."""
_ABOUT_THE_FILE = re.compile(r"stream: (?P<said>.+) (?P<result>FOUND|ERROR)")
_TOO_LARGE = "INSTREAM size limit exceeded"


@dataclass(frozen=True)
class VirusScanner:
    """A clamd. What it does not answer as it should is an error that is tried again."""

    address: str
    """A host and a port, or the path of a socket."""

    async def version(self) -> str:
        async with self._conversation() as connection:
            await connection.say(b"zVERSION" + END)
            return quoted(await connection.answer())

    async def look_through(self, pieces: AsyncIterable[bytes]) -> Finding | None:
        """What is wrong with the file, if anything is."""
        async with self._conversation() as connection:
            await connection.give(pieces)
            return _finding(await connection.answer())

    @asynccontextmanager
    async def _conversation(self) -> AsyncGenerator[_Connection]:
        try:
            async with asyncio.timeout(SECONDS):
                with await asyncio.to_thread(_connected, self.address) as opened:
                    opened.setblocking(False)
                    yield _Connection(opened)
        except TimeoutError:
            raise _away(f"has not answered within {SECONDS:.0f} s") from None
        except OSError as error:
            why = os.strerror(error.errno) if error.errno else type(error).__name__
            raise _away(f"cannot be reached ({why})") from None


class _Connection:
    """Sockets, not streams: when clamd has had enough of a file it says so and hangs up, and a
    stream that can't be written to any more forgets what was to be read."""

    def __init__(self, opened: socket.socket) -> None:
        self._socket = opened
        self._loop = asyncio.get_running_loop()

    async def say(self, what: bytes) -> None:
        await self._loop.sock_sendall(self._socket, what)

    async def give(self, pieces: AsyncIterable[bytes]) -> None:
        try:
            await self.say(b"zINSTREAM" + END)
            async for piece in pieces:
                if piece:
                    await self.say(len(piece).to_bytes(4, "big") + piece)
            await self.say(bytes(4))
        except (BrokenPipeError, ConnectionResetError):
            # It hung up; why, it may have said.
            return

    async def answer(self) -> str:
        said = bytearray()
        while END not in said and len(said) < MOST_ANSWER:
            more = await self._loop.sock_recv(self._socket, MOST_ANSWER)
            if not more:
                raise _away("hung up without an answer")
            said += more
        return said.partition(END)[0].decode("utf-8", "replace")


def _connected(address: str) -> socket.socket:
    if address.startswith(os.sep):
        opened = socket.socket(socket.AF_UNIX)
        opened.settimeout(SECONDS)
        opened.connect(address)
        return opened
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), SECONDS)


def _finding(answer: str) -> Finding | None:
    if answer == "stream: OK":
        return None
    if answer.startswith(_TOO_LARGE):
        text = "is larger than the virus scanner takes (StreamMaxLength): nobody has looked for one"
        return Finding(code="unscanned", text=text)
    about = _ABOUT_THE_FILE.fullmatch(answer)
    if about is None:
        raise _away(f"said {quoted(answer)}")
    said = quoted(about["said"])
    if about["result"] == "FOUND":
        return Finding(code="virus", text=f"has a virus in it: a scanner found {said}")
    return Finding(code="unscanned", text=f"could not be looked through for a virus: {said}")


def _away(why: str) -> Exception:
    return retryable("VirusScannerAway", f"The virus scanner {why}.")
