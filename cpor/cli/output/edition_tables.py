"""The editions of the rules side by side, and what differs between two of them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from textwrap import fill
from typing import Any, cast

from rich.box import ROUNDED
from rich.console import Group, RenderableType
from rich.table import Table

from cpor.cli.output.tables import drawn
from cpor.rules.editions import Edition, edition, flat, names

PRINTED_WIDTH = 100
WIDEST = 160

_WORDS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
CHAPTERS: Mapping[str, str] = _WORDS["chapters"]
"""Titles by the first part of a key, the most important first."""
RULES: Mapping[str, str] = _WORDS["rules"]


@dataclass(frozen=True)
class Line:
    """One rule, and its value in each edition."""

    chapter: str
    key: str
    values: Sequence[str]

    @property
    def words(self) -> str:
        return RULES.get(self.key) or self.key.partition(".")[2].replace("_", " ")

    @property
    def differs(self) -> bool:
        return len(set(self.values)) > 1


def all_editions() -> list[Edition]:
    return [edition(name) for name in names()]


def lines(editions: Sequence[Edition]) -> list[Line]:
    rules = [flat(each) for each in editions]
    keys = dict.fromkeys(key for each in rules for key in each)
    return [
        Line(title, key, [each.get(key, "none") for each in rules])
        for chapter, title in CHAPTERS.items()
        for key in keys
        if key.partition(".")[0] == chapter
    ]


def differences(editions: Sequence[Edition]) -> Mapping[str, Any]:
    """For programs: rules that differ, by key, with the value of each edition by its name."""
    known = {each.name: each.model_dump(mode="json") for each in editions}
    return {
        line.key: {name: _at(known[name], line.key) for name in known}
        for line in lines(editions)
        if line.differs
    }


def side_by_side(editions: Sequence[Edition], terminal_width: int | None = None) -> str:
    """Tables for a terminal, otherwise aligned text; ≠ marks rules that differ."""
    chapters = groupby(lines(editions), key=lambda line: line.chapter)
    boxed = terminal_width is not None
    parts: list[RenderableType] = []
    for chapter, rules in chapters:
        parts += [_table(chapter, list(rules), editions, boxed), ""]
    width = min(terminal_width, WIDEST) if terminal_width else None
    return drawn(Group(*parts), width, PRINTED_WIDTH)


def what_differs(before: Edition, after: Edition) -> str:
    """Only what differs, in plain words."""
    changed = [line for line in lines([before, after]) if line.differs]
    if not changed:
        return f"{before.name} and {after.name} say the same."
    text = [f"What {after.name} says otherwise than {before.name}:"]
    for chapter, rules in groupby(changed, key=lambda line: line.chapter):
        text += ["", chapter]
        text += [_wrapped(f"  {line.words}: {_change(line)}") for line in rules]
    return "\n".join(text)


def _change(line: Line) -> str:
    before, after = line.values
    if line.key.startswith("windows."):
        before, after = _without_the_same_end(before, after)
    if not line.key.startswith(("editable.", "partner_roles.", "reminders.clocks")):
        return f"{_in_words(after)} instead of {_in_words(before)}"
    was, now = _listed(before), _listed(after)
    if not now:
        return f"nothing instead of {_in_words(before)}"
    more = [word for word in now if word not in was]
    less = [word for word in was if word not in now]
    parts = [("also", more), ("no longer", less)]
    said = [f"{how} {_in_words(', '.join(words))}" for how, words in parts if words]
    return "; ".join(said) or f"{_in_words(after)}, in this order"


def _wrapped(text: str) -> str:
    return fill(text, PRINTED_WIDTH, subsequent_indent="    ")


def _without_the_same_end(before: str, after: str) -> tuple[str, str]:
    """Whose calendar counts is said only where it differs."""
    (was, _, side), (now, _, other) = before.partition(", "), after.partition(", ")
    return (was, now) if side == other or not (side and other) else (before, after)


def _listed(value: str) -> list[str]:
    return [] if value == "none" else value.split(", ")


def _in_words(value: str) -> str:
    return value.replace("mpn_id", "MPN ID").replace("_", " ")


def _at(rules: Any, key: str) -> Any:
    for name in key.split("."):
        rules = cast("Mapping[str, Any]", rules)[name]
    return rules


def _table(chapter: str, rules: Sequence[Line], editions: Sequence[Edition], boxed: bool) -> Table:
    table = Table(
        title=chapter,
        title_justify="left",
        title_style="bold",
        box=ROUNDED if boxed else None,
        pad_edge=boxed,
        expand=True,
    )
    table.add_column("", width=1)
    table.add_column("", ratio=4)
    for each in editions:
        table.add_column(each.name, ratio=5)
    for line in rules:
        mark, style = ("≠", "bold") if line.differs else ("", "")
        table.add_row(mark, line.words, *map(_in_words, line.values), style=style)
    return table
