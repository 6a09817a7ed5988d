"""A worker in a process of its own, to be killed.

python -m tests.workflows.killable ADDRESS NAMESPACE TASK_QUEUE FOLDER
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import SecretStr
from temporalio.client import Client

from activities import Activities
from cpor.plugin import ClaimsPlugin
from cpor.settings import Settings
from tests.workflows.world import KEY, LIMIT, World
from workflows.worker import claims_worker

ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def a_worker_process(world: World) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Killed at the end of the block, if not before."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.workflows.killable"),
        *(world.client.service_client.config.target_host, world.client.namespace),
        *(world.task_queue, str(world.folder)),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(LIMIT):
            assert await process.stdout.readline() == b"working\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _work(address: str, namespace: str, task_queue: str, folder: str) -> None:
    client = await Client.connect(address, namespace=namespace, plugins=[ClaimsPlugin()])
    settings = Settings(store_url=f"{folder}/store", worker_keys=SecretStr(KEY))
    async with (
        Activities(settings) as activities,
        claims_worker(client, activities.all, activities.stamps, task_queue),
    ):
        sys.stdout.write("working\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_work(*sys.argv[1:]))
