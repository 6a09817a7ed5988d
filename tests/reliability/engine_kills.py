"""Kills the engine at random on its SQLite file, with claims in flight, and counts what is lost.

    uv run python -m tests.reliability.engine_kills [--kills 50] [--claims 30] [--seed 7]

The worker lives on. After each kill the engine starts again on the same file and port. People say
what they have to say again, under the same ids, until they are answered.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
from argparse import ArgumentParser
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from temporalio.client import RPCTimeoutOrCancelledError
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from activities import Activities
from cpor import engine, exits
from tests.engines import connected, quiet, registered
from tests.examples import CUSTOMER, PARTNER, REVIEWER, opening
from tests.workflows.world import World, a_world

PATIENCE = 300.0
"""Seconds after the last kill in which each claim must end; before, nobody gives up."""
ASKED = [{"reason": "missing_all_poe"}]
SAID: Sequence[tuple[str, dict[str, Any]]] = (
    ("start_review", {"by": REVIEWER}),
    ("comment", {"by": PARTNER, "text": "Page 3 names the product."}),
    ("request_info", {"by": REVIEWER, "requests": ASKED}),
    ("submit", {"by": PARTNER}),
    ("approve", {"by": REVIEWER}),
    ("decline", {"by": CUSTOMER}),
)


OF_THE_OPENING = "submit"
"""Opened with it, a claim has been submitted once already."""


@dataclass
class Report:
    kills: int = 0
    claims: int = 0
    lost: list[str] = field(default_factory=list[str])
    wrong: list[str] = field(default_factory=list[str])
    copies: int = 0
    """Mails that came once more, with the same Message-ID."""

    def __str__(self) -> str:
        told = (
            f"{self.kills} kills of the engine, {self.claims} claims: {len(self.lost)} lost, "
            f"{len(self.wrong)} ended otherwise; {self.copies} mails came twice, "
            "each under the same Message-ID"
        )
        return "\n".join([told, *self.lost, *self.wrong])


async def insisted(ask: Callable[[], Awaitable[Any]]) -> Any:
    """Asked again until there is an answer."""
    while True:
        try:
            return await asyncio.wait_for(ask(), 10)
        except (RPCError, RPCTimeoutOrCancelledError, TimeoutError):
            await asyncio.sleep(0.3)


async def lived(world: World, claim_id: str, dice: Random) -> None:
    """One life: submitted, asked about, answered, approved, declined."""
    world.keep_proof(claim_id)

    async def start() -> None:
        try:
            await world.start(claim_id, opening(claim_id))
        except WorkflowAlreadyStartedError:
            return  # it arrived, and its answer did not

    await insisted(start)
    claim = world.client.get_workflow_handle(claim_id)
    for number, (name, said) in enumerate(SAID):
        await asyncio.sleep(dice.uniform(0, 2))
        message = {"id": f"m-{number}", **said}
        await insisted(lambda name=name, m=message: claim.execute_update(name, m, result_type=dict))
    await insisted(claim.result)


@asynccontextmanager
async def an_engine(data: Path, port: int) -> AsyncGenerator[engine.Engine]:
    def quietly(_: str) -> None:
        """Nothing is said of each start."""

    async with engine.running(data=data, port=port, ui_port=None, tell=quietly) as running:
        yield running


async def killed(folder: Path, kills: int, claims: int, seed: int) -> Report:
    dice, report, data = Random(seed), Report(), folder / "temporal.db"
    ends, ready = asyncio.Event(), asyncio.get_running_loop().create_future()

    async def engines() -> None:
        port = 0
        for number in range(kills + 1):
            async with an_engine(data, port) as running:
                address, _, text = running.address.rpartition(":")
                assert port in (0, int(text)), f"the engine is at another port of {address} now"
                port = int(text)
                if not ready.done():
                    ready.set_result(running.address)
                if number == kills:
                    ends.set()
                    await asyncio.Event().wait()
                await asyncio.sleep(dice.uniform(2, 8))
                os.kill(running.pids["server"], signal.SIGKILL)
                report.kills += 1
                await asyncio.wait({running.died}, timeout=30)

    engine_runs = asyncio.create_task(engines())
    try:
        async with asyncio.timeout(60):
            await asyncio.wait({engine_runs, ready}, return_when=asyncio.FIRST_COMPLETED)
            address = await ready
        client = await connected(address, quiet())
        await insisted(lambda: registered(client))
        async with a_world(client, folder) as world:
            async with Activities(world.settings) as activities, world.working(activities):
                await _in_flight(world, claims, ends, dice, report, engine_runs)
            _compare(world, folder, report)
    finally:
        engine_runs.cancel()
        await asyncio.wait({engine_runs})
    return report


async def _in_flight(
    world: World,
    claims: int,
    ends: asyncio.Event,
    dice: Random,
    report: Report,
    engine_runs: asyncio.Task[None],
) -> None:
    """So many at once, one after the other, until the engine has been killed often enough."""

    async def one_after_the_other(place: int) -> None:
        number = 0
        while number == 0 or not ends.is_set():
            claim_id, number = f"FLIGHT-{place:02}-{number:03}", number + 1
            report.claims += 1
            living.add(claim_id)
            await lived(world, claim_id, Random(f"{claim_id}{dice.random()}"))
            living.remove(claim_id)

    living: set[str] = set()
    lives = asyncio.gather(*(one_after_the_other(place) for place in range(claims)))
    killing = asyncio.create_task(ends.wait())
    await asyncio.wait({killing, lives, engine_runs}, return_when=asyncio.FIRST_COMPLETED)
    killing.cancel()
    await asyncio.wait({lives, engine_runs}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
    report.lost += [f"{each}: no end {PATIENCE:.0f} s after the last kill" for each in living]
    lives.cancel()
    if engine_runs.done():
        engine_runs.result()
    with contextlib.suppress(asyncio.CancelledError):
        await lives


def _compare(world: World, folder: Path, report: Report) -> None:
    """Each message has one receipt and was done once; each notice went out under one Message-ID."""
    records = {each.parent.name: each for each in folder.glob("store/records/FLIGHT-*/record.json")}
    if len(records) != report.claims:
        report.lost.append(f"{report.claims} claims, {len(records)} records")
    for claim_id, place in records.items():
        record = json.loads(place.read_text("utf-8"))
        done = Counter(entry["what"] for entry in record["history"])
        receipts = {each["id"]: each["outcome"] for each in record["receipts"]}
        wanted = {f"m-{number}": "accepted" for number in range(len(SAID))}
        twice = [name for name, _ in SAID if done[name] != 1 + (name == OF_THE_OPENING)]
        if record["status"] != "Rejected" or receipts != wanted or twice:
            report.wrong.append(f"{claim_id}: {record['status']}, {receipts}, not once: {twice}")
    sent = Counter(mail["Message-ID"].strip() for mail in world.post.mails)
    report.copies = sum(sent.values()) - len(sent)
    notices = Counter(message_id.partition("+")[0] for message_id in sent)
    report.wrong += [f"{each}: two Message-IDs" for each, count in notices.items() if count > 1]


async def main(kills: int, claims: int, seed: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        report = await killed(Path(folder), kills, claims, seed)
    sys.stdout.write(f"{report}\n")
    return 1 if report.lost or report.wrong else 0


if __name__ == "__main__":
    parser = ArgumentParser(prog="tests.reliability.engine_kills")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--claims", type=int, default=30, help="in flight at any time")
    parser.add_argument("--seed", type=int, default=7)
    wanted = parser.parse_args()
    exits.run(main(wanted.kills, wanted.claims, wanted.seed))
