"""How soon programs are there: the command line's help, and a worker whose engine runs already.

Modules are compiled already, as they are where it is installed: the first start does not count.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from bench.subjects import KEY

ROOT = Path(__file__).resolve().parents[1]
WORKING = b"Working."
"""The worker's word that it asks for work."""
TIMES = 5
NEVER_COMPILED = "PYTHONDONTWRITEBYTECODE"


async def seconds_to_help() -> float:
    return median([await _help() for _ in range(1 + TIMES)][1:])


async def seconds_to_polling(address: str, namespace: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        place = {"TEMPORAL_ADDRESS": address, "TEMPORAL_NAMESPACE": namespace}
        # No mail is sent before it works, so no mail server has to be there.
        settings = {"CLAIMS_SMTP_HOST": "127.0.0.1", "CLAIMS_WORKER_KEYS": KEY}
        environment = {**_compiling(), **place, **settings}
        return median([await _worker(environment, folder) for _ in range(1 + TIMES)][1:])


async def _help() -> float:
    began = time.monotonic()
    command = (sys.executable, str(ROOT / "starter.py"), "--help")
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.DEVNULL, env=_compiling()
    )
    assert await process.wait() == 0
    return time.monotonic() - began


async def _worker(environment: Mapping[str, str], folder: str) -> float:
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(ROOT / "worker.py")),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment,
        cwd=folder,
    )
    assert process.stdout
    said = b""
    while line := await process.stdout.readline():
        said += line
        if WORKING in line:
            break
    seconds = time.monotonic() - began
    if process.returncode is None:
        process.kill()
    await process.communicate()
    assert WORKING in said, said.decode("utf-8", "replace")
    return seconds


def _compiling() -> dict[str, str]:
    """This environment, in which what is compiled is kept."""
    return {name: value for name, value in os.environ.items() if name != NEVER_COMPILED}
