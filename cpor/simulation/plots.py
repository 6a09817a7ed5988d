"""Two plots as SVG: the queue over the year, and how soon claims are decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from html import escape

from cpor.simulation.year import Year

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 320, 56, 40, 40
COLOURS = ("#1f6feb", "#bc4c00", "#1a7f37", "#8250df")
DAY = timedelta(days=1)
Line = tuple[str, Sequence[tuple[float, float]]]


def queue(years: Sequence[Year]) -> str:
    lines: list[Line] = []
    for year in years:
        first = min(year.figures.queue, default=None)
        days = year.figures.queue.items()
        lines.append((_name(year), [((day - (first or day)).days, count) for day, count in days]))
    return _plot("Claims that wait for a reviewer", "day of the year", lines)


def decided(years: Sequence[Year]) -> str:
    lines: list[Line] = []
    for year in years:
        after = sorted(each / DAY for each in year.figures.decided_after)
        share = [(days, 100 * (place + 1) / len(after)) for place, days in enumerate(after)]
        lines.append((_name(year), [(0.0, 0.0), *share[:: max(1, len(share) // 300)], *share[-1:]]))
    return _plot("Share decided, in percent", "days since first submission", lines)


def _name(year: Year) -> str:
    return f"edition {year.plan.edition}, {year.reviewers} reviewers"


def _plot(title: str, below: str, lines: Sequence[Line]) -> str:
    points = [point for _, line in lines for point in line] or [(0.0, 0.0)]
    most_x = max(x for x, _ in points) or 1
    most_y = max(y for _, y in points) or 1

    def place(x: float, y: float) -> str:
        across = LEFT + (WIDTH - LEFT - 20) * x / most_x
        down = HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * y / most_y
        return f"{across:.1f},{down:.1f}"

    ground = HEIGHT - BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="20" font-size="14">{escape(title)}</text>',
        f'<path d="M{LEFT},{TOP}V{ground}H{WIDTH - 20}" fill="none" stroke="#57606a"/>',
        f'<text x="{WIDTH - 20}" y="{HEIGHT - 8}" text-anchor="end">{escape(below)}</text>',
    ]
    for part in (0, 0.5, 1):
        across, _, _ = place(part * most_x, 0).partition(",")
        _, _, down = place(0, part * most_y).partition(",")
        parts.append(f'<text x="{LEFT - 8}" y="{down}" text-anchor="end">{part * most_y:g}</text>')
        label = f"{part * most_x:.0f}"
        parts.append(f'<text x="{across}" y="{ground + 16}" text-anchor="middle">{label}</text>')
    for number, (name, line) in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(place(x, y) for x, y in line)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        below_title = TOP + 16 * number
        parts.append(
            f'<text x="{WIDTH - 20}" y="{below_title}" text-anchor="end" fill="{colour}">'
            f"{escape(name)}</text>"
        )
    return "\n".join([*parts, "</svg>", ""])
