"""A process that asks for an engine, says where it is, and waits to be killed."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from cpor import engine


async def main() -> None:
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    async with engine.running(data=data, port=0, ui_port=0, tell=say_nothing) as running:
        sys.stdout.write(
            json.dumps({"address": running.address, "pids": dict(running.pids)}) + "\n"
        )
        sys.stdout.flush()
        await asyncio.Event().wait()


def say_nothing(_: str) -> None: ...


try:
    asyncio.run(main())
finally:
    # A process that used a Temporal client must not wait for the interpreter's own end.
    os._exit(1)
