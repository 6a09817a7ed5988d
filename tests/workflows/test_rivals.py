"""Claims about one item on the real engine: approved, put aside knowingly, and told of it once."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError

from activities import Activities
from cpor.rules.associations.telling import workflow_id_of
from tests.examples import PARTNER, REVIEWER, opening
from tests.rules.tenant import TEAMS
from tests.workflows.tenants import Tenant
from tests.workflows.world import DAY, Handle, World, ask

NOTE = "Their contract ended in March."


@pytest.fixture
async def market(idle_world: World) -> AsyncIterator[World]:
    idle_world.settings = idle_world.settings.model_copy(update={"one_holder": True})
    async with Activities(idle_world.settings) as activities, idle_world.working(activities):
        yield idle_world


@pytest.fixture
def tenant_id() -> str:
    return str(uuid.uuid4())


async def opened(world: World, tenant_id: str, mpn_id: str) -> Handle:
    known = opening()
    return await world.open(
        customer={**known["customer"], "tenant_id": tenant_id},
        partner={**known["partner"], "mpn_id": mpn_id},
        products=[{"name": "Teams"}],
    )


async def submitted(world: World, tenant_id: str, mpn_id: str) -> Handle:
    claim = await opened(world, tenant_id, mpn_id)
    await world.until_claim(claim, owed=[])
    return claim


async def holder(world: World, tenant_id: str) -> Any:
    shown = await ask(world.client.get_workflow_handle(workflow_id_of(tenant_id)), "item", TEAMS)
    return shown["holder"] and shown["holder"]["claim_id"]


async def test_of_two_claims_one_is_approved_and_the_other_takes_its_place_knowingly(
    market: World, tenant_id: str
) -> None:
    first = await submitted(market, tenant_id, "4912345")
    await market.tell(first, "approve", by=REVIEWER)
    await market.until_claim(first, consent="pending", owed=[])
    assert await holder(market, tenant_id) == first.id
    await market.pass_time(first, 8 * DAY)
    first = market.client.get_workflow_handle(first.id)
    await market.until_claim(first, eligibility="sent", owed=[])
    second = await submitted(market, tenant_id, "4999999")
    code, text = await market.refused(second, "approve", {"by": REVIEWER})
    assert (code, first.id in text) == ("held_by_rival", True)
    await market.tell(second, "approve", by=REVIEWER, displace=True, note=NOTE)
    await market.until_claim(second, consent="pending", owed=[])
    await market.until_claim(first, status="Rejected", eligibility="recalled", owed=[])
    assert await holder(market, tenant_id) == second.id
    assert market.kinds(first).count("rejected") == 1
    assert (market.outbox / f"{first.id}.recalled.1.json").exists()
    entries = [each for each in await market.history(first) if each["what"] == "associations"]
    assert len(entries) == 1


async def test_what_was_said_before_any_worker_came_is_judged_by_the_rules_of_the_claim(
    idle_world: World, tenant_id: str
) -> None:
    """Two claims are approved by signals that wait for a worker: one of them gets the item."""
    idle_world.settings = idle_world.settings.model_copy(update={"one_holder": True})
    claims = [await opened(idle_world, tenant_id, mpn_id) for mpn_id in ("4912345", "4999999")]
    for claim in claims:
        await claim.signal("approve", {"id": "m-1", "by": REVIEWER})
    async with Activities(idle_world.settings) as activities, idle_world.working(activities):
        known = [await idle_world.until_claim(claim, owed=[]) for claim in claims]
        assert sorted(each["status"] for each in known) == ["Approved", "Under review"]
        (approved,) = (each for each in known if each["status"] == "Approved")
        assert await holder(idle_world, tenant_id) == approved["claim_id"]


@pytest.mark.parametrize("name", ["displaced", "item_free"])
async def test_nobody_but_the_associations_displaces_a_claim(
    market: World, tenant_id: str, name: str
) -> None:
    claim = await submitted(market, tenant_id, "4912345")
    await market.tell(claim, "approve", by=REVIEWER)
    await market.until_claim(claim, consent="pending", owed=[])
    by_hand = {
        "tenant_id": tenant_id,
        "news": {"id": "x", "kind": name, "to": claim.id, "round": 2, "items": [TEAMS]},
    }
    for payloads in ((), (by_hand,), (by_hand, by_hand)):
        with pytest.raises(WorkflowUpdateFailedError):
            await claim.execute_update(name, args=payloads)
    await claim.signal(name, by_hand)
    known = await market.until(lambda: refusals(market, claim))
    assert f"'{name}' is no message" in known[-1]["text"]
    assert (await market.claim(claim))["consent"] == "pending"


async def refusals(world: World, claim: Handle) -> list[Any]:
    return [each for each in await world.history(claim) if each["what"] == "refused"]


async def test_associations_that_were_terminated_learn_anew_who_holds_and_the_claims_say_so(
    market: World, tenant_id: str
) -> None:
    first = await submitted(market, tenant_id, "4912345")
    await market.tell(first, "approve", by=REVIEWER)
    await market.until_claim(first, consent="pending", owed=[])
    associations = market.client.get_workflow_handle(workflow_id_of(tenant_id))
    await associations.terminate()
    second = await submitted(market, tenant_id, "4999999")
    code, _ = await market.refused(second, "approve", {"by": REVIEWER})
    assert code == "held_by_rival"
    assert await holder(market, tenant_id) == first.id
    said = [each["text"] for each in await market.history(first) if each["what"] == "rivals"]
    assert said[0].startswith("says again that it holds its items")
    await market.tell(first, "withdraw", by=PARTNER, reason="other")
    await market.until(lambda: is_free(second))
    await market.tell(second, "approve", by=REVIEWER)
    await market.until_claim(second, consent="pending", owed=[])
    assert await holder(market, tenant_id) == second.id


async def is_free(claim: Handle) -> bool:
    shown = await ask(claim, "claim")
    return not any(each["holds"] for each in shown["rivals"])


async def test_when_the_last_claim_is_over_the_associations_are_too(
    market: World, tenant_id: str
) -> None:
    claim = await submitted(market, tenant_id, "4912345")
    await market.tell(claim, "withdraw", by=PARTNER, reason="other")
    await market.until_over(claim)
    await Tenant(market, tenant_id=tenant_id).until_closed()
