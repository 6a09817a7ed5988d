from __future__ import annotations

import os

import pytest
from pydantic import ValidationError

from settings import MailServer, Settings, SettingsError


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("CLAIMS_"):
            monkeypatch.delenv(name)


def problems_of(monkeypatch: pytest.MonkeyPatch, **variables: str) -> tuple[str, ...]:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as raised:
        Settings.load()
    return raised.value.problems


def test_the_defaults_work_as_they_are() -> None:
    assert Settings.load().mail_server == MailServer("127.0.0.1", 1025)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAIMS_SMTP_HOST", "mail.company.example")
    monkeypatch.setenv("CLAIMS_RETENTION_DAYS", "30")
    settings = Settings.load()
    assert settings.mail_server == MailServer("mail.company.example", 587, "starttls")
    assert settings.retention_days == 30


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAIMS_SMTP_HOST", "")
    assert Settings.load().smtp_host is None


def test_a_misspelt_variable_is_named_with_what_was_meant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert problems_of(monkeypatch, CLAIMS_SMTP_HOTS="x") == (
        "CLAIMS_SMTP_HOTS is not a setting; the nearest is CLAIMS_SMTP_HOST.",
    )


def test_all_that_is_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found = problems_of(
        monkeypatch,
        CLAIMS_SMTP_PORT="70000",
        CLAIMS_SMTP_TLS="ssl",
        CLAIMS_SENDER="nobody",
        CLAIMS_DEFAULT_EDITION="1999",
        CLAIMS_CLAIM_PAGE_URL="https://portal.example/",
        CLAIMS_HAND_OFF_URL="ftp://engine.example",
        CLAIMS_OUTBOX="x",
    )
    assert found == (
        "CLAIMS_OUTBOX is not a setting; the nearest is CLAIMS_OUTBOX_FOLDER.",
        "CLAIMS_SMTP_PORT must be less than or equal to 65535.",
        "CLAIMS_SMTP_TLS must be 'none', 'starttls' or 'tls'.",
        "CLAIMS_SENDER must be an address such as Claims <claims@company.example>.",
        "CLAIMS_HAND_OFF_URL must be an address such as https://company.example/page.",
        "CLAIMS_DEFAULT_EDITION must be one of 2020.",
        "CLAIMS_CLAIM_PAGE_URL must have {claim_id} where the claim's id belongs.",
    )


@pytest.mark.parametrize("host", ["mail.company.example", "10.0.0.1", "::2"])
def test_a_password_is_never_sent_readable(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    (problem,) = problems_of(
        monkeypatch,
        CLAIMS_SMTP_HOST=host,
        CLAIMS_SMTP_TLS="none",
        CLAIMS_SMTP_USER="us",
        CLAIMS_SMTP_PASSWORD="hush",
    )
    assert problem == (
        f"CLAIMS_SMTP_TLS=none would send the password readable to {host}: use starttls or tls."
    )


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_on_loopback_nobody_reads_along(host: str) -> None:
    settings = Settings.model_validate(
        {"smtp_host": host, "smtp_tls": "none", "smtp_user": "us", "smtp_password": "hush"}
    )
    assert settings.mail_server.port == 25
    assert "hush" not in repr(settings)


def test_half_a_login_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    (problem,) = problems_of(monkeypatch, CLAIMS_SMTP_HOST="x.example", CLAIMS_SMTP_USER="us")
    assert "go together" in problem


def test_settings_do_not_change(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError):
        Settings.load().smtp_port = 1  # type: ignore[misc]  # what the test is about


def test_each_setting_is_described() -> None:
    assert all(field.description for field in Settings.model_fields.values())
