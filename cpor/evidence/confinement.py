"""A process of its own for each file: no network, no other file, little time and little memory.

Starting Python and importing the libraries costs far more than reading a file. So one process, the
parent, has them imported, and forks a child for each file. No byte of a file comes to the parent.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import struct
import sys
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, Literal, Self, TypeVar, cast, get_args

from pydantic import ValidationError

from cpor.evidence import scans
from cpor.evidence.errors import NoReader
from cpor.evidence.reading import Reading
from cpor.evidence.scans import Recognised
from cpor.evidence.types import ending_of
from cpor.rules.proof_files import FILE_TYPES

T = TypeVar("T")
Pieces = Callable[[], AsyncIterable[bytes]]
"""The bytes of a file, from its beginning each time."""

SECONDS = 20
"""Of the processor's time: how busy the machine is says nothing of a file."""
LONGEST = 60
"""Seconds from a child's first word to its answer, however busy the machine is."""
LONGEST_START = 60
"""Seconds until there must be a child. What it needs is imported before the first of its kind."""
ENDS_BY_ITSELF = 1.0
"""Seconds for a parent that nobody talks to any more."""
MOST_MEMORY = 512 * 1024 * 1024
MOST_MEMORY_OF_SCANS = 2 * 1024 * 1024 * 1024
MOST_ANSWER = 16 * 1024 * 1024
NO_ANSWER = b""
ENDED = f"its reader ended without an answer, or took more than {SECONDS} s"
PIECE = 64 * 1024
AT_ONCE = 2
BESIDE_OTHERS = 5
"""The `nice` value of a reader: processes that serve claims on this machine go first."""
ROOT = Path(__file__).resolve().parents[2]

END: Final = signal.SIGUSR1
Command = Literal["fork", "bury"]
COMMANDS: tuple[Command, ...] = get_args(Command)
SHEET: Final = "sheet"
SCANS: Final = "scans"
"""What recognises text has threads, and models that take much memory: its parent does it itself."""
WORK = (*FILE_TYPES, "other type", SHEET, SCANS)
"""What a child can be for; the parent imports what this needs when it is first asked for it."""
MESSAGE = struct.Struct("!BI")
"""A command, and what to fork for or whom to bury."""
PID = struct.Struct("!I")
"""Each child says this first, before it has heard anything."""


def told(command: Command, number: int) -> bytes:
    return MESSAGE.pack(COMMANDS.index(command), number)


def heard(message: bytes) -> tuple[Command, int]:
    command, number = cast("tuple[int, int]", MESSAGE.unpack(message))
    return COMMANDS[command], number


