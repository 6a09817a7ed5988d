"""A secret of this machine, made once and kept in a file that nobody else may read."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path


def kept(file: Path) -> str:
    """What is in the file; it is made if it is not there. Raises `OSError`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        _keep(secrets.token_urlsafe(32), file)
    return file.read_text("ascii").strip()


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
