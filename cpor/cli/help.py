"""The help of the command line: commands under the heading of who uses them."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import typer
from typer.core import TyperGroup
from typer.models import CommandInfo, TyperInfo

HEADINGS: dict[str, str] = {}
"""The heading of each command, by its name."""


def add(app: typer.Typer, heading: str, commands: typer.Typer) -> None:
    """Add commands under a heading."""
    for each in (*commands.registered_commands, *commands.registered_groups):
        HEADINGS[_name(each)] = heading
    app.add_typer(commands)


def keep_only(app: typer.Typer, name: str) -> None:
    """Of all commands this one, where it is one: to build all takes as long as many of them run."""
    if name not in HEADINGS:
        return
    only, parts = typer.Typer(), [each.typer_instance for each in app.registered_groups]
    for commands in filter(None, parts):
        only.registered_commands += [c for c in commands.registered_commands if _name(c) == name]
        only.registered_groups += [g for g in commands.registered_groups if _name(g) == name]
    app.registered_groups = []
    app.add_typer(only)


def _name(registered: CommandInfo | TyperInfo) -> str:
    function = registered.callback
    return registered.name or (function.__name__ if function else "")


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
