"""Kills a worker at the boundaries of whole journeys, and compares how each ends.

    uv run python -m tests.reliability.kills [--every N] [JOURNEY …]

Each run plays one journey with one kill at one boundary, and then another worker goes on. What
the claim is in the end, its receipts, mails, events and records must be those of the run without
a kill.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import unified_diff
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from temporalio.client import Client, RPCTimeoutOrCancelledError
from temporalio.service import RPCError

from cpor import exits
from tests import engines
from tests.examples import PARTNER, REVIEWER, SYSTEM, opening
from tests.histories.stories import STORIES, Story
from tests.reliability.mortal import NEVER, SOON_MISSED, Place, started
from tests.workflows.world import DAY, Handle, World, a_world

T = TypeVar("T")
LIMIT = 180.0
AT_ONCE = 6
LIV = {"name": "Liv Ek", "email": "liv@contoso.example"}
_OF_ITS_TIME = re.compile(
    r"T\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)|(?<=\d\.)[0-9a-f]{12}(?=\")|\"seq\": \d+,? ?"
)
"""The hour of the day, the digest in an event's id, and what came before what: payments race."""


async def bounced_and_corrected(world: World, claim: Handle) -> None:
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, consent="pending", owed=[])
    notice = f"{claim.id}.consent.1.contact"
    token = world.token_of(claim, notice)
    said = {"notice_id": notice, "token": token, "detail": "550 unknown"}
    await world.tell(claim, "bounced", by=SYSTEM, **said)
    await world.until_claim(claim, consent="held", owed=[])
    await world.tell(claim, "edit", by=PARTNER, changes={"customer_contact": LIV})
    await world.confirm(claim)
    await world.until_claim(claim, consent="pending", owed=[])
    await world.pass_time(claim, 2 * DAY)
    await world.tell(claim, "withdraw", by=PARTNER, reason="other")
    await world.until_over(claim)


JOURNEYS: Mapping[str, Story] = {
    "the customer says nothing": STORIES["approved"],
    "more is asked, and never answered": STORIES["answered"],
    "the customer says no": STORIES["declined"],
    "two people of the customer are asked": STORIES["dynamics"],
    "disputed": STORIES["disputed"],
    "recalled": STORIES["ended"],
    "refused, and asked again": STORIES["held"],
    "bounced and corrected": Story(bounced_and_corrected),
    "withdrawn": STORIES["withdrawn"],
}


@dataclass(frozen=True)
class Ending:
    """What is left of a claim; the hours are left out, the days are not."""

    claim: Any
    history: Sequence[str]
    receipts: Mapping[str, Any]
    mails: Sequence[str]
    """The Message-IDs."""
    events: Mapping[str, Any]
    records: Any

    def differences(self, other: Ending) -> list[str]:
        return [
            f"{name}: {each}"
            for name, mine in vars(self).items()
            for each in _differences(mine, getattr(other, name))
        ]


def _differences(mine: Any, theirs: Any) -> list[str]:
    """Line by line, as far as they go."""
    wanted, found = (
        json.dumps(each, indent=1, sort_keys=True).splitlines() for each in (theirs, mine)
    )
    compared = unified_diff(wanted, found, n=0, lineterm="")
    return [each for each in compared if each[:3] not in _HEADS][:20]


_HEADS = ("---", "+++")


@dataclass
class PatientWorld(World):
    """Asks again while no worker is there; each message has an id, so that it may be sent again."""

    told: int = field(default=0)
    tries: int = 60

    async def tell(self, handle: Handle, name: str, **message: Any) -> dict[str, Any]:
        self.told += 1
        said = {"id": f"told-{self.told}", **message}

        async def send() -> dict[str, Any]:
            return await handle.execute_update(name, said, result_type=dict)

        return await self.patiently(send)

    async def claim(self, handle: Handle) -> dict[str, Any]:
        return await self.patiently(lambda: handle.query("claim"))

    async def history(self, handle: Handle, side: str = "reviewer") -> list[dict[str, Any]]:
        return await self.patiently(lambda: handle.query("history", {"side": side}))

    async def pass_time(self, handle: Handle, time: timedelta) -> None:
        assert await patiently(lambda: self.skipper.fast_forward(handle, time), tries=1)

    async def patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        return await patiently(ask, self.tries)


async def patiently(ask: Callable[[], Awaitable[T]], tries: int) -> T:
    while True:
        tries -= 1
        try:
            return await asyncio.wait_for(ask(), LIMIT if not tries else 5)
        except (RPCError, TimeoutError, RPCTimeoutOrCancelledError):
            if not tries:
                raise
        await asyncio.sleep(0.2)


@asynccontextmanager
async def a_patient_world(client: Client, folder: Path) -> AsyncGenerator[PatientWorld]:
    folder.mkdir(parents=True, exist_ok=True)
    async with a_world(client, folder) as world:
        yield PatientWorld(client, world.settings, world.task_queue, world.post, folder)


