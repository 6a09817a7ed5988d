"""Four claims side by side, through weeks, in a minute: real engine, real mails, skipped days."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.status import Status
from rich.text import Text

from cpor.client.client import ClaimsClient
from cpor.exits import DONE
from demo import display
from demo.recording import Recording
from demo.stage import FOLDER, Plan, Stage, own_settings, stage
from demo.stories import Story, still_waiting, stories

PACE = 2.4
"""Seconds for people to read each step."""
FRAMES = 8
"""In a second."""


Show = Callable[[RenderableType], None]


async def play(*, keep: bool, fast: bool, picture: Path | None) -> int:
    """`picture` is a file that all of it is drawn into."""
    console, began = Console(highlight=False), datetime.now(UTC)
    prefix = f"DEMO-{began:%y%m%d-%H%M%S}-{secrets.token_hex(2).upper()}"
    shown, plan = stories(prefix), Plan(data=FOLDER / "temporal.db" if keep else None)
    recording = Recording(display.TITLE.format(len(shown)))
    waiting = Status("Starting an engine of its own …", console=console)
    waiting.start()

    def tell(text: str) -> None:
        waiting.update(text)

    try:
        async with stage(plan, own_settings(), tell) as scene:
            waiting.stop()
            await _act(scene, shown, console, recording.take, 0 if fast else PACE)
            last = still_waiting(prefix)
            if keep:
                await last.play(scene, 0)
            ends = list(display.end(scene, shown, keep))
            console.print(*ends, sep="\n", soft_wrap=True)
            if picture:
                recording.take(Group(recording.last, Text(), *ends))
                picture.write_text(recording.svg(), "utf-8")
            if not keep:
                return DONE
            visits = display.to_visit(scene, shown[1], last)
            console.print(*visits, sep="\n", soft_wrap=True)
            await asyncio.wait({scene.died})
            raise scene.died.result()
    finally:
        waiting.stop()


async def _act(
    scene: Stage, shown: Sequence[Story], console: Console, also_show: Show, pace: float
) -> None:
    began = datetime.now(UTC)
    with Live(display.frame(shown, began), console=console, refresh_per_second=FRAMES) as live:

        def show() -> None:
            frame = display.frame(shown, began)
            live.update(frame)
            also_show(frame)

        watching = asyncio.create_task(_watch(scene.claims, shown, show))
        await _all_of(story.play(scene, pace) for story in shown)
        watching.cancel()
        await _read(scene.claims, shown)
        show()
    for story in shown:
        story.history = await scene.claims.history(story.claim_id)
    console.line()


async def _all_of(plays: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Side by side; the first that fails ends the others."""
    try:
        async with asyncio.TaskGroup() as group:
            for each in plays:
                group.create_task(each)
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


async def _watch(claims: ClaimsClient, shown: Sequence[Story], show: Callable[[], None]) -> None:
    while True:
        await _read(claims, shown)
        show()
        await asyncio.sleep(1 / FRAMES)


async def _read(claims: ClaimsClient, shown: Sequence[Story]) -> None:
    for story in shown:
        if await claims.is_there(story.claim_id):
            story.view = await claims.claim(story.claim_id)
