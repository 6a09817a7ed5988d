"""A key for the worker of one machine, where none is set: made once and kept under var/."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from pydantic import SecretStr

from cpor.settings import Settings, SettingsError

KEPT = Path("var/worker.key")
LEAST, MOST = 32, 1000
"""Characters of it."""


def unless_configured(settings: Settings, tell: Callable[[str], None]) -> Settings:
    if settings.worker_keys is not None:
        return settings
    tell(f"The worker's key is in {KEPT}; where there are several, set CLAIMS_WORKER_KEYS.")
    try:
        key = _kept()
    except OSError as error:
        why = f"cannot be kept in {KEPT} ({error.strerror}); set CLAIMS_WORKER_KEYS"
        raise SettingsError([f"The worker's key {why}."]) from None
    return settings.model_copy(update={"worker_keys": SecretStr(key)})


def _kept() -> str:
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        _keep(secrets.token_urlsafe(32))
    return _ours()


def _ours() -> str:
    """Not one that somebody else has put there, or could read."""
    with os.fdopen(
        os.open(KEPT, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), errors="replace"
    ) as file:
        found = os.fstat(file.fileno())
        if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
            raise SettingsError([f"{KEPT} is not ours alone: delete it, and another is made."])
        key = file.read(MOST).strip()
    if len(key) < LEAST:
        raise SettingsError([f"{KEPT} has no key in it: delete it, and another is made."])
    return key


def _keep(key: str) -> None:
    """Whole or not at all, and for nobody else to read."""
    scratch = KEPT.with_name(f"{KEPT.name}.{os.getpid()}")
    place = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(place, "w", encoding="ascii") as file:
        file.write(f"{key}\n")
    try:
        os.link(scratch, KEPT)
    finally:
        scratch.unlink()
