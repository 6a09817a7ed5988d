"""Processes that end with this one: the client side of the supervisor."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, Final, cast

from cpor.engine import supervisor
from cpor.engine.supervisor import END, KEEP

GRACE: Final = 2.0
"""Seconds between asking a process to end and killing it; data files survive both."""


@dataclass(frozen=True)
class Process:
    name: str
    command: Sequence[str]
    folder: str
    environment: dict[str, str]


@dataclass(frozen=True)
class Ended:
    """The process that ended first, and how; no code if it never ran or its end was not seen."""

    name: str
    how: str
    code: int | None = None


class Supervised:
    """A group of processes, made by `start`, that ends with `stop` or with this process."""

    def __init__(self, leader: subprocess.Popen[bytes], log: Path) -> None:
        self.log = log
        self.pids: Mapping[str, int] = MappingProxyType({"supervisor": leader.pid})
        self.ended: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()
        self._leader = leader
        self._running = asyncio.Event()
        self._stopping = False
        self._watch = asyncio.create_task(self._until_all_are_gone())

    @classmethod
    async def start(
        cls,
        processes: Sequence[Process],
        *,
        folder: Path,
        log: Path,
        held: Sequence[int] = (),
        litter: Path | None = None,
    ) -> Supervised:
        """`folder` is cleared at the end; the files in `held` stay open while a process lives.

        `litter` is what this process would remove itself, unless it is killed before it can.
        """
        order = {
            "asker": os.getpid(),
            "processes": [asdict(process) for process in processes],
            "folder": str(folder),
            "log": str(log),
            "held": held,
            "litter": str(litter) if litter else None,
            "grace": GRACE,
        }
        leader = _spawn_supervisor(held)
        group = cls(leader, log)
        try:
            stdin = _pipe(leader.stdin)
            stdin.write(json.dumps(order).encode() + b"\n")
            stdin.flush()
            await group._running.wait()
        except BaseException:
            await group.stop()
            raise
        return group

    async def stop(self, *, keep_log: bool = False) -> None:
        """Returns when every process is gone."""
        self._stopping = True
        stdin = _pipe(self._leader.stdin)
        with contextlib.suppress(BrokenPipeError):  # It may be gone already.
            if not stdin.closed:
                stdin.write(KEEP if keep_log else END)
            stdin.close()
        try:
            await asyncio.wait_for(asyncio.shield(self._watch), 10 * GRACE)
        except TimeoutError:
            self._kill_group()
            await self._watch

    async def _until_all_are_gone(self) -> None:
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), _pipe(self._leader.stdout)
        )
        first = Ended("the supervisor", "was killed")
        try:
            async for line in reader:
                fact: dict[str, Any] = json.loads(line)
                match fact:
                    case {"ended": str(name), "code": int(code)}:
                        first = Ended(name, f"ended with code {code}", code)
                    case {"failed": reason}:
                        first = Ended("a process", f"could not be started ({reason})")
                    case _:
                        self.pids = MappingProxyType(self.pids | fact["pids"])
                        self._running.set()
        finally:
            transport.close()
            self._kill_group()
            self._leader.wait()
            if self._stopping:
                self.ended.cancel()
            else:
                self.ended.set_result(first)
            self._running.set()

    def _kill_group(self) -> None:
        """End what is left when the supervisor itself was killed.

        The supervisor's process id, which is the group's, is not reused before `wait`.
        """
        # The group may be empty; some systems answer "not permitted" for a group of zombies.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._leader.pid, signal.SIGKILL)


def _spawn_supervisor(held: Sequence[int]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", "-S", supervisor.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=held,
        # Ctrl-C in a terminal is for the asker alone, who needs the engine to finish its work.
        start_new_session=True,
    )


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    return cast(IO[bytes], pipe)
