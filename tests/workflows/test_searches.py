"""The ten searches of docs/operating.md, each run as it stands there among claims in all states."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path

from tests.examples import OPERATOR, PARTNER, REVIEWER, opening
from tests.rules.play import NEEDS
from tests.workflows.world import DAY, Handle, World

OPERATING = Path(__file__).parents[2] / "docs/operating.md"
NUMBERED = re.compile(r"^\d+\. \[([^]]+)]\([^)]*\)(?: \([^)]*\))?:\n\n {7,8}(\S.*)$", re.M)
SEARCHES: dict[str, str] = dict(NUMBERED.findall(OPERATING.read_text("utf-8")))
NOT_THERE = "550 5.1.1 no such person"
ELSEWHERE = "0a0a0a0a-8c0b-4f3c-9d2a-0b8f6f1f7a11"
WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)
PACIFIC = timezone(timedelta(hours=-8))
LONG = {"business_days": 30, "why": "So that nothing else is due that day."}


def test_there_are_ten() -> None:
    assert len(SEARCHES) == 10


async def test_each_search_finds_just_the_claims_it_is_for(world: World) -> None:
    claims = await in_all_states(world)
    soon = await deadline_of(world, claims["asked"])
    today = await deadline_of(world, claims["more time"])
    dates = {
        "The partner must answer within two days": [soon + SECOND],
        "Due today": [today - DAY + SECOND, today + SECOND],
    }
    wanted = {
        "Overdue reviews": ["overdue"],
        "The partner must answer within two days": ["asked"],
        "Due today": ["more time"],
        "Waiting for a customer": ["approved"],
        "The customer cannot be reached": ["unreached"],
        "Debts that are late or parked": ["owing"],
        "All claims about a tenant, ended ones too": sorted({*claims} - {"elsewhere"}),
        "All claims of a partner, ended ones too": sorted({*claims} - {"elsewhere"}),
        "What waits for a reviewer": ["reviewing"],
        "Submitted, and nobody has them yet": ["elsewhere", "overdue", "owing"],
    }
    found: dict[str, list[str]] = {}

    async def all_is_found() -> bool:
        for title, query in SEARCHES.items():
            found[title] = await names_of(world, claims, with_own(dates.get(title, []), query))
        return found == wanted

    try:
        await world.until(all_is_found)
    except TimeoutError:
        assert found == wanted


async def in_all_states(world: World) -> dict[str, Handle]:
    """One claim for each state that a search tells from others."""
    names = ("overdue", "reviewing", "asked", "more time", "approved", "official", "withdrawn")
    claims = {name: await world.open() for name in names}
    claims["unreached"] = await world.open(customer=somebody_else("customer", world))
    claims["owing"] = await world.open(partner=somebody_else("partner", world))
    claims["elsewhere"] = await world.open(
        partner={**opening()["partner"], "mpn_id": "7654321"},
        customer={**opening()["customer"], "tenant_id": ELSEWHERE},
    )
    for claim in claims.values():
        await world.until_claim(claim, edition="2020")
    for name, said in {
        "reviewing": ["start_review"],
        "asked": ["request_info"],
        "more time": ["request_info", "extend"],
        "approved": ["approve"],
        "official": ["approve"],
        "unreached": ["approve"],
        "withdrawn": ["withdraw"],
    }.items():
        for message in said:
            more = LONG if message == "extend" else NEEDS.get(message, {})
            await world.tell(claims[name], message, by=SAYS[message], **more)
    await world.until_claim(claims["official"], consent="pending", owed=[])
    await world.pass_time(claims["official"], WEEK + DAY)
    await world.pass_time(claims["overdue"], 2 * WEEK)
    return claims


SAYS = {
    "start_review": REVIEWER,
    "request_info": REVIEWER,
    "approve": REVIEWER,
    "extend": OPERATOR,
    "withdraw": PARTNER,
}


def somebody_else(side: str, world: World) -> dict[str, object]:
    """Whose address the mail server does not know."""
    party = opening()[side]
    email = f"nobody@{side}.example"
    world.post.refuses[email] = NOT_THERE
    known = {"domain": "customer.example"} if side == "customer" else {}
    return {**party, **known, "contact": {**party["contact"], "email": email}}


async def deadline_of(world: World, claim: Handle) -> datetime:
    await world.until_claim(claim, owed=[])
    return datetime.fromisoformat((await world.claim(claim))["deadline"]).astimezone(PACIFIC)


def with_own(dates: list[datetime], query: str) -> str:
    """As a reader would put in dates."""
    there = re.findall(r'"\d{4}-[^"T]+T[^"]+"', query)
    for instant, date in zip(there, dates, strict=True):
        query = query.replace(instant, f'"{date.isoformat()}"')
    return query


async def names_of(world: World, claims: dict[str, Handle], query: str) -> list[str]:
    """Beside them the engine has the claims of other tests; one found twice is named twice."""
    by_id = {claim.id: name for name, claim in claims.items()}
    found = [each.id async for each in world.client.list_workflows(query)]
    return sorted(by_id[claim_id] for claim_id in found if claim_id in by_id)
