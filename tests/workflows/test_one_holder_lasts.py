"""The associations of a tenant on the real engine: they outlive workers, and hear only ours."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from temporalio import activity
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from activities import Activities
from cpor.plugin import ClaimsPlugin
from cpor.rules.associations.accounts import Accounts
from cpor.rules.associations.associations import MOST_REFUSED
from cpor.rules.associations.calls import CALLS
from cpor.rules.associations.state import State
from cpor.rules.associations.telling import GATHER, Gathering, workflow_id_of
from cpor.stamps import STAMP, Stamps, call_parts
from tests.rules.tenant import EXCHANGE, TEAMS
from tests.workflows.forging import forging
from tests.workflows.killable import a_worker_process
from tests.workflows.standing_in import standing_in
from tests.workflows.tenants import Tenant
from tests.workflows.world import LONG_HISTORY, Handle, World, ask
from workflows.associations import AssociationsWorkflow, Carried
from workflows.worker import claims_worker

NOBODY = "no worker of ours has called"


@pytest.fixture
async def tenant(world: World) -> AsyncIterator[Tenant]:
    async with standing_in(world) as stand_ins:
        yield Tenant(world, stand_ins)


async def events(handle: Handle) -> list[Any]:
    return list((await handle.fetch_history()).events)


async def test_the_first_call_starts_them_and_all_see_the_same_holder(tenant: Tenant) -> None:
    await tenant.enter("CPOR-A", TEAMS, EXCHANGE)
    assert (await tenant.award("CPOR-A", TEAMS, EXCHANGE)).outcome == "granted"
    assert [each.claim_id for each in (await tenant.enter("CPOR-B")).rivals] == ["CPOR-A"]
    assert (await tenant.award("CPOR-B")).outcome == "not_granted"
    assert await ask(tenant.handle, "items") == [
        {"item": item, "holder": holder, "challengers": challengers}
        for item, challengers in ((EXCHANGE, 0), (TEAMS, 1))
        for holder in [(await ask(tenant.handle, "item", item))["holder"]]
    ]
    shown = await ask(tenant.handle, "item", TEAMS)
    assert shown["holder"]["claim_id"] == "CPOR-A"
    assert [each["claim_id"] for each in shown["challengers"]] == ["CPOR-B"]


@pytest.mark.parametrize("asked", [(), (None,), (7,), ("workload:unheard-of",), ("a", "b")])
async def test_a_question_about_an_item_that_nobody_knows_is_answered(
    tenant: Tenant, asked: tuple[Any, ...]
) -> None:
    await tenant.enter("CPOR-A")
    shown = await tenant.handle.query("item", args=asked)
    assert (shown["holder"], shown["challengers"]) == (None, [])


async def test_they_end_when_nobody_asks_and_the_next_call_starts_them_anew(
    tenant: Tenant,
) -> None:
    await tenant.enter("CPOR-A")
    first = (await tenant.handle.describe()).run_id
    await tenant.release("CPOR-A")
    await tenant.until_closed()
    assert (await tenant.enter("CPOR-B")).outcome == "entered"
    assert (await tenant.handle.describe()).run_id != first


async def test_a_customers_no_outlives_a_quiet_time(tenant: Tenant) -> None:
    await tenant.enter("CPOR-A")
    await tenant.release("CPOR-A", "declined")
    (earlier,) = (await tenant.enter("CPOR-B")).earlier
    assert (earlier.claim_id, earlier.is_a_no) == ("CPOR-A", True)


async def test_what_a_claim_that_is_over_holds_is_free_once_it_is_to_be_told(
    world: World,
) -> None:
    """Both here are names only. What they asked for late leaves nothing that stands for ever."""
    tenant = Tenant(world)
    await tenant.enter("CPOR-GONE")
    await tenant.award("CPOR-GONE")
    await tenant.enter("CPOR-GONE-TOO")

    async def is_free() -> bool:
        return await tenant.holder() is None

    await tenant.world.until(is_free)


@pytest.mark.thorough
async def test_a_long_history_is_left_behind_and_nobody_loses_what_they_hold(
    tenant: Tenant,
) -> None:
    await tenant.enter("CPOR-HOLDER")
    await tenant.award("CPOR-HOLDER")
    first = (await tenant.handle.describe()).run_id

    async def begun_anew() -> bool:
        for number in range(20):
            claim = f"CPOR-{sum(tenant.rounds.values())}-{number}"
            await tenant.enter(claim, EXCHANGE)
            await tenant.release(claim, "declined")
        return (await tenant.handle.describe()).run_id != first

    await tenant.world.until(begun_anew)
    assert await tenant.holder() == "CPOR-HOLDER"
    assert (await tenant.award("CPOR-NEW")).outcome == "never_entered"
    await tenant.enter("CPOR-NEW")
    assert (await tenant.award("CPOR-NEW")).outcome == "not_granted"
    earlier_run = tenant.world.client.get_workflow_handle(tenant.id, run_id=first)
    for handle in (earlier_run, tenant.handle):
        history = await handle.fetch_history()
        assert len(history.events) < LONG_HISTORY + 100
        replayer = Replayer(
            workflows=[AssociationsWorkflow],
            plugins=[ClaimsPlugin()],
            workflow_runner=UnsandboxedWorkflowRunner(),
            debug_mode=True,
        )
        await replayer.replay_workflow(history)


# Workers that die


@pytest.mark.thorough
async def test_a_worker_that_is_killed_in_the_middle_leaves_no_item_with_two_holders(
    idle_world: World,
) -> None:
    """Each claim calls until it is answered, as an activity does; meanwhile the worker dies."""
    async with standing_in(idle_world) as stand_ins:
        await _twenty_claims_and_a_killed_worker(Tenant(idle_world, stand_ins))


async def _twenty_claims_and_a_killed_worker(tenant: Tenant) -> None:
    idle_world = tenant.world
    claims = [f"CPOR-{number:02}" for number in range(20)]
    outcomes: dict[str, str] = {}
    finished: list[str] = []

    async def lives(claim_id: str, ends: bool) -> None:
        wish = tenant.wish(claim_id)
        await tenant.say("enter", wish)
        award = tenant.call(claim_id, items=[TEAMS])
        outcomes[claim_id] = (await tenant.say("award", award)).outcome
        finished.append(claim_id)
        if ends:
            await tenant.release(claim_id, "declined")
            outcomes[claim_id] = "over"

    async def some_finished() -> bool:
        return len(finished) >= 3

    async def all_finished() -> bool:
        return len(finished) == len(claims)

    async with asyncio.TaskGroup() as living:
        for number, claim_id in enumerate(claims):
            living.create_task(lives(claim_id, ends=number % 4 == 0))
        async with a_worker_process(idle_world) as worker:
            await idle_world.until(some_finished)
            worker.kill()
        async with Activities(idle_world.settings) as activities, idle_world.working(activities):
            await idle_world.until(all_finished)
            (holder,) = [*{claim for claim, how in outcomes.items() if how == "granted"}, None][:1]
            assert list(outcomes.values()).count("granted") <= 1
            assert await tenant.holder() == holder
            asking = {each["claim_id"] for each in (await item(tenant))["challengers"]}
            assert asking == {claim for claim, how in outcomes.items() if how == "not_granted"}


async def item(tenant: Tenant) -> Any:
    return await ask(tenant.handle, "item", TEAMS)


# Whoever is none of ours


def stamped(tenant: Tenant, name: str, call: dict[str, Any], **otherwise: Any) -> RawValue:
    """As a worker would stamp it, but for what is done otherwise."""
    content = CALLS["enter"].model_validate(call).model_dump_json().encode()
    stamps = otherwise.get("stamps", tenant.stamps)
    parts = call_parts(otherwise.get("workflow_id", tenant.id), name, content)
    return RawValue(
        Payload(
            metadata={"encoding": b"json/plain", STAMP: stamps.make(*parts)},
            data=content + otherwise.get("more", b""),
        )
    )


OTHER_KEY = Stamps(["a-key-that-no-worker-of-the-tests-has"])


@pytest.mark.parametrize(
    ("name", "otherwise", "said"),
    [
        ("enter", {"workflow_id": workflow_id_of(str(uuid.UUID(int=7)))}, NOBODY),
        ("award", {}, NOBODY),
        ("enter", {"more": b" "}, NOBODY),
        ("enter", {"stamps": OTHER_KEY}, "a key that this worker does not know"),
    ],
)
async def test_a_stamp_serves_for_one_call_of_one_tenant_only(
    tenant: Tenant, name: str, otherwise: dict[str, Any], said: str
) -> None:
    await tenant.enter("CPOR-A")
    before = len(await events(tenant.handle))
    call = tenant.wish("CPOR-EVE")
    stamp_for = "enter" if name == "award" else name
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await tenant.handle.execute_update(name, stamped(tenant, stamp_for, call, **otherwise))
    assert said in str(caught.value.cause)
    assert len(await events(tenant.handle)) == before


@pytest.mark.parametrize("payloads", [(), ({},), (None,), ({}, {}), ("x" * 300_000,)])
@pytest.mark.parametrize("name", ["enter", "release", "anything"])
async def test_a_call_without_a_stamp_is_refused_whatever_it_says(
    tenant: Tenant, name: str, payloads: Sequence[Any]
) -> None:
    await tenant.enter("CPOR-A")
    before = len(await events(tenant.handle))
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await tenant.handle.execute_update(name, args=payloads)
    assert isinstance(caught.value.cause, ApplicationError)
    assert len(await events(tenant.handle)) == before


async def test_a_call_for_another_tenant_is_refused_though_a_worker_of_ours_sends_it(
    tenant: Tenant,
) -> None:
    await tenant.enter("CPOR-A")
    wish = {**tenant.wish("CPOR-B"), "tenant_id": str(uuid.uuid4())}
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await tenant.handle.execute_update("enter", stamped(tenant, "enter", wish))
    assert f"tenant_id: must be {tenant.tenant_id}" in str(caught.value.cause)


async def test_signals_and_a_cancellation_are_refused_and_the_last_ones_kept(
    tenant: Tenant,
) -> None:
    await tenant.enter("CPOR-A")
    await tenant.award("CPOR-A")
    for number in range(MOST_REFUSED):
        await tenant.handle.signal("award", {"number": number})
    await tenant.handle.cancel()

    async def kept() -> list[Any]:
        found = await ask(tenant.handle, "refused")
        return found if found[-1:] and "cancel" in found[-1]["what"] else []

    refused = await tenant.world.until(kept)
    assert [each["what"] for each in refused[:-1]] == ["signal award"] * (MOST_REFUSED - 1)
    assert await tenant.holder() == "CPOR-A"
    assert (await tenant.award("CPOR-A")).outcome == "granted"


async def test_a_cancellation_while_a_fake_activity_asks_the_claims_is_refused_as_any_other(
    idle_world: World,
) -> None:
    asked: list[Gathering] = []

    @activity.defn(name=GATHER)
    async def asks(gathering: Gathering) -> Accounts:
        asked.append(gathering)
        if len(asked) == 1:
            await asyncio.Event().wait()
        return Accounts(claims=[])

    async def is_asking() -> bool:
        return bool(asked)

    tenant = Tenant(idle_world)
    queue, stamps = idle_world.task_queue, Stamps.of(idle_world.settings)
    async with claims_worker(idle_world.client, [asks], stamps, queue):
        await idle_world.client.start_workflow("Associations", id=tenant.id, task_queue=queue)
        await idle_world.until(is_asking)
        await tenant.handle.cancel()
        await tenant.until_closed()
    assert len(asked) == 2


@pytest.mark.parametrize(
    "workflow_id",
    ["associations:contoso.example", "associations:", f"associations:{uuid.UUID(int=10)}X"],
)
async def test_what_is_started_under_the_id_of_no_tenant_ends_at_once(
    world: World, workflow_id: str
) -> None:
    assert "the tenant's GUID in lower case" in await failure(world, workflow_id)


async def test_they_are_started_by_nobody_with_holders_that_somebody_made_up(
    world: World, forgers: str
) -> None:
    tenant = Tenant(world)
    made_up = State(tenant_id=tenant.tenant_id)
    state = Carried(associations=made_up).model_dump(mode="json")
    said = "associations go on only from a run of their own"
    assert said in await failure(world, tenant.id, state, "ab" * 20)
    for stamp in ("", "ab" * 19):
        with pytest.raises(WorkflowFailureError) as caught:
            await world.client.execute_workflow(
                "Forger",
                args=[world.task_queue, "Associations", [state, stamp]],
                id=tenant.id,
                task_queue=forgers,
            )
        assert said in str(caught.value.cause)


async def failure(world: World, workflow_id: str, *given: Any) -> str:
    with pytest.raises(WorkflowFailureError) as caught:
        await world.client.execute_workflow(
            "Associations", args=given, id=workflow_id, task_queue=world.task_queue
        )
    return str(caught.value.cause)


@pytest.fixture
async def forgers(world: World) -> AsyncIterator[str]:
    async with forging(world) as queue:
        yield queue


async def test_what_they_told_is_told_alike_when_their_history_is_replayed(tenant: Tenant) -> None:
    for number in range(4):
        await tenant.enter(f"CPOR-{number}")
    await tenant.award("CPOR-0")
    await tenant.award("CPOR-1", displaces=["CPOR-0"])
    await tenant.release("CPOR-1")
    await tenant.award("CPOR-2")

    async def all_is_told() -> bool:
        described = await tenant.handle.describe()
        return not described.raw_description.pending_activities

    await tenant.world.until(all_is_told)
    replayer = Replayer(
        workflows=[AssociationsWorkflow],
        plugins=[ClaimsPlugin()],
        workflow_runner=UnsandboxedWorkflowRunner(),
        debug_mode=True,
    )
    await replayer.replay_workflow(await tenant.handle.fetch_history())
