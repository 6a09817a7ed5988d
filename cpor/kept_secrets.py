"""A secret of this machine, made once and kept in a file that nobody else may read."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from pathlib import Path

LEAST, MOST = 32, 1000
"""Characters of it."""


def kept(file: Path) -> str:
    """What is in the file; it is made if it is not there. Raises `OSError`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        _keep(secrets.token_urlsafe(32), file)
    return _ours(file)


def _ours(file: Path) -> str:
    """Not one that somebody else has put there, or could read."""
    with os.fdopen(
        os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), errors="replace"
    ) as found:
        status = os.fstat(found.fileno())
        if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077:
            raise OSError(errno.EPERM, "it is not ours alone: delete it, and another is made")
        secret = found.read(MOST).strip()
    if len(secret) < LEAST:
        raise OSError(errno.EINVAL, "it has no key in it: delete it, and another is made")
    return secret


def _keep(secret: str, file: Path) -> None:
    """Whole or not at all."""
    scratch = file.with_name(f"{file.name}.{os.getpid()}")
    place = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(place, "w", encoding="ascii") as out:
        out.write(f"{secret}\n")
    try:
        os.link(scratch, file)
    finally:
        scratch.unlink()
