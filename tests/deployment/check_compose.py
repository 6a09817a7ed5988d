"""Compose's own loader, built from the Go module proxy: what it says of a compose file."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from cpor.engine.go import find_go, go_environment

SOURCES = Path(__file__).with_name("compose_loader")
LIMIT = 600
"""Seconds; a build takes half a minute."""


class LoaderNotObtained(Exception):
    """Neither Go nor the module proxy is within reach."""


async def build_loader(folder: Path) -> Path:
    sources = shutil.copytree(SOURCES, folder / "sources")
    go, loader = await find_go(folder), folder / "loader"
    build = [*go, "build", "-mod=readonly", "-o", str(loader), "."]
    done = _run(build, sources, go_environment(folder))
    if done.returncode:
        raise LoaderNotObtained(done.stderr)
    return loader


def complaint(loader: Path, file: Path) -> str:
    """Empty if Compose loads it."""
    return _run([str(loader), str(file)], file.parent, {}).stderr.strip()


def _run(
    command: list[str], folder: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT
    )
