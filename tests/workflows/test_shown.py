"""What operators see in the engine's own UI."""

from __future__ import annotations

import json
from collections.abc import Mapping

from temporalio.api.enums.v1 import EventType
from temporalio.api.sdk.v1 import WorkflowMetadata

from cpor.contract import search_attributes
from cpor.rules.messages import MESSAGES
from tests.examples import OPERATOR, PARTNER, REVIEWER
from tests.rules.play import NEEDS
from tests.workflows.world import Handle, World
from workflows.dialog import ANY_OTHER


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
    assert any(label.startswith("a reviewer must start by ") for label in seen)
    assert any(label.endswith("(7 days)") for label in seen)
    assert not any("lars" in label.lower() or "contoso" in label.lower() for label in seen)


async def test_search_attributes_follow_the_claim(world: World) -> None:
    claim = await world.open()
    await world.tell(claim, "approve", by=REVIEWER)
    known = await world.until_claim(claim, consent="pending", owed=[])

    async def shown() -> bool:
        found = (await claim.describe()).typed_search_attributes
        return (
            found.get(search_attributes.STATUS) == "Approved"
            and found.get(search_attributes.WAITING_FOR) == "customer"
            and found.get(search_attributes.REVIEWER) == "kim"
            and found.get(search_attributes.PRODUCTS) == ["teams", "exchange-online"]
            and found.get(search_attributes.PARTNER) == "4912345"
            and (found.get(search_attributes.DEADLINE) is not None)
            == (known["deadline"] is not None)
        )

    await world.until(shown)


async def test_search_attributes_are_written_when_they_change_and_only_then(world: World) -> None:
    claim = await world.open()
    await world.until_claim(claim, owed=[])
    before = await written(claim)
    for name, by in (("comment", PARTNER), ("assign", OPERATOR), ("edit", PARTNER)):
        await world.tell(claim, name, by=by, **NEEDS[name])
        await world.until_claim(claim, owed=[])
    assert await written(claim) == before + 2, "the reviewer and the partner's number, no comment"


async def written(claim: Handle) -> int:
    events = (await claim.fetch_history()).events
    upsert = EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES
    return sum(event.event_type == upsert for event in events)


async def metadata(claim: Handle) -> WorkflowMetadata:
    """What the UI asks for, to show the page and to offer messages."""
    return await claim.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)


async def test_the_page_follows_each_change(world: World) -> None:
    claim = await world.open()

    async def shows(words: str) -> None:
        async def shown() -> bool:
            return words in (await metadata(claim)).current_details

        await world.until(shown)

    await shows("**Submitted**, waiting for reviewer")
    await world.tell(claim, "assign", by=OPERATOR, reviewer="kim")
    await shows("- reviewer: `kim`")
    await claim.signal("approve", {"by": {"role": "reviewer"}})
    await shows("somebody `approve`: `by.id: is needed`")
    await claim.signal("approve", {"by": REVIEWER})
    await shows("**Approved**, waiting for customer")


async def test_each_message_says_what_its_json_must_hold(world: World) -> None:
    claim = await world.open()
    await world.until_claim(claim, owed=[])
    definition = (await metadata(claim)).definition
    for known in (definition.signal_definitions, definition.update_definitions):
        described: Mapping[str, str] = {each.name: each.description for each in known}
        assert described.keys() == {*MESSAGES, ANY_OTHER}
        assert described[ANY_OTHER].startswith("Any other name is refused")
        assert described["approve"] == (
            "A reviewer approves; the customer is asked next. "
            '{"by": {"role": "reviewer", "id": text}, "note"?: text, '
            '"displace"?: true or false, "contacts_confirmed"?: true or false, "seen"?: number}'
        )
        assert described["comment"].endswith(
            '{"by": {"role": "partner" or "reviewer", "id": text}, '
            '"text": text, "internal"?: true or false}'
        )
        assert described["dispute"].endswith(
            '"justification"?: text, "evidence"?: [{"sha256": text, "name": text, '
            '"media_type": text, "size": number}, …]}'
        )
        assert all(each.description for each in definition.query_definitions if each.name in MINE)


MINE = ("claim", "history", "deadlines", "receipt")
