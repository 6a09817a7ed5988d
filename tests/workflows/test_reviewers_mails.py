"""Each reviewer's mail where the settings say; what they name goes into no claim."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from activities import Activities
from tests.examples import OPERATOR, PARTNER, REVIEWER
from tests.workflows.world import World

KIM = "kim.has.an.address@vendor.example"


@pytest.fixture
async def world_with_kim(idle_world: World) -> AsyncIterator[World]:
    """Of all reviewers only Kim has an address."""
    own = {"kim": f"Kim <{KIM}>"}
    settings = idle_world.settings.model_copy(update={"reviewer_emails": own})
    async with Activities(settings) as activities, idle_world.working(activities):
        yield idle_world


async def test_queue_and_reviewer_get_a_mail_each(world_with_kim: World) -> None:
    world = world_with_kim
    claim = await world.open()
    await world.tell(claim, "start_review", by=REVIEWER)
    await world.tell(claim, "comment", by=PARTNER, text="Page 3 names Teams.")
    await world.until_claim(claim, owed=[])
    commented = world.mails(claim, "commented")
    assert sorted(str(mail["To"]) for mail in commented) == [
        f"Kim <{KIM}>",
        "Reviewers <reviewers@cpor.example>",
    ]
    assert {mail["Message-ID"].strip().partition("+")[0] for mail in commented} == {
        f"<{claim.id}.commented.1.reviewer",
        f"<{claim.id}.commented.1.reviewers",
    }
    assert [str(mail["To"]) for mail in world.mails(claim, "to_review")] == [
        "Reviewers <reviewers@cpor.example>"
    ]


async def test_a_reviewer_without_an_address_is_reached_by_the_queue(world_with_kim: World) -> None:
    world = world_with_kim
    claim = await world.open()
    await world.tell(claim, "assign", by=OPERATOR, reviewer="lee")
    await world.tell(claim, "comment", by=PARTNER, text="Page 3 names Teams.")
    await world.until_claim(claim, owed=[])
    assert len(world.mails(claim, "commented")) == 1


async def test_the_queue_is_told_though_the_reviewer_is_not_there(world_with_kim: World) -> None:
    world = world_with_kim
    world.post.refuses[KIM] = "550 5.1.1 no such person"
    claim = await world.open()
    await world.tell(claim, "start_review", by=REVIEWER)
    await world.tell(claim, "comment", by=PARTNER, text="Page 3 names Teams.")

    async def parked() -> list[str]:
        owed = (await world.claim(claim))["owed"]
        return [debt["id"] for debt in owed if debt["state"] == "parked"]

    assert await world.until(parked) == [f"{claim.id}.commented.1.reviewer"]
    assert len(world.mails(claim, "commented")) == 1
    world.post.refuses.clear()
    await world.tell(claim, "retry", by=OPERATOR)
    await world.until_claim(claim, owed=[])
    assert len(world.mails(claim, "commented")) == 2
