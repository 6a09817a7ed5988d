"""Runs each command in a process of its own, with everything imported already.

A server imports what the commands import, once, and forks a process for each command. That is as
good as a new interpreter for everything a command does, and takes a tenth of the time.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Iterable, Mapping
from multiprocessing import get_context
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired

PRELOADED = [
    "starter",
    "temporalio.client",
    "temporalio.contrib.pydantic",
    "cpor.client",
    "cpor.local_temporal",
    "cpor.rules.claim",
    "cpor.settings",
    "rich.table",
    "tests.forked",
]
_processes = get_context("forkserver")
_processes.set_forkserver_preload(PRELOADED)


def starter(
    words: Iterable[str],
    folder: Path,
    environment: Mapping[str, str],
    given: str,
    limit: float,
) -> CompletedProcess[str]:
    """What `python starter.py` does with these words."""
    words = tuple(words)
    with contextlib.ExitStack() as files:
        streams = [files.enter_context(tempfile.NamedTemporaryFile()) for _ in range(3)]
        streams[0].write(given.encode())
        streams[0].flush()
        names = [stream.name for stream in streams]
        process = _processes.Process(target=_typed, args=(words, folder, environment, names))
        process.start()
        process.join(limit)
        if process.exitcode is None:
            process.kill()
            raise TimeoutExpired(words, limit)
        _, out, err = (Path(name).read_text("utf-8") for name in names)
        return CompletedProcess(words, process.exitcode, out, err)


def _typed(
    words: tuple[str, ...], folder: Path, environment: Mapping[str, str], names: list[str]
) -> None:
    from cpor.cli.app import main
    from starter import app

    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, (name, mode) in enumerate(zip(names, ("r", "w", "w"), strict=True)):
        with open(name, mode) as file:
            os.dup2(file.fileno(), number)
    sys.stdin, sys.stdout = os.fdopen(0), os.fdopen(1, "w")
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace")
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["starter.py", *words]
    main(app)
