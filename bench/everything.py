"""All figures with their goals: for people, as JSON and as SVG, with machine and versions."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from bench import cached, crowd, importing, life, mails, messages, plot, starting
from bench.command import Journeys, journeys_of, print_line, tell
from bench.crowd import Sizes
from bench.figure import Figure
from bench.ground import ground
from bench.measure import Round, Times
from bench.peers.compare import compared
from bench.table import table

PEER_ROUNDS = 3
LIBRARIES = ("temporalio", "pydantic", "aiosmtplib", "jinja2")


@dataclass(frozen=True)
class Wanted:
    rounds: int
    """Of journeys."""
    journeys: int
    """A round."""
    cached: int
    """Claims in the cache of a worker whose memory is measured."""
    rows: int
    """Of an import."""
    sizes: Sizes


async def measure(wanted: Wanted, json_file: Path | None, plot_file: Path | None) -> int:
    figures = [each async for each in _of_one_process()]
    print_line("Life, mails and help are measured; next: imports.")
    starts = await importing.beside_bare_starts(wanted.rows, rounds=3)
    figures.append(Figure("import ÷ bare starts", starts.ratio, at_least=0.9))
    print_line("Next: journeys, messages.")
    async with ground() as (traveller, subjects, engine_pid):
        found = await journeys_of(traveller, subjects, engine_pid, wanted.rounds, wanted.journeys)
        address = traveller.client.service_client.config.target_host
        polling = await starting.seconds_to_polling(address, traveller.client.namespace)
        figures += [
            *_of_journeys(found),
            Figure(
                "replay of 300 events, CPU ÷ floor",
                await messages.replays(traveller, subjects),
                at_most=1.5,
            ),
            Figure(
                "update, p50 of 50 on their way ÷ floor",
                await messages.round_trips(traveller, subjects, at_once=50),
                at_most=1.15,
            ),
            Figure("worker from start to polling, s", polling, at_most=1.2),
        ]
        print_line("Next: peers.")
        lives = wanted.journeys // 2
        peers = await compared(traveller, subjects.claim, engine_pid, PEER_ROUNDS, lives)
    print_line("Next: memory.")
    memory = await cached.beside_the_floor(wanted.cached)
    figures.append(Figure("memory of a cached claim ÷ floor", memory, at_most=1.5))
    print_line("Next: the crowd.")
    figures += _of_a_crowd(wanted.sizes, await crowd.measure(wanted.sizes))
    print_line("")
    tell(found, wanted.journeys)
    print_line(f"\n{peers}")
    _tell(figures)
    if json_file is not None:
        kept = {"machine": _machine(), "figures": [asdict(each) for each in figures]}
        json_file.write_text(f"{json.dumps(kept, indent=1, ensure_ascii=False)}\n", "utf-8")
    if plot_file is not None:
        plot_file.write_text(plot.svg(figures), "utf-8")
    return 0 if all(each.met for each in figures) else 1


async def _of_one_process() -> AsyncIterator[Figure]:
    yield Figure("starter.py --help, s", await starting.seconds_to_help(), at_most=0.15)
    yield Figure("a whole life in the pure rules, ms of CPU", life.milliseconds(), at_most=3.0)
    yield Figure("500th message of a claim ÷ its 10th, in rules", life.growth(), at_most=1.2)
    yield Figure("CPU to write a mail, ms", await mails.milliseconds_to_write(), at_most=2.0)
    yield Figure(
        "mails a second ÷ the mail library alone", await mails.beside_the_library(), at_least=0.8
    )


def _of_journeys(found: Journeys) -> Iterator[Figure]:
    def cpu(each: Round) -> float:
        return each.cpu.total

    def rate(each: Round) -> float:
        return each.per_second

    near = found.floor_with_neighbour
    loop, whole = Times.of(found.claim, found.floor, cpu), Times.of(found.real, near, cpu)
    yield Figure("CPU of the loop ÷ floor", loop.median, at_most=1.25, spread=str(loop))
    yield Figure("CPU with real activities ÷ floor", whole.median, at_most=1.6, spread=str(whole))
    fast, whole_fast = Times.of(found.claim, found.floor, rate), Times.of(found.real, near, rate)
    yield Figure("claims a second ÷ floor", fast.median, at_least=0.9, spread=str(fast))
    yield Figure(
        "claims a second with real activities ÷ floor",
        whole_fast.median,
        at_least=0.65,
        spread=str(whole_fast),
    )
    yield Figure("events beyond the floor", found.claim.events - found.floor.events, at_most=4)
    size = max(found.claim.bytes, found.real.bytes)
    yield Figure("KB of history", size / 1024, at_most=12)


def _of_a_crowd(sizes: Sizes, found: crowd.Crowded) -> Iterator[Figure]:
    few, many = sizes.open
    yield Figure(f"message with {many:,} claims open ÷ with {few:,}", found.message, at_most=1.2)
    few, many = sizes.listed
    yield Figure(f"list of 50 among {many:,} ÷ among {few:,}", found.page, at_most=1.5)


def _tell(figures: Sequence[Figure]) -> None:
    met = {True: "met", False: "missed"}
    rows = [
        (each.name, f"{each.value:.2f}", each.goal, met[each.met], each.spread) for each in figures
    ]
    head = ("goal", "figure", "", "", "median (least to most)")
    print_line(f"\n{table(head, rows)}\n")
    print_line(", ".join(f"{name} {value}" for name, value in _machine().items()))


def _machine() -> dict[str, str]:
    return {
        "cores": str(os.cpu_count()),
        "load": f"{os.getloadavg()[0]:.1f}",
        "system": platform.platform(),
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }
