"""Claims from a file, many in flight: the same row again finds the claim that is there."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cpor.bulk.checks import opening_of
from cpor.bulk.failed_rows import FailedRows
from cpor.bulk.progress import Advance
from cpor.bulk.rows import Row
from cpor.client.client import ClaimsClient
from cpor.client.errors import ClaimExists, MessageRefused, PortalError
from cpor.client.opening_files import OpeningUnreadable
from cpor.rules.errors import Refused
from cpor.store import FileRefused, StoreError

AT_ONCE = 32
ROW_REFUSED = (Refused, MessageRefused, ClaimExists, FileRefused, OpeningUnreadable)
"""What is wrong with one row and keeps no other from its start."""

Outcome = Literal["started", "already there"]


@dataclass
class Tally:
    started: int = 0
    already_there: int = 0


class Stop:
    """Nothing more is begun; what is in flight comes to its end."""

    def __init__(self) -> None:
        self.asked = False
        self.error: PortalError | StoreError | None = None

    @property
    def is_set(self) -> bool:
        return self.asked or self.error is not None

    @contextmanager
    def on_ctrl_c(self) -> Generator[None]:
        loop = asyncio.get_running_loop()

        def ask() -> None:
            self.asked = True
            loop.remove_signal_handler(signal.SIGINT)  # the second one ends it at once

        with suppress(NotImplementedError):  # Windows has only the second kind
            loop.add_signal_handler(signal.SIGINT, ask)
        try:
            yield
        finally:
            with suppress(NotImplementedError):  # as above
                loop.remove_signal_handler(signal.SIGINT)


async def start_all(
    claims: ClaimsClient,
    rows: Iterator[Row],
    folder: Path,
    failed: FailedRows,
    stop: Stop,
    advance: Advance,
    at_once: int = AT_ONCE,
) -> Tally:
    """Row by row from one iterator, by so many hands as may be in flight."""
    tally = Tally()

    async def hand() -> None:
        for row in rows:
            try:
                if await _start(claims, row, folder) == "started":
                    tally.started += 1
                else:
                    tally.already_there += 1
            except ROW_REFUSED as error:
                failed.add(row, str(error))
            except (PortalError, StoreError) as error:
                stop.error = error
            advance()
            if stop.is_set:
                return

    await asyncio.gather(*(hand() for _ in range(at_once)))
    return tally


async def _start(claims: ClaimsClient, row: Row, folder: Path) -> Outcome:
    opening = opening_of(row, folder)
    if await claims.is_there(opening.data["claim_id"]):
        # Its proof files came before it; the client sees whether it is the same claim.
        await claims.open(opening.data)
        return "already there"
    await opening.start(claims)
    return "started"
