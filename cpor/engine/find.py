"""The ways to an engine, in the order they are tried."""

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
from cpor.engine.flavours import DevServer, Flavour

REMEDY: Final = (
    "Any one of these is enough: the `temporal` command on PATH; the vendor's download host within "
    "reach; or uv, the Python package index and a Go module proxy (GOPROXY) within reach."
)


@dataclass(frozen=True)
class Candidate:
    origin: str
    obtain: Callable[[Tell], Awaitable[Flavour]]


async def candidates() -> AsyncIterator[Candidate]:
    """What is there comes before what would have to be fetched."""
    if temporal := shutil.which("temporal"):
        yield Candidate(f"found at {temporal}", _ready(DevServer(Path(temporal))))
    absent: list[Candidate] = []
    for kept, flavour, obtain, origin in WAYS:
        if folder := await asyncio.to_thread(kept().find):
            yield Candidate(origin, _ready(flavour(folder)))
        else:
            absent.append(Candidate(origin, obtain))
    for candidate in absent:
        yield candidate


Way = tuple[
    Callable[[], Kept], Callable[[Path], Flavour], Callable[[Tell], Awaitable[Flavour]], str
]
WAYS: Final[tuple[Way, ...]] = (
    (kept_download, downloaded, download, "downloaded from its vendor"),
    (kept_build, built, build, "built here"),
)


async def origin_of_first() -> str | None:
    """Where the first engine to be tried comes from; None if it must be fetched or built first."""
    if temporal := shutil.which("temporal"):
        return f"found at {temporal}"
    for kept, _, _, origin in WAYS:
        if await asyncio.to_thread(kept().find):
            return origin
    return None


def _ready(flavour: Flavour) -> Callable[[Tell], Awaitable[Flavour]]:
    async def obtain(_: Tell) -> Flavour:
        return flavour

    return obtain
