"""A part of the stack: a process that can be killed and started again, and ends with this one."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cpor.engine.errors import last_lines
from cpor.engine.processes import Process, Supervised

UP: Final = 240.0
"""Seconds in which a part must answer; a worker beside ten others on two processors needs some."""
LOOK: Final = 0.1
ONE_ANSWER: Final = 20.0
"""A part that was just started may take a connection, and never answer on it."""


class NotUp(Exception):
    """A part that ended, or never answered; what it wrote last is in the message."""


@dataclass
class Part:
    """It has a supervisor of its own, so that its death is nobody else's."""

    process: Process
    folder: Path
    answers: Callable[[], Awaitable[bool]]
    kills: int = 0
    falls: int = 0
    """How often it ended by itself after it had been up; it was started again, as Docker would."""
    _running: Supervised | None = field(default=None, init=False)
    _starting: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _watch: asyncio.Task[None] | None = field(default=None, init=False)
    _gone: NotUp | None = field(default=None, init=False)

    @property
    def name(self) -> str:
        return self.process.name

    @property
    def log(self) -> Path:
        return self.folder / "logs" / f"{self.name}.log"

    @property
    def pid(self) -> int:
        assert self._running, f"{self.name} does not run"
        return self._running.pids[self.name]

    def check(self) -> None:
        """Raises where it ended by itself and did not come up again."""
        if self._gone:
            raise self._gone

    async def start(self) -> None:
        """Until it answers. What a killed one left behind may stand in the way for a moment."""
        async with self._starting:
            if self._running is None:
                await self._start()

    async def _start(self) -> None:
        self.log.parent.mkdir(exist_ok=True)
        try:
            async with asyncio.timeout(UP):
                while not (running := await self._came_up()):
                    await self.stop()
                    if not self.kills + self.falls:
                        raise NotUp(f"{self.name} ended: {last_lines(self.log)}")
                    await asyncio.sleep(LOOK)
        except TimeoutError:
            raise NotUp(f"{self.name} does not answer: {last_lines(self.log)}") from None
        self._watch = asyncio.create_task(self._started_again(running))

    async def _came_up(self) -> Supervised | None:
        run_folder = self.folder / "runs" / self.name
        run_folder.mkdir(parents=True, exist_ok=True)
        running = await Supervised.start((self.process,), folder=run_folder, log=self.log)
        self._running = running
        while not running.ended.done():
            if await self._answers():
                return running
            await asyncio.sleep(LOOK)
        return None

    async def _answers(self) -> bool:
        try:
            return await asyncio.wait_for(self.answers(), ONE_ANSWER)
        except TimeoutError:
            return False

    async def _started_again(self, running: Supervised) -> None:
        """The compose file says: restart, unless stopped."""
        await asyncio.wait({running.ended})
        if self._running is running:
            self.falls += 1
            await self.stop()
            try:
                await self.start()
            except NotUp as error:
                self._gone = error

    async def kill(self) -> None:
        """Without a warning, as when the power fails."""
        self.kills += 1
        if self._running is not None:
            pid, running, self._running = self.pid, self._running, None
            os.kill(pid, signal.SIGKILL)
            await asyncio.wait({running.ended})
            await running.stop(keep_log=True)

    async def stop(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            await running.stop(keep_log=True)
