"""The door before what answers under any name, and shows more than a stranger's page may read.

python deployment/front_door.py 8233=temporal-ui:8080 8025=mailpit:8025

Each is a port of this machine and what lies behind it. The ports are to be bound to loopback.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack

from cpor.engine.front_door import Address, open_before
from cpor.signals import Stop

EVERYWHERE = "0.0.0.0"
"""In a container; which of it is reached from outside, the container's ports say."""


async def guard(doors: list[str]) -> None:
    async with AsyncExitStack() as stack:
        stop = Stop()
        for door in doors:
            port, _, behind = door.partition("=")
            host, _, its_port = behind.partition(":")
            opened = open_before(Address(host, int(its_port)), int(port), EVERYWHERE)
            await stack.enter_async_context(opened)
        sys.stdout.write(f"Open: {', '.join(doors)}.\n")
        sys.stdout.flush()
        await stop.requested


if __name__ == "__main__":
    asyncio.run(guard(sys.argv[1:]))
