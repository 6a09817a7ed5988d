"""The floor: the least Temporal workflow with as many messages, timers and empty activities.

It hears two updates, has three timers (two cancelled, one fired) and twelve activities at the same
moments of its life as a claim on its happy journey. Then it goes on in a new run with one activity
more, as a claim does to have its record kept, and from then on it has an activity for each update,
as a claim sends a mail for what is said to it. It has nothing else: no rules, no payloads, no
labels, no search attributes.

Beside real activities, two of its own call a second workflow, as a claim calls the associations of
its customer's tenant.
"""

from __future__ import annotations

from asyncio import Task, create_task
from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy

LONG = timedelta(days=30)
SHORT = timedelta(seconds=1)
"""The consent window: long enough that it is a timer, and no day is skipped."""


@activity.defn
async def nothing() -> None:
    pass


@activity.defn
async def ask_neighbour() -> None:
    info = activity.info()
    start = WithStartWorkflowOperation(
        Neighbour.run,
        id=f"neighbour:{info.workflow_id}",
        task_queue=info.task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    await activity.client().execute_update_with_start_workflow(
        Neighbour.hear, start_workflow_operation=start
    )


@workflow.defn
class Neighbour:
    """The least that stands for the associations of a tenant: it is called, and stays."""

    @workflow.update
    def hear(self) -> None:
        pass

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)


@workflow.defn
class Floor:
    def __init__(self) -> None:
        self.heard = self.acted = 0

    @workflow.update
    def hear(self) -> None:
        self.heard += 1

    @workflow.run
    async def run(self, is_official: bool = False, has_neighbour: bool = False) -> None:
        if is_official:
            await do_nothing()
            await self.act_on_messages()
        await do_nothing()
        call = ask_neighbour if has_neighbour else nothing
        entered, sealed = act(call), do_nothing()
        submitted = [after(entered), after(entered), sealed, after(sealed)]
        await workflow.wait_condition(lambda: self.heard == 1, timeout=LONG)
        await workflow.wait_condition(lambda: self.heard == 2, timeout=LONG)
        awarded = act(call)
        asked, approved = after(awarded), after(awarded)
        await asked
        await workflow.sleep(SHORT)
        handed_off, official = do_nothing(), do_nothing()
        await handed_off
        told = do_nothing()
        for each in (*submitted, approved, official, told):
            await each
        workflow.continue_as_new(True)

    async def act_on_messages(self) -> None:
        """An activity for each, as a claim has its mails sent."""
        while True:
            await workflow.wait_condition(lambda: self.heard > self.acted)
            self.acted += 1
            do_nothing()


def after(first: Task[None]) -> Task[None]:
    async def one_then_the_other() -> None:
        await first
        await do_nothing()

    return create_task(one_then_the_other())


def do_nothing() -> Task[None]:
    return act(nothing)


def act(activity: Callable[[], Awaitable[None]]) -> Task[None]:
    return create_task(
        workflow.execute_activity(activity, start_to_close_timeout=timedelta(minutes=2))
    )
