"""The ways to get an engine, in the order in which they are tried."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cpor.engine.build import build, built, kept_build
from cpor.engine.cache import Kept, Tell
from cpor.engine.download import download, downloaded, kept_download
from cpor.engine.servers import DevServer, Server

REMEDY: Final = (
    "Any one of these is enough: the `temporal` command on PATH; the vendor's download host within "
    "reach; or uv, the Python package index and a Go module proxy (GOPROXY) within reach."
)


@dataclass(frozen=True)
class Candidate:
    origin: str
    obtain: Callable[[Tell], Awaitable[Server]]
    is_here: bool = False
    """Whether it can be started without a download or a build."""


async def candidates() -> AsyncIterator[Candidate]:
    """Engines on this machine first, then those to be downloaded or built."""
    if temporal := shutil.which("temporal"):
        yield _here(f"found at {temporal}", DevServer(Path(temporal)))
    absent: list[Candidate] = []
    for kept, server, obtain, origin in WAYS:
        if folder := await asyncio.to_thread(kept().find):
            yield _here(origin, server(folder))
        else:
            absent.append(Candidate(origin, obtain))
    for candidate in absent:
        yield candidate


Way = tuple[Callable[[], Kept], Callable[[Path], Server], Callable[[Tell], Awaitable[Server]], str]
WAYS: Final[tuple[Way, ...]] = (
    (kept_download, downloaded, download, "downloaded from its vendor"),
    (kept_build, built, build, "built here"),
)


def _here(origin: str, server: Server) -> Candidate:
    async def obtain(_: Tell) -> Server:
        return server

    return Candidate(origin, obtain, is_here=True)
