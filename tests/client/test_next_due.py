"""What is due next, found among many without a look at all of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.common import SearchAttributePair, TypedSearchAttributes

from cpor import ClaimsClient, Search
from cpor.client import next_due
from cpor.client.next_due import due_first
from cpor.client.transport import Transport
from cpor.contract import search_attributes
from cpor.contract.names import WORKFLOW
from tests.workflows.world import World

HOURS = (None, -50, -3, 1, 1, 5, 90, 20_000, None)
"""From now until each is due; the second and the third are overdue."""


async def standing(world: World) -> str:
    """Claims of a new tenant, which it returns; no worker has seen them."""
    tenant, now = str(uuid4()), datetime.now(UTC)
    for hours in HOURS:
        pairs: list[SearchAttributePair[Any]] = [
            SearchAttributePair(search_attributes.CUSTOMER, tenant),
            SearchAttributePair(search_attributes.WAITING_FOR, "reviewer"),
            SearchAttributePair(search_attributes.OVERDUE, hours is not None and hours < 0),
        ]
        if hours is not None:
            due = now + timedelta(hours=hours)
            pairs.append(SearchAttributePair(search_attributes.DEADLINE, due))
        await world.client.start_workflow(
            WORKFLOW,
            id=world.new_id(),
            task_queue=world.task_queue,
            search_attributes=TypedSearchAttributes(pairs),
        )

    async def all_are_listed() -> bool:
        query = f"{search_attributes.CUSTOMER.name} = '{tenant}'"
        return (await world.client.count_workflows(query)).count == len(HOURS)

    await world.until(all_are_listed)
    return tenant


@pytest.mark.parametrize("few", [0, 3, 1000], ids=["very many", "few are overdue", "few"])
async def test_the_next_due_are_the_first_of_all(
    idle_world: World,
    claims_of_nobody: ClaimsClient,
    monkeypatch: pytest.MonkeyPatch,
    few: int,
) -> None:
    monkeypatch.setattr(next_due, "FEW", few)
    wanted = Search(customer=await standing(idle_world), waiting_for="reviewer")

    async def found() -> list[str]:
        everything = [each async for each in claims_of_nobody.search(wanted)]
        return [each.claim_id for each in due_first(everything)]

    for most in (1, 2, 3, 5, 7, 8, len(HOURS), 20):
        due = await claims_of_nobody.next_due(wanted, most)
        assert due is not None
        assert [each.claim_id for each in due.claims] == (await found())[:most]
        assert due.more == max(len(HOURS) - most, 0)


async def test_temporal_is_not_asked_when_each_is_due_of_those_that_can_all_be_read(
    idle_world: World, claims_of_nobody: ClaimsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    count = Transport.count

    async def counting(transport: Transport, query: str) -> int:
        counted.append(query)
        return await count(transport, query)

    monkeypatch.setattr(Transport, "count", counting)
    monkeypatch.setattr(next_due, "FEW", 3)
    wanted = Search(customer=await standing(idle_world), waiting_for="reviewer")
    assert await claims_of_nobody.next_due(wanted, 3) is not None
    everything, overdue, within_an_hour = counted
    assert search_attributes.DEADLINE.name not in everything + overdue
    assert search_attributes.DEADLINE.name in within_an_hour


async def test_only_a_search_finds_what_temporal_has_forgotten(
    claims_of_nobody: ClaimsClient,
) -> None:
    assert await claims_of_nobody.next_due(Search(), 50) is None
    assert await claims_of_nobody.next_due(Search(waiting_for="nobody"), 50) is None
    assert await claims_of_nobody.next_due(Search(claims="ended", overdue=True), 50) is None
