"""Builds the engine from the sources on the Go module proxy.

Go itself checks every module against the checksum database.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cpor.engine.cache import Kept, Tell, machine
from cpor.engine.errors import NotObtained, last_lines
from cpor.engine.go import Command, find_go, go_environment
from cpor.engine.processes import Ended, Process, Supervised
from cpor.engine.servers import ServerAndUi

SERVER_VERSION: Final = "1.32.2"
UI_VERSION: Final = "2.54.1"


@dataclass(frozen=True)
class Part:
    title: str
    package: str
    binary: str
    """Its name in the cache; Go calls it as the last folder of its package."""


PARTS: Final = (
    Part(
        f"Temporal {SERVER_VERSION}",
        f"go.temporal.io/server/cmd/server@v{SERVER_VERSION}",
        "temporal-server",
    ),
    Part(
        f"its UI {UI_VERSION}",
        f"github.com/temporalio/ui-server/v2/cmd/server@v{UI_VERSION}",
        "temporal-ui-server",
    ),
)
PROGRESS_INTERVAL: Final = 10.0
SILENCE_LIMIT: Final = 900.0
"""Seconds without a line from Go after which nothing more is expected of it. Linking the server
is its longest silence, half a minute where the whole takes three."""


def kept_build() -> Kept:
    return Kept(f"temporal-{SERVER_VERSION}-ui-{UI_VERSION}-{machine()}")


def built(folder: Path) -> ServerAndUi:
    server, ui = (folder / part.binary for part in PARTS)
    return ServerAndUi(server, ui)


async def build(tell: Tell) -> ServerAndUi:
    began = time.monotonic()

    async def maker(result: Path, scratch: Path) -> None:
        tell(f"building Temporal {SERVER_VERSION}, about 3 minutes, once")
        go = await find_go(scratch)
        for part in PARTS:
            await install(part, go, result, scratch, tell)

    folder = await kept_build().make(maker, f"building Temporal {SERVER_VERSION}", tell)
    tell(f"Temporal {SERVER_VERSION} is there after {time.monotonic() - began:.0f} s, in {folder}")
    return built(folder)


async def install(part: Part, go: Command, result: Path, scratch: Path, tell: Tell) -> None:
    bin_folder, run_folder = scratch / part.binary, scratch / "run"
    run_folder.mkdir()
    log = scratch / f"{part.binary}.log"
    install = ("install", "-v", "-trimpath", "-ldflags", "-s -w", part.package)
    environment = {**go_environment(scratch), "GOBIN": str(bin_folder)}
    process = Process("go", (*go, *install), str(scratch), environment)
    group = await Supervised.start((process,), folder=run_folder, log=log, litter=scratch)
    try:
        ended = await _follow(group, part.title, tell)
    finally:
        await group.stop(keep_log=True)
    if ended.code != 0:
        last_words = last_lines(log, 3, between=" | ")
        raise NotObtained(f"building {part.title} failed, Go {ended.how}: {last_words}")
    (made,) = bin_folder.iterdir()
    made.rename(result / part.binary)


async def _follow(group: Supervised, title: str, tell: Tell) -> Ended:
    before, quiet_since = "", time.monotonic()
    while not group.ended.done():
        await asyncio.wait({group.ended}, timeout=PROGRESS_INTERVAL)
        if (now := _progress(group.log)) != before:
            tell(f"{title}: {now}")
            before, quiet_since = now, time.monotonic()
        elif time.monotonic() - quiet_since > SILENCE_LIMIT:
            raise NotObtained(f"building {title} came to a halt after {now or 'nothing'}")
    return group.ended.result()


def _progress(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    fetched = sum(line.startswith("go: downloading ") for line in lines)
    # With -v Go names each package it compiles, on a line of its own.
    compiled = sum(" " not in line for line in lines)
    return f"{fetched} modules fetched, {compiled} packages compiled"
