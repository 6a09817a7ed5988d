"""Four claims side by side, through weeks, in a minute: real engine, real mails, skipped days."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine, Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from rich.console import Console
from rich.live import Live

from cpor.client.client import ClaimsClient
from cpor.exits import DONE
from demo import display
from demo.stage import FOLDER, Plan, own_settings, stage
from demo.stories import Story, stories


async def play(*, keep: bool) -> int:
    console = Console()
    shown = stories(f"DEMO-{datetime.now(UTC):%y%m%d-%H%M%S}-{secrets.token_hex(2).upper()}")
    plan = Plan(data=FOLDER / "temporal.db" if keep else None)
    tell = partial(console.print, highlight=False)
    async with stage(plan, own_settings(), tell) as scene:
        with Live(display.table(shown), console=console, refresh_per_second=8) as live:
            watching = asyncio.create_task(_watch(scene.claims, shown, live))
            await _all_of(story.play(scene) for story in shown)
            watching.cancel()
            await _read(scene.claims, shown)
            live.update(display.table(shown))
        console.print(display.histories(shown))
        for line in display.files(scene, shown, keep):
            console.print(line, soft_wrap=True, highlight=False)
        if keep:
            await asyncio.wait({scene.died})
            raise scene.died.result()
    return DONE


async def _all_of(plays: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Side by side; the first that fails ends the others."""
    try:
        async with asyncio.TaskGroup() as group:
            for each in plays:
                group.create_task(each)
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


async def _watch(claims: ClaimsClient, shown: list[Story], live: Live) -> None:
    while True:
        await _read(claims, shown)
        live.update(display.table(shown))
        await asyncio.sleep(0.2)


async def _read(claims: ClaimsClient, shown: list[Story]) -> None:
    for story in shown:
        if await claims.is_there(story.claim_id):
            story.view = await claims.claim(story.claim_id)
            story.history = await claims.history(story.claim_id)
