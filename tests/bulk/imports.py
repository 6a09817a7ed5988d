"""Imports on a real engine, with a client that counts and fails as a test wants."""

from __future__ import annotations

import sys
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Iterable
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from cpor import ClaimsClient, EngineUnreachable
from cpor.bulk import layout
from cpor.bulk.imports import Import
from cpor.bulk.summary import Summary
from cpor.client.openings import CheckedOpening
from tests.bulk.files import csv_of
from tests.examples import opening
from tests.workflows.world import World


class CountingClient(ClaimsClient):
    """Counts what is opened and how much of it at once; `breaks_after` so many it fails."""

    under_way = most = opened = 0
    breaks_after = 10_000

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.before_open: Callable[[], object] = lambda: None

    async def start(self, checked: CheckedOpening) -> bool:
        self.before_open()
        if self.opened >= self.breaks_after:
            raise EngineUnreachable("Temporal answers no more: cut")
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            found = await super().start(checked)
        finally:
            self.under_way -= 1
        self.opened += 1
        return found


class Imports:
    """Imports in a folder; each world has keys of its own."""

    def __init__(self, world: World, claims: ClaimsClient) -> None:
        self.folder = world.folder
        self.claims = claims
        self.prefix = world.new_id()
        self.said: list[str] = []

    def key(self, number: int) -> str:
        return f"{self.prefix}-{number}"

    def claim_id(self, number: int) -> str:
        return layout.claim_id_from(self.key(number))

    def row(self, number: int, **changes: Any) -> dict[str, Any]:
        claim = {**opening(**changes), "key": self.key(number)}
        del claim["claim_id"]
        return claim

    def write(self, rows: Iterable[dict[str, Any]]) -> Path:
        place = self.folder / "claims.csv"
        place.write_bytes(csv_of(rows))
        return place

    async def run(self, place: Path, **options: Any) -> Summary:
        summary, error = await self.try_to_run(place, **options)
        assert error is None
        return summary

    async def try_to_run(self, place: Path, **options: Any) -> tuple[Summary, Exception | None]:
        @asynccontextmanager
        async def connected() -> AsyncGenerator[ClaimsClient]:
            yield self.claims

        return await Import(place, **options).run(connected, self.said.append)


def counts(summary: Summary) -> tuple[int, int, int]:
    return summary.started, summary.already_there, summary.failed


_watched: dict[str, list[int]] = {}
"""Threads that opened a file, by its path. An audit hook stays until the process ends."""


@contextmanager
def opens_of(file: Path) -> Generator[list[int]]:
    """The threads in which the file is opened, once for each time, in whatever way."""
    if not _watched:
        _watched[""] = []
        sys.addaudithook(_note)
    found = _watched[str(file)] = []
    try:
        yield found
    finally:
        del _watched[str(file)]


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and str(arguments[0]) in _watched:
        _watched[str(arguments[0])].append(threading.get_ident())
