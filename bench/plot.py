"""The figures as SVG: how far each is from its goal, on a scale of doublings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from math import log2

from bench.figure import Figure

WIDTH, ROW, NAMES, RIGHT, TOP = 900, 24, 380, 130, 44
LEAST, MOST = 1 / 8, 8.0
"""Of the goal: what is further away ends at the edge."""
MET, MISSED = "#1a7f37", "#bc4c00"


def svg(figures: Sequence[Figure]) -> str:
    """A bar to the left of the line is better than the goal, one to the right is worse."""
    height = TOP + ROW * len(figures) + 12
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            'font-family="sans-serif" font-size="12">',
            f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
            *_scale(height),
            *(part for row, each in enumerate(figures) for part in _bar(row, each)),
            "</svg>",
            "",
        ]
    )


def _scale(height: int) -> Iterator[str]:
    for share, name in ((1 / 4, "¼"), (1 / 2, "½"), (1.0, "goal"), (2.0, "2 ×"), (4.0, "4 ×")):
        x, colour = _across(share), "#24292f" if share == 1 else "#d0d7de"
        yield f'<text x="{x:.0f}" y="24" text-anchor="middle">{name}</text>'
        yield f'<path d="M{x:.0f},{TOP - 12}V{height - 8}" stroke="{colour}"/>'


def _bar(row: int, figure: Figure) -> Iterator[str]:
    goal, end = _across(1), _across(figure.share)
    y = TOP + ROW * row
    left, width = min(goal, end), max(abs(end - goal), 1)
    colour = MET if figure.met else MISSED
    yield f'<text x="{NAMES - 10}" y="{y + 12}" text-anchor="end">{escape(figure.name)}</text>'
    yield f'<rect x="{left:.1f}" y="{y}" width="{width:.1f}" height="15" fill="{colour}"/>'
    value = escape(f"{figure.value:.2f}, goal {figure.goal}")
    yield f'<text x="{WIDTH - 8}" y="{y + 12}" text-anchor="end">{value}</text>'


def _across(share: float) -> float:
    part = (log2(min(max(share, LEAST), MOST)) - log2(LEAST)) / (log2(MOST) - log2(LEAST))
    return NAMES + (WIDTH - NAMES - RIGHT) * part
