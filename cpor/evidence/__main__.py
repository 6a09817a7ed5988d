"""The process that forks a child for each file, as `confinement` tells it to.

It has imported what the children need, and never reads a byte that a stranger wrote.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import resource
import signal
import socket
import sys
import warnings
from collections.abc import Callable, Mapping
from functools import cache
from io import BufferedReader
from typing import Any, NoReturn

from cpor.evidence import reader, types
from cpor.evidence.confinement import (
    BESIDE_OTHERS,
    END,
    MESSAGE,
    MOST_MEMORY,
    MOST_MEMORY_OF_SCANS,
    PID,
    SCANS,
    SECONDS,
    SHEET,
    WORK,
    heard,
)
from cpor.evidence.reading import Reading

READERS = "cpor.evidence.readers"
NEEDED: Mapping[str, tuple[str, ...]] = {
    "pdf": (f"{READERS}.pdf",),
    **dict.fromkeys(("docx", "xlsx", "pptx"), (f"{READERS}.office",)),
    **dict.fromkeys(
        ("eml", "msg"),
        tuple(f"{READERS}.{each}" for each in ("letter", "pdf", "office", "picture")),
    ),
    **dict.fromkeys(("png", "jpg", "tiff"), (f"{READERS}.picture",)),
    SCANS: (f"{READERS}.pdf", f"{READERS}.picture"),
}
WARMED: Mapping[str, str] = {SHEET: "cpor.evidence.tally", SCANS: "cpor.evidence.scans"}


def main() -> None:
    os.nice(BESIDE_OTHERS)
    # Who stops a worker may tell all of its processes, and it still needs their answers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(END, _end)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # A warning shows the line that it comes from, and opens a file for it.
    warnings.simplefilter("ignore")
    children = Children()
    with socket.socket(fileno=sys.stdin.fileno()) as told:
        try:
            while True:
                message, given, _, _ = socket.recv_fds(told, MESSAGE.size, 1)
                if len(message) < MESSAGE.size:
                    return
                command, number = heard(message)
                if command == "bury":
                    children.bury(number)
                else:
                    children.fork(WORK[number], given[0], told)
        finally:
            children.bury_all()


def _end(*_: object) -> NoReturn:
    sys.exit()


class Children:
    """Those whose end nobody has seen: until then no other process has their numbers."""

    def __init__(self) -> None:
        self._pids = set[int]()

    def fork(self, work: str, connection: int, told: socket.socket) -> None:
        self._pids = {pid for pid in self._pids if os.waitpid(pid, os.WNOHANG) == (0, 0)}
        _import_for(work)
        gc.freeze()
        # Told to end in between, it would leave a child that it does not know of.
        signal.pthread_sigmask(signal.SIG_BLOCK, {END})
        pid = 0 if work == SCANS else os.fork()
        if pid == 0:
            told.close()
            answer(work, socket.socket(fileno=connection))
        self._pids.add(pid)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {END})
        os.close(connection)
        if work == "pdf":
            # The next may be signed. This one does not have to wait.
            _import_for_signatures()

    def bury(self, pid: int) -> None:
        if pid in self._pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            self._pids.remove(pid)

    def bury_all(self) -> None:
        for pid in list(self._pids):
            self.bury(pid)


def answer(work: str, connection: socket.socket) -> NoReturn:
    """Of a child: everything after this is at the mercy of what it reads."""
    try:
        connection.sendall(PID.pack(os.getpid()))
        _limit(resource.RLIMIT_AS, MOST_MEMORY_OF_SCANS if work == SCANS else MOST_MEMORY)
        _limit(resource.RLIMIT_CPU, SECONDS)
        with connection.makefile("rb") as given:
            about = json.loads(given.readline())
            connection.sendall(WRITERS.get(work, _reading)(about, given))
    finally:
        # Whatever a library has registered to be done at the end is left.
        os._exit(0)


def _reading(about: Any, given: BufferedReader) -> bytes:
    try:
        content = given.read()
        _import_for(types.type_of(content, about["name"]))
        _import_what_is_rare(content)
        _close_all_doors()
        found = reader.read(content, about["name"], about["media_type"])
    except MemoryError:
        found = Reading.unreadable(types.ending_of(about["name"]), "needs too much memory")
    return found.model_dump_json().encode("utf-8", "replace")


def _sheet(about: Any, given: BufferedReader) -> bytes:
    from cpor.evidence import tally

    _close_all_doors()
    return tally.write(about, given)


def _scans(about: Any, given: BufferedReader) -> bytes:
    from cpor.evidence import scans

    content = given.read()
    _close_all_doors()
    return scans.read(content, about).model_dump_json().encode("utf-8", "replace")


WRITERS: Mapping[str, Callable[[Any, BufferedReader], bytes]] = {SHEET: _sheet, SCANS: _scans}


def _close_all_doors() -> None:
    """No file and no socket can be opened from here on, and no process started."""
    for what in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE):
        _limit(what, 0)


def _limit(what: int, most: int) -> None:
    """Of this process, for good."""
    resource.setrlimit(what, (most, most))


@cache
def _import_for(work: str) -> None:
    """A library that imports late would find that no file can be opened."""
    for module in (*NEEDED.get(work, ()), f"{READERS}.plain"):
        importlib.import_module(module)
    _import_all_of("encodings")
    if "pypdf" in sys.modules:
        _import_all_of("pypdf")
    if work in WARMED:
        importlib.import_module(WARMED[work]).warm_up()


def _import_what_is_rare(content: bytes) -> None:
    if b"vbaProject" in content:
        importlib.import_module("oletools.olevba")
    if b"/ByteRange" in content:
        _import_for_signatures()


@cache
def _import_for_signatures() -> None:
    for library in ("pyhanko", "pyhanko_certvalidator", "cryptography"):
        _import_all_of(library)


@cache
def _import_all_of(name: str) -> None:
    """Some of it may be for other systems, or need what is not installed."""
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, f"{name}.", _ignore):
        if not module.name.endswith(".__main__"):
            with contextlib.suppress(ImportError, AttributeError):
                importlib.import_module(module.name)


def _ignore(_: str) -> None:
    return None


if __name__ == "__main__":
    main()
