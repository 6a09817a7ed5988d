"""Kills one part of the stack after the other, in an order and with pauses that a seed decides."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from cpor.client.errors import PortalError
from tests.stack.lives import JOURNEYS, PATIENCE, Life, Lost
from tests.stack.parts import Part
from tests.stack.people import People
from tests.stack.running import OURS
from tests.stack.services import DATABASE, MAIL, STORE, TEMPORAL

EVERYTHING = (TEMPORAL, DATABASE, STORE, MAIL, *OURS)


@dataclass
class Report:
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


async def killing(
    people: People, victims: Sequence[str], seconds: float, seed: int, report: Report
) -> None:
    """For so long; all are up again when this returns."""
    dice, over = Random(f"{seed}: kills"), asyncio.get_running_loop().time() + seconds
    parts, starting = people.stack.parts, dict[str, asyncio.Task[None]]()
    while asyncio.get_running_loop().time() < over:
        await asyncio.sleep(dice.uniform(1, 6))
        victim = dice.choice(victims)
        if victim in starting:
            await starting.pop(victim)
        await parts[victim].kill()
        report.kills[victim] += 1
        starting[victim] = asyncio.create_task(_started_after(dice.uniform(0, 4), parts[victim]))
    await asyncio.gather(*starting.values())
    report.falls.update({name: part.falls for name, part in parts.items()})


async def _started_after(pause: float, part: Part) -> None:
    await asyncio.sleep(pause)
    await part.start()


async def lived(
    people: People,
    at_once: int,
    seed: int,
    goes_on: Callable[[int], bool],
    report: Report,
) -> list[Life]:
    """So many at once, one after the other, as long as it goes on; each kind of life in turn."""
    lives: list[Life] = []
    kinds = [*JOURNEYS]

    async def one_after_the_other() -> None:
        while len(lives) < at_once or goes_on(len(lives)):
            journey = kinds[len(lives) % len(kinds)]
            claim_id = f"LIFE-{len(lives):05}"
            life = Life(people, claim_id, Random(f"{seed}: {claim_id}"), JOURNEYS[journey])
            lives.append(life)
            report.claims[journey.__name__] += 1
            try:
                await life.opened()
                await journey(life)
            except Lost as lost:
                report.lost.append(f"{claim_id}: {lost} for {PATIENCE:.0f} s")
            except PortalError as error:
                report.wrong.append(f"{claim_id}, {journey.__name__}: {error}")

    await asyncio.gather(*(one_after_the_other() for _ in range(at_once)))
    return lives


async def compare(people: People, lives: Sequence[Life], report: Report) -> None:
    """Each claim ended as it must, each message was done once, each notice has one Message-ID."""
    for life in lives:
        try:
            misfits = await _misfits(people, life)
        except PortalError as error:
            misfits = [str(error)]
        report.wrong += [f"{life.claim_id}: {each}" for each in misfits]
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
