"""The commands' help: by role, and without what takes long to load."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import typer
from typer.core import TyperGroup

ROLES: dict[str, str] = {}
"""The heading under which a command stands, by its name."""


def add(app: typer.Typer, heading: str, part: typer.Typer) -> None:
    """Put the commands of a part under a heading."""
    for command in part.registered_commands:
        name = command.name or (command.callback.__name__ if command.callback else "")
        ROLES[name] = heading
    for group in part.registered_groups:
        ROLES[group.name or ""] = heading
    app.add_typer(part)


class ByRole(TyperGroup):
    """Lists its commands under headings, in the order in which they were added."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.commands)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        known = [(name, command) for name, command in self.commands.items() if not command.hidden]
        for heading in dict.fromkeys(_headings(known)):
            rows = [
                (name, command.get_short_help_str(limit=200))
                for name, command in known
                if ROLES.get(name, "") == heading
            ]
            with formatter.section(heading):
                formatter.write_dl(rows)


def _headings(known: Iterable[tuple[str, Any]]) -> Iterable[str]:
    return (ROLES.get(name, "") for name, _ in known)
