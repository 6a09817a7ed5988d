"""So many rows, `kill -9` in the middle, the same command again: exactly so many claims.

The namespace is the test's own and has no worker, for a claim is started without one. With ten
thousand rows it takes minutes: BULK_ROWS=10000 uv run pytest tests/bulk/test_killed.py
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from datetime import timedelta

import pytest
from temporalio.client import Client

from cpor import engine
from cpor.contract import search_attributes
from cpor.plugin import ClaimsPlugin
from tests.bulk.files import Importing, claim_ids, write_rows
from tests.shell import Shell

ROWS = int(os.environ.get("BULK_ROWS", "2000"))
A_FEW = 20
MOST_GROWTH_KIB = 24_000
LIMIT = 300.0 + ROWS / 20


@pytest.mark.thorough
@pytest.mark.parametrize("rows", [ROWS])
async def test_killed_in_the_middle_and_run_again_every_row_is_one_claim(
    temporal: engine.Engine, shell: Shell, rows: int
) -> None:
    where = {"TEMPORAL_ADDRESS": temporal.address, "TEMPORAL_NAMESPACE": f"bulk-{rows}"}
    client = await client_of_a_new_namespace(*where.values())
    write_rows(shell.folder, A_FEW)
    few = await asyncio.to_thread(Importing(shell, "claims.csv", **where).ended)
    assert few.code == 0, few.complained

    write_rows(shell.folder, rows)

    killed = Importing(shell, "claims.csv", **where)
    await at_least(client, rows // 4)
    killed.send_signal(signal.SIGKILL)
    first = await asyncio.to_thread(killed.ended)
    assert first.code == -signal.SIGKILL
    there = {each.id async for each in client.list_workflows()}
    assert len(there) < rows, "it was killed too late to show anything"

    again = await asyncio.to_thread(Importing(shell, "claims.csv", "--json", **where).ended)
    assert again.code == 0, again.complained
    summary = json.loads(again.said)
    assert summary["started"] + summary["already_there"] == summary["rows"] == rows
    assert summary["already_there"] >= len(there)

    assert again.peak_kib - few.peak_kib < MOST_GROWTH_KIB, "memory is bounded"

    await at_least(client, rows)
    listed = [each.id async for each in client.list_workflows()]
    assert sorted(listed) == sorted(claim_ids(range(rows)))


async def client_of_a_new_namespace(address: str, namespace: str) -> Client:
    client = await Client.connect(address, namespace=namespace, plugins=[ClaimsPlugin()])
    await engine.register(client, retention=timedelta(days=1), attributes=search_attributes.ALL)
    return client


async def at_least(client: Client, number: int) -> None:
    """The engine counts with a little delay."""
    async with asyncio.timeout(LIMIT):
        while (await client.count_workflows()).count < number:
            await asyncio.sleep(0.2)
