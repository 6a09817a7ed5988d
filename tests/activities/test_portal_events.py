"""The portal is told, where it wants to be, just as the incentive engine is."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from pydantic import SecretStr
from temporalio.exceptions import ApplicationError

from activities import Activities
from activities.events.delivery import PortalEventActivity, Receiver
from cpor.rules.effects.events import Event, EventResult
from cpor.settings import Settings
from tests.activities import servers
from tests.activities.deliveries import NEW_KEY, NOTHING_KNOWN, OLD_KEY, attempted, told, verifies
from tests.activities.facts import BEGAN, CLAIM

CHANGED = Event(
    id=f"{CLAIM}.changed.17",
    type="cpor.claim.changed",
    subject=CLAIM,
    time=BEGAN,
    data={
        "claim_id": CLAIM,
        "status": "Approved",
        "consent": "pending",
        "eligibility": "none",
        "seq": 17,
    },
)


async def sent(portal: Receiver | None) -> EventResult:
    return await attempted(
        PortalEventActivity("urn:cpor-claims", portal, NOTHING_KNOWN).send_event, CHANGED
    )


async def test_the_portal_is_told_under_the_events_own_id() -> None:
    async with servers.HttpReceiver("204 No Content") as server, told(server.url) as portal:
        assert (await sent(portal)).outcome == "taken"
        assert (await sent(portal)).outcome == "taken"
    first, second = server.requests
    assert first == second
    headers, body = first
    assert headers["idempotency-key"] == CHANGED.id
    assert headers["content-type"] == "application/cloudevents+json"
    event = json.loads(body)
    assert (event["id"], event["type"], event["subject"]) == (CHANGED.id, CHANGED.type, CLAIM)
    assert event["data"] == CHANGED.data


async def test_what_the_portal_refuses_is_an_answer() -> None:
    async with (
        servers.HttpReceiver("422 Unprocessable", body="I know no such claim") as server,
        told(server.url) as portal,
    ):
        result = await sent(portal)
    assert (result.outcome, result.detail) == (
        "refused",
        "422 Unprocessable: I know no such claim",
    )


async def test_a_busy_portal_is_told_later_and_named() -> None:
    async with (
        servers.HttpReceiver("429 Too Many Requests", "retry-after: 7\r\n") as server,
        told(server.url, name="The portal") as portal,
    ):
        with pytest.raises(ApplicationError, match="The portal said 429") as raised:
            await sent(portal)
    assert raised.value.next_retry_delay == timedelta(seconds=7)


async def test_an_event_that_nobody_wants_any_more_is_settled() -> None:
    result = await sent(None)
    assert result.outcome == "taken"
    assert result.detail == "Nobody takes events for the portal; see CLAIMS_PORTAL_EVENTS_URL."


async def test_a_worker_tells_the_portal_with_its_own_keys(settings: Settings) -> None:
    async with servers.HttpReceiver() as portal, servers.HttpReceiver() as engine:
        there = {
            "portal_events_url": portal.url,
            "portal_events_keys": SecretStr(NEW_KEY),
            "hand_off_url": engine.url,
            "hand_off_keys": SecretStr(OLD_KEY),
        }
        async with Activities(settings.model_copy(update=there)) as activities:
            assert (await registered(activities)).outcome == "taken"
    ((headers, body),) = portal.requests
    assert verifies(NEW_KEY, headers, body)
    assert not engine.requests


async def test_a_worker_without_a_portal_tells_nobody(settings: Settings) -> None:
    async with Activities(settings) as activities:
        assert "Nobody" in (await registered(activities)).detail


async def registered(activities: Activities) -> EventResult:
    (act,) = (act for act in activities.all if act.__name__ == "send_event")
    return await attempted(act, CHANGED)
