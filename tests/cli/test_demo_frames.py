"""The frames of the demo: the same rows and columns from the first to the last, with colours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from rich.console import Console
from rich.text import Text

from cpor.rules import views
from demo import display
from demo.stories import Story, stories
from tests.rules.play import Play, approved, asked, submitted

BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)


def drawn(shown: list[Story], width: int) -> str:
    file = StringIO()
    console = Console(file=file, width=width, force_terminal=True, color_system="standard")
    console.print(display.frame(shown, BEGAN))
    return file.getvalue()


def told(play: Play, days: int = 0) -> list[Story]:
    shown = stories("DEMO-1")
    for story in shown:
        story.view = views.view(play.claim.state)
        story.step, story.today = f"{days} days pass", BEGAN + timedelta(days=days)
    return shown


@pytest.mark.parametrize("width", [80, 100, 160])
def test_no_frame_is_larger_than_the_first_one(width: int) -> None:
    frames = [drawn(stories("DEMO-1"), width)]
    frames += [drawn(told(play, 20), width) for play in (submitted(), asked(), approved())]
    sizes = {len(frame.splitlines()) for frame in frames}
    assert len(sizes) == 1
    assert sizes.pop() <= 24, "a small terminal shows all of it"
    for frame in frames:
        assert max(len(line) for line in Text.from_ansi(frame).plain.splitlines()) <= width


def test_each_claim_has_its_own_day_and_how_long_it_has_lived() -> None:
    frame = Text.from_ansi(drawn(told(asked(), 20), 80)).plain
    assert frame.count("Sun 22 Mar") == frame.count("+20 days") == 4


def test_a_status_is_known_by_its_colour() -> None:
    asking, over = drawn(told(asked()), 80), drawn(told(approved()), 80)
    assert "\x1b[1;33mPartner action required" in asking
    assert "\x1b[1;32mApproved" in over
