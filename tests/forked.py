"""Runs each program in a process of its own, with everything imported already.

A server imports what the programs import, once, and forks a process for each. That is as good as a
new interpreter for everything a program does, and takes a tenth of the time.
"""

from __future__ import annotations

import contextlib
import os
import runpy
import signal
import sys
import tempfile
from collections.abc import Iterable, Mapping
from multiprocessing import connection, get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired
from threading import Lock, Timer

PRELOADED = [
    "starter",
    "worker",
    "temporalio.client",
    "temporalio.contrib.pydantic",
    "cpor.client",
    "cpor.local_temporal",
    "cpor.rules.claim",
    "cpor.settings",
    "rich.table",
    "standardwebhooks.webhooks",
    "tests.forked",
]
_processes = get_context("forkserver")
_processes.set_forkserver_preload(PRELOADED)
_one_at_a_time = Lock()
"""Whoever starts a process also looks whether others have ended. Where two threads look at once,
one takes the exit code, and the other finds none and says 255."""


def _start(process: BaseProcess) -> None:
    with _one_at_a_time:
        process.start()


def _exit_code(process: BaseProcess, limit: float | None = 0) -> int | None:
    """None where it has not ended in time; without a limit it is waited for."""
    connection.wait([process.sentinel], limit)
    with _one_at_a_time:
        return process.exitcode


class Running:
    """A program that runs, with what the tests use of `subprocess.Popen`.

    What it writes to standard error is read after its end.
    """

    def __init__(
        self, script: Path, words: Iterable[str], folder: Path, environment: Mapping[str, str]
    ) -> None:
        self.words = (str(script), *words)
        self.stderr = tempfile.NamedTemporaryFile("r", encoding="utf-8")  # noqa: SIM115  it outlives this call
        reader, writer = _processes.Pipe(duplex=False)
        with reader, writer:
            self._process = _processes.Process(
                target=_run,
                args=(self.words, folder, dict(environment), writer, self.stderr.name),
            )
            _start(self._process)
            self.stdout = os.fdopen(os.dup(reader.fileno()), encoding="utf-8")

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self.poll()

    def poll(self) -> int | None:
        return _exit_code(self._process)

    def wait(self, timeout: float | None = None) -> int:
        code = _exit_code(self._process, timeout)
        if code is None:
            raise TimeoutExpired(self.words, timeout or 0)
        return code

    def communicate(self, timeout: float) -> tuple[str, str]:
        """What it still writes until its end. It is killed when that does not come in time."""
        limit = Timer(timeout, self.kill)
        limit.start()
        try:
            said = self.stdout.read()
            self.wait()
        finally:
            limit.cancel()
        return said, self.stderr.read()

    def send_signal(self, kind: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, kind)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.wait()
        self.stdout.close()
        self.stderr.close()


def _run(
    words: tuple[str, ...],
    folder: Path,
    environment: Mapping[str, str],
    out: Connection,
    err: str,
) -> None:
    """What `python` does with these words."""
    with open(os.devnull) as nothing, open(err, "w") as errors, out:
        for number, stream in enumerate((nothing, out, errors)):
            os.dup2(stream.fileno(), number)
    _become(words, folder, environment)
    sys.path.insert(0, str(Path(words[0]).parent))
    runpy.run_path(words[0], run_name="__main__")


def starter(
    words: Iterable[str],
    folder: Path,
    environment: Mapping[str, str],
    given: bytes,
    limit: float,
) -> CompletedProcess[str]:
    """What `python starter.py` does with these words."""
    words = tuple(words)
    with contextlib.ExitStack() as files:
        streams = [files.enter_context(tempfile.NamedTemporaryFile()) for _ in range(3)]
        streams[0].write(given)
        streams[0].flush()
        names = [stream.name for stream in streams]
        process = _processes.Process(target=_typed, args=(words, folder, environment, names))
        _start(process)
        code = _exit_code(process, limit)
        if code is None:
            process.kill()
            raise TimeoutExpired(words, limit)
        _, out, err = (Path(name).read_text("utf-8") for name in names)
        return CompletedProcess(words, code, out, err)


def _typed(
    words: tuple[str, ...], folder: Path, environment: Mapping[str, str], names: list[str]
) -> None:
    from cpor.cli.app import main
    from starter import app

    for number, (name, mode) in enumerate(zip(names, ("r", "w", "w"), strict=True)):
        with open(name, mode) as file:
            os.dup2(file.fileno(), number)
    _become(("starter.py", *words), folder, environment)
    main(app)


def _become(words: tuple[str, ...], folder: Path, environment: Mapping[str, str]) -> None:
    """What a new interpreter has as its own, with the streams that are there now."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.stdin, sys.stdout = os.fdopen(0), os.fdopen(1, "w")
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace")
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = list(words)
