"""How a worker ends that is in the middle of something: within its bound, whatever hangs."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.activities.servers import RawServer
from tests.forked import Running
from tests.monitoring.claims import open_claim
from tests.shell import Shell, shell_in
from worker import LONGEST_STOP
from workflows.worker import GRACE

LEFT = "Left before all was finished: Temporal hands it out again.\n"
FINISHING = f"Finishing what runs, {GRACE.seconds} s at most.\n"
SLACK = 40.0
"""Seconds that a busy machine may need besides."""
AT_ONCE = GRACE.total_seconds() - 2
"""Seconds that a busy machine may need for what waits for nothing: less than what runs gets."""


@dataclass
class MailServer:
    """It says nothing, until it is told to hang up."""

    called: asyncio.Event
    hangs_up: asyncio.Event

    async def talk(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.called.set()
        await self.hangs_up.wait()
        writer.close()


@pytest.fixture
def mail_server() -> MailServer:
    return MailServer(asyncio.Event(), asyncio.Event())


@pytest.fixture
async def shell(tmp_path: Path, mail_server: MailServer) -> AsyncIterator[Shell]:
    """Its worker waits for the mail server."""
    async with RawServer(mail_server.talk) as silent:
        with shell_in(tmp_path) as shell:
            await asyncio.to_thread(
                shell.worker,
                CLAIMS_SMTP_HOST="127.0.0.1",
                CLAIMS_SMTP_PORT=str(silent.port),
                CLAIMS_SMTP_TLS="none",
                CLAIMS_SMTP_TIMEOUT="100",
            )
            await open_claim(shell, "CPOR-7Q2M4X")
            await asyncio.wait_for(mail_server.called.wait(), SLACK)
            yield shell


@pytest.mark.thorough
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


@pytest.mark.thorough
@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_that_comes_seconds_later_ends_it_at_once(
    shell: Shell, kind: signal.Signals
) -> None:
    worker = shell.workers[-1]
    worker.send_signal(kind)
    assert _line(worker) == FINISHING
    assert _impatiently_ended(worker, kind)[0] == LEFT
    assert worker.returncode == 0


async def test_two_signals_at_the_same_moment_are_one(
    shell: Shell, mail_server: MailServer
) -> None:
    """Two of one kind may arrive as one; so these are of two kinds."""
    worker = shell.workers[-1]
    worker.send_signal(signal.SIGTERM)
    worker.send_signal(signal.SIGINT)
    assert await asyncio.to_thread(_line, worker) == FINISHING
    mail_server.hangs_up.set()
    said, why = await asyncio.to_thread(worker.communicate, SLACK)
    assert (worker.returncode, said) == (0, "")
    assert "Traceback" not in why


def test_why_the_engine_died_is_told_before_what_runs_is_waited_for(shell: Shell) -> None:
    worker = shell.workers[-1]
    (engine,) = (pid for name, pid in shell.engine["pids"].items() if name == "server")
    os.kill(engine, signal.SIGKILL)
    assert _line(worker) == FINISHING
    _, why = _impatiently_ended(worker, signal.SIGTERM)
    assert worker.returncode == 1
    assert "The Temporal engine's process 'server' ended " in why.partition("shutdown")[0]


def _impatiently_ended(worker: Running, kind: signal.Signals) -> tuple[str, str]:
    """Send the signal again and again, as people do; what the worker wrote until its end."""
    deadline = time.monotonic() + AT_ONCE
    while worker.poll() is None:
        assert time.monotonic() < deadline, "it goes on"
        worker.send_signal(kind)
        time.sleep(0.1)
    said, why = worker.communicate(SLACK)
    assert "Traceback" not in why
    return said, why


def _line(worker: Running) -> str:
    return worker.stdout.readline()


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
