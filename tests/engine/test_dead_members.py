from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from cpor.engine.launch import forget_members


def test_the_members_of_a_killed_engine_are_forgotten_and_nothing_else(tmp_path: Path) -> None:
    data = tmp_path / "temporal.db"
    with contextlib.closing(sqlite3.connect(data)) as database, database:
        database.execute("CREATE TABLE cluster_membership (host TEXT)")
        database.execute("CREATE TABLE executions (id TEXT)")
        database.execute("INSERT INTO cluster_membership VALUES ('127.0.0.1:55001')")
        database.execute("INSERT INTO executions VALUES ('CPOR-7Q2M4X')")
    forget_members(data)
    with contextlib.closing(sqlite3.connect(data)) as database:
        assert database.execute("SELECT count(*) FROM cluster_membership").fetchone() == (0,)
        assert database.execute("SELECT count(*) FROM executions").fetchone() == (1,)


def test_data_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    forget_members(tmp_path / "temporal.db")
    assert not (tmp_path / "temporal.db").exists()
