"""Stamps: what a worker takes only from a worker carries a MAC by the workers' keys.

Whoever reaches the engine can start workflows and activities and read every history. The keys are
in no history and no message, so a stamp tells what our workers made from what others made up.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from typing import Literal, Self

from cpor.settings import Settings, SettingsError

KEY_ID_BYTES = 4
MAC_BYTES = 16

STAMP = "stamp"
"""Where the metadata of a payment or a call has it."""

Verdict = Literal["ours", "forged", "unknown key"]


def call_parts(workflow_id: str, name: str, content: bytes) -> tuple[bytes | str, ...]:
    """A call is for one workflow and says one thing. Whoever it is from stands in its content."""
    return "call", workflow_id, name, content


class Stamps:
    def __init__(self, keys: Sequence[str]) -> None:
        """`keys`: the first one makes stamps; those of all are recognised."""
        known = [key.encode() for key in keys]
        self._first, self._first_id = known[0], _key_id(known[0])
        self._by_id = {_key_id(key): key for key in known}

    @classmethod
    def of(cls, settings: Settings) -> Self:
        if settings.worker_keys is None:
            raise SettingsError(["CLAIMS_WORKER_KEYS is not set: a worker needs at least one."])
        return cls(settings.worker_keys.get_secret_value().split())

    def make(self, *what: bytes | str) -> bytes:
        """A stamp on just this; its first part says which kind of thing it is."""
        return self._first_id + _mac(self._first, *what)

    def judge(self, stamp: bytes, *what: bytes | str) -> Verdict:
        """A stamp by a key that this worker does not know may be another worker's."""
        key = self._by_id.get(stamp[:KEY_ID_BYTES])
        if key is None:
            return "unknown key" if len(stamp) == KEY_ID_BYTES + MAC_BYTES else "forged"
        is_ours = hmac.compare_digest(stamp[KEY_ID_BYTES:], _mac(key, *what))
        return "ours" if is_ours else "forged"

    def token(self, *what: bytes | str) -> str:
        """A word that only a worker can make, the same each time."""
        return _text(_mac(self._first, "token", *what))


def _key_id(key: bytes) -> bytes:
    return hmac.digest(key, b"key id", hashlib.sha256)[:KEY_ID_BYTES]


def _mac(key: bytes, *what: bytes | str) -> bytes:
    """Of the parts and where each one ends."""
    whole = hmac.new(key, digestmod=hashlib.sha256)
    for part in what:
        content = part.encode() if isinstance(part, str) else part
        whole.update(len(content).to_bytes(8))
        whole.update(content)
    return whole.digest()[:MAC_BYTES]


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()
