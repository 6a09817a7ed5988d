"""The help of the command line: commands under the heading of who uses them."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import typer
from typer.core import TyperGroup

HEADINGS: dict[str, str] = {}
"""The heading of each command, by its name."""


def add(app: typer.Typer, heading: str, commands: typer.Typer) -> None:
    """Add commands under a heading."""
    for command in commands.registered_commands:
        name = command.name or (command.callback.__name__ if command.callback else "")
        HEADINGS[name] = heading
    for group in commands.registered_groups:
        HEADINGS[group.name or ""] = heading
    app.add_typer(commands)


class CommandsByHeading(TyperGroup):
    """Lists commands under headings, in the order in which they were added."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.commands)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        for heading, names in groupby(self.commands, key=lambda name: HEADINGS[name]):
            with formatter.section(heading):
                formatter.write_dl(
                    [(name, self.commands[name].get_short_help_str(limit=200)) for name in names]
                )
