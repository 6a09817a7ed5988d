"""A recording of a terminal as one moving picture: an SVG that any browser plays, without a script.

Each line of text is drawn once for all the time that it stands unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO
from itertools import groupby
from time import monotonic
from xml.sax.saxutils import escape

from rich.console import Console, RenderableType
from rich.segment import Segment
from rich.style import Style

COLUMNS = 80
LONGEST, SHORTEST, LAST = 2.4, 0.3, 8.0
"""Seconds that a frame is seen; the last one is read at leisure."""
CELL, LINE, MARGIN = 8.4, 20, 24
COLOURS = {
    "cyan": "#56d4dd",
    "blue": "#6cb6ff",
    "yellow": "#e3b341",
    "green": "#57ab5a",
    "red": "#f47067",
    "magenta": "#dcbdfb",
}
STYLE = """
    rect { fill: #1c2128 }
    text { fill: #d0d7de; font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
           white-space: pre }
    .bold { font-weight: bold }
    .dim { opacity: .65 }
    .line { visibility: hidden; animation: TIMEs step-end infinite }
    .last { visibility: visible }
    @media (prefers-reduced-motion) { .line { animation: none } }
"""

Line = tuple[tuple[str, Style], ...]


@dataclass(frozen=True)
class Shown:
    """A line of the screen that stands unchanged from one frame until before another."""

    row: int
    line: Line
    first: int
    until: int


class Recording:
    """The frames of what is shown, each with when it was shown first."""

    def __init__(self, title: str, clock: Callable[[], float] = monotonic) -> None:
        self._title, self._clock = title, clock
        self._console = Console(width=COLUMNS, force_terminal=True, file=StringIO())
        self._frames: list[tuple[Line, ...]] = []
        self._begins: list[float] = []
        self.last: RenderableType = ""

    def take(self, frame: RenderableType) -> None:
        self.last = frame
        lines = tuple(map(_joined, self._console.render_lines(frame, pad=False)))
        if not self._frames or lines != self._frames[-1]:
            self._frames.append(lines)
            self._begins.append(self._clock())

    def svg(self) -> str:
        begins, end = self._times()
        most = max(map(len, self._frames))
        width, height = round(COLUMNS * CELL + 2 * MARGIN), most * LINE + 2 * MARGIN
        drawn = "\n".join(self._drawn(begins, end))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">\n'
            f"<title>{escape(self._title)}</title>\n<style>{STYLE.replace('TIME', f'{end:.1f}')}"
            f'</style>\n<rect width="{width}" height="{height}" rx="10"/>\n{drawn}\n</svg>\n'
        )

    def _times(self) -> tuple[list[float], float]:
        """When each frame begins, and when the picture begins anew: waiting is cut short."""
        begins, now = [0.0], 0.0
        for before, after in zip(self._begins, self._begins[1:], strict=False):
            now += min(max(after - before, SHORTEST), LONGEST)
            begins.append(now)
        return begins, now + LAST

    def _drawn(self, begins: list[float], end: float) -> Iterator[str]:
        for number, shown in enumerate(self._shown()):
            is_last = shown.until == len(self._frames)
            first = 100 * begins[shown.first] / end
            until = 100.0 if is_last else 100 * begins[shown.until] / end
            steps = "" if first == 0 else "0%{visibility:hidden}"
            steps += f"{first:.2f}%{{visibility:visible}}"
            steps += "" if is_last else f"{until:.2f}%{{visibility:hidden}}"
            yield f"<style>@keyframes k{number}{{{steps}}}</style>"
            kind = "line last" if is_last else "line"
            yield f'<g class="{kind}" style="animation-name:k{number}">{_texts(shown)}</g>'

    def _shown(self) -> Iterator[Shown]:
        for row in range(max(map(len, self._frames))):
            lines = [frame[row] if row < len(frame) else () for frame in self._frames]
            for line, frames in groupby(range(len(lines)), key=lines.__getitem__):
                first, *more = frames
                if line:
                    yield Shown(row, line, first, (more or [first])[-1] + 1)


def _joined(segments: list[Segment]) -> Line:
    """The line as pieces of one style each, without blanks at its end."""
    pieces = [
        ("".join(each.text for each in some), style)
        for style, some in groupby(segments, key=lambda each: each.style or Style.null())
    ]
    while pieces and not pieces[-1][0].strip():
        pieces.pop()
    return tuple(pieces)


def _texts(shown: Shown) -> str:
    found, column = "", 0
    y = MARGIN + LINE * shown.row + 15
    for text, style in shown.line:
        words = text.lstrip(" ")
        if words.strip():
            x = MARGIN + CELL * (column + len(text) - len(words))
            found += f'<text x="{x:g}" y="{y}"{_look(style)}>{escape(words.rstrip())}</text>'
        column += len(text)
    return found


def _look(style: Style) -> str:
    named = [name for name in ("bold", "dim") if getattr(style, name)]
    kind = f' class="{" ".join(named)}"' if named else ""
    colour = COLOURS.get(style.color.name) if style.color else None
    return kind + (f' style="fill:{colour}"' if colour else "")
