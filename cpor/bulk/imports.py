"""An import from its file to its summary."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Literal

from cpor.bulk import progress
from cpor.bulk.checks import findings
from cpor.bulk.failed_rows import FailedRows, place_for
from cpor.bulk.files import FileUnusable, sheet_in
from cpor.bulk.rows import Sheet
from cpor.bulk.starts import AT_ONCE, Stop, start_all
from cpor.client.client import ClaimsClient
from cpor.client.errors import PortalError
from cpor.exits import DONE, INTERRUPTED, REFUSED, WRONG_INPUT
from cpor.store import StoreError

GO_ON = "Run the same command again: it goes on from there, and nothing is started twice."

Connected = Callable[[], AbstractAsyncContextManager[ClaimsClient]]
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Summary:
    outcome: Literal["right", "wrong", "done", "stopped"]
    rows: int
    started: int = 0
    already_there: int = 0
    failed: int = 0
    failed_file: str | None = None
    """Where the failed rows stand, each with its reason."""
    seconds: float = 0.0

    def __str__(self) -> str:
        return "\n".join(self._sentences())

    @property
    def code(self) -> int:
        if self.outcome == "stopped":
            return INTERRUPTED
        if self.outcome == "wrong":
            return WRONG_INPUT
        return REFUSED if self.failed else DONE

    def _sentences(self) -> Iterator[str]:
        tried = self.started + self.already_there + self.failed
        match self.outcome:
            case "right":
                yield f"All {self.rows:,} rows are right. Nothing was started."
            case "wrong":
                yield f"{self.failed:,} of {self.rows:,} rows are wrong. Nothing was started."
            case _:
                yield (
                    f"{self.rows:,} rows: {self.started:,} started, {self.already_there:,} already "
                    f"there, {self.failed:,} failed, in {progress.duration(self.seconds)} "
                    f"({tried / max(self.seconds, 0.001):,.0f} a second)."
                )
        if self.outcome == "stopped":
            yield f"Stopped: {self.rows - tried:,} rows were not tried. {GO_ON}"
        if self.failed_file:
            yield f"The failed rows, each with its reason: {self.failed_file}"


@dataclass(frozen=True)
class Import:
    file: Path
    failed_file: Path | None = None
    at_once: int = AT_ONCE
    dry_run: bool = False

    async def run(
        self, connected: Connected, tell: Tell
    ) -> tuple[Summary, PortalError | StoreError | None]:
        """Its summary, and what stopped it before its end.

        `connected` is asked for a client only where something is to be started.
        """
        with (
            sheet_in(self.file) as sheet,
            closing(FailedRows(self._failed_file(sheet), sheet, tell)) as failed,
        ):
            rows = await self._check(sheet, failed)
            if failed.number:
                return Summary("wrong", rows, **failed.told), None
            if self.dry_run:
                return Summary("right", rows), None
            async with connected() as claims:
                return await self._start(sheet, rows, claims, failed)

    def _failed_file(self, sheet: Sheet) -> Path:
        if self.failed_file is None:
            return place_for(self.file, sheet)
        if self.failed_file.exists() and self.failed_file.resolve() == self.file.resolve():
            raise FileUnusable(f"{self.file} would be written over by its own failed rows")
        return self.failed_file

    async def _check(self, sheet: Sheet, failed: FailedRows) -> int:
        rows = 0
        with progress.shown("Checking") as advance:
            for finding in findings(sheet, self.file.parent):
                rows += 1
                if finding.problems:
                    failed.add(finding.row, finding.reason)
                advance()
                await asyncio.sleep(0)  # so that Ctrl-C is heard
        return rows

    async def _start(
        self, sheet: Sheet, rows: int, claims: ClaimsClient, failed: FailedRows
    ) -> tuple[Summary, PortalError | StoreError | None]:
        stop, began = Stop(), monotonic()
        with stop.on_ctrl_c(), progress.shown("Starting", rows) as advance:
            tally = await start_all(
                claims, sheet.rows(), self.file.parent, failed, stop, advance, self.at_once
            )
        summary = Summary(
            "stopped" if stop.is_set else "done",
            rows,
            started=tally.started,
            already_there=tally.already_there,
            seconds=round(monotonic() - began, 1),
            **failed.told,
        )
        return summary, stop.error
