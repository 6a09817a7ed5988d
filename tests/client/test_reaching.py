"""An engine that hangs, or dies: one error of the portal's own, and nothing among its output."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio import workflow
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Worker

from cpor import ClaimsClient, ClaimUnknown, EngineUnreachable, NoAnswer, PortalError, engine
from cpor.client.transport import refused_by_temporal
from cpor.plugin import ClaimsPlugin
from cpor.store import Store
from tests.examples import PARTNER, opening
from tests.workflows.world import World

ASKS_UNTIL_NOBODY_ANSWERS = """
import asyncio, sys
from cpor import EngineUnreachable, exits
from cpor.cli.console import connected

async def main():
    async with connected() as claims:
        print("connected", flush=True)
        sys.stdin.readline()
        try:
            await claims.claim("CPOR-7Q2M4X")
        except EngineUnreachable:
            return 4

exits.run(main())
"""


@pytest.fixture
async def own_engine() -> AsyncIterator[engine.Engine]:
    """To be stopped and killed."""
    async with engine.running(port=0, ui_port=None) as running:
        yield running


def tell_all(running: engine.Engine, what: signal.Signals) -> None:
    for name, pid in running.pids.items():
        if name != "supervisor":
            os.kill(pid, what)


async def until_it_hangs(client: Client) -> None:
    """It may still answer for a moment after the signal."""
    async with asyncio.timeout(120):
        with suppress(RPCError):
            while await client.service_client.check_health(timeout=timedelta(seconds=1)):
                pass


async def test_an_engine_that_hangs_is_not_reported_as_a_missing_worker(
    own_engine: engine.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cpor.client.transport.CALL_TIMEOUT", timedelta(seconds=1))
    client = await Client.connect(own_engine.address, plugins=[ClaimsPlugin()])
    claims = ClaimsClient(client, Store.open(str(tmp_path / "store")))
    tell_all(own_engine, signal.SIGSTOP)
    try:
        await until_it_hangs(client)
        for asked in (
            claims.open(opening()),
            claims.claim("CPOR-7Q2M4X"),
            claims.signal("CPOR-7Q2M4X", "comment", {"by": PARTNER, "text": "Hello?"}),
            anext(aiter(claims.search())),
        ):
            async with asyncio.timeout(120):
                with pytest.raises(EngineUnreachable, match="did not answer within 1 s"):
                    await asked
    finally:
        tell_all(own_engine, signal.SIGCONT)


async def test_a_temporal_that_does_not_know_its_namespace_yet_is_asked_again(
    own_engine: engine.Engine, tmp_path: Path
) -> None:
    """It remembers for a second that it is not there, as after a start whose database died."""

    async def said_before_and_after_it_was_made(name: str) -> tuple[PortalError, PortalError]:
        client = await Client.connect(own_engine.address, namespace=name, plugins=[ClaimsPlugin()])
        claims = ClaimsClient(client, Store.open(str(tmp_path / "store")))
        with pytest.raises(PortalError) as before:
            await claims.claim("CPOR-7Q2M4X")
        await client.workflow_service.register_namespace(
            RegisterNamespaceRequest(
                namespace=name, workflow_execution_retention_period=Duration(seconds=86_400)
            )
        )
        with pytest.raises(PortalError) as after:
            await claims.claim("CPOR-7Q2M4X")
        return before.value, after.value

    before, after = await said_before_and_after_it_was_made("late")
    tries = 1
    while isinstance(after, ClaimUnknown) and tries < 20:  # it took longer than the second
        before, after = await said_before_and_after_it_was_made(f"late-{tries}")
        tries += 1
    assert str(before).startswith("Temporal has no namespace 'late")
    assert not isinstance(before, EngineUnreachable)
    assert isinstance(after, EngineUnreachable)
    assert "Ask again" in str(after)


@pytest.mark.parametrize("status", ["UNAVAILABLE", "UNKNOWN", "INTERNAL"])
def test_a_connection_that_broke_is_no_refusal(status: str) -> None:
    error = RPCError("transport error", RPCStatusCode[status], b"")
    assert isinstance(refused_by_temporal(error), EngineUnreachable)
    refusal = RPCError("bad query", RPCStatusCode.INVALID_ARGUMENT, b"")
    assert not isinstance(refused_by_temporal(refusal), EngineUnreachable)


@workflow.defn(name="Claim", sandboxed=False)
class FailingWorkflow:
    @workflow.run
    async def run(self, *_: Any) -> None:
        raise RuntimeError("a bug")


async def test_a_worker_that_fails_is_not_reported_as_a_missing_one(
    idle_world: World, claims_of_nobody: ClaimsClient
) -> None:
    failing = Worker(
        idle_world.client, task_queue=idle_world.task_queue, workflows=[FailingWorkflow]
    )
    async with failing:
        claim = await idle_world.open()
        async with asyncio.timeout(120):
            while True:
                with pytest.raises(NoAnswer) as raised:
                    await claims_of_nobody.claim(claim.id)
                if "has failed" in str(raised.value):
                    break
                await asyncio.sleep(0.5)
    assert str(raised.value).startswith(
        f"A worker is there, but its workflow task for {claim.id} has failed "
    )


async def test_what_the_sdk_says_of_a_dead_engine_is_not_printed(
    own_engine: engine.Engine, tmp_path: Path
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        ASKS_UNTIL_NOBODY_ANSWERS,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "TEMPORAL_ADDRESS": own_engine.address,
            "CLAIMS_STORE_URL": str(tmp_path / "store"),
        },
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"connected\n"
    tell_all(own_engine, signal.SIGKILL)
    async with asyncio.timeout(300):
        printed, _ = await process.communicate(b"\n")
    assert (process.returncode, printed) == (4, b"")


async def test_a_question_that_a_fake_engine_forgets_is_asked_again(
    world: World, claims: ClaimsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real one forgets a question too seldom for a test."""
    claim = await world.open()
    really, asked = WorkflowHandle[Any, Any].query, list[timedelta]()

    async def forgets_the_first(*words: Any, **options: Any) -> Any:
        asked.append(options["rpc_timeout"])
        if len(asked) == 1:
            raise RPCError("Timeout expired", RPCStatusCode.CANCELLED, b"")
        return await really(*words, **options)

    monkeypatch.setattr(WorkflowHandle, "query", forgets_the_first)
    assert (await claims.claim(claim.id)).claim_id == claim.id
    assert asked[0] == timedelta(seconds=3)
