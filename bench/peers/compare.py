"""A claim beside the same life on other ground, round by round: claims a second, CPU, decisions."""

from __future__ import annotations

import asyncio
import gc
import itertools
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from statistics import median

from temporalio.client import Client
from temporalio.worker import Worker

from bench.cpu import Cpu, used
from bench.floor import nothing
from bench.ground import NAMESPACE
from bench.journey import HANDED_OFF, SUBMITTED, Traveller
from bench.peers import database
from bench.peers.plain import Plain
from bench.progress import Progress
from bench.subjects import Subject
from bench.table import table

Play = Callable[[str], Awaitable[Sequence[float]]]
"""A life of this name; the seconds that each decision took until its answer."""
_numbers = itertools.count(1)


@dataclass
class Peer:
    title: str
    play: Play
    engine_pid: int
    rates: list[float] = field(default_factory=list[float])
    cpu: list[Cpu] = field(default_factory=list[Cpu])
    decisions: list[float] = field(default_factory=list[float])

    async def round(self, lives: int) -> None:
        names = [f"BENCH-PEER-{next(_numbers):06}" for _ in range(lives)]
        gc.collect()
        cpu, began = used(self.engine_pid), time.monotonic()
        for seconds in await asyncio.gather(*map(self.play, names)):
            self.decisions += seconds
        self.rates.append(lives / (time.monotonic() - began))
        self.cpu.append((used(self.engine_pid) - cpu) / lives)


async def compared(
    traveller: Traveller, claim: Subject, engine_pid: int, rounds: int, lives: int
) -> str:
    """A table; where DBOS or PostgreSQL is not installed, a sentence stands below it."""
    async with AsyncExitStack() as open, _plain(traveller) as plain:
        peers = [
            Peer("claim", lambda name: _play(traveller, claim, name), engine_pid),
            Peer("plain on Temporal", plain, engine_pid),
        ]
        try:
            peers.append(await open.enter_async_context(_on_dbos()))
            missing = ""
        except (ImportError, database.NotThere) as error:
            missing = f"\n\nNot on DBOS: {error} It needs --group peers."
        for number in range(rounds + 1):
            for peer in peers[number % len(peers) :] + peers[: number % len(peers)]:
                await peer.round(lives)
            if number == 0:
                for peer in peers:  # the first round only warms up
                    peer.rates.clear()
                    peer.cpu.clear()
                    peer.decisions.clear()
    return f"{_table(peers)}{missing}"


def _table(peers: Sequence[Peer]) -> str:
    return table(
        ["", *(each.title for each in peers)],
        [
            ["claims a second", *(f"{median(each.rates):.1f}" for each in peers)],
            ["CPU in ms", *(f"{_ms(cpu.total for cpu in each.cpu):.0f}" for each in peers)],
            ["– program", *(f"{_ms(cpu.here for cpu in each.cpu):.0f}" for each in peers)],
            [
                "– engine or database",
                *(f"{_ms(cpu.engine or 0.0 for cpu in each.cpu):.0f}" for each in peers),
            ],
            ["a decision, p50 in ms", *(f"{_ms(each.decisions):.0f}" for each in peers)],
        ],
    )


@asynccontextmanager
async def _plain(traveller: Traveller) -> AsyncGenerator[Play]:
    """With a client and a worker as they come."""
    progress = Progress()
    address = traveller.client.service_client.config.target_host
    client = await Client.connect(address, namespace=NAMESPACE, interceptors=[progress])
    subject = Subject(
        "plain",
        workflow=Plain.__name__,
        task_queue="plain",
        opening=lambda _: [],
        messages=lambda _: [("decide", ["start_review"]), ("decide", ["approve"])],
    )
    async with Worker(
        client, task_queue=subject.task_queue, workflows=[Plain], activities=[nothing]
    ):
        yield lambda name: _play(Traveller(client, progress), subject, name)


@asynccontextmanager
async def _on_dbos() -> AsyncGenerator[Peer]:
    from bench.peers import on_dbos

    async with database.running() as found, on_dbos.launched(found.url):
        yield Peer("on DBOS", on_dbos.play, found.pid)


async def _play(traveller: Traveller, subject: Subject, name: str) -> Sequence[float]:
    handle = await traveller.client.start_workflow(
        subject.workflow,
        args=subject.opening(name),
        id=name,
        task_queue=subject.task_queue,
        **subject.labels(name),
    )
    await traveller.progress.reaches(name, SUBMITTED)
    seconds: list[float] = []
    for update, payloads in subject.messages(name):
        began = time.monotonic()
        await handle.execute_update(update, args=payloads)
        seconds.append(time.monotonic() - began)
    await traveller.progress.reaches(name, HANDED_OFF)
    return seconds


def _ms(seconds: Iterable[float]) -> float:
    return 1000 * median(seconds)
