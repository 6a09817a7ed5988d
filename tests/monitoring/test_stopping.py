"""How a worker ends that is in the middle of something: within its bound, whatever hangs."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.activities.servers import RawServer
from tests.shell import Shell, shell_in, write_claim
from worker import LONGEST_STOP
from workflows.worker import GRACE

LEFT = "Left before all was finished: Temporal hands it out again.\n"
FINISHING = f"Finishing what runs, {GRACE.seconds} s at most.\n"
SLACK = 4.0
"""Seconds that a busy machine may need besides."""


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Shell]:
    """Its worker waits for a mail server that says nothing."""
    called = asyncio.Event()
    async with RawServer(lambda reader, writer: called.set()) as silent:
        with shell_in(tmp_path) as shell:
            await asyncio.to_thread(
                shell.worker,
                CLAIMS_SMTP_HOST="127.0.0.1",
                CLAIMS_SMTP_PORT=str(silent.port),
                CLAIMS_SMTP_TLS="none",
                CLAIMS_SMTP_TIMEOUT="100",
            )
            claim = str(write_claim(shell.folder))
            started = await asyncio.to_thread(shell.starter, "start", claim)
            assert started.returncode == 0, started.stderr
            await asyncio.wait_for(called.wait(), 30)
            yield shell


def test_it_ends_within_its_bound_though_mail_server_and_engine_hang(shell: Shell) -> None:
    worker, engine = shell.workers[-1], shell.engine["pids"]
    for name, pid in engine.items():
        if name != "supervisor":
            os.kill(pid, signal.SIGSTOP)
    begun = time.monotonic()
    worker.terminate()
    said, why = worker.communicate(timeout=LONGEST_STOP.total_seconds() + SLACK)
    assert GRACE.total_seconds() - 1 < time.monotonic() - begun
    assert (worker.returncode, said) == (0, FINISHING + LEFT)
    assert "Traceback" not in why
    shell.until(lambda: not any(map(_runs, engine.values())))


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once(shell: Shell, kind: signal.Signals) -> None:
    worker = shell.workers[-1]
    worker.send_signal(kind)
    assert _line(worker) == FINISHING
    worker.send_signal(kind)
    said, why = worker.communicate(timeout=SLACK)
    assert (worker.returncode, said) == (0, LEFT)
    assert "Traceback" not in why


def test_why_the_engine_died_is_told_before_what_runs_is_waited_for(shell: Shell) -> None:
    worker = shell.workers[-1]
    (engine,) = (pid for name, pid in shell.engine["pids"].items() if name == "server")
    os.kill(engine, signal.SIGKILL)
    assert _line(worker) == FINISHING
    worker.terminate()
    _, why = worker.communicate(timeout=SLACK)
    assert worker.returncode == 1
    assert "The Temporal engine's process 'server' ended " in why.partition("shutdown")[0]


def _line(worker: subprocess.Popen[str]) -> str:
    assert worker.stdout is not None
    return worker.stdout.readline()


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
