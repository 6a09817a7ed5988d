"""An import from its file to its summary.

Every row is checked before the first claim starts. Then many starts are under way at a time. A row
that is imported again finds the claim that is there.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractAsyncContextManager, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Literal

from cpor.bulk import progress
from cpor.bulk.checks import CheckedRows, findings
from cpor.bulk.failed_rows import FailedRows, free_place
from cpor.bulk.files import FileUnusable, sheet_in
from cpor.bulk.rows import Row, Sheet
from cpor.bulk.summary import Summary
from cpor.client.client import ClaimsClient
from cpor.client.errors import ClaimExists, MessageRefused, PortalError
from cpor.client.openings import CheckedOpening
from cpor.store import FileRefused, StoreError

AT_ONCE = 32
ROW_REFUSED = (MessageRefused, ClaimExists, FileRefused)
"""Errors of one row, which keep no other row from its start."""

Connected = Callable[[], AbstractAsyncContextManager[ClaimsClient]]


@dataclass(frozen=True)
class Import:
    file: Path
    failed_file: Path | None = None
    at_once: int = AT_ONCE
    dry_run: bool = False

    async def run(
        self, connected: Connected, report: Callable[[str], None]
    ) -> tuple[Summary, PortalError | StoreError | None]:
        """Return the summary, and the error that stopped the import before its end.

        `connected` is asked for a client only if something is to be started. `report` gets a line
        for each of the first failed rows.
        """
        with (
            sheet_in(self.file) as sheet,
            closing(FailedRows(self._failed_file(sheet), sheet, report)) as failed,
            closing(CheckedRows()) as checked,
        ):
            rows = await self._check(sheet, checked, failed)
            if failed.number:
                return Summary("wrong", rows, **failed.counted), None
            if self.dry_run:
                return Summary("right", rows), None
            async with connected() as claims:
                return await self._start(claims, rows, checked, failed)

    def _failed_file(self, sheet: Sheet) -> Path:
        if self.failed_file is None:
            return free_place(self.file, sheet)
        if self.failed_file.exists() and self.failed_file.resolve() == self.file.resolve():
            raise FileUnusable(f"{self.file} would be written over by its own failed rows")
        return self.failed_file

    async def _check(self, sheet: Sheet, checked: CheckedRows, failed: FailedRows) -> int:
        rows = 0
        with progress.shown("Checking") as advance:
            async for finding in findings(sheet, self.file.parent, checked):
                rows += 1
                if finding.opening is None:
                    failed.add(finding.row, finding.reason)
                elif not self.dry_run:
                    checked.add(finding.row, finding.opening)
                advance()
                await asyncio.sleep(0)  # so that Ctrl-C is heard
        return rows

    async def _start(
        self, claims: ClaimsClient, rows: int, checked: CheckedRows, failed: FailedRows
    ) -> tuple[Summary, PortalError | StoreError | None]:
        starts, began = Starts(claims, failed), monotonic()
        with starts.stopped_by_ctrl_c(), progress.shown("Starting", rows) as advance:
            await starts.run(checked, self.at_once, advance)
        summary = Summary(
            "stopped" if starts.is_stopped else "done",
            rows,
            started=starts.started,
            already_there=starts.already_there,
            seconds=round(monotonic() - began, 1),
            **failed.counted,
        )
        return summary, starts.error


class Starts:
    """Starts the claims of checked rows, many at a time, and counts what became of each row.

    Once it is stopped, no further row is begun; those under way are finished and counted.
    """

    def __init__(self, claims: ClaimsClient, failed: FailedRows) -> None:
        self.started = self.already_there = 0
        self.interrupted = False
        self.error: PortalError | StoreError | None = None
        self._claims = claims
        self._failed = failed

    @property
    def is_stopped(self) -> bool:
        return self.interrupted or self.error is not None

    async def run(
        self,
        rows: Iterable[tuple[Row, CheckedOpening]],
        at_once: int,
        advance: progress.Advance,
    ) -> None:
        remaining = iter(rows)

        async def start_one_after_the_other() -> None:
            for row, opening in remaining:
                await self._start(row, opening)
                advance()
                if self.is_stopped:
                    return

        await asyncio.gather(*(start_one_after_the_other() for _ in range(at_once)))

    @contextmanager
    def stopped_by_ctrl_c(self) -> Generator[None]:
        loop = asyncio.get_running_loop()

        def interrupt() -> None:
            self.interrupted = True
            loop.remove_signal_handler(signal.SIGINT)  # the second one ends it at once

        with suppress(NotImplementedError):  # on Windows, the first one ends it at once
            loop.add_signal_handler(signal.SIGINT, interrupt)
        try:
            yield
        finally:
            with suppress(NotImplementedError):  # there it was not added
                loop.remove_signal_handler(signal.SIGINT)

    async def _start(self, row: Row, opening: CheckedOpening) -> None:
        try:
            outcome = await self._open(opening)
        except ROW_REFUSED as error:
            self._add_failed(row, str(error))
        except (PortalError, StoreError) as error:
            self.error = error
        else:
            self.started += outcome == "started"
            self.already_there += outcome == "already there"

    async def _open(self, opening: CheckedOpening) -> Literal["started", "already there"]:
        if opening.proof and await self._claims.is_there(opening.claim_id):
            # Its proof files were uploaded before it was started.
            opening = replace(opening, proof={})
        return "started" if await self._claims.start(opening) else "already there"

    def _add_failed(self, row: Row, reason: str) -> None:
        try:
            self._failed.add(row, reason)
        except FileUnusable as error:
            # Claims were started, so this is no longer an error of the input.
            self.error = PortalError(str(error))
