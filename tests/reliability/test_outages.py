"""Mail is down for nine days, the store for three, the incentive engine for six, all at once.

The real engine; its days are skipped. What must not run meanwhile does not, and nothing is lost.
The simulation has the same outages, for many claims: `tests/simulation`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from activities import Activities
from tests.activities.servers import HttpReceiver
from tests.examples import REVIEWER
from tests.workflows.world import DAY, Handle, World, ask, at

LATER = "451 4.3.0 come back later"


@contextmanager
def no_store(world: World) -> Generator[None]:
    """A file stands where its folder was."""
    store, away = world.folder / "store", world.folder / "away"
    store.rename(away)
    store.write_text("no store")
    try:
        yield
    finally:
        store.unlink()
        away.rename(store)


async def clocks(claim: Handle) -> dict[str, str]:
    return {each["clock"]: each["state"] for each in await ask(claim, "deadlines")}


async def days_pass(world: World, days: int, *claims: Handle) -> None:
    """Day by day: the engine skips so many pauses at once, and no more."""
    for _ in range(days):
        await asyncio.gather(*(world.pass_time(claim, DAY) for claim in claims))


async def settled(world: World, claim: Handle, **wanted: Any) -> dict[str, Any]:
    return await world.until_claim(claim, owed=[], **wanted)


@pytest.mark.thorough
async def test_no_clock_runs_that_must_not_while_all_is_down_and_nothing_is_lost(
    idle_world: World,
) -> None:
    world = idle_world
    async with HttpReceiver("503 Service Unavailable") as incentives:
        world.settings = world.settings.model_copy(update={"hand_off_url": incentives.url})
        async with Activities(world.settings) as activities, world.working(activities):
            world.post.answers["MAIL"] = LATER
            approved, asked = await world.open(), await world.open()
            with no_store(world):
                await world.tell(approved, "approve", by=REVIEWER)
                requests = [{"reason": "missing_all_poe"}]
                await world.tell(asked, "request_info", by=REVIEWER, requests=requests)
                await days_pass(world, 3, approved, asked)
                known = await world.claim(approved)
                assert (known["status"], known["consent"]) == ("Approved", "pending")
                assert known["deadline"] is None
                assert (await clocks(approved))["consent"] == "waiting"
            # The store is back; mail is not: for six days more nobody is bound by a mail.
            await days_pass(world, 6, approved, asked)
            assert (await clocks(approved))["consent"] == "waiting"
            assert (await clocks(asked))["answer"] == "waiting"
            assert (await world.claim(asked))["status"] == "Partner action required"
            world.post.answers.clear()
            mail_is_back = await world.now(approved)
            await days_pass(world, 1, approved, asked)
            known = await settled(world, approved, consent="pending")
            assert at(known["deadline"]) >= mail_is_back + 7 * DAY
            assert (await clocks(asked))["answer"] == "running"
            assert [file["state"] for file in known["evidence"]] == ["sealed"]
            # Silence is consent; the incentive engine is still down, for six days more.
            await days_pass(world, 8, approved)
            known = await world.claim(approved)
            assert known["official_since"]
            assert known["handed_off_at"] is None
            await days_pass(world, 6, approved)
            assert (await world.claim(approved))["handed_off_at"] is None
            incentives.status = "202 Accepted"
            await days_pass(world, 1, approved)
            known = await settled(world, approved, eligibility="sent")
            events = {json.loads(body)["id"] for _, body in incentives.requests}
            assert events == {f"{approved.id}.ready.1"}
            mails = [mail["Message-ID"] for mail in world.mails(approved)]
            assert len(mails) == len(set(mails))
            assert {"consent", "approved", "official", "handed_off"} <= set(world.kinds(approved))
            # The other partner had the whole of their time, and then lost by silence.
            begun = next(
                each for each in await ask(asked, "deadlines") if each["clock"] == "answer"
            )
            assert at(begun["started_at"]) >= mail_is_back - timedelta(minutes=1)
            await days_pass(world, 10, asked)
            assert (await world.claim(asked))["reasons"][0]["reason"] == "no_partner_response"
