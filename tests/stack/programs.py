"""The programs of the stack: of PostgreSQL those of this machine, the others built once.

They are built from the Go module proxy, in the versions that docker-compose.yml names, and kept
in the user's cache folder beside the embedded engine.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cpor.engine.build import Part, install
from cpor.engine.cache import Kept, Tell, machine
from cpor.engine.go import find_go
from tests.stack.compose import version

DEBIANS: Final = Path("/usr/lib/postgresql")
"""Debian has a folder for each version, and none of them on the PATH."""


class Missing(Exception):
    """A program that this machine lacks, and how to get it."""


@dataclass(frozen=True)
class Built:
    """What is built together, since it shares its modules."""

    name: str
    parts: Sequence[Part]

    @property
    def kept(self) -> Kept:
        return Kept(f"{self.name}-{machine()}")

    async def folder(self, tell: Tell) -> Path:
        async def maker(result: Path, scratch: Path) -> None:
            go = await find_go(scratch)
            for part in self.parts:
                await install(part, go, result, scratch, tell)

        return await self.kept.make(maker, f"building {self.name}", tell)


TEMPORAL: Final = version("temporal")
STORE: Final = version("store")
MAILBOX: Final = version("mailpit")
BUILT: Final = (
    Built(
        f"temporal-of-compose-{TEMPORAL}",
        (
            Part(
                f"Temporal {TEMPORAL}",
                f"go.temporal.io/server/cmd/server@v{TEMPORAL}",
                "temporal-server",
            ),
            Part(
                f"its schema tool {TEMPORAL}",
                f"go.temporal.io/server/cmd/tools/sql@v{TEMPORAL}",
                "temporal-sql-tool",
            ),
        ),
    ),
    Built(
        f"versitygw-{STORE}",
        (
            Part(
                f"versitygw {STORE}",
                f"github.com/versity/versitygw/cmd/versitygw@v{STORE}",
                "versitygw",
            ),
        ),
    ),
    Built(
        f"mailpit-{MAILBOX}",
        (Part(f"Mailpit {MAILBOX}", f"github.com/axllent/mailpit@v{MAILBOX}", "mailpit"),),
    ),
)


@dataclass(frozen=True)
class Programs:
    folders: Sequence[Path]

    def path(self, others: str) -> str:
        """A PATH on which all of them are found first."""
        return ":".join([*map(str, self.folders), others])


def missing() -> str:
    """Why the stack cannot be started at once, and what to do; empty if it can."""
    try:
        postgresql()
    except Missing as error:
        return str(error)
    if unbuilt := [each.name for each in BUILT if each.kept.find() is None]:
        return f"not built yet: {', '.join(unbuilt)}; uv run python -m tests.stack --build"
    return ""


async def programs(tell: Tell) -> Programs:
    """Builds what is not there."""
    return Programs([postgresql(), *[await each.folder(tell) for each in BUILT]])


def postgresql() -> Path:
    """The folder of the newest one."""
    found = [
        each.parent
        for each in DEBIANS.glob("*/bin/postgres")
        if each.parent.parent.name.isdecimal()
    ]
    if newest := max(found, key=lambda each: int(each.parent.name), default=None):
        return newest
    if all(map(shutil.which, ("postgres", "initdb", "pg_dump", "pg_restore"))):
        return Path(shutil.which("postgres") or "").parent
    raise Missing("PostgreSQL is not installed; on Debian: apt-get install postgresql")
