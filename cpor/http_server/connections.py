"""Bounds of time, size and number for connections, so that nobody keeps others from being heard.

uvicorn waits for ever for the rest of a request, and counts who waits among those it can serve.
Here a request must be whole in time, and where there is no room the connection that has waited
longest for the rest of its request gives way: whoever has something to say is let in.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from uvicorn.protocols.http.h11_impl import H11Protocol

Reason = Literal["slow", "unread", "gave_way", "no_room", "malformed"]
"""The request was not whole in time; its answer was not read in time; another needed the room;
all that were there were being answered; it was no HTTP."""
Count = Callable[[Reason], None]


@dataclass(frozen=True)
class Bounds:
    connections: int = 500
    connections_of_one: int = 100
    """Of one address, which may be that of a proxy. An IPv6 address counts with its /64."""
    request_seconds: float = 15.0
    """From the connection, or the answer before, to the end of the request."""
    answer_seconds: float = 60.0
    header_bytes: int = 16 * 1024


class Doorkeeper:
    """Who is in, and who of them has not said yet what for."""

    def __init__(self, bounds: Bounds, count: Count) -> None:
        self.bounds = bounds
        self.count = count
        self._waiting: dict[BoundedProtocol, None] = {}
        """Those that have waited longest come first."""
        self._of: dict[str, set[BoundedProtocol]] = {}
        self._number = 0

    def let_in(self, one: BoundedProtocol) -> bool:
        """Whether there is room for it. If not it is in all the same, to be told so."""
        here = self._of.setdefault(one.address, set())
        if len(here) >= self.bounds.connections_of_one:
            self._make_room(here)
        elif self._number >= self.bounds.connections:
            self._make_room(None)
        here = self._of.setdefault(one.address, here)
        fits = len(here) < self.bounds.connections_of_one and self._number < self.bounds.connections
        here.add(one)
        self._number += 1
        return fits

    def let_out(self, one: BoundedProtocol) -> None:
        self.is_heard(one)
        here = self._of.get(one.address, set())
        if one in here:
            here.remove(one)
            self._number -= 1
            if not here:
                del self._of[one.address]

    def waits(self, one: BoundedProtocol) -> None:
        self._waiting[one] = None

    def is_heard(self, one: BoundedProtocol) -> None:
        self._waiting.pop(one, None)

    def _make_room(self, among: set[BoundedProtocol] | None) -> None:
        for one in self._waiting:
            if among is None or one in among:
                one.end("gave_way")
                self.let_out(one)
                return


class BoundedProtocol(H11Protocol):
    door: ClassVar[Doorkeeper]

    address = ""
    _timer: asyncio.TimerHandle | None = None
    _is_heard = False

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.address = _counted_as(self.client[0] if self.client else "")
        if not self.door.let_in(self):
            self.door.count("no_room")
            self.limit_concurrency = 0  # uvicorn answers its request with 503.
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        self.door.let_out(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._listen()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._is_heard = False
        self._wait()
        self._listen()

    def send_400_response(self, msg: str) -> None:
        self.door.count("malformed")
        super().send_400_response(msg)

    def end(self, reason: Reason) -> None:
        self._stop_timer()
        self.door.count(reason)
        self.transport.abort()

    def _listen(self) -> None:
        """The next one may have come with the last."""
        whole = self.cycle and not (self.cycle.more_body or self.cycle.response_complete)
        if whole and not self._is_heard:
            self._is_heard = True
            self.door.is_heard(self)
            self._start_timer(self.door.bounds.answer_seconds, "unread")

    def _wait(self) -> None:
        self.door.waits(self)
        # What is closing already has only to be read to its end.
        reason: Reason = "unread" if self.transport.is_closing() else "slow"
        self._start_timer(self.door.bounds.request_seconds, reason)

    def _start_timer(self, seconds: float, reason: Reason) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(seconds, self.end, reason)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


def bounded_by(door: Doorkeeper) -> type[BoundedProtocol]:
    """uvicorn makes one for each connection."""
    return type("Bounded", (BoundedProtocol,), {"door": door})


def _counted_as(host: str) -> str:
    """Whoever has one IPv6 address has all of its /64."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.IPv6Network((address, 64), strict=False))
    return host
