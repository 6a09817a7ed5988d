"""A changed rule must not turn a running claim's past: why claims carry the number of their rules.

The engine compares only commands when it replays. A reviewer's note that yesterday's code took and
today's would refuse causes no command: it would vanish in hindsight, and nobody would notice.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from activities import Activities
from cpor.rules import facts
from tests.examples import PARTNER, REVIEWER
from tests.workflows.world import DAY, Handle, World

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LONG = "x" * 3000
"""Right by a limit of 4000 bytes, too long by one of 2000."""


async def history_of_a_long_comment(world: World, folder: Path) -> Path:
    claim = await world.open()
    await claim.signal("comment", {"by": REVIEWER, "text": LONG, "internal": True})
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, consent="pending", owed=[])
    kept = folder / f"{claim.id}.json"
    kept.write_text((await claim.fetch_history()).to_json(), "utf-8")
    return kept


def replayed_with(history: Path, folder: Path, *changes: tuple[str, str]) -> str:
    """The claim as a copy of the code leaves it, after `changes` to the copy's facts.py."""
    copy = folder / f"copy-{len(list(folder.iterdir()))}"
    for room in ("cpor", "workflows"):
        shutil.copytree(ROOT / room, copy / room)
    place = copy / "cpor/rules/facts.py"
    text = place.read_text("utf-8")
    for before, after in changes:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    place.write_text(text, "utf-8")
    done = subprocess.run(
        [sys.executable, HERE / "replayed.py", history],
        env={**os.environ, "PYTHONPATH": str(copy)},
        cwd=copy,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.thorough
async def test_a_lowered_limit_turns_the_past_unless_it_comes_with_a_number(
    world: World, tmp_path: Path
) -> None:
    history = await history_of_a_long_comment(world, tmp_path)
    as_it_was = replayed_with(history, tmp_path)
    assert LONG in as_it_was

    lowered_for_all = replayed_with(history, tmp_path, ("{1: 4000}", "{1: 2000}"))
    assert LONG not in lowered_for_all, "a comment that was taken is gone: this must never be done"

    with_a_number = replayed_with(
        history,
        tmp_path,
        ("{1: 4000}", "{1: 4000, 2: 2000}"),
        ("FIRST_RULES = RULES = 1", "FIRST_RULES, RULES = 1, 2"),
    )
    assert with_a_number == as_it_was


async def test_a_running_claim_keeps_its_rules_and_a_new_one_has_the_new(
    idle_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = idle_world
    async with Activities(world.settings) as activities, world.working(activities):
        running = await world.open()
        await world.tell(running, "comment", by=PARTNER, text=LONG)
    monkeypatch.setattr(facts, "RULES", 2)
    monkeypatch.setattr(facts, "MOST_TEXT_BYTES", {1: 4000, 2: 2000})
    async with Activities(world.settings) as activities, world.working(activities):
        await world.tell(running, "comment", by=PARTNER, text=LONG)
        new = await world.open()
        assert await world.refused(new, "comment", {"by": PARTNER, "text": LONG}) == (
            "invalid",
            "text: must have at most 2000 bytes",
        )
        await world.tell(new, "request_info", by=REVIEWER, requests=[{"reason": "missing_all_poe"}])
        await world.pass_time(new, 2 * DAY)
    async with Activities(world.settings) as activities, world.working(activities):
        for claim, most in ((running, 4000), (new, 2000)):
            await still_holds(world, claim, most)


async def still_holds(world: World, claim: Handle, most: int) -> None:
    code, text = await world.refused(claim, "comment", {"by": PARTNER, "text": "x" * 5000})
    assert (code, text) == ("invalid", f"text: must have at most {most} bytes")
