"""What claims go through, each way once: a release keeps these as histories."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.examples import CUSTOMER, OPERATOR, PARTNER, REVIEWER, SYSTEM, dynamics_opening, without
from tests.workflows.world import DAY, Handle, World

LARS = "lars@contoso.example"
LEE = {"role": "reviewer", "id": "lee"}
NO = json.dumps({"answer": "no", "problems": ["The domain does not belong to the tenant."]})


@dataclass(frozen=True)
class Outside:
    """Who is there to be asked or told over HTTP, by the setting that names the address."""

    setting: str
    status: str
    body: str = ""


@dataclass(frozen=True)
class Story:
    goes: Callable[[World, Handle], Awaitable[None]]
    opening: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What is other than in the usual example."""
    outside: Outside | None = None


async def approved(world: World, claim: Handle) -> None:
    """From submission to an association that lasts: two runs."""
    await claim.signal("comment", {"by": REVIEWER, "text": "Looks good. " * 9, "internal": True})
    await world.tell(claim, "start_review", by=REVIEWER)
    await official(world, claim)
    await world.tell(claim, "eligibility_result", by=SYSTEM, outcome="eligible")
    await world.until_claim(claim, eligibility="eligible", owed=[])


async def shaken(world: World, claim: Handle) -> None:
    """A sign that Python 3.11 does not know: it must not matter who replays it."""
    text = "What a day \U0001fae8"
    await claim.signal("comment", {"by": PARTNER, "text": text})
    await world.tell(claim, "comment", by=REVIEWER, text=text)
    await claim.signal("\U0001fae8", {"by": PARTNER})
    await world.tell(claim, "withdraw", by=PARTNER, reason="other", note=text)
    await world.until_over(claim)


async def ended(world: World, claim: Handle) -> None:
    """An official claim, ended by its partner; the hand-off is recalled."""
    await official(world, claim)
    await world.tell(claim, "disassociate", by=PARTNER, reason="We part ways.")
    await world.until_over(claim)


async def disputed(world: World, claim: Handle) -> None:
    await world.tell(claim, "reject", by=REVIEWER, reasons=[{"reason": "insufficient_poe"}])
    await world.until_claim(claim, owed=[])
    await world.pass_time(claim, 3 * DAY)
    await world.tell(claim, "dispute", by=PARTNER, justification="Page 3 names the product.")
    await world.tell(claim, "assign", by=OPERATOR, reviewer="lee")
    await world.tell(claim, "reject", by=LEE, reasons=[{"reason": "insufficient_poe"}])
    await world.until_over(claim)


async def answered(world: World, claim: Handle) -> None:
    """A question and its answer, another one, and nobody who answers that."""
    asked = [{"reason": "missing_products", "product": "Teams"}]
    await world.tell(claim, "request_info", by=REVIEWER, requests=asked)
    await world.pass_time(claim, 2 * DAY)
    await world.tell(claim, "extend", by=OPERATOR, business_days=3, why="Away.")
    await world.tell(claim, "submit", by=PARTNER, comment="See page 3.")
    await world.tell(claim, "request_info", by=REVIEWER, requests=asked)
    await world.until_over(claim)


async def withdrawn(world: World, claim: Handle) -> None:
    """A draft that is worked on and given up, with messages that nobody can take."""
    await world.tell(claim, "edit", by=PARTNER, changes={"name": "Teams at Contoso"})
    await claim.signal("approve", {"by": PARTNER})
    await claim.signal("nonsense", args=[1, 2])
    await claim.cancel()
    await world.pass_time(claim, 40 * DAY)
    await world.tell(claim, "submit", by=PARTNER)
    await world.tell(claim, "withdraw", by=PARTNER, reason="other")
    await world.until_over(claim)


async def declined(world: World, claim: Handle) -> None:
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, consent="pending", owed=[])
    await world.pass_time(claim, DAY)
    await world.tell(claim, "decline", by=CUSTOMER)
    await world.until_over(claim)


async def late(world: World, claim: Handle) -> None:
    """The customer's mail server takes nothing for three days; then all goes its way."""
    world.post.refuses[LARS] = "451 4.3.0 come back later"
    await world.tell(claim, "approve", by=REVIEWER)
    await world.pass_time(claim, 3 * DAY)
    world.post.refuses.clear()
    await world.pass_time(claim, DAY)
    await world.until_claim(claim, consent="pending", owed=[])
    await world.tell(claim, "decline", by=CUSTOMER)
    await world.until_over(claim)


async def held(world: World, claim: Handle) -> None:
    """The customer's address is refused for good, then asked anew."""
    world.post.refuses[LARS] = "550 5.1.1 no such person"
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, consent="held", owed=[])
    world.post.refuses.clear()
    await world.tell(claim, "retry", by=OPERATOR)
    await world.until_claim(claim, consent="pending", owed=[])
    await world.tell(claim, "withdraw", by=PARTNER, reason="other")
    await world.until_over(claim)


async def told(world: World, claim: Handle) -> None:
    """The vendor's portal hears of each change."""
    await world.until_claim(claim, owed=[])
    await world.tell(claim, "withdraw", by=PARTNER, reason="other")
    await world.until_over(claim)


async def unknown(world: World, claim: Handle) -> None:
    """The vendor's directory says no."""
    await world.until_claim(claim, status="Editing", owed=[])
    await world.tell(claim, "withdraw", by=PARTNER, reason="other")
    await world.until_over(claim)


async def dynamics(world: World, claim: Handle) -> None:
    """Two people of the customer are asked, under the rules of 2023."""
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, consent="pending", owed=[])
    await world.tell(claim, "decline", by=CUSTOMER)
    await world.until_over(claim)


async def official(world: World, claim: Handle) -> None:
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, consent="pending", owed=[])
    await world.pass_time(claim, 10 * DAY)
    await world.until_claim(claim, eligibility="sent", owed=[])


STORIES: Mapping[str, Story] = {
    "approved": Story(approved),
    "shaken": Story(shaken),
    "ended": Story(ended),
    "disputed": Story(disputed),
    "answered": Story(answered),
    "withdrawn": Story(withdrawn, {"submit": False}),
    "declined": Story(declined),
    "late": Story(late),
    "held": Story(held),
    "dynamics": Story(dynamics, {"edition": "2023", **without(dynamics_opening(), "claim_id")}),
    "told": Story(told, outside=Outside("portal_events_url", "202 Accepted")),
    "unknown": Story(unknown, outside=Outside("directory_url", "200 OK", NO)),
}
