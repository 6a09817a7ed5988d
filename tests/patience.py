"""How long the tests wait for a worker's answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cpor import ClaimsClient

PATIENT = timedelta(seconds=100)
"""On a busy machine, where a worker is there."""


def wait_for_nobody(claims: ClaimsClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker is there: a moment is long enough."""
    transport = claims._transport  # pyright: ignore[reportPrivateUsage]  no setting changes midway
    monkeypatch.setattr(transport, "answer_timeout", timedelta(seconds=1))
