"""Commands as people type them: each a process of its own, in a folder of the test's own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import forked
from tests.examples import PROOF, opening
from tests.forked import Running
from tests.patience import PATIENT

ROOT = Path(__file__).parents[1]
STARTER = (sys.executable, str(ROOT / "starter.py"))
LIMIT = 300.0
FREE_PORTS = {"CLAIMS_MAILBOX_PORT": "0", "CLAIMS_DECLINE_PORT": "0"}


def _clean_environment() -> dict[str, str]:
    """No Temporal, no settings and no buffering of whoever runs the tests; patience, and no look
    into proof that is none."""
    own = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TEMPORAL_", "CLAIMS_", "PYTHONUNBUFFERED"))
    }
    patience = f"{PATIENT.total_seconds():g}"
    return {**own, "CLAIMS_ANSWER_TIMEOUT": patience, "CLAIMS_LOOK_INTO_PROOF": "false"}


@dataclass
class Shell:
    """A folder to type commands in."""

    folder: Path
    environment: dict[str, str] = field(default_factory=_clean_environment)
    workers: list[Running] = field(default_factory=list[Running])

    def starter(
        self, *words: str, given: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """A command in a process that is forked from one that has imported everything."""
        return forked.starter(
            words, self.folder, {**self.environment, **environment}, given.encode(), LIMIT
        )

    def new_starter(
        self, *words: str, given: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """A command in a new interpreter, as people type it: slower."""
        return subprocess.run(
            [*STARTER, *words],
            cwd=self.folder,
            env={**self.environment, **environment},
            input=given,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )

    def json(self, *words: str) -> Any:
        done = self.starter(*words)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def worker(self, **environment: str) -> Running:
        """A worker with an engine of its own, on free ports, once it works."""
        process = self.start_worker(**environment)
        said: list[str] = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("Working."):
                return process
        process.wait(LIMIT)
        raise AssertionError("".join(said) + process.stderr.read())

    def start_worker(self, **environment: str) -> Running:
        """Forked from a process that has imported everything."""
        ports = ("--port", "0", "--ui-port", "0")
        its_own = {**self.environment, **FREE_PORTS, **environment}
        process = Running(ROOT / "worker.py", ports, self.folder, its_own)
        self.workers.append(process)
        return process

    @property
    def engine(self) -> dict[str, Any]:
        return json.loads((self.folder / "var/engine.json").read_text())

    def kill_everything(self) -> None:
        """`kill -9` of worker and engine, as when the machine loses its power."""
        pids = [*self.engine["pids"].values(), self.workers[-1].pid]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        self.workers[-1].wait()

    def until(self, condition: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + LIMIT
        while not (found := condition()):
            assert time.monotonic() < deadline, "it did not come about in time"
            time.sleep(0.1)
        return found


@contextmanager
def shell_in(folder: Path) -> Generator[Shell]:
    """A shell whose workers end with it."""
    shell = Shell(folder)
    try:
        yield shell
    finally:
        for worker in shell.workers:
            if worker.poll() is None:
                worker.terminate()
                worker.wait(LIMIT)


def write_claim(folder: Path, **changes: object) -> Path:
    """A claim as JSON, with its proof file in the same folder."""
    (folder / "sow.pdf").write_bytes(PROOF)
    file = folder / "claim.json"
    data = {**opening("CPOR-7Q2M4X"), "evidence": [{"file": "sow.pdf"}], **changes}
    file.write_text(json.dumps(data))
    return file
