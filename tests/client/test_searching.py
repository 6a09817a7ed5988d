"""Lists of claims: as the engine has them, and from the records of those it has forgotten."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import ValidationError
from temporalio.client import WorkflowExecution, WorkflowFailureError
from temporalio.common import SearchAttributePair, TypedSearchAttributes

from cpor import Assign, By, ClaimsClient, Found, Search, StartReview, Status, Withdraw
from cpor.client import search
from cpor.client.transport import Transport
from cpor.contract import search_attributes
from cpor.rules import views
from cpor.rules.chain import sealed
from cpor.rules.claim import Claim
from cpor.rules.facts import STORED, under
from cpor.rules.state import State, WaitingFor
from cpor.store import Store
from tests.client.lives import ADA, is_over, opened
from tests.examples import OPERATOR, opening
from tests.histories.kept import dump_of, histories
from tests.rules.play import MONDAY
from tests.workflows.world import World


def record_of(claim_id: str) -> dict[str, Any]:
    """Just submitted, which is enough for a list."""
    return sealed({"run": "run-1", **views.record(Claim.open(opening(claim_id), MONDAY).state)})


async def test_a_search_finds_by_every_criterion_what_the_engine_lists(
    world: World, claims: ClaimsClient
) -> None:
    tenant = "11111111-2222-4333-8444-555555555555"
    customer = {**opening()["customer"], "tenant_id": tenant}
    one = await opened(world, claims, customer=customer)
    other = await opened(world, claims, customer=customer, products=[{"name": "SharePoint Online"}])
    await claims.say(one, StartReview(by=By(role="reviewer", id="o.neil")))
    far = datetime.now(UTC) + timedelta(days=400)
    for wanted, ids in (
        (Search(customer=tenant), {one, other}),
        (Search(customer=tenant, reviewers=["o.neil"]), {one}),
        (Search(customer=tenant, reviewers=["o.neil", "nobody"]), {one, other}),
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
    world: World, claims: ClaimsClient, elsewhere: ClaimsClient
) -> None:
    partner = {**opening()["partner"], "mpn_id": "770011223344"}
    claim_id = world.new_id()
    world.keep_proof(claim_id)
    await claims.open(opening(claim_id, partner=partner))
    await claims.say(claim_id, Withdraw(by=ADA, reason="other"))
    await world.until(lambda: is_over(claims, claim_id))
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


@pytest.mark.parametrize("reviewer", ["kim@contoso.example", "o_neil+1", "-.-"])
async def test_a_reviewer_is_found_by_any_id(
    world: World, claims: ClaimsClient, reviewer: str
) -> None:
    claim_id = await opened(world, claims)
    await claims.say(claim_id, Assign(by=By.model_validate(OPERATOR), reviewer=reviewer))
    wanted = Search(reviewers=[reviewer], claims="running")
    await world.until(lambda: finds(claims, wanted, {claim_id}))


@pytest.mark.parametrize(
    "wanted",
    [
        {"partner": ""},
        {"partner": "../records"},
        {"partner": "4" * 100_000},
        {"customer": "contoso"},
        {"reviewers": [""]},
        {"reviewers": ["\udcff"]},
    ],
)
def test_what_nothing_can_have_is_not_searched_for(wanted: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Search.model_validate(wanted)


async def test_a_claim_ended_by_force_is_due_no_more(world: World, claims: ClaimsClient) -> None:
    claim_id = await opened(world, claims)
    await world.until(lambda: listed_as(claims, claim_id, running=True))
    await world.client.get_workflow_handle(claim_id).terminate("a mistake")
    found = await world.until(lambda: listed_as(claims, claim_id, running=False))
    assert found
    assert (found.status, found.ended_at is not None) == ("Submitted", True)
    assert (found.deadline, found.waiting_for, found.overdue) == (None, "nobody", False)


async def test_a_start_that_was_refused_is_no_claim(world: World, claims: ClaimsClient) -> None:
    handle = await world.start(world.new_id(), {"claim_id": "something else"})
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    await world.until(lambda: is_listed_by_the_engine(world, handle.id, "Failed"))
    assert handle.id not in [found.claim_id async for found in claims.search()]


async def test_nor_is_a_workflow_whose_id_no_claim_can_have(
    idle_world: World, claims_of_nobody: ClaimsClient
) -> None:
    handle = await idle_world.start(f"{idle_world.new_id()} of nobody", {})
    await idle_world.until(lambda: is_listed_by_the_engine(idle_world, handle.id, "Running"))
    assert handle.id not in [found.claim_id async for found in claims_of_nobody.search()]


async def test_a_status_of_a_newer_worker_is_listed_as_it_is_called(
    idle_world: World, claims_of_nobody: ClaimsClient
) -> None:
    claim_id, status = (
        idle_world.new_id(),
        SearchAttributePair(search_attributes.STATUS, "Escalated"),
    )
    await idle_world.client.start_workflow(
        "Claim",
        id=claim_id,
        task_queue=idle_world.task_queue,
        search_attributes=TypedSearchAttributes([status]),
    )
    found = await idle_world.until(lambda: listed_as(claims_of_nobody, claim_id, running=True))
    assert found
    assert found.status == "Escalated"


@pytest.mark.parametrize(
    ("damaged", "said"),
    [
        (b"{", "is not readable JSON"),
        (b'{"claim_id": "CPOR-BAD1"}', "is damaged: name: is needed"),
        (json.dumps(record_of("CPOR-BAD1") | {"history": []}).encode(), "damaged: history: "),
        (json.dumps(record_of("CPOR-OTHER")).encode(), "damaged: it is a record of CPOR-OTHER"),
    ],
)
async def test_a_damaged_record_is_named_and_hides_no_other_claim(
    elsewhere: ClaimsClient, damaged: bytes, said: str
) -> None:
    store = elsewhere.store
    for claim_id in ("CPOR-AAAA", "CPOR-ZZZZ"):
        await store.write_record(claim_id, record_of(claim_id))
    await store.write("records/CPOR-BAD1/record.json", damaged)
    found = {each.claim_id: each async for each in elsewhere.search()}
    statuses = {claim_id: each.status for claim_id, each in found.items()}
    assert statuses == {"CPOR-AAAA": "Submitted", "CPOR-BAD1": None, "CPOR-ZZZZ": "Submitted"}
    assert said in (found["CPOR-BAD1"].problem or "")
    approved = [each async for each in elsewhere.search(Search(status=Status.APPROVED))]
    assert [each.claim_id for each in approved] == ["CPOR-BAD1"], "it may be one"


async def test_what_else_lies_among_the_records_is_passed_over(elsewhere: ClaimsClient) -> None:
    await elsewhere.store.write_record("CPOR-AAAA", record_of("CPOR-AAAA"))
    for name in (".DS_Store", "notes/record.json", "CPOR-BBBB/record.json.bak", "CPOR-CCCC"):
        await elsewhere.store.write(f"records/{name}", b"")
    await elsewhere.store.write("partners/4912345/.DS_Store", b"")
    for wanted in (Search(), Search(partner="4912345")):
        assert await finds(elsewhere, wanted, {"CPOR-AAAA"})


async def listed_as(claims: ClaimsClient, claim_id: str, running: bool) -> Found | None:
    found = [each async for each in claims.search() if each.claim_id == claim_id]
    return next((each for each in found if each.running is running), None)


async def is_listed_by_the_engine(world: World, workflow_id: str, status: str) -> bool:
    query = f"WorkflowId = '{workflow_id}' AND ExecutionStatus = '{status}'"
    return bool([each async for each in world.client.list_workflows(query)])


async def finds(claims: ClaimsClient, wanted: Search, ids: set[str]) -> bool:
    return {found.claim_id async for found in claims.search(wanted)} == ids


# Which searches read records


class ForgetfulTransport(Transport):
    """Of an engine that has forgotten all claims."""

    def __init__(self) -> None:
        pass

    async def list_claims(
        self, query: str, most: int | None = None
    ) -> AsyncIterator[WorkflowExecution]:
        for nothing in ():
            yield nothing


class LockedStore(Store):
    """Fails the test where records are listed or read."""

    def __init__(self) -> None:
        pass

    def recorded(self, mpn_id: str | None = None) -> AsyncIterator[str]:
        raise AssertionError("records were listed")

    async def read_record(self, claim_id: str, version: int | None = None) -> dict[str, Any] | None:
        raise AssertionError(f"the record of {claim_id} was read")


@pytest.mark.parametrize(
    "wanted",
    [
        Search(overdue=True),
        Search(owes=True),
        Search(due_before=MONDAY),
        *(Search(waiting_for=who) for who in get_args(WaitingFor) if who != "nobody"),
        *(Search(status=status) for status in Status if status not in search.RECORDED),
        Search(partner="4912345", status=Status.APPROVED, overdue=True),
        Search(claims="running"),
    ],
    ids=lambda wanted: wanted.model_dump_json(exclude_defaults=True),
)
async def test_no_record_is_read_for_a_search_that_none_can_match(wanted: Search) -> None:
    found = search.search(ForgetfulTransport(), LockedStore(), wanted)
    assert [each async for each in found] == []


@pytest.mark.parametrize("kept", histories(), ids=lambda kept: kept.stem)
async def test_every_record_is_found_by_a_search_for_all_that_it_says(
    kept: Path, tmp_path: Path
) -> None:
    """The claims that releases have left: each of them has a record, or is about to."""
    claim = State.model_validate_json(dump_of(kept).read_text("utf-8"), context=under(STORED))
    record = {"run": "run-1", **views.record(claim)}
    assert (record["owed"], record["deadline"], record["overdue"]) == ([], None, False)
    store = Store.open(str(tmp_path))
    await store.write_record(claim.claim_id, sealed(record))
    said = Search(status=claim.status, waiting_for=claim.waiting_for, overdue=False, owes=False)
    found = search.search(ForgetfulTransport(), store, said)
    assert [each.claim_id async for each in found] == [claim.claim_id]
