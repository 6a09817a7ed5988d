"""Figures as they are shown: met or missed, in a table and in a plot."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from bench import plot
from bench.figure import Figure
from bench.table import table

BELOW = Figure("CPU ÷ floor", 1.5, at_most=1.25)
ABOVE = Figure("an import ÷ bare starts", 0.95, at_least=0.9)


@pytest.mark.parametrize(
    ("figure", "share", "met"),
    [
        (BELOW, 1.2, False),
        (ABOVE, 0.9 / 0.95, True),
        (Figure("at its goal", 3.0, at_most=3.0), 1.0, True),
    ],
)
def test_a_figure_beyond_its_goal_is_missed(figure: Figure, share: float, met: bool) -> None:
    assert figure.share == pytest.approx(share)
    assert figure.met is met


def test_a_plot_has_a_bar_for_each_figure_in_the_colour_of_its_verdict() -> None:
    drawn = ElementTree.fromstring(plot.svg([BELOW, ABOVE, Figure("& far off", 99, at_most=1)]))
    _, *bars = (each.attrib for each in drawn.iter() if each.tag.endswith("rect"))
    assert [bar["fill"] for bar in bars] == [plot.MISSED, plot.MET, plot.MISSED]
    assert all(float(bar["x"]) + float(bar["width"]) <= plot.WIDTH for bar in bars)


def test_a_table_is_markdown_whose_figures_stand_on_the_right() -> None:
    assert table(["", "floor"], [["events", "47"], ["CPU", "149.0"]]).splitlines() == [
        "|        | floor |",
        "| ------ | ----: |",
        "| events |    47 |",
        "| CPU    | 149.0 |",
    ]
