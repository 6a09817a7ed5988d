"""The worker's health check, against a real engine with and without a worker."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from pathlib import Path

from temporalio.client import Client
from temporalio.worker import Worker

import engine
from bench.floor import Floor, nothing
from portal.client import TASK_QUEUE

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 60


async def test_it_is_healthy_once_its_worker_asks_for_work(
    temporal: engine.Engine, client: Client
) -> None:
    code, said = await _check(temporal.address, client.namespace)
    assert (code, said) == (1, f"No worker of {socket.gethostname()} asked for work lately.\n")
    async with (
        Worker(client, task_queue=TASK_QUEUE, workflows=[Floor], activities=[nothing]),
        asyncio.timeout(LIMIT),
    ):
        while (await _check(temporal.address, client.namespace))[0] != 0:
            pass


async def test_it_is_not_without_temporal() -> None:
    code, said = await _check("127.0.0.1:1", "claims")
    assert code == 1
    assert said.count("\n") == 1


async def _check(address: str, namespace: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "deployment" / "healthy.py"),
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "TEMPORAL_ADDRESS": address,
            "TEMPORAL_NAMESPACE": namespace,
        },
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await asyncio.wait_for(process.communicate(), LIMIT)
    return process.returncode, said.decode()
