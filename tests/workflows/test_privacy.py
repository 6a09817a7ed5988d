"""What stands in mails and settings stays there: not in the engine's history, not in the log."""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import AsyncIterator, Iterator
from email.message import EmailMessage
from typing import cast

import pytest
from pydantic import SecretStr

from activities import Activities
from cpor.links import Invitation, SignedLinks
from tests.examples import OPERATOR, PARTNER, REVIEWER
from tests.workflows.world import DAY, Handle, World

QUEUE, LEAD, OPERATORS, KIM, SENDER, REPLIES = (
    f"{name}@vendor-of-the-test.example"
    for name in ("queue", "lead", "operators", "kim", "sender", "replies")
)
ADDRESSES = (QUEUE, LEAD, OPERATORS, KIM, SENDER, REPLIES)
FROM_THE_SETTINGS = {
    "reviewers_email": f"The queue <{QUEUE}>",
    "lead_email": f"The lead <{LEAD}>",
    "operators_email": f"The operators <{OPERATORS}>",
    "reviewer_emails": {"kim": f"Kim Kimsson <{KIM}>"},
    "sender": f"Sender of mails <{SENDER}>",
    "reply_to": REPLIES,
    "decline_url": "https://decline-page.example",
    "link_secret": SecretStr("a-secret-of-the-tests-that-is-long-enough"),
}
THE_MAIL_SERVERS_OWN = ("mail.log",)


@pytest.fixture
async def distinct_world(idle_world: World) -> AsyncIterator[World]:
    """A world whose settings hold nothing that stands anywhere else."""
    idle_world.settings = idle_world.settings.model_copy(update=FROM_THE_SETTINGS)
    async with Activities(idle_world.settings) as activities, idle_world.working(activities):
        yield idle_world


async def lived(world: World) -> Handle:
    """From submission by way of a comment to an approval that nobody has heard of in 30 days."""
    world.post.refuses["lars@contoso.example"] = f"550 5.1.1 {LEAD} told {QUEUE}: no such person"
    claim = await world.open()
    await world.tell(claim, "start_review", by=REVIEWER)
    await world.pass_time(claim, 20 * DAY)
    await world.tell(claim, "comment", by=PARTNER, text="Page 3 names Teams.")
    await world.until_claim(claim, owed=[])
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, consent="held", owed=[])
    await world.pass_time(claim, 31 * DAY)
    world.post.refuses.clear()
    await world.tell(claim, "retry", by=OPERATOR)
    await world.until_claim(claim, consent="pending", owed=[])
    return claim


async def everything_in_the_history(claim: Handle) -> str:
    """Of each event all that it says, in the words it was said in before it was encoded."""
    history = (await claim.fetch_history()).to_json_dict()
    return "\n".join(_decoded(history["events"]))


def _decoded(found: object) -> Iterator[str]:
    if isinstance(found, dict):
        fields = cast("dict[str, object]", found)
        if "metadata" in fields and isinstance(data := fields.get("data"), str):
            yield base64.b64decode(data).decode("utf-8", "replace")
        else:
            yield from _decoded(list(fields.values()))
    elif isinstance(found, list):
        for each in cast("list[object]", found):
            yield from _decoded(each)
    else:
        yield str(found)


def sentences(mail: EmailMessage) -> set[str]:
    """The lines of a mail that are long enough to be nobody's but its own."""
    bodies = [mail.get_body((kind,)) for kind in ("plain", "html")]
    text = "\n".join(body.get_content() for body in bodies if body is not None)
    return {line.strip() for line in text.splitlines() if len(line.strip()) > 40}


async def test_no_mail_no_link_and_no_address_of_the_settings_leaves_the_worker(
    distinct_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    world = distinct_world
    claim = await lived(world)

    reached = {str(mail["To"].addresses[0].addr_spec) for mail in world.mails(claim)}
    assert reached >= {QUEUE, LEAD, OPERATORS, KIM}, "else this test would show nothing"
    links = SignedLinks.of(world.settings)
    assert links is not None
    link = links.decline(Invitation(claim.id, 2, "contact"))
    (asked,) = world.mails(claim, "consent")
    assert link in asked.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # else it fails too

    history = await everything_in_the_history(claim)
    assert "Page 3 names Teams." in history, "what was said to the claim is decoded"
    log = "\n".join(
        record.getMessage()
        for record in caplog.records
        if not record.name.startswith(THE_MAIL_SERVERS_OWN)
    )
    assert f"notice {claim.id}.consent.2.contact accepted" in log
    for place in (history, log):
        assert [each for each in ADDRESSES if each in place] == []
        assert not re.search(r"The queue|Kim Kimsson|decline-page|vendor-of-the-test", place)
        assert link.rpartition("-")[2] not in place
        for mail in world.mails(claim):
            assert {line for line in sentences(mail) if line in place} == set()
    for name in ("lars@", "ada@", "Page 3 names Teams.", "Lars Ek", "Ada Berg"):
        assert name not in log
