"""The frames of the demo: the same rows and columns from the first to the last, with colours."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from rich.console import Console
from rich.text import Text

from cpor.rules import views
from demo import display
from demo.stories import Story, stories
from tests.rules.play import Play, approved, asked, submitted
from tests.shell import LIMIT, STARTER, Shell

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


def on_a_terminal(shell: Shell, words: Sequence[str], rows: int, columns: int) -> tuple[int, str]:
    """The exit code of a command, and all that it writes to a terminal of this size."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    with subprocess.Popen(
        [*STARTER, *words],
        cwd=shell.folder,
        env={**shell.environment, "TERM": "xterm"},
        stdin=its,
        stdout=its,
        stderr=its,
    ) as process:
        os.close(its)
        written = bytearray()
        try:
            while piece := os.read(ours, 65536):
                written += piece
        except OSError:
            pass  # Linux says so where nobody has the terminal any more.
        finally:
            os.close(ours)
        return process.wait(LIMIT), written.decode()


@pytest.mark.thorough
def test_on_a_small_terminal_each_frame_is_drawn_over_the_one_before(shell: Shell) -> None:
    code, written = on_a_terminal(shell, ["demo", "--fast"], rows=24, columns=80)
    assert code == 0, written
    first = written.index(display.TITLE.partition(":")[0])
    frames, ends = written[first:].split("How they ended:")
    again = re.compile(r"\r(?:\x1b\[2K|\x1b\[1A)+")
    assert len({each.count("\x1b[1A") for each in again.findall(frames)}) == 1, "nothing jumps"
    drawn = Text.from_ansi(again.sub("\n", frames).replace("\r", "")).plain
    assert max(map(len, drawn.splitlines())) <= 80
    assert "\x1b[1;32mApproved" in frames
    assert "http" not in ends, "a link to what is not there any more"
    for story in stories("DEMO"):
        assert f"{story.plot}: " in Text.from_ansi(ends.replace("\r", "")).plain
