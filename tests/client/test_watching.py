"""Who watches a claim sees what happens to it, as it happens, in whichever run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest

from cpor import ClaimsClient, Comment, EntryView, StartReview, Withdraw
from tests.client.lives import ADA, KIM, opened
from tests.workflows.world import World


async def test_who_watches_sees_each_entry_once_until_the_claim_is_over(
    world: World, claims: ClaimsClient
) -> None:
    claim_id = await opened(world, claims)
    seen: list[EntryView] = []

    async def watch() -> None:
        async for entry in claims.watch(claim_id):
            seen.append(entry)

    watching = asyncio.create_task(watch())
    await claims.say(claim_id, StartReview(by=KIM))
    await world.until(lambda: says(seen, "start_review"))
    await claims.say(claim_id, Withdraw(by=ADA, reason="other"))
    async with asyncio.timeout(120):
        await watching
    assert [entry.seq for entry in seen] == list(range(1, len(seen) + 1))
    assert seen == await claims.history(claim_id)


async def test_who_watches_a_claim_follows_it_into_its_next_run(
    world: World, claims: ClaimsClient
) -> None:
    handle = await world.open()
    claims = ClaimsClient(world.skipper.client, claims.store, world.task_queue)
    async with aclosing(claims.watch(handle.id)) as entries:
        await anext(entries)
        await hears_what_is_said(claims, handle.id, entries)
        await world.tell(handle, "approve", by=KIM.model_dump(exclude_none=True))
        await world.until_claim(handle, owed=[])
        await world.pass_time(handle, timedelta(days=40))
        await hears_what_is_said(claims, handle.id, entries)


async def hears_what_is_said(
    claims: ClaimsClient, claim_id: str, entries: AsyncGenerator[EntryView]
) -> None:
    """Twice: who did not follow may still have seen the first with the end of the run before."""
    for text in ("Is anybody there?", "Is there still?"):
        await claims.say(claim_id, Comment(by=KIM, text=text))
        async with asyncio.timeout(120):
            while (await anext(entries)).what != "comment":
                pass


async def test_who_watches_a_claim_follows_it_where_an_operator_resets_it(
    world: World, claims: ClaimsClient
) -> None:
    claim_id = await opened(world, claims)
    async with aclosing(claims.watch(claim_id)) as entries:
        await anext(entries)
        await hears_what_is_said(claims, claim_id, entries)
        await world.until(lambda: has_settled(claims, claim_id))
        seen = len(await claims.history(claim_id))
        await reset(world, claim_id)
        # The new run numbers its entries anew, and those with a number seen before are not shown.
        await world.until(lambda: has_settled(claims, claim_id, seen))
        await hears_what_is_said(claims, claim_id, entries)


async def reset(world: World, claim_id: str) -> None:
    """To just after its first task."""
    client = world.client
    events = (await client.get_workflow_handle(claim_id).fetch_history()).events
    first = next(e for e in events if e.HasField("workflow_task_completed_event_attributes"))
    await client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=claim_id),
            workflow_task_finish_event_id=first.event_id,
            request_id=f"reset of {claim_id}",
        )
    )


async def has_settled(claims: ClaimsClient, claim_id: str, entries: int = 1) -> bool:
    owed = (await claims.claim(claim_id)).owed
    return not owed and len(await claims.history(claim_id)) >= entries


async def says(seen: list[EntryView], what: str) -> bool:
    return any(entry.what == what for entry in seen)
