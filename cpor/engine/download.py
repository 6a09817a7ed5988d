"""The vendor's dev server, fetched by the SDK.

The SDK can only download and start in one go, and its start is not ours: it would leave the
engine running after a `kill -9`. So a short process lets it do both in an empty folder and the
binary is taken from there.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Final

from cpor.engine.cache import Kept, Tell, machine
from cpor.engine.errors import NotObtained, last_lines
from cpor.engine.processes import Process, Supervised
from cpor.engine.servers import DevServer

SILENCE_LIMIT: Final = 10.0
"""Seconds in which the host must answer, or send more."""
LOOK_INTERVAL: Final = 0.2
BINARY: Final = "temporal"

FETCH: Final = """
import asyncio, os, sys
from temporalio.testing import WorkflowEnvironment

async def fetch():
    environment = await WorkflowEnvironment.start_local(download_dest_dir=sys.argv[1])
    await environment.shutdown()

try:
    asyncio.run(fetch())
except Exception as error:
    sys.stderr.write(f"{error}\\n")
    sys.stderr.flush()
    os._exit(1)
os._exit(0)
"""
"""It leaves without the interpreter's end, at which it may crash, and its last words be a dump."""


def kept_download() -> Kept:
    """Each SDK knows which dev server it wants."""
    return Kept(f"temporal-of-sdk-{version('temporalio')}-{machine()}")


def downloaded(folder: Path) -> DevServer:
    return DevServer(folder / BINARY)


async def download(tell: Tell) -> DevServer:
    async def maker(result: Path, scratch: Path) -> None:
        tell("looking for the Temporal dev server at its vendor's")
        await fetch([sys.executable, "-c", FETCH], scratch, result / BINARY, tell)

    return downloaded(await kept_download().make(maker, "fetching Temporal", tell))


async def fetch(fetcher: list[str], scratch: Path, binary: Path, tell: Tell) -> None:
    """Runs `fetcher FOLDER` until a binary is in the folder, or nothing comes any more."""
    arrivals, run_folder, log = scratch / "arrivals", scratch / "run", scratch / "fetch.log"
    arrivals.mkdir()
    run_folder.mkdir()
    process = Process("fetch", (*fetcher, str(arrivals)), str(scratch), dict(os.environ))
    group = await Supervised.start((process,), folder=run_folder, log=log, litter=scratch)
    try:
        size, quiet_since = 0, time.monotonic()
        while not group.ended.done():
            await asyncio.wait({group.ended}, timeout=LOOK_INTERVAL)
            if (now := _total_size(arrivals)) != size:
                if size == 0:
                    tell("fetching the Temporal dev server, once")
                size, quiet_since = now, time.monotonic()
            elif time.monotonic() - quiet_since > SILENCE_LIMIT:
                raise NotObtained(f"the vendor's host didn't answer for {SILENCE_LIMIT:.0f} s")
    finally:
        await group.stop(keep_log=True)
    if group.ended.result().code != 0:
        raise NotObtained(f"the SDK's download failed ({last_lines(log, 1)})")
    complete = [path for path in arrivals.iterdir() if os.access(path, os.X_OK)]
    if len(complete) != 1:
        raise NotObtained("the SDK's download left no engine")
    complete[0].rename(binary)


def _total_size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())
