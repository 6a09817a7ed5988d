"""Keeps what claims go through today as the histories of a release.

uv run python -m tests.histories.save 0.1.0
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from temporalio.client import Client, WorkflowHistory

from activities import Activities
from cpor import engine, exits
from cpor.contract import search_attributes
from cpor.plugin import ClaimsPlugin
from tests.activities.servers import HttpReceiver
from tests.examples import opening
from tests.histories.kept import HERE, claim_in, dump_of, histories
from tests.histories.stories import STORIES
from tests.workflows.world import a_world

NAMESPACE = "histories"
OF_THE_MACHINE = "stackTrace"
"""What an event says of the place where it was made, which is nobody's business."""


async def save(release: str, names: Sequence[str]) -> int:
    """Tell the stories at once; nothing is kept unless each came to its end."""
    wanted = names or list(STORIES)
    with tempfile.TemporaryDirectory() as folder:
        async with engine.running(port=0, ui_port=None, time_skipping=True) as running:
            client = await Client.connect(
                running.address,
                namespace=NAMESPACE,
                plugins=[ClaimsPlugin()],
                identity=NAMESPACE,
            )
            await engine.register(
                client, retention=timedelta(days=1), attributes=search_attributes.ALL
            )
            tellings = (tell(client, Path(folder), name) for name in wanted)
            tales = await asyncio.gather(*tellings, return_exceptions=True)
    if failed := {n: t for n, t in zip(wanted, tales, strict=True) if isinstance(t, BaseException)}:
        for name, error in failed.items():
            sys.stderr.write(f"{name}: {error!r} {error.__cause__ or ''}\n")
        return 1
    (HERE / release).mkdir(exist_ok=True)
    for name, tale in zip(wanted, tales, strict=True):
        assert not isinstance(tale, BaseException)
        for earlier in (HERE / release).glob(f"{name}-*.json"):
            earlier.unlink()
        for number, history in enumerate(tale, 1):
            await keep(HERE / release / f"{name}-{number}.json", history)
    size = sum(each.stat().st_size for each in (HERE / release).iterdir())
    told = f"{len(wanted)} stories, {len(histories(release))} histories, {size // 1024} KiB"
    sys.stdout.write(f"{told} in {(HERE / release).relative_to(HERE.parents[1])}\n")
    return 0


async def tell(client: Client, folder: Path, name: str) -> Sequence[WorkflowHistory]:
    """Play a story in a world of its own; what is left of each run, oldest first."""
    story = STORIES[name]
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(a_world(client, folder / name))
        if story.outside:
            answers = HttpReceiver(story.outside.status, body=story.outside.body)
            there = await stack.enter_async_context(answers)
            changed = {story.outside.setting: there.url}
            world.settings = world.settings.model_copy(update=changed)
        activities = await stack.enter_async_context(Activities(world.settings))
        await stack.enter_async_context(world.working(activities))
        claim_id = f"HISTORY-{name.upper()}"
        world.keep_proof(claim_id)
        claim = await world.start(claim_id, opening(claim_id, **story.opening))
        await story.goes(world, claim)
        return list(reversed([each async for each in runs(client, claim_id)]))


async def runs(client: Client, claim_id: str) -> AsyncIterator[WorkflowHistory]:
    run_id: str | None = None
    while run_id != "":
        history = await client.get_workflow_handle(claim_id, run_id=run_id).fetch_history()
        yield history
        began = history.events[0].workflow_execution_started_event_attributes
        run_id = began.continued_execution_run_id


async def keep(place: Path, history: WorkflowHistory) -> None:
    events = (json.dumps(_without(event)) for event in json.loads(history.to_json())["events"])
    place.write_text('{"events": [\n' + ",\n".join(events) + "\n]}\n", "utf-8")
    dump_of(place).write_text(f"{await claim_in(place)}\n", "utf-8")


def _without(value: Any) -> Any:
    match value:
        case dict():
            fields = cast("dict[str, Any]", value).items()
            return {name: _without(each) for name, each in fields if name != OF_THE_MACHINE}
        case list():
            return [_without(each) for each in cast("list[Any]", value)]
        case _:
            return value


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("Say of which release: uv run python -m tests.histories.save 0.1.0 [STORY …]")
    exits.run(save(sys.argv[1], sys.argv[2:]))
