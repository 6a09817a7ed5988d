"""A key for the worker of one machine, where none is set: made once and kept under var/."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pydantic import SecretStr

from cpor.kept_secrets import kept
from cpor.settings import Settings, SettingsError

KEPT = Path("var/worker.key")


def unless_configured(settings: Settings, tell: Callable[[str], None]) -> Settings:
    if settings.worker_keys is not None:
        return settings
    tell(f"The worker's key is in {KEPT}; where there are several, set CLAIMS_WORKER_KEYS.")
    try:
        key = kept(KEPT)
    except OSError as error:
        why = f"cannot be kept in {KEPT} ({error.strerror}); set CLAIMS_WORKER_KEYS"
        raise SettingsError([f"The worker's key {why}."]) from None
    return settings.model_copy(update={"worker_keys": SecretStr(key)})