async def a_few_at_a_time(reads: Iterable[Awaitable[T]]) -> list[T]:
    """What comes of each, in order. Each of them is a process."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(read: Awaitable[T]) -> T:
        async with gate:
            return await read

    return await asyncio.gather(*map(one, reads))


class Readers:
    """Reads files, until the end of the block. The parent is started with the first of them."""

    def __init__(self) -> None:
        self._parent: Parent | None = None
        self._starting = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._parent is not None:
            await self._parent.end()

    @property
    def pid(self) -> int | None:
        """Of the parent, for those who measure it."""
        return self._parent.pid if self._parent else None

    async def read(self, pieces: Pieces, name: str, media_type: str | None = None) -> Reading:
        """What is in the file whose bytes these are. What goes wrong in there is an answer too."""
        type = ending_of(name)
        work = type if type in FILE_TYPES else "other type"
        about = {"name": name, "media_type": media_type}
        try:
            reading = Reading.model_validate_json(await self.answer_of(work, about, pieces()))
        except TimeoutError:
            return Reading.unreadable(type, f"took longer than {LONGEST} s")
        except ValidationError:
            return Reading.unreadable(type, ENDED)
        if scans.may_help(reading) and scans.is_installed():
            return scans.with_text(reading, await self._recognised(reading.type, pieces()))
        return reading

    async def _recognised(self, type: str, chunks: AsyncIterable[bytes]) -> Recognised:
        try:
            return Recognised.model_validate_json(await self.answer_of(SCANS, type, chunks))
        except (TimeoutError, ValidationError, NoReader):
            # The file was read. That this program does not run is no reason to say nothing of it.
            return Recognised()

    async def answer_of(self, work: str, about: object, chunks: AsyncIterable[bytes]) -> bytes:
        """What a child makes of them, which is given a line about them and then the chunks.

        Raises `TimeoutError`; what ends without a word has an answer that is empty.
        """
        async with self._parent_for(work) as parent:
            reader, writer = await parent.fork(work)
            pid = None
            try:
                pid = await parent.pid_of_child(reader)
                async with asyncio.timeout(LONGEST):
                    return await _asked(reader, writer, about, chunks)
            finally:
                writer.transport.abort()
                parent.bury(pid)

    @asynccontextmanager
    async def _parent_for(self, work: str) -> AsyncGenerator[Parent]:
        if work != SCANS:
            yield await self._living_parent()
            return
        alone = await Parent.start()
        try:
            yield alone
        finally:
            await alone.kill()

    async def _living_parent(self) -> Parent:
        async with self._starting:
            if self._parent is not None and self._parent.is_gone:
                await self._parent.kill()
                self._parent = None
            if self._parent is None:
                self._parent = await Parent.start()
            return self._parent


class Parent:
    """The process that forks, and the connection over which it is told to."""

    def __init__(self, process: asyncio.subprocess.Process, connection: socket.socket) -> None:
        self._process = process
        self._connection = connection
        self.is_gone = False

    @classmethod
    async def start(cls) -> Self:
        ours, theirs = socket.socketpair()
        with theirs:
            ours.setblocking(False)
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "cpor.evidence"),
                stdin=theirs.fileno(),
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env={
                    "PYTHONPATH": str(ROOT),
                    "PYTHONUTF8": "1",
                    "LANG": "C.UTF-8",
                    # A process that forks must have one thread.
                    "OPENBLAS_NUM_THREADS": "1",
                    "OMP_NUM_THREADS": "1",
                },
                cwd=os.sep,
            )
        return cls(process, ours)

    @property
    def pid(self) -> int:
        return self._process.pid

    async def fork(self, work: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        ours, theirs = socket.socketpair()
        with theirs:
            self._tell("fork", WORK.index(work), theirs)
        return await asyncio.open_connection(sock=ours)

    async def pid_of_child(self, reader: asyncio.StreamReader) -> int:
        try:
            async with asyncio.timeout(LONGEST_START):
                (pid,) = PID.unpack(await reader.readexactly(PID.size))
        except TimeoutError:
            raise NoReader(f"no child was forked in {LONGEST_START} s") from None
        except (asyncio.IncompleteReadError, ConnectionError):
            self.is_gone = True
            raise NoReader("no child was forked") from None
        return pid

    def bury(self, pid: int | None) -> None:
        """End it if it has not ended; only its parent may, for whom the number is still its."""
        if pid is not None:
            with suppress(NoReader):
                self._tell("bury", pid)

    async def kill(self) -> None:
        """Most end by themselves now. asyncio may lose the end of one that is signalled as it ends,
        so they are waited for first."""
        self._connection.close()
        try:
            await asyncio.wait_for(self._process.wait(), ENDS_BY_ITSELF)
        except TimeoutError:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    async def end(self) -> None:
        """Its children end with it."""
        with suppress(ProcessLookupError):
            self._process.send_signal(END)
        self._connection.close()
        await self._process.wait()

    def _tell(self, command: Command, number: int, *given: socket.socket) -> None:
        message = [told(command, number)]
        try:
            socket.send_fds(self._connection, message, [each.fileno() for each in given])
        except OSError as error:
            self.is_gone = True
            raise NoReader(f"it cannot be told to {command}: {error.strerror}") from None


async def _asked(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    about: object,
    chunks: AsyncIterable[bytes],
) -> bytes:
    answer = bytearray()
    try:
        writer.write(json.dumps(about).encode() + b"\n")
        async for chunk in chunks:
            writer.write(chunk)
            await writer.drain()
        writer.write_eof()
        while piece := await reader.read(PIECE):
            answer += piece
            if len(answer) > MOST_ANSWER:
                return NO_ANSWER
    except (BrokenPipeError, ConnectionResetError):
        # It ended early; what it said before, or that it said nothing, is the answer.
        pass
    return bytes(answer)
