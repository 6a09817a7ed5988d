"""A question may come to a new worker before the task that waits with it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, Worker

from activities import Activities
from cpor.plugin import ClaimsPlugin
from cpor.rules.pinning import PIN_RULES, PinnedRules, PinQuestion
from tests.examples import REVIEWER
from tests.workflows.world import Handle, World
from workflows.claim import ClaimWorkflow
from workflows.guard import guarded
from workflows.stamping import StampingInterceptor

SOON = timedelta(seconds=0.1)


async def test_a_claim_that_is_asked_while_no_worker_runs_goes_on_in_the_order_of_its_history(
    idle_world: World,
) -> None:
    world = idle_world
    is_asked, may_answer = asyncio.Event(), asyncio.Event()

    @activity.defn(name=PIN_RULES)
    async def slowly(question: PinQuestion) -> PinnedRules:
        is_asked.set()
        await may_answer.wait()
        return await pin_rules(question)

    @activity.defn(name=PIN_RULES)
    async def elsewhere(question: PinQuestion) -> PinnedRules:
        raise ApplicationError("the other worker answers", next_retry_delay=SOON)

    async with Activities(world.settings) as activities:
        (pin_rules,) = (each for each in activities.all if each.__name__ == PIN_RULES)
        activities.all = [*(each for each in activities.all if each != pin_rules), elsewhere]
        rules = Worker(
            await another_connection(world.client),
            task_queue=world.task_queue,
            activities=[guarded(slowly, activities.stamps)],
            interceptors=[StampingInterceptor(activities.stamps)],
        )
        claim = await world.open()
        async with rules:
            async with world.working(activities):
                await is_asked.wait()
            question = asyncio.create_task(claim.query("claim"))
            await asyncio.wait([question], timeout=1)
            may_answer.set()
            await world.until(lambda: answered(claim))
        said = asyncio.create_task(world.tell(claim, "comment", by=REVIEWER, text="Good."))
        await asyncio.wait([said], timeout=1)
        async with world.working(activities):
            await asyncio.gather(question, said)
            await world.until_claim(claim, owed=[])
    replayer = Replayer(
        workflows=[ClaimWorkflow],
        plugins=[ClaimsPlugin()],
        workflow_runner=UnsandboxedWorkflowRunner(),
        debug_mode=True,
    )
    await replayer.replay_workflow(await claim.fetch_history())


async def another_connection(client: Client) -> Client:
    """The SDK has one worker for each task queue of a connection."""
    target = client.service_client.config.target_host
    return await Client.connect(target, namespace=client.namespace, plugins=[ClaimsPlugin()])


async def answered(claim: Handle) -> bool:
    events = (await claim.fetch_history()).events
    return any(each.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED for each in events)
