"""An import beside the least that starts as many workflows.

Both with as many starts under way at a time, turn by turn on one engine, on which no worker is.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer
from temporalio.client import Client
from temporalio.envconfig import ClientConnectConfig

from bench import happy
from cpor import ClaimsClient, engine, exits
from cpor.bulk.imports import AT_ONCE, Import
from cpor.contract import search_attributes
from cpor.local_temporal import Where, connect
from cpor.store import Store

NAMESPACE = "bench"


def _openings(rows: int, name: str) -> Iterator[Mapping[str, Any]]:
    return (happy.opening(f"BENCH-{name}-{number:06}".upper()) for number in range(rows))


async def _bare(client: Client, rows: int, name: str) -> None:
    openings = _openings(rows, name)

    async def hand() -> None:
        for opening in openings:
            await client.start_workflow(
                "Claim", opening, id=opening["claim_id"], task_queue="claims"
            )

    await asyncio.gather(*(hand() for _ in range(AT_ONCE)))


async def _import(claims: ClaimsClient, folder: Path, rows: int, name: str) -> None:
    file = folder / f"{name}.ndjson"
    with file.open("w") as out:
        out.writelines(f"{json.dumps(opening)}\n" for opening in _openings(rows, name))

    @asynccontextmanager
    async def connected() -> AsyncGenerator[ClaimsClient]:
        yield claims

    summary, error = await Import(file).run(connected, _say)
    assert (summary.started, error) == (rows, None), summary


async def beside_bare_starts(rows: int, rounds: int) -> Starts:
    bare, imported = list[float](), list[float]()
    async with engine.running(port=0, ui_port=None) as running:
        place = Where(ClientConnectConfig(target_host=running.address, namespace=NAMESPACE))
        client = await connect(place)
        await engine.register(client, retention=timedelta(days=1), attributes=search_attributes.ALL)
        with tempfile.TemporaryDirectory() as folder:
            claims = ClaimsClient(client, Store.open(folder))
            await _bare(client, 100, "warm")
            for number in range(rounds):
                began = time.monotonic()
                await _bare(client, rows, f"bare-{number}")
                turn = time.monotonic()
                await _import(claims, Path(folder), rows, f"import-{number}")
                bare.append(rows / (turn - began))
                imported.append(rows / (time.monotonic() - turn))
    return Starts(bare, imported)


@dataclass(frozen=True)
class Starts:
    """A second, in each round."""

    bare: Sequence[float]
    imported: Sequence[float]

    @property
    def ratio(self) -> float:
        pairs = zip(self.imported, self.bare, strict=True)
        return median(one / other for one, other in pairs)


async def _report(rows: int, rounds: int) -> int:
    found = await beside_bare_starts(rows, rounds)
    _say(f"starts alone: {median(found.bare):,.0f} a second")
    _say(f"import, with its check of every row: {median(found.imported):,.0f} a second")
    _say(f"import ÷ starts alone, median of {rounds} rounds: {found.ratio:.2f}")
    return 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(
    rows: Annotated[int, typer.Option(min=100, help="In each round.")] = 2000,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
) -> None:
    """Measure an import against as many starts without anything else."""
    exits.run(_report(rows, rounds))
