"""The largest that the engine lets through, or does not: the claim refuses it and goes on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.api.common.v1 import Payload, WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.common import RawValue

from activities import Activities
from cpor import engine
from cpor.contract import search_attributes
from cpor.engine import servers
from cpor.plugin import ClaimsPlugin
from tests.examples import PARTNER, REVIEWER
from tests.workflows.world import LIMIT, Handle, World, a_world, json_of

LESS = "must have less than 262144 bytes (256 KiB)"


def unknown_fields(number: int) -> RawValue:
    fields: dict[str, object] = {f"{each:x}": 0 for each in range(number)}
    return json_of(json.dumps({"by": PARTNER, "text": "Hello.", **fields}).encode())


READ: dict[str, tuple[Sequence[object], str]] = {
    "many unknown fields": ([unknown_fields(20_000)], "and 19980 more"),
    "one that is large": ([json_of(b"?" * 1_000_000)], LESS),
    "very many": ([RawValue(Payload())] * 20_000, "not 20000 payloads"),
}
TOO_LARGE: dict[str, Sequence[object]] = {
    "one": [json_of(b"?" * 2_096_900)],
    "two": [json_of(b"?" * 1_100_000)] * 2,
}


@pytest.mark.parametrize(("payloads", "text"), READ.values(), ids=READ.keys())
async def test_a_hostile_message_is_refused_as_update_and_as_signal(
    world: World, payloads: Sequence[object], text: str
) -> None:
    claim = await world.open()
    code, said = await world.refused(claim, "comment", *payloads)
    assert code == "invalid"
    assert said.endswith(text)
    await claim.signal("comment", args=payloads)
    with pytest.raises(Exception, match=r"invalid|takes one object|256 KiB|more"):
        await claim.query("history", args=payloads)
    await goes_on(world, claim)
    (refused,) = [each for each in await world.history(claim) if each["what"] == "refused"]
    assert refused["text"].endswith(text)


@pytest.mark.parametrize("payloads", TOO_LARGE.values(), ids=TOO_LARGE.keys())
async def test_an_update_whose_refusal_would_be_too_large_never_reaches_the_claim(
    world: World, payloads: Sequence[object]
) -> None:
    claim = await world.open()
    with suppress(TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
        # The engine's refusal says "try again", and the SDK does.
        async with asyncio.timeout(2):
            await claim.execute_update("comment", args=payloads)
    await goes_on(world, claim)


async def test_a_signal_as_large_as_the_engine_takes_is_refused_by_the_claim(world: World) -> None:
    claim = await world.open()
    await claim.signal("comment", args=[unknown_fields(145_000)])
    await goes_on(world, claim)
    (refused,) = [each for each in await world.history(claim) if each["what"] == "refused"]
    assert refused["text"] == f"comment: {LESS}"


@pytest.mark.thorough
async def test_a_claim_that_a_hosted_engine_let_it_stop_is_freed_by_a_reset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As docs/deploying.md has it, for an engine whose settings are not ours."""
    bounded = "history.maxInFlightUpdatePayloads"
    config = {name: value for name, value in servers.DYNAMIC_CONFIG.items() if name != bounded}
    monkeypatch.setattr(servers, "DYNAMIC_CONFIG", config)
    async with engine.running(port=0, ui_port=None, time_skipping=True) as hosted:
        client = await Client.connect(hosted.address, namespace="hosted", plugins=[ClaimsPlugin()])
        attributes = search_attributes.ALL
        await engine.register(client, retention=timedelta(days=1), attributes=attributes)
        async with (
            a_world(client, tmp_path) as world,
            Activities(world.settings) as activities,
            world.working(activities),
        ):
            claim = await world.open()
            await world.until_claim(claim, waiting_for="reviewer", owed=[])
            update = asyncio.create_task(claim.execute_update("comment", args=TOO_LARGE["one"]))

            async def stopped() -> bool:
                events = (await claim.fetch_history()).events
                return any(
                    each.workflow_task_failed_event_attributes.failure.application_failure_info.type
                    == "PayloadsTooLarge"
                    for each in events
                )

            await world.until(stopped)
            await reset(world, claim)
            freed = client.get_workflow_handle(claim.id)
            await world.tell(freed, "start_review", by=REVIEWER)
            await world.until_claim(freed, status="Under review", owed=[])
            update.cancel()


async def reset(world: World, claim: Handle) -> None:
    """What `temporal workflow reset --type LastWorkflowTask` does."""
    done = [
        event.event_id
        for event in (await claim.fetch_history()).events
        if event.HasField("workflow_task_completed_event_attributes")
    ]
    request = ResetWorkflowExecutionRequest(
        namespace=world.client.namespace,
        workflow_execution=WorkflowExecution(workflow_id=claim.id),
        reason="an update that is too large",
        workflow_task_finish_event_id=done[-1],
        request_id="reset-1",
    )
    await world.client.workflow_service.reset_workflow_execution(request)


async def goes_on(world: World, claim: Handle) -> None:
    async with asyncio.timeout(LIMIT):
        await world.tell(claim, "start_review", by=REVIEWER)
    await world.until_claim(claim, status="Under review", owed=[])
    history = await claim.fetch_history()
    assert not [
        each for each in history.events if each.HasField("workflow_task_failed_event_attributes")
    ]
