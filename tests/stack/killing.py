"""Kills one part of the stack after the other, in an order and with pauses that a seed decides."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from random import Random
from time import monotonic

from cpor.client.errors import PortalError
from tests.stack.lives import JOURNEYS, Life
from tests.stack.parts import Part
from tests.stack.people import People
from tests.stack.running import OURS
from tests.stack.services import DATABASE, MAIL, STORE, TEMPORAL

AT_ONCE = 16
"""So many claims are asked how they ended."""
AFTERWARDS = 600.0
"""Seconds in which all claims come to their ends once nothing is killed any more."""
MOST_DOWN = 2
"""So many parts at a time, beside those that fell because of them."""
TOLD_EVERY = 60.0
SHOWN = 3
"""So many of the claims that wait are shown, the longest first."""
Tell = Callable[[str], None]
EVERYTHING = (TEMPORAL, DATABASE, STORE, MAIL, *OURS)


@dataclass
class Report:
    lives: list[Life] = field(default_factory=list[Life])
    kills: Counter[str] = field(default_factory=Counter[str])
    claims: Counter[str] = field(default_factory=Counter[str])
    falls: Counter[str] = field(default_factory=Counter[str])
    """Parts that ended by themselves, since another had died, and were started again."""
    lost: list[str] = field(default_factory=list[str])
    wrong: list[str] = field(default_factory=list[str])
    mails: int = 0
    copies: int = 0
    """Mails that came once more, under the same Message-ID."""

    def __str__(self) -> str:
        def each(counted: Counter[str]) -> str:
            found = ((name, count) for name, count in sorted(counted.items()) if count)
            return ", ".join(f"{name} {count}" for name, count in found)

        told = (
            f"{self.kills.total()} kills ({each(self.kills)}), and "
            f"{each(self.falls) or 'nothing'} ended by itself; "
            f"{self.claims.total()} claims ({each(self.claims)}): {len(self.lost)} lost, "
            f"{len(self.wrong)} ended otherwise; {self.mails} mails, {self.copies} of them came "
            "once more, under the same Message-ID"
        )
        return "\n".join([told, *self.lost, *self.wrong])


async def lived_through_kills(
    people: People,
    victims: Sequence[str],
    seconds: float,
    claims: Claims,
    report: Report,
    tell: Tell,
) -> None:
    """Claims go their ways while the victims are killed, and come to their ends afterwards."""
    kills = asyncio.create_task(killing(people, victims, seconds, claims.seed, report))
    lives = asyncio.create_task(lived(people, claims, kills, report))
    telling = asyncio.create_task(_told_again_and_again(report, tell))
    tasks = {kills, lives}
    try:
        await asyncio.wait(tasks, timeout=seconds + AFTERWARDS, return_when=asyncio.FIRST_EXCEPTION)
        report.lost += [f"{each.claim_id}: {each.wait}" for each in report.lives if not each.ended]
        for task in tasks:
            if task.done():
                await task
        assert kills.done(), "a part that was killed did not start again"
    finally:
        for task in (*tasks, telling):
            task.cancel()
        await asyncio.wait({*tasks, telling})
    report.falls.update({name: part.falls for name, part in people.stack.parts.items()})


async def killing(
    people: People, victims: Sequence[str], seconds: float, seed: int, report: Report
) -> None:
    """For so long; all are up again when this returns.

    On a slow machine it kills less often: else nothing would ever be up there.
    """
    dice, over = Random(f"{seed}: kills"), monotonic() + seconds
    parts, starting = people.stack.parts, dict[str, asyncio.Task[None]]()
    while monotonic() < over:
        await asyncio.sleep(dice.uniform(1, 6))
        while len(down := [each for each in starting.values() if not each.done()]) >= MOST_DOWN:
            await asyncio.wait(down, return_when=asyncio.FIRST_COMPLETED)
        for part in parts.values():
            part.check()
        victim = dice.choice(victims)
        if victim in starting:
            await starting.pop(victim)
        await parts[victim].kill()
        report.kills[victim] += 1
        starting[victim] = asyncio.create_task(_started_after(dice.uniform(0, 4), parts[victim]))
    await asyncio.gather(*starting.values())


async def _started_after(pause: float, part: Part) -> None:
    await asyncio.sleep(pause)
    await part.start()


async def _told_again_and_again(report: Report, tell: Tell) -> None:
    while True:
        await asyncio.sleep(TOLD_EVERY)
        waiting = [life for life in report.lives if life.wait and not life.ended]
        tell(
            f"{report.kills.total()} kills, {len(report.lives)} claims, "
            f"{len(waiting)} of them wait for an answer"
        )
        longest = sorted(waiting, key=lambda life: life.wait.since if life.wait else 0)
        for life in longest[:SHOWN]:
            tell(f"  {life.claim_id}: {life.wait}")


@dataclass(frozen=True)
class Claims:
    """So many at once, each kind of life in turn, as long as parts are killed."""

    at_once: int
    seed: int
    most: float = float("inf")


async def lived(people: People, claims: Claims, kills: asyncio.Task[None], report: Report) -> None:
    lives, kinds = report.lives, [*JOURNEYS]

    async def one_after_the_other() -> None:
        while len(lives) < claims.at_once or (len(lives) < claims.most and not kills.done()):
            journey = kinds[len(lives) % len(kinds)]
            claim_id = f"LIFE-{len(lives):05}"
            life = Life(people, claim_id, Random(f"{claims.seed}: {claim_id}"), JOURNEYS[journey])
            lives.append(life)
            report.claims[journey.__name__] += 1
            try:
                await life.opened()
                await journey(life)
            except PortalError as error:
                report.wrong.append(f"{claim_id}, {journey.__name__}: {error}")
            life.ended = True

    await asyncio.gather(*(one_after_the_other() for _ in range(claims.at_once)))


async def compare(people: People, report: Report) -> None:
    """Each claim ended as it must, each message was done once, each notice has one Message-ID."""
    places = asyncio.Semaphore(AT_ONCE)

    async def misfits(life: Life) -> list[str]:
        async with places:
            try:
                found = await _misfits(people, life)
            except PortalError as error:
                found = [str(error)]
        return [f"{life.claim_id}: {each}" for each in found]

    report.wrong += chain.from_iterable(await asyncio.gather(*map(misfits, report.lives)))
    ids = Counter(mail["MessageID"] for mail in await people.stack.mails())
    report.mails, report.copies = ids.total(), ids.total() - len(ids)
    notices = Counter(message_id.partition("+")[0] for message_id in ids)
    report.wrong += [f"{each}: two Message-IDs" for each, count in notices.items() if count > 1]
    entered = Counter(event["id"] for event in people.stack.entered())
    report.wrong += [f"{each}: entered twice" for each, count in entered.items() if count > 1]


async def _misfits(people: People, life: Life) -> list[str]:
    claims, wanted = people.portal, life.ending
    known = await claims.claim(life.claim_id)
    done = Counter(entry.what for entry in await claims.history(life.claim_id))
    events = [each for each in people.events_of(life.claim_id) if ".ready." in each]
    found: dict[str, tuple[object, object]] = {
        "status": (known.status.value, wanted.status),
        "consent": (known.consent, wanted.consent),
        "hand-offs": (len(events), wanted.events),
        **{name: (done[name], count) for name, count in Counter(wanted.said).items()},
    }
    for message_id, name in life.told.items():
        receipt = await claims.receipt(life.claim_id, message_id)
        found[f"receipt of {name}"] = (receipt and receipt.outcome, "accepted")
    return [f"{what}: {is_} and not {must}" for what, (is_, must) in found.items() if is_ != must]
