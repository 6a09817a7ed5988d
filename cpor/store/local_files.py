"""Proof files of this machine: how a claim names one, and its content in pieces."""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack
from errno import ELOOP, ENOENT, ENOTDIR, ENXIO
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from cpor.rules.errors import problems
from cpor.rules.facts import FileReference
from cpor.rules.proof_files import MEDIA_TYPES
from cpor.store.errors import FileChanged, FileMissing, FileRefused

PIECE = 1024 * 1024
NO_FILE = (ENOENT, ENOTDIR, ELOOP, ENXIO)
"""Nothing there; a link in its place or on the way; a socket."""


def refer(file: Path) -> FileReference:
    """How a claim names this file; whether it may be proof is checked before it is read."""
    try:
        reference = FileReference(
            sha256=hashlib.sha256().hexdigest(),
            name=file.name,
            media_type=MEDIA_TYPES.get(file.suffix[1:].lower(), "application/octet-stream"),
            size=_size(file),
        )
        with file.open("rb") as content:
            sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    except ValidationError as error:
        wrong = "; ".join(f"its {problem}" for problem in problems(error))
        raise _refused(file, f"cannot be proof: {wrong}".replace(": must", " must")) from None
    except (OSError, ValueError) as error:
        raise _unreadable(file, error) from None
    return reference.model_copy(update={"sha256": sha256})


async def pieces_of(file: Path) -> AsyncIterator[bytes]:
    """The content; to open what has become a pipe since it was checked would wait for ever."""
    try:
        _size(file)
        content = await asyncio.to_thread(file.open, "rb")
        async for piece in _pieces(content):
            yield piece
    except OSError as error:
        raise _unreadable(file, error) from None


async def regular_file(
    root: Path, names: Sequence[str], size: int | None = None
) -> AsyncIterator[bytes]:
    """The content of a file below a folder that others write to.

    `FileMissing` where it is none, or where a link leads to it; none is followed, nothing waits.
    """
    content = await asyncio.to_thread(_opened_below, root, names)
    found = os.fstat(content.fileno())
    if size not in (None, found.st_size):
        content.close()
        raise FileChanged(f"The file at {'/'.join(names)} does not have {size} bytes.")
    async for piece in _pieces(content):
        yield piece


async def _pieces(content: IO[bytes]) -> AsyncIterator[bytes]:
    try:
        while piece := await asyncio.to_thread(content.read, PIECE):
            yield piece
    finally:
        content.close()


def _opened_below(root: Path, names: Sequence[str]) -> IO[bytes]:
    *folders, name = names
    with ExitStack() as opened:

        def step(name: str | Path, how: int, folder: int | None) -> int:
            descriptor = os.open(name, os.O_RDONLY | how, dir_fd=folder)
            opened.callback(os.close, descriptor)
            return descriptor

        try:
            place = step(root, os.O_DIRECTORY, None)
            for folder in folders:
                place = step(folder, os.O_DIRECTORY | os.O_NOFOLLOW, place)
            file = step(name, os.O_NONBLOCK | os.O_NOFOLLOW, place)
            if stat.S_ISREG(os.fstat(file).st_mode):
                return os.fdopen(os.dup(file), "rb")
        except OSError as error:
            if error.errno not in NO_FILE:
                raise
    raise FileMissing(f"No file lies at {'/'.join(names)}.")


def _size(file: Path) -> int:
    found = file.stat()
    if not stat.S_ISREG(found.st_mode):
        raise _refused(file, "cannot be proof: it is no regular file")
    return found.st_size


def _unreadable(file: Path, error: OSError | ValueError) -> FileRefused:
    code = error.errno if isinstance(error, OSError) else None
    return _refused(file, f"cannot be read: {os.strerror(code) if code else error}")


def _refused(file: Path, why: str) -> FileRefused:
    shown = str(file) if str(file).isprintable() else repr(str(file))
    return FileRefused(f"{shown} {why}.")
