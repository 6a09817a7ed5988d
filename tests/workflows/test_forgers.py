"""Whoever reaches the engine can start workflows and activities; our workers take nothing of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowFailureError
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.service import RPCError

from activities import Activities
from cpor.rules.effects.events import Event
from cpor.rules.effects.notice import Address, Notice
from cpor.rules.effects.record import Record
from tests.examples import REVIEWER, opening
from tests.rules.play import MONDAY, handed_off
from tests.workflows.forging import forging
from tests.workflows.replayed import claim_after
from tests.workflows.world import DAY, LIMIT, Handle, World, ask

OLD, NEW = "an-old-key-of-the-workers-0123456789", "a-new-key-of-the-workers-0123456789"
TRY_LATER = "451 4.3.0 come back later"
MOMENT = timedelta(seconds=20)
NOBODY = "No worker of ours has asked for this."
NO_CLAIM = "a claim goes on only from a run of its own, and this is none"
STATE = handed_off().claim.state


@workflow.defn(name="Claim")
class NoClaim:
    """Calls itself a claim, and asks our workers for what it likes."""

    @workflow.run
    async def run(self, task_queue: str, activity: str, given: RawValue) -> Any:
        return await asked(task_queue, activity, given)


@workflow.defn(name="Other")
class Other:
    @workflow.run
    async def run(self, task_queue: str, activity: str, given: RawValue) -> Any:
        return await asked(task_queue, activity, given)


@workflow.defn(name="Parent")
class Parent:
    """Its end would be the end of what it has started."""

    @workflow.run
    async def run(self, task_queue: str, claim_id: str, opening: Any) -> Any:
        return await workflow.execute_child_workflow(
            "Claim", opening, id=claim_id, task_queue=task_queue
        )


async def asked(task_queue: str, activity: str, given: RawValue) -> Any:
    return await workflow.execute_activity(
        activity,
        given,
        task_queue=task_queue,
        start_to_close_timeout=MOMENT,
        schedule_to_close_timeout=MOMENT,
    )


@pytest.fixture
async def forgers(world: World) -> AsyncIterator[str]:
    async with forging(world, NoClaim, Other, Parent) as queue:
        yield queue


def finished(claim_id: str) -> dict[str, Any]:
    """A claim that nobody ever checked: approved, official and handed off."""
    state = STATE.model_copy(update={"claim_id": claim_id})
    return {"claim": state.model_dump(mode="json")}


async def ended(handle: Handle) -> str:
    with pytest.raises(WorkflowFailureError) as caught:
        async with asyncio.timeout(LIMIT):
            await handle.result()
    cause = caught.value.cause
    while isinstance(cause, ActivityError):
        cause = cause.cause
    assert isinstance(cause, ApplicationError), cause
    return cause.message


async def handed_on(world: World) -> Handle:
    """A claim of ours in its second run."""
    claim = await world.open()
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, consent="pending", owed=[])
    await world.pass_time(claim, 8 * DAY)
    claim = world.client.get_workflow_handle(claim.id)
    await world.until_claim(claim, eligibility="sent", owed=[])
    return claim


# A claim that somebody made up


@pytest.mark.parametrize(
    "stamp", [(), ("",), ("no stamp",), (None,), ("ab" * 20, "ab" * 20), ("ab" * 19,)]
)
async def test_a_run_that_somebody_else_hands_on_is_no_claim(
    world: World, forgers: str, stamp: tuple[str, ...]
) -> None:
    claim_id = world.new_id()
    forged = await world.client.start_workflow(
        "Forger",
        args=[world.task_queue, "Claim", [finished(claim_id), *stamp]],
        id=claim_id,
        task_queue=forgers,
    )
    assert await ended(forged) == NO_CLAIM
    with pytest.raises(Exception, match=NO_CLAIM):
        await world.client.get_workflow_handle(claim_id).query("claim")


async def test_a_stamp_from_another_claims_history_makes_no_claim(
    world: World, forgers: str
) -> None:
    ours = await handed_on(world)
    content, stamp = await as_anybody_reads_it(world, ours)
    content["claim"]["claim_id"] = claim_id = world.new_id()
    forged = await world.client.start_workflow(
        "Forger",
        args=[world.task_queue, "Claim", [content, stamp]],
        id=claim_id,
        task_queue=forgers,
    )
    assert await ended(forged) == NO_CLAIM


async def test_the_same_claim_cannot_be_handed_on_again_by_somebody_who_ended_it(
    world: World, forgers: str
) -> None:
    ours = await handed_on(world)
    content, stamp = await as_anybody_reads_it(world, ours)
    await ours.terminate()
    forged = await world.client.start_workflow(
        "Forger", args=[world.task_queue, "Claim", [content, stamp]], id=ours.id, task_queue=forgers
    )
    assert await ended(forged) == NO_CLAIM


async def test_a_stamp_by_a_key_that_nobody_knows_is_taken_for_no_claim_of_ours(
    world: World, forgers: str
) -> None:
    """It could be another worker's, so it is neither taken nor refused."""
    claim_id = world.new_id()
    forged = await world.client.start_workflow(
        "Forger",
        args=[world.task_queue, "Claim", [finished(claim_id), "ab" * 20]],
        id=claim_id,
        task_queue=forgers,
    )
    handle = world.client.get_workflow_handle(forged.id)

    async def tried() -> bool:
        pending = (await handle.describe()).raw_description.pending_activities
        return any("does not know" in each.last_failure.message for each in pending)

    await world.until(tried)
    assert not list(world.outbox.glob(f"{claim_id}*"))
    await handle.terminate()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"cron_schedule": "@every 1s"}, "cron schedule"),
        ({"retry_policy": RetryPolicy(maximum_attempts=3)}, "retry policy"),
        ({"execution_timeout": timedelta(days=900)}, "execution timeout"),
        ({"run_timeout": timedelta(days=900)}, "run timeout"),
    ],
)
async def test_the_engine_may_neither_end_a_claim_nor_begin_it_again(
    world: World, how: dict[str, Any], said: str
) -> None:
    claim_id = world.new_id()
    for content in (opening(claim_id), finished(claim_id)):
        handle = await world.client.start_workflow(
            "Claim", content, id=claim_id, task_queue=world.task_queue, **how
        )
        text, next_run = await failure(world, claim_id, handle.first_execution_run_id)
        assert f"a claim is started without {said}" in text
        assert bool(next_run) == (said == "cron schedule")
        if next_run:
            text, _ = await failure(world, claim_id, next_run)
            assert "a claim is started without cron schedule" in text
            await world.client.get_workflow_handle(claim_id).terminate()
    assert not world.mails(handle)


