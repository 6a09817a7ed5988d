"""A demo shows what happens; it happens to nobody."""

from __future__ import annotations

import pytest

from cpor.settings import Settings
from demo.stage import own_settings


def test_the_demo_asks_and_tells_nobody_whatever_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = own_settings()
    for name, value in {
        "directory_url": "https://directory.example",
        "directory_token": "a-token-of-the-real-directory",
        "hand_off_url": "https://engine.example",
        "portal_events_url": "https://portal.example",
        "smtp_host": "mail.example",
        "reviewer_emails": '{"kim": "kim@company.example"}',
        "default_edition": "2023",
    }.items():
        monkeypatch.setenv(f"CLAIMS_{name.upper()}", value)
    assert Settings.load().directory_url is not None
    assert own_settings() == usual
    assert usual.directory_url is usual.hand_off_url is usual.portal_events_url is None
    assert (usual.smtp_host, usual.reviewer_emails) == (None, {})
