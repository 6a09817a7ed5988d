"""A portal's client: each call may be repeated, and each way to fail has a name."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError

from activities import Activities
from cpor import (
    Approve,
    By,
    Changes,
    ClaimClosed,
    ClaimsClient,
    ClaimUnknown,
    Comment,
    Contact,
    Edit,
    MessageRefused,
    NoAnswer,
    PortalError,
    Retry,
    StartReview,
    Status,
    Submit,
    Taken,
    Withdraw,
)
from cpor.client.transport import Transport
from cpor.rules.views import Owed
from tests.client.lives import ADA, KIM, ended, is_over, opened
from tests.examples import OPERATOR, PARTNER, opening
from tests.patience import wait_for_nobody
from tests.workflows.world import World


async def test_a_refusal_by_the_claim_names_its_code_and_the_fields(
    world: World, claims: ClaimsClient
) -> None:
    claim_id = await opened(world, claims)
    with pytest.raises(MessageRefused) as early:
        await claims.say(claim_id, Submit(by=ADA))
    assert (early.value.code, early.value.fields) == ("wrong_status", ())
    with pytest.raises(MessageRefused) as wrong:
        await claims.send(claim_id, "approve", {"by": {"role": "king", "id": ""}, "seen": -1})
    assert wrong.value.code == "invalid"
    assert [each.field for each in wrong.value.fields] == ["by.role", "by.id", "seen"]


async def test_a_message_with_very_many_mistakes_is_still_answered(
    world: World, claims: ClaimsClient
) -> None:
    claim_id = await opened(world, claims)
    with pytest.raises(MessageRefused) as refused:
        await claims.send(claim_id, "approve", {f"unknown-{'x' * 300}-{n}": n for n in range(500)})
    assert len(refused.value.fields) == 21


async def test_a_message_repeated_under_its_id_gets_its_first_receipt(
    world: World, claims: ClaimsClient
) -> None:
    claim_id = await opened(world, claims)
    once = Comment(id="c-1", by=KIM, text="Is this the last version?")
    first = await claims.say(claim_id, once)
    assert await claims.say(claim_id, once) == first
    assert await claims.receipt(claim_id, "c-1") == first


async def test_only_what_was_set_in_a_model_is_sent(world: World, claims: ClaimsClient) -> None:
    claim_id = await opened(world, claims)
    lars = Contact(name="Lars Ek", email="lars@contoso.example", language="de")
    await claims.say(claim_id, Edit(by=ADA, changes=Changes(customer_contact=lars)))
    known = await claims.claim(claim_id)
    assert known.customer.contact == lars
    assert [product.code for product in known.products] == ["teams", "exchange-online"]


async def test_an_overview_is_of_one_moment_though_the_claim_changes_after_each_query(
    world: World, claims: ClaimsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim_id = await opened(world, claims)
    await world.until_claim(world.client.get_workflow_handle(claim_id), edition="2020")
    query, one_at_a_time = Transport.query, asyncio.Lock()

    async def and_then_it_changes(self: Transport, *asked: Any) -> Any:
        async with one_at_a_time:
            answer = await query(self, *asked)
            await claims.say(claim_id, StartReview(id="m-1", by=KIM))
            return answer

    monkeypatch.setattr(Transport, "query", and_then_it_changes)
    before = await claims.overview(claim_id, "m-1")
    assert (before.claim.status, before.receipt) == (Status.SUBMITTED, None)
    after = await claims.overview(claim_id, "m-1")
    assert after.receipt is not None
    assert after.claim.status is after.receipt.status is Status.UNDER_REVIEW
    running = [
        {c.clock for c in each.deadlines if c.state == "running"} for each in (before, after)
    ]
    assert running == [{"overall", "wait_for_review"}, {"overall", "review"}]


async def test_without_a_worker_a_message_is_taken_and_answered_once_one_is_there(
    idle_world: World, monkeypatch: pytest.MonkeyPatch, claims_of_nobody: ClaimsClient
) -> None:
    wait_for_nobody(claims_of_nobody, monkeypatch)
    claims = claims_of_nobody
    claim_id = await opened(idle_world, claims)
    answer = await claims.say(claim_id, StartReview(by=KIM))
    assert isinstance(answer, Taken)
    monkeypatch.undo()
    async with Activities(idle_world.settings) as activities, idle_world.working(activities):
        receipt = await idle_world.until(lambda: claims.receipt(claim_id, answer.id))
        assert receipt is not None
        assert (receipt.outcome, receipt.status.value) == ("accepted", "Under review")
        again = StartReview(id=answer.id, by=KIM)
        assert await claims.say(claim_id, again) == receipt


async def test_a_retry_that_no_worker_answers_is_taken_under_its_id(
    idle_world: World, monkeypatch: pytest.MonkeyPatch, claims_of_nobody: ClaimsClient
) -> None:
    wait_for_nobody(claims_of_nobody, monkeypatch)
    claims = claims_of_nobody
    claim_id = await opened(idle_world, claims)
    retried = await claims.retry(claim_id, Retry(by=By.model_validate(OPERATOR)))
    assert isinstance(retried.answer, Taken)
    taken = retried.answer.id
    monkeypatch.undo()
    async with Activities(idle_world.settings) as activities, idle_world.working(activities):
        receipt = await idle_world.until(lambda: claims.receipt(claim_id, taken))
    assert receipt is not None
    assert receipt.text == "Nothing is parked."


async def test_many_who_ask_while_no_worker_is_there_all_hear_just_that(
    idle_world: World, monkeypatch: pytest.MonkeyPatch, claims_of_nobody: ClaimsClient
) -> None:
    """The engine keeps only a few questions to a claim, and refuses the next."""
    wait_for_nobody(claims_of_nobody, monkeypatch)
    claim_id = await opened(idle_world, claims_of_nobody)
    asked = (claims_of_nobody.claim(claim_id) for _ in range(8))
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(answer) for answer in answers} == {NoAnswer}


async def test_what_is_no_text_at_all_is_refused_in_words(
    world: World, claims: ClaimsClient
) -> None:
    claim_id, half_a_character = await opened(world, claims), "\ud800"
    comment = {"by": PARTNER, "text": half_a_character}
    for speak in (claims.send, claims.signal):
        with pytest.raises(MessageRefused, match="cannot be written as JSON"):
            await speak(claim_id, "comment", comment)
    with pytest.raises(MessageRefused, match="cannot be written as JSON"):
        await claims.receipt(claim_id, half_a_character)


async def test_a_claim_whose_start_was_refused_says_why_whatever_is_asked_of_it(
    world: World, claims: ClaimsClient
) -> None:
    """Its end is known to the engine, so no worker has to answer."""
    handle = await world.start(world.new_id(), opening("SENT-STRAIGHT"))
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    for asked in (
        claims.claim(handle.id),
        claims.history(handle.id),
        claims.deadlines(handle.id),
        claims.events(handle.id),
        claims.receipt(handle.id, "m-1"),
        claims.overview(handle.id, "m-1"),
    ):
        with pytest.raises(MessageRefused, match="claim_id: must be the workflow id"):
            await asked


async def test_a_claim_that_is_over_tells_everything_but_takes_nothing(
    world: World, claims: ClaimsClient
) -> None:
    claim_id = await ended(world, claims)
    assert (await claims.claim(claim_id)).status.value == "Rejected"
    assert (await claims.history(claim_id))[-1].what == "withdraw"
    assert await claims.deadlines(claim_id)
    assert [each.data["status"] for each in await claims.events(claim_id)] == [
        *("Submitted", "Rejected"),
    ]
    receipt = await claims.receipt(claim_id, "the-end")
    assert receipt is not None
    assert receipt.text == "Withdrawn. Nothing more happens to this claim."
    overview = await claims.overview(claim_id, "the-end")
    assert (overview.claim, overview.receipt) == (await claims.claim(claim_id), receipt)
    assert overview.deadlines == await claims.deadlines(claim_id)
    with pytest.raises(ClaimClosed, match="claim_closed"):
        await claims.say(claim_id, Approve(by=KIM))


@pytest.mark.parametrize(
    ("left", "said"),
    [(None, "is not in the store"), ('{"deadlines": []}', "damaged: history: is needed")],
)
async def test_without_its_record_a_claim_that_is_over_does_not_answer_as_if_nothing_had_happened(
    world: World, claims: ClaimsClient, left: str | None, said: str
) -> None:
    claim_id = await ended(world, claims)
    record = world.folder / "store/records" / claim_id / "record.json"
    record.unlink()
    if left is not None:
        record.write_text(left)
    for ask in (claims.history, claims.deadlines):
        with pytest.raises(PortalError, match=said):
            await ask(claim_id)
    for ask_for in (claims.receipt, claims.overview):
        with pytest.raises(PortalError, match=said):
            await ask_for(claim_id, "the-end")


async def test_a_claim_with_an_unreadable_record_in_its_way_is_over_once_that_is_moved(
    world: World, claims: ClaimsClient
) -> None:
    claim_id = await opened(world, claims)
    in_the_way = world.folder / "store/records" / claim_id / "record.json"
    in_the_way.parent.mkdir(parents=True)
    in_the_way.write_bytes(b"{")
    await claims.say(claim_id, Withdraw(by=ADA, reason="other"))
    (debt,) = await world.until(lambda: parked(claims, claim_id))
    assert "is not readable JSON. Move " in (debt.last_answer or "")
    in_the_way.unlink()
    retried = await claims.retry(claim_id, Retry(by=By.model_validate(OPERATOR)))
    assert retried.answer is not None
    assert retried.answer.text == "Tried again: record → store."
    await world.until(lambda: is_over(claims, claim_id))


async def parked(claims: ClaimsClient, claim_id: str) -> list[Owed]:
    return [debt for debt in (await claims.claim(claim_id)).owed if debt.state == "parked"]


async def test_nobody_knows_a_claim_that_never_was(claims: ClaimsClient) -> None:
    for ask in (claims.claim, claims.history, claims.deadlines):
        with pytest.raises(ClaimUnknown):
            await ask("CPOR-NEVER")
    with pytest.raises(ClaimUnknown):
        await claims.receipt("CPOR-NEVER", "m-1")
    with pytest.raises(PortalError, match="must be 4 to 40 characters"):
        await claims.claim("../../etc")
