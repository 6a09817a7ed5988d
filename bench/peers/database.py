"""A PostgreSQL of its own in a folder, with the settings that it comes with."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from cpor.engine.ports import LOOPBACK, free_ports

USER = "postgres"
"""PostgreSQL never runs as root; its package makes this user."""
PATIENCE = 60.0


class NotThere(Exception):
    """One sentence."""


@dataclass(frozen=True)
class Database:
    url: str
    pid: int


@asynccontextmanager
async def running() -> AsyncGenerator[Database]:
    programs = _programs()
    (port,) = free_ports(1)
    with tempfile.TemporaryDirectory() as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, USER)
        data = f"{folder}/data"
        initdb = (f"{programs}/initdb", f"--pgdata={data}", f"--username={USER}", "--auth=trust")
        if await _exit_code((*_no_root(), *initdb), folder):
            raise NotThere("PostgreSQL makes no database here.")
        where = ("-h", LOOPBACK, "-p", str(port))
        server = await asyncio.create_subprocess_exec(
            *_no_root(),
            *(f"{programs}/postgres", "-D", data, *where, "-c", "unix_socket_directories="),
            cwd=folder,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(PATIENCE):
                while await _exit_code((f"{programs}/pg_isready", *where), folder):
                    await asyncio.sleep(0.1)
            yield Database(f"postgresql://{USER}@{LOOPBACK}:{port}/bench", server.pid)
        finally:
            server.terminate()
            await server.wait()


def _programs() -> Path:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    if not installed:
        raise NotThere("PostgreSQL is not installed: no initdb is on the PATH.")
    return installed[-1]


async def _exit_code(command: Sequence[str], folder: str) -> int:
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await process.wait()


def _no_root() -> Sequence[str]:
    """It replaces itself by the program, whose process id so is its own."""
    if os.geteuid() != 0:
        return ()
    return ("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups")
