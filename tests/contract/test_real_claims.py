"""What a running claim really answers, sends and leaves behind fits the published schemas.

Asked by a client that knows JSON and nothing of our models.
"""

from __future__ import annotations

import json
from typing import Any

from temporalio.client import Client

from activities import Activities
from tests.activities.servers import HttpReceiver
from tests.contract.things import BY_NAME, misfits
from tests.examples import PARTNER, REVIEWER
from tests.workflows.world import DAY, Handle, World

ASK = {"requests": [{"reason": "missing_products", "product": "Teams", "note": "Where?"}]}


class Seen:
    """All that came, by the name of its schema."""

    def __init__(self, world: World) -> None:
        self.client = Client(world.client.service_client, namespace=world.client.namespace)
        self.all: list[tuple[str, Any]] = []

    async def ask(self, claim: Handle) -> None:
        handle = self.client.get_workflow_handle(claim.id)
        self.all.append(("claim", await handle.query("claim")))
        clocks: list[Any] = await handle.query("deadlines")
        entries: list[Any] = await handle.query("history", {"side": "reviewer"})
        self.all += [("deadline", clock) for clock in clocks]
        self.all += [("entry", entry) for entry in entries]
        news: list[Any] = await handle.query("events")
        self.all += [("news", each) for each in news]
        self.all.append(("overview", await handle.query("overview", "m-1")))
        self.all.append(("sheet", await handle.query("sheet")))

    async def tell(self, claim: Handle, name: str, **message: Any) -> None:
        handle = self.client.get_workflow_handle(claim.id)
        self.all.append(("receipt", await handle.execute_update(name, message)))

    def misfits(self) -> list[str]:
        return [
            f"{name}: {found}" for name, data in self.all for found in misfits(BY_NAME[name], data)
        ]


async def so_many(receiver: HttpReceiver, count: int) -> bool:
    return len(receiver.requests) == count


async def test_whatever_comes_from_a_real_claim_fits_its_schema(idle_world: World) -> None:
    world, seen = idle_world, Seen(idle_world)
    async with HttpReceiver() as portal, HttpReceiver() as engine:
        there = {"portal_events_url": portal.url, "hand_off_url": engine.url}
        settings = world.settings.model_copy(update=there)
        async with Activities(settings) as activities, world.working(activities):
            claim = await world.open()
            await seen.ask(claim)
            await seen.tell(claim, "request_info", by=REVIEWER, **ASK)
            await seen.ask(claim)
            await seen.tell(claim, "edit", by=PARTNER, changes={"products": [{"name": "Teams"}]})
            await seen.tell(claim, "submit", by=PARTNER)
            await claim.signal("approve", {"id": "m-1", "by": PARTNER})
            seen.all.append(("receipt", await claim.query("receipt", "m-1")))
            await seen.tell(claim, "approve", by=REVIEWER)
            await world.until_claim(claim, consent="pending", owed=[])
            await seen.ask(claim)
            await world.pass_time(claim, 8 * DAY)
            claim = world.client.get_workflow_handle(claim.id)
            await world.until_claim(claim, eligibility="sent", owed=[])
            await world.pass_time(claim, 8 * DAY)
            await world.until(lambda: so_many(engine, 2))
            await seen.tell(claim, "disassociate", by=PARTNER, reason="We part ways.")
            seen.all.append(("claim", await world.until_over(claim)))
    for _, body in [*portal.requests, *engine.requests]:
        event = json.loads(body)
        seen.all.append((f"event.{event['type'].rpartition('.')[2]}", event))
    record = world.folder / f"store/records/{claim.id}/record.json"
    seen.all.append(("record", json.loads(record.read_text("utf-8"))))

    returned = {name for name, thing in BY_NAME.items() if not thing.is_sent}
    assert {name for name, _ in seen.all} == returned
    assert seen.misfits() == []
