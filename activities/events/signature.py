"""Standard Webhooks: the receiver can tell that a request is ours, whole and new.

Every key signs. While a key is changed there are two, and a receiver that knows either is content.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from pydantic import SecretStr
from standardwebhooks import Webhook


def wall_clock() -> datetime:
    """What the machine's clock says, which no other activity asks.

    A receiver turns away what is minutes old by its own clock. The claim's time is of no use
    there: it may have been skipped ahead by weeks.
    """
    return datetime.now(UTC)


class Signer:
    def __init__(self, keys: SecretStr | None, clock: Callable[[], datetime] = wall_clock) -> None:
        self._keys = [Webhook(key) for key in keys.get_secret_value().split()] if keys else []
        self._clock = clock

    def headers(self, event_id: str, body: bytes) -> Mapping[str, str]:
        """For one attempt, now. Without a key there are none."""
        if not self._keys:
            return {}
        now, text = self._clock(), body.decode()
        return {
            "webhook-id": event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(key.sign(event_id, now, text) for key in self._keys),
        }