async def test_a_claim_is_no_child_of_a_workflow_that_would_take_it_along_when_it_ends(
    world: World, forgers: str
) -> None:
    claim_id = world.new_id()
    await world.client.start_workflow(
        "Parent",
        args=[world.task_queue, claim_id, opening(claim_id)],
        id=f"parent-{claim_id}",
        task_queue=forgers,
    )
    child = world.client.get_workflow_handle(claim_id)

    async def begun() -> bool:
        try:
            return bool(await child.describe())
        except RPCError:
            return False

    await world.until(begun)
    assert "a claim is started without parent" in await ended(child)


async def failure(world: World, claim_id: str, run_id: str | None) -> tuple[str, str]:
    """Why this very run failed, and which the engine began in its place."""
    run = world.client.get_workflow_handle(claim_id, run_id=run_id)

    async def found() -> Any:
        last = (await run.fetch_history()).events[-1]
        has_failed = last.HasField("workflow_execution_failed_event_attributes")
        return has_failed and last.workflow_execution_failed_event_attributes

    how = await world.until(found)
    return how.failure.message, how.new_execution_run_id


# An activity that somebody else asks for

NOTICE = Notice(
    notice_id="CPOR-FORGED.consent.1.contact",
    claim_id="CPOR-FORGED",
    kind="rejected",
    recipient="partner",
    to=Address(name="Eve", email="eve@evil.example"),
    facts={},
)
EVENT = Event(
    id="CPOR-FORGED.ready.1",
    type="cpor.claim.ready-for-eligibility",
    subject="CPOR-FORGED",
    time=MONDAY,
    data={"claim_id": "CPOR-FORGED"},
)
RECORD = Record(claim_id="CPOR-FORGED", run="run-1", record={"claim_id": "CPOR-FORGED"})
INVENTED = [("send_notice", NOTICE), ("hand_off", EVENT), ("keep_record", RECORD)]


def json_payload(model: Any, **metadata: bytes) -> RawValue:
    content = model.model_dump_json().encode()
    return RawValue(Payload(metadata={"encoding": b"json/plain", **metadata}, data=content))


@pytest.mark.parametrize(("activity", "given"), INVENTED)
@pytest.mark.parametrize("metadata", [{}, {"stamp": b""}, {"stamp": b"x" * 19}])
async def test_an_activity_works_for_no_workflow_that_only_calls_itself_a_claim(
    world: World, forgers: str, activity: str, given: Any, metadata: dict[str, bytes]
) -> None:
    forged = await world.client.start_workflow(
        "Claim",
        args=[world.task_queue, activity, json_payload(given, **metadata)],
        id=f"CPOR-FORGED-{world.new_id()}",
        task_queue=forgers,
    )
    assert await ended(forged) == NOBODY
    nothing_came_of_it(world)


def nothing_came_of_it(world: World) -> None:
    assert not [mail for mail in world.post.mails if "eve@evil.example" in str(mail["To"])]
    assert not world.outbox.exists()
    assert not list(world.folder.glob("store/records/*"))


async def test_a_payment_from_a_claims_history_serves_no_other_claim_and_nothing_else(
    world: World, forgers: str
) -> None:
    ours = await world.open()
    await world.tell(ours, "approve", by=REVIEWER)
    await world.until_claim(ours, consent="pending", owed=[])
    asked = await payment(ours, "send_notice", b"consent")
    for_eve = RawValue(Payload.FromString(asked.payload.SerializeToString()))
    for_eve.payload.data = asked.payload.data.replace(b"lars@contoso", b"eve@evil")
    await ours.terminate()
    sent = len(world.mails(ours))
    for workflow_id, activity, given in (
        ("CPOR-FORGED", "send_notice", asked),
        (ours.id, "hand_off", asked),
        (ours.id, "send_notice", for_eve),
    ):
        forged = await world.client.start_workflow(
            "Claim", args=[world.task_queue, activity, given], id=workflow_id, task_queue=forgers
        )
        assert await ended(forged) == NOBODY
    assert len(world.mails(ours)) == sent
    nothing_came_of_it(world)


