"""What operators see in the engine's own UI."""

from __future__ import annotations

import json

from tests.examples import REVIEWER
from tests.workflows.world import Handle, World
from workflows import attributes


async def summaries(claim: Handle) -> list[str]:
    events = (await claim.fetch_history()).events
    found = [event.user_metadata.summary.data for event in events]
    return [json.loads(data) for data in found if data]


async def test_timers_and_activities_say_what_they_are_for(world: World) -> None:
    claim = await world.open()
    await world.until_claim(claim, owed=[])
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, consent="pending", owed=[])

    async def window_is_open() -> bool:
        return any(label.startswith("the customer may decline until") for label in await labels())

    async def labels() -> list[str]:
        return await summaries(claim)

    await world.until(window_is_open)
    seen = await labels()
    assert "mail: consent → customer's contact" in seen
    assert "proof files: check and seal" in seen
    assert any(label.startswith("a reviewer must start until ") for label in seen)
    assert any(label.endswith("(7 days)") for label in seen)
    assert not any("lars" in label.lower() or "contoso" in label.lower() for label in seen)


async def test_search_attributes_follow_the_claim(world: World) -> None:
    claim = await world.open()
    await world.tell(claim, "approve", by=REVIEWER)
    known = await world.until_claim(claim, consent="pending", owed=[])

    async def shown() -> bool:
        found = (await claim.describe()).typed_search_attributes
        return (
            found.get(attributes.STATUS) == "Approved"
            and found.get(attributes.WAITING_FOR) == "customer"
            and found.get(attributes.REVIEWER) == "kim"
            and found.get(attributes.PRODUCTS) == ["teams", "exchange-online"]
            and found.get(attributes.PARTNER) == "4912345"
            and (found.get(attributes.DEADLINE) is not None) == (known["deadline"] is not None)
        )

    await world.until(shown)
