"""What the engine's tests share: a fake `go`, and the types of their fixtures."""

from __future__ import annotations

import subprocess
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).parents[2]
ASKER = Path(__file__).with_name("asker.py")

Until = Callable[[Callable[[], bool]], Awaitable[None]]
Alive = Callable[[int], bool]
Spawn = Callable[..., "subprocess.Popen[str]"]


def names_in(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


class Scripts(Protocol):
    def __call__(self, name: str, text: str) -> Path: ...


FAKE_GO = """#!/bin/sh
if [ "$1" = env ]; then echo "$FAKE_GO_VERSION"; exit; fi
echo "$*" >> "$FAKE_GO_FOLDER/calls"
echo "$$" >> "$FAKE_GO_FOLDER/pids"
env > "$FAKE_GO_FOLDER/environment"
echo "go: downloading example.com/module v1.0.0"
echo "example.com/module/package"
mkdir -p "$GOMODCACHE/example.com" "$GOCACHE/00" "$GOBIN"
echo "half" > "$GOBIN/server"
while [ -e "$FAKE_GO_FOLDER/hold" ]; do sleep 0.05; done
if [ -e "$FAKE_GO_FOLDER/fail" ]; then echo "verifying module: checksum mismatch"; exit 1; fi
echo "whole" > "$GOBIN/server"
"""


class FakeGo:
    """A `go` on PATH that writes small files; files in its folder steer it."""

    def __init__(self, folder: Path) -> None:
        self.hold = folder / "hold"
        self.fail = folder / "fail"
        self._folder = folder

    @property
    def calls(self) -> Sequence[str]:
        return self._lines("calls")

    @property
    def pids(self) -> Sequence[int]:
        return [int(line) for line in self._lines("pids")]

    @property
    def environment(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self._lines("environment") if "=" in line)

    def _lines(self, name: str) -> Sequence[str]:
        path = self._folder / name
        return path.read_text().splitlines() if path.exists() else []
