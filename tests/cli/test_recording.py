"""The moving picture of the demo: what is seen when, and that the kept one is of this demo."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from xml.etree import ElementTree

from rich.text import Text

from demo import display
from demo.recording import LAST, Recording
from demo.stories import stories

KEPT = Path(__file__).parents[2] / "docs/pictures/demo.svg"
SVG = "{http://www.w3.org/2000/svg}"


def recorded(*frames: str) -> str:
    recording = Recording("A <title>", clock=count(step=1.0).__next__)
    for frame in frames:
        recording.take(Text.from_markup(frame))
    return recording.svg()


def seen_by_default(picture: str) -> list[str]:
    """What stands where nothing moves."""
    groups = ElementTree.fromstring(picture).iter(f"{SVG}g")
    return ["".join(each.itertext()) for each in groups if "last" in each.attrib["class"]]


def steps(picture: str) -> Iterator[str]:
    yield from re.findall(r"@keyframes k\d+\{(.*)\}</style>", picture)


def test_a_line_is_drawn_once_for_all_the_time_that_it_stands() -> None:
    picture = recorded("stays\nfirst", "stays\nsecond", "stays\nsecond", "stays\nthird")
    assert picture.count(">stays<") == picture.count(">second<") == 1
    end = 2 + LAST
    assert list(steps(picture)) == [
        "0.00%{visibility:visible}",
        f"0.00%{{visibility:visible}}{100 / end:.2f}%{{visibility:hidden}}",
        f"0%{{visibility:hidden}}{100 / end:.2f}%{{visibility:visible}}"
        f"{200 / end:.2f}%{{visibility:hidden}}",
        f"0%{{visibility:hidden}}{200 / end:.2f}%{{visibility:visible}}",
    ]


def test_where_nothing_may_move_the_end_is_seen() -> None:
    assert seen_by_default(recorded("a\nfirst", "a\nlast")) == ["a", "last"]


def test_texts_and_the_title_are_no_markup_of_the_picture() -> None:
    root = ElementTree.fromstring(recorded("a < b & c"))
    assert root.findtext(f"{SVG}title") == "A <title>"
    assert root.findtext(f".//{SVG}text") == "a < b & c"


def test_each_piece_keeps_its_column_and_its_colour() -> None:
    piece = r'<text x="74\.4" y="39" class="bold" style="fill:#57ab5a">Approved</text>'
    assert re.search(piece, recorded("day   [bold green]Approved[/]"))


def test_the_kept_picture_is_of_this_demo_and_no_line_of_it_is_cut() -> None:
    picture = KEPT.read_text("utf-8")
    assert len(picture) < 40_000
    whole = "\n".join(seen_by_default(picture))
    told = stories("DEMO")
    assert display.TITLE.format(len(told)) in whole
    for story in told:
        assert f"{story.plot}:" in whole, "uv run starter.py demo --picture docs/pictures/demo.svg"
    texts = [each.text or "" for each in ElementTree.fromstring(picture).iter(f"{SVG}text")]
    assert not [text for text in texts if re.search(r"\w…$", text)]
