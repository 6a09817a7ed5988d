"""How a process is asked to stop: by SIGTERM, by Ctrl-C, or by the program itself."""

from __future__ import annotations

import asyncio
import signal

HURRY_AFTER = 2.0
"""Seconds. Process groups and service managers may send the same signal twice at one moment, for
example through `uv run`; only a signal that comes later is a second request."""


class Stop:
    """Waits for requests to stop.

    `requested` is done by the first request; its result is the failure that caused it, if any.
    `hurried` is done by a request that comes seconds later: whatever still runs is to be left.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._requested_at = 0.0
        self.requested: asyncio.Future[Exception | None] = self._loop.create_future()
        self.hurried: asyncio.Future[None] = self._loop.create_future()
        for kind in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(kind, self.request)

    def request(self, cause: Exception | None = None) -> None:
        if not self.requested.done():
            self._requested_at = self._loop.time()
            self.requested.set_result(cause)
        elif not self.hurried.done() and self._loop.time() >= self._requested_at + HURRY_AFTER:
            self.hurried.set_result(None)
