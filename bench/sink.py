"""A mail server in a process of its own, that takes every mail and keeps none."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from cpor.engine.ports import free_ports

PATIENCE = 20.0


@asynccontextmanager
async def listening() -> AsyncGenerator[int]:
    """Its port on loopback."""
    (port,) = free_ports(1)
    taking = ("-m", "aiosmtpd", "-n", "-u", "-l", f"127.0.0.1:{port}", "-c")
    sink = await asyncio.create_subprocess_exec(sys.executable, *taking, "aiosmtpd.handlers.Sink")
    try:
        async with asyncio.timeout(PATIENCE):
            while not await _answers(port):
                await asyncio.sleep(0.05)
        yield port
    finally:
        sink.terminate()
        await sink.wait()


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