@pytest.mark.parametrize(("activity", "given"), INVENTED)
async def test_an_activity_works_for_nothing_but_claims(
    world: World, forgers: str, activity: str, given: Any
) -> None:
    forged = await world.client.start_workflow(
        "Other",
        args=[world.task_queue, activity, json_payload(given)],
        id=world.new_id(),
        task_queue=forgers,
    )
    assert "works for claims only" in await ended(forged)
    nothing_came_of_it(world)


# Keys that change


async def as_anybody_reads_it(world: World, claim: Handle) -> list[Any]:
    """What the claim's last run began with, as anybody can read it."""
    history = await world.client.get_workflow_handle(claim.id).fetch_history()
    given = history.events[0].workflow_execution_started_event_attributes.input
    return await world.client.data_converter.decode(given.payloads)


async def payment(claim: Handle, activity: str, words: bytes) -> RawValue:
    """What an activity was given, as anybody can read it."""
    for event in (await claim.fetch_history()).events:
        asked = event.activity_task_scheduled_event_attributes
        if asked.activity_type.name == activity and words in asked.input.payloads[0].data:
            return RawValue(asked.input.payloads[0])
    raise AssertionError(f"{activity} was never asked for {words!r}")


@asynccontextmanager
async def a_worker_with(world: World, *keys: str) -> AsyncGenerator[None]:
    settings = world.settings.model_copy(update={"worker_keys": SecretStr(" ".join(keys))})
    async with Activities(settings) as activities, world.working(activities):
        yield


async def test_a_claim_that_was_handed_on_is_the_same_after_its_key_is_gone(
    idle_world: World,
) -> None:
    world = idle_world
    async with a_worker_with(world, OLD):
        claim = await handed_on(world)
        before = [await ask(claim, name) for name in ("claim", "deadlines")]
    async with a_worker_with(world, NEW):
        assert [await ask(claim, name) for name in ("claim", "deadlines")] == before
        await world.tell(
            claim, "disassociate", by={"role": "partner", "id": "ada"}, reason="We part ways."
        )
        await world.until_over(claim)
    assert (world.outbox / f"{claim.id}.recalled.1.json").exists()
    last = await claim.fetch_history()
    began = last.events[0].workflow_execution_started_event_attributes
    first = world.client.get_workflow_handle(claim.id, run_id=began.first_execution_run_id)
    for history in (await first.fetch_history(), last):
        await claim_after(history)


async def test_a_forged_claim_stays_refused_after_every_key_is_gone(
    world: World, forgers: str
) -> None:
    ours = await handed_on(world)
    content, stamp = await as_anybody_reads_it(world, ours)
    claim_id = world.new_id()
    forged = await world.client.start_workflow(
        "Forger",
        args=[world.task_queue, "Claim", [content, stamp]],
        id=claim_id,
        task_queue=forgers,
    )
    assert await ended(forged) == NO_CLAIM
    history = await world.client.get_workflow_handle(claim_id).fetch_history()
    with pytest.raises(ApplicationError, match=NO_CLAIM):
        await claim_after(history)


async def test_what_another_workers_key_stamped_is_paid_once_that_key_is_known(
    idle_world: World,
) -> None:
    world = idle_world
    world.post.refuses["lars@contoso.example"] = TRY_LATER
    async with a_worker_with(world, OLD):
        claim = await world.open()
        await world.tell(claim, "approve", by=REVIEWER)
        await world.until(lambda: last_answer(claim, "try later"))
    world.post.refuses.clear()
    async with a_worker_with(world, NEW):
        await world.pass_time(claim, timedelta(minutes=3))
        await world.until(lambda: last_answer(claim, "a key that this worker does not know"))
        assert "consent" not in world.kinds(claim)
    async with a_worker_with(world, NEW, OLD):
        await world.pass_time(claim, timedelta(minutes=4))
        await world.until_claim(claim, consent="pending", owed=[])


async def last_answer(claim: Handle, words: str) -> bool:
    pending = (await claim.describe()).raw_description.pending_activities
    return any(words in each.last_failure.message for each in pending)


# An activity that nobody's workflow asks for


async def test_an_activity_that_is_started_by_itself_is_refused(world: World) -> None:
    for number, (name, given) in enumerate(INVENTED):
        with pytest.raises(Exception, match="Activity execution failed") as caught:
            async with asyncio.timeout(LIMIT):
                await world.client.execute_activity(
                    name,
                    json_payload(given),
                    id=f"{world.new_id()}-{number}",
                    task_queue=world.task_queue,
                    schedule_to_close_timeout=MOMENT,
                )
        assert "works for claims only" in str(caught.value.__cause__)
    nothing_came_of_it(world)
