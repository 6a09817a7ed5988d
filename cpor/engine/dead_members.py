"""Removes the cluster members that a killed engine has left in its data."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path


def forget_members(data: Path) -> None:
    """To be called with the data file locked: then none of the members is alive.

    Otherwise the new engine tries their ports for most of a minute and hands out no work.
    """
    if not data.exists():
        return
    with contextlib.closing(sqlite3.connect(data)) as database, database:
        if database.execute(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'cluster_membership'"
        ).fetchone():
            database.execute("DELETE FROM cluster_membership")
