"""A portal's client: each call may be repeated, and each way to fail has a name."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client

import engine
from activities import Activities
from portal import (
    Approve,
    By,
    Changes,
    ClaimClosed,
    ClaimExists,
    ClaimsClient,
    ClaimUnknown,
    Comment,
    Contact,
    Edit,
    EntryView,
    MessageRefused,
    Opening,
    PortalError,
    Search,
    StartReview,
    Status,
    Submit,
    Taken,
    Withdraw,
)
from tests.examples import opening, without
from tests.workflows.world import World
from workflows import attributes

ADA = By(role="partner", id="ada")
KIM = By(role="reviewer", id="kim")


async def opened(world: World, claims: ClaimsClient, **changes: object) -> str:
    claim_id = world.new_id()
    world.keep_proof(claim_id)
    return await claims.open(opening(claim_id, **changes))


async def ended(world: World, claims: ClaimsClient) -> str:
    claim_id = await opened(world, claims)
    await claims.withdraw(claim_id, Withdraw(id="the-end", by=ADA, reason="other"))
    await world.until(lambda: is_over(claims, claim_id))
    return claim_id


async def is_over(claims: ClaimsClient, claim_id: str) -> bool:
    return [found.running async for found in claims.search() if found.claim_id == claim_id] == [
        False
    ]


async def test_a_claim_opened_by_a_model_is_the_one_opened_by_its_json(
    world: World, claims: ClaimsClient
) -> None:
    data = without(opening(world.new_id()), "comment")
    assert await claims.open(Opening.model_validate(data)) == await claims.open(data)


async def test_an_opening_with_other_content_under_the_same_id_is_refused(
    world: World, claims: ClaimsClient
) -> None:
    claim_id = await opened(world, claims)
    with pytest.raises(ClaimExists, match="an id is used once"):
        await claims.open(opening(claim_id, name="Another one"))


async def test_what_is_wrong_with_an_opening_is_named_field_by_field(
    world: World, claims: ClaimsClient
) -> None:
    wrong = opening(world.new_id(), program="osu", products=[{"name": "Teems"}])
    with pytest.raises(MessageRefused) as refused:
        await claims.open(wrong)
    assert refused.value.code == "invalid"
    assert [each.field for each in refused.value.fields] == ["program", "products.0.name"]


async def test_a_refusal_by_the_claim_names_its_code_and_the_fields(
    world: World, claims: ClaimsClient
) -> None:
    claim_id = await opened(world, claims)
    with pytest.raises(MessageRefused) as early:
        await claims.submit(claim_id, Submit(by=ADA))
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
    assert len(refused.value.fields) == 100


async def test_a_message_repeated_under_its_id_gets_its_first_receipt(
    world: World, claims: ClaimsClient
) -> None:
    claim_id = await opened(world, claims)
    once = Comment(id="c-1", by=KIM, text="Is this the last version?")
    first = await claims.comment(claim_id, once)
    assert await claims.comment(claim_id, once) == first
    assert await claims.receipt(claim_id, "c-1") == first


async def test_only_what_was_set_in_a_model_is_sent(world: World, claims: ClaimsClient) -> None:
    claim_id = await opened(world, claims)
    lars = Contact(name="Lars Ek", email="lars@contoso.example", language="de")
    await claims.edit(claim_id, Edit(by=ADA, changes=Changes(customer_contact=lars)))
    known = await claims.claim(claim_id)
    assert known.customer.contact == lars
    assert [product.code for product in known.products] == ["teams", "exchange-online"]


async def test_without_a_worker_a_message_is_taken_and_answered_once_one_is_there(
    idle_world: World, monkeypatch: pytest.MonkeyPatch, claims_of_nobody: ClaimsClient
) -> None:
    monkeypatch.setattr("portal.wire.PATIENCE", timedelta(seconds=1))
    claims = claims_of_nobody
    claim_id = await opened(idle_world, claims)
    answer = await claims.start_review(claim_id, StartReview(by=KIM))
    assert isinstance(answer, Taken)
    async with Activities(idle_world.settings) as activities, idle_world.working(activities):
        receipt = await idle_world.until(lambda: claims.receipt(claim_id, answer.id))
        assert receipt is not None
        assert (receipt.outcome, receipt.status.value) == ("accepted", "Under review")
        again = StartReview(id=answer.id, by=KIM)
        assert await claims.start_review(claim_id, again) == receipt


async def test_a_claim_that_is_over_tells_everything_but_takes_nothing(
    world: World, claims: ClaimsClient
) -> None:
    claim_id = await ended(world, claims)
    assert (await claims.claim(claim_id)).status.value == "Rejected"
    assert (await claims.history(claim_id))[-1].what == "withdraw"
    assert await claims.deadlines(claim_id)
    receipt = await claims.receipt(claim_id, "the-end")
    assert receipt is not None
    assert receipt.text == "Withdrawn. Nothing more happens to this claim."
    with pytest.raises(ClaimClosed, match="claim_closed"):
        await claims.approve(claim_id, Approve(by=KIM))


async def test_nobody_knows_a_claim_that_never_was(claims: ClaimsClient) -> None:
    for ask in (claims.claim, claims.history, claims.deadlines):
        with pytest.raises(ClaimUnknown):
            await ask("CPOR-NEVER")
    with pytest.raises(ClaimUnknown):
        await claims.receipt("CPOR-NEVER", "m-1")
    with pytest.raises(PortalError, match="must be 4 to 40 characters"):
        await claims.claim("../../etc")


async def test_who_watches_sees_each_entry_once_until_the_claim_is_over(
    world: World, claims: ClaimsClient
) -> None:
    claim_id = await opened(world, claims)
    seen: list[EntryView] = []

    async def watch() -> None:
        async for entry in claims.watch(claim_id):
            seen.append(entry)

    watching = asyncio.create_task(watch())
    await claims.start_review(claim_id, StartReview(by=KIM))
    await world.until(lambda: says(seen, "start_review"))
    await claims.withdraw(claim_id, Withdraw(by=ADA, reason="other"))
    async with asyncio.timeout(20):
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
        await world.tell(handle, "approve", by=KIM.model_dump(exclude_none=True))
        await world.until_claim(handle, owed=[])
        await world.pass_time(handle, timedelta(days=40))
        await world.tell(
            handle, "comment", by=KIM.model_dump(exclude_none=True), text="A year later."
        )
        async with asyncio.timeout(20):
            while (await anext(entries)).what != "comment":
                pass


async def says(seen: list[EntryView], what: str) -> bool:
    return any(entry.what == what for entry in seen)


async def test_a_search_finds_by_every_criterion_what_the_engine_lists(
    world: World, claims: ClaimsClient
) -> None:
    tenant = "11111111-2222-4333-8444-555555555555"
    customer = {**opening()["customer"], "tenant_id": tenant}
    one = await opened(world, claims, customer=customer)
    other = await opened(world, claims, customer=customer, products=[{"name": "SharePoint Online"}])
    await claims.start_review(one, StartReview(by=By(role="reviewer", id="o'neil")))
    far = datetime.now(UTC) + timedelta(days=400)
    for wanted, ids in (
        (Search(customer=tenant), {one, other}),
        (Search(customer=tenant, reviewers=["o'neil"]), {one}),
        (Search(customer=tenant, reviewers=["o'neil", "nobody"]), {one, other}),
        (Search(customer=tenant, reviewers=["nobody"]), {other}),
        (Search(customer=tenant, product="SharePoint Online"), {other}),
        (Search(customer=tenant, status=Status.UNDER_REVIEW, waiting_for="reviewer"), {one}),
        (Search(customer=tenant, overdue=True), set[str]()),
        (Search(customer=tenant, overdue=False, owes=False, claims="running"), {one, other}),
        (Search(customer=tenant, due_before=far, program="osu-m365"), {one, other}),
        (Search(customer=tenant, due_before=datetime.now(UTC)), set[str]()),
        (Search(customer=tenant, claims="ended"), set[str]()),
    ):
        await world.until(lambda wanted=wanted, ids=ids: finds(claims, wanted, ids))


async def test_a_search_tells_forgotten_claims_from_their_records(
    world: World, claims: ClaimsClient
) -> None:
    """Another namespace stands for an engine that has forgotten the claim."""
    partner = {**opening()["partner"], "mpn_id": "770011223344"}
    claim_id = world.new_id()
    world.keep_proof(claim_id)
    await claims.open(opening(claim_id, partner=partner))
    await claims.withdraw(claim_id, Withdraw(by=ADA, reason="other"))
    await world.until(lambda: is_over(claims, claim_id))
    elsewhere = ClaimsClient(await emptied(world), claims.store, world.task_queue)
    for wanted in (
        Search(partner="770011223344"),
        Search(status=Status.REJECTED, claims="ended"),
        Search(),
    ):
        assert claim_id in [found.claim_id async for found in elsewhere.search(wanted)]
    for wanted in (
        Search(claims="running"),
        Search(partner="4912345"),
        Search(partner="770011223344", status=Status.APPROVED),
    ):
        assert claim_id not in [found.claim_id async for found in elsewhere.search(wanted)]


async def finds(claims: ClaimsClient, wanted: Search, ids: set[str]) -> bool:
    return {found.claim_id async for found in claims.search(wanted)} == ids


async def emptied(world: World) -> Client:
    """Of the same engine, a namespace in which there are no claims."""
    address = world.client.service_client.config.target_host
    client = await Client.connect(
        address, namespace="forgetful", data_converter=world.client.data_converter
    )
    await engine.register(
        client, namespace="forgetful", retention=timedelta(days=1), attributes=attributes.TYPES
    )
    return client
