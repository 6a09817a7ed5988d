"""Proof files of this machine: how a claim names one, and its content in pieces."""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from pydantic import ValidationError

from cpor.rules.errors import problems
from cpor.rules.facts import FileReference
from cpor.store.errors import FileRefused

PIECE = 1024 * 1024
MEDIA_TYPES: Mapping[str, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "msg": "application/vnd.ms-outlook",
    "eml": "message/rfc822",
    "png": "image/png",
    "jpg": "image/jpeg",
    "tiff": "image/tiff",
    "txt": "text/plain",
    "csv": "text/csv",
}


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
        try:
            while piece := await asyncio.to_thread(content.read, PIECE):
                yield piece
        finally:
            content.close()
    except OSError as error:
        raise _unreadable(file, error) from None


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
