"""Do commands end with their right exit code, always, also while all cores are busy?

uv run bench/exits.py --runs 300
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

sys.path.insert(0, str(Path(__file__).parents[1]))

from cpor import engine, exits

STARTER = Path(__file__).parents[1] / "starter.py"
UNKNOWN_CLAIM = 3
AT_ONCE = 4
LONGEST = 1800.0
"""Seconds, for all runs together."""


def _spin() -> None:
    while True:
        pass


async def _exit_code(environment: dict[str, str], folder: str, places: asyncio.Semaphore) -> int:
    command = [sys.executable, str(STARTER), "show", "CPOR-NEVER"]
    async with places:
        process = await asyncio.create_subprocess_exec(
            *command,
            env=environment,
            cwd=folder,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        return await process.wait()


async def _main(runs: int) -> int:
    busy = [multiprocessing.Process(target=_spin, daemon=True) for _ in range(os.cpu_count() or 1)]
    async with engine.running(port=0, ui_port=None) as running:
        with tempfile.TemporaryDirectory() as folder:
            environment = {**os.environ, "TEMPORAL_ADDRESS": running.address}
            environment["TEMPORAL_NAMESPACE"] = "temporal-system"
            for process in busy:
                process.start()
            try:
                async with asyncio.timeout(LONGEST):
                    places = asyncio.Semaphore(AT_ONCE)
                    codes = Counter(
                        await asyncio.gather(
                            *(_exit_code(environment, folder, places) for _ in range(runs))
                        )
                    )
            finally:
                for process in busy:
                    process.kill()
    right = codes[UNKNOWN_CLAIM]
    sys.stdout.write(f"{right} of {runs} ended with {UNKNOWN_CLAIM}; all codes: {dict(codes)}\n")
    return 0 if right == runs else 1


def main(runs: Annotated[int, typer.Option(min=1, max=1000)] = 300) -> None:
    """Run a command that uses a Temporal client, again and again, and count its exit codes."""
    exits.run(_main(runs))


if __name__ == "__main__":
    typer.run(main)
