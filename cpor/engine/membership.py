"""An engine that was killed leaves its members in its data; the next one would wait for them."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path


def forget_members(data: Path) -> None:
    """Called by whoever has the data to itself, so nobody in that list is alive.

    Otherwise the new engine tries the ports of the dead for most of a minute, and hands out no work
    meanwhile.
    """
    if not data.exists():
        return
    with contextlib.closing(sqlite3.connect(data)) as database, database:
        if database.execute(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'cluster_membership'"
        ).fetchone():
            database.execute("DELETE FROM cluster_membership")
