"""A small process that runs others and never lets them outlive the process that asked for them.

It reads its order, one line of JSON, from standard input. The end of that input means that the
asker wants to stop or is dead: the system closes a pipe even for a process that was killed. On
standard output it reports, a line of JSON each, which processes run and which one ended. When the
first one ends, it ends all.

It runs as a script on the bare standard library, so that it is there at once and weighs little;
nothing else of the package may be imported here.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection
from types import FrameType
from typing import Any, Final

HEARTBEAT: Final = 1.0
PR_SET_PDEATHSIG: Final = 1
ENDING_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

END: Final = b"end"
KEEP: Final = b"keep the log"
ABANDONED: Final = b""
"""What a pipe says when the one who wrote is gone."""

Children = dict[str, "subprocess.Popen[bytes]"]


def main() -> None:
    if os.getpgrp() != os.getpid():
        sys.exit("The supervisor ends its whole process group, so it must lead one of its own.")
    line = sys.stdin.buffer.readline()
    if not line.endswith(b"\n"):
        return  # The asker ended before it could say what it wants.
    order = json.loads(line)
    wakeup = wake_on_signals()
    children: Children = {}
    word = KEEP
    try:
        start_all(order, children)
        word = wait_for_an_end(children, wakeup, order["asker"])
    except OSError as error:
        report({"failed": str(error)})
    finally:
        end(children.values(), wakeup, order["grace"])
        clear(order["folder"], spared=order["log"] if word == KEEP else None)
        if word == ABANDONED and order["litter"]:
            import shutil  # Seldom needed, and the heaviest import of all.

            shutil.rmtree(order["litter"], ignore_errors=True)
        # Children of children may be left. They share this group, and so does this process.
        os.killpg(0, signal.SIGKILL)


def start_all(order: Any, children: Children) -> None:
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for process in order["processes"]:
        children[process["name"]] = subprocess.Popen(
            process["command"],
            cwd=process["folder"],
            env=process["environment"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=order["held"],
            preexec_fn=death_pact(),
        )
    report({"pids": {name: child.pid for name, child in children.items()}})


def wait_for_an_end(children: Children, wakeup: int, asker: int) -> bytes:
    """The asker's last word. When a process ends by itself, its log is worth keeping."""
    while os.getppid() == asker:
        for name, child in children.items():
            if child.poll() is not None:
                report({"ended": name, "code": child.returncode})
                return KEEP
        # The pipe may be held open by a fork of a dead asker, hence the look at the parent.
        ready, _, _ = select.select([0, wakeup], [], [], HEARTBEAT)
        if 0 in ready:
            return os.read(0, 16)
        if wakeup in ready and any(number in ENDING_SIGNALS for number in os.read(wakeup, 64)):
            break
    return ABANDONED


def end(children: Collection[subprocess.Popen[bytes]], wakeup: int, grace: float) -> None:
    os.killpg(0, signal.SIGTERM)  # To this process no more than a wake-up.
    deadline = time.monotonic() + grace
    while any(child.poll() is None for child in children):
        left = deadline - time.monotonic()
        if left <= 0:
            break
        if select.select([wakeup], [], [], min(left, HEARTBEAT))[0]:
            os.read(wakeup, 64)
    for child in children:
        child.kill()
        child.wait()


def clear(folder: str, spared: str | None) -> None:
    try:
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            if path != spared:
                os.unlink(path)
        os.rmdir(folder)
    except OSError:
        pass  # What was spared, or can't be removed, stays: an end must not fail over it.


def report(fact: dict[str, Any]) -> None:
    # The asker may be gone, and with it the only one to tell.
    with contextlib.suppress(BrokenPipeError):
        os.write(1, json.dumps(fact).encode() + b"\n")


def wake_on_signals() -> int:
    """A file descriptor on which the numbers of signals arrive, so that one wait sees them all."""
    receiver, sender = os.pipe()
    os.set_blocking(receiver, False)
    os.set_blocking(sender, False)
    signal.set_wakeup_fd(sender, warn_on_full_buffer=False)
    for number in (*ENDING_SIGNALS, signal.SIGCHLD):
        signal.signal(number, arrive)
    return receiver


def arrive(_number: int, _frame: FrameType | None) -> None:
    """Nothing to do: a signal with a handler is one that wakes."""


def death_pact() -> Callable[[], None] | None:
    """On Linux the kernel can kill a child whose parent was killed; elsewhere it can't."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    supervisor = os.getpid()

    def seal() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != supervisor:
            os._exit(1)

    return seal


if __name__ == "__main__":
    main()