async def played(
    client: Client, folder: Path, journey: str, lives: Sequence[int]
) -> tuple[Ending, list[str]]:
    """One journey, and the boundaries that its workers reached.

    `lives`: at which boundary each worker dies, one after the other. The last one lives on.
    """
    log = folder / "boundaries"
    async with a_patient_world(client, folder) as world, asyncio.timeout(LIMIT):
        address = client.service_client.config.target_host
        place = Place(address, client.namespace, world.task_queue, world.settings)
        workers = [started(place, log, dies_at) for dies_at in (*lives, NEVER)[:1]]

        async def others_go_on() -> None:
            for dies_at in (*lives, NEVER)[1:]:
                while workers[-1].is_alive():
                    await asyncio.sleep(0.05)
                workers.append(started(place, log, dies_at))

        waiting = asyncio.create_task(others_go_on())
        try:
            claim_id = f"KILLED-{folder.name.upper()}-{uuid4().hex[:8].upper()}"
            world.keep_proof(claim_id)
            claim = await client.start_workflow(
                "Claim",
                args=[opening(claim_id, **JOURNEYS[journey].opening)],
                id=claim_id,
                task_queue=world.task_queue,
                task_timeout=SOON_MISSED,
            )
            await JOURNEYS[journey].goes(world, claim)
            return await ending(world, client.get_workflow_handle(claim_id), folder), reached(log)
        finally:
            waiting.cancel()
            for each in workers:
                each.kill()
                each.join(10)


def reached(log: Path) -> list[str]:
    return log.read_text().splitlines() if log.exists() else []


async def ending(world: PatientWorld, claim: Handle, folder: Path) -> Ending:
    known = await world.claim(claim)
    entries = await world.history(claim)
    record = json.loads((folder / f"store/records/{claim.id}/record.json").read_text())
    found = Ending(
        claim=known,
        history=sorted(
            json.dumps([each["what"], each["by"], each["text"], each["changes"]])
            for each in entries
        ),
        receipts={f"{each['role']} {each['id']}": each for each in record["receipts"]},
        mails=sorted({mail["Message-ID"].strip() for mail in world.mails(claim)}),
        events={
            each["id"]: each
            for each in (json.loads(file.read_text()) for file in world.outbox.glob("*"))
        },
        records={name: record[name] for name in ("status", "consent", "eligibility", "events")},
    )
    mails_by_notice = [mail.partition("+")[0] for mail in found.mails]
    assert len(set(mails_by_notice)) == len(mails_by_notice), "one notice under two Message-IDs"
    return _without_what_differs(found, claim.id)


def _without_what_differs(found: Ending, claim_id: str) -> Ending:
    """Each run has a claim of its own, at another hour."""

    def plain(value: Any) -> Any:
        text = json.dumps(value, sort_keys=True).replace(claim_id, "CLAIM")
        return json.loads(_OF_ITS_TIME.sub("", text))

    known = plain(found.claim)
    return Ending(
        claim=known,
        history=plain(found.history),
        receipts=plain(found.receipts),
        mails=[plain(mail.partition("+")[0]) for mail in found.mails],
        events=plain(found.events),
        records=plain(found.records),
    )


@dataclass
class Report:
    kills: int = 0
    wrong: list[str] = field(default_factory=list[str])


async def compared(
    client: Client, folder: Path, journey: str, undisturbed: Ending, lives: Sequence[int]
) -> Report:
    """One journey with these kills; what it left otherwise, if anything."""
    try:
        found, log = await played(client, folder, journey, lives)
        wrong = found.differences(undisturbed)
    except Exception as error:
        log, wrong = reached(folder / "boundaries"), [f"{type(error).__name__}: {error}"]
    died = [log[place - 1] for place, name in enumerate(log) if name == "killed"]
    told = [f"{journey}, killed at {', '.join(map(repr, died))}:", *wrong]
    return Report(len(died), ["\n  ".join(told)] if wrong else [])


async def each_alone(
    client: Client, folder: Path, journeys: Sequence[str], every: int, tell: Callable[[str], None]
) -> Report:
    """Every Nth boundary of each journey, in a run of its own."""
    whole, places = Report(), asyncio.Semaphore(AT_ONCE)

    async def killed(journey: str, undisturbed: Ending, number: int) -> Report:
        async with places:
            place = folder / f"{[*JOURNEYS].index(journey)}-{number}"
            return await compared(client, place, journey, undisturbed, [number])

    for journey in journeys:
        place = folder / f"{[*JOURNEYS].index(journey)}-undisturbed"
        undisturbed, log = await played(client, place, journey, [])
        runs = (killed(journey, undisturbed, number) for number in range(1, len(log) + 1, every))
        reports = await asyncio.gather(*runs)
        kills = sum(each.kills for each in reports)
        whole.kills += kills
        whole.wrong += [wrong for each in reports for wrong in each.wrong]
        tell(f"{journey}: {len(log)} boundaries, {kills} kills")
    return whole


async def main(journeys: Sequence[str], every: int) -> int:
    def tell(text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    with tempfile.TemporaryDirectory() as folder:
        async with engines.that_skips_time() as client:
            report = await each_alone(client, Path(folder), journeys, every, tell)
    tell(f"{report.kills} kills, {len(report.wrong)} ended otherwise")
    for each in report.wrong:
        tell(each)
    return 1 if report.wrong else 0


if __name__ == "__main__":
    parser = ArgumentParser(prog="tests.reliability.kills")
    parser.add_argument("journeys", nargs="*", metavar="JOURNEY", help=", ".join(JOURNEYS))
    parser.add_argument("--every", type=int, default=1, help="kill at every Nth boundary")
    wanted = parser.parse_args()
    if unknown := [each for each in wanted.journeys if each not in JOURNEYS]:
        parser.error(f"{unknown[0]!r} is no journey; there are: {', '.join(JOURNEYS)}")
    exits.run(main(wanted.journeys or [*JOURNEYS], max(1, wanted.every)))
