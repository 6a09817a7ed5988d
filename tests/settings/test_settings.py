from __future__ import annotations

import os
from base64 import b64encode

import pytest
from pydantic import ValidationError

from cpor.rules import editions
from cpor.settings import MailServer, Settings, SettingsError


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
        f"CLAIMS_DEFAULT_EDITION must be one of {', '.join(editions.names())}.",
        "CLAIMS_CLAIM_PAGE_URL must have {claim_id} where the claim's id belongs.",
    )


@pytest.mark.parametrize(
    ("name", "value", "bound"),
    [
        ("CLAIMS_RETENTION_DAYS", "99999999999", "less than or equal to 36500"),
        ("CLAIMS_SMTP_TIMEOUT", "inf", "less than or equal to 100"),
        ("CLAIMS_SMTP_TIMEOUT", "nan", "less than or equal to 100"),
        ("CLAIMS_SMTP_TIMEOUT", "0", "greater than 0"),
        ("CLAIMS_HAND_OFF_TIMEOUT", "1e9", "less than or equal to 100"),
        ("CLAIMS_DIRECTORY_TIMEOUT", "100.1", "less than or equal to 100"),
    ],
)
def test_a_number_has_bounds_that_fit_what_it_is_for(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, bound: str
) -> None:
    assert problems_of(monkeypatch, **{name: value}) == (f"{name} must be {bound}.",)


@pytest.mark.parametrize(
    "value",
    [
        "a@b.example, c@d.example",
        "Claims <a@b.example> junk",
        "Claims <a@b.example>, ",
        "Claims <a@b.example>;",
        "a@b.example junk",
        "Claims, Inc <a@b.example>",
        "x <y> <a@b.example>",
    ],
)
def test_an_address_is_one_and_nothing_is_left_over(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    assert problems_of(monkeypatch, CLAIMS_REPLY_TO=value) == (
        "CLAIMS_REPLY_TO must be an address such as Claims <claims@company.example>.",
    )


@pytest.mark.parametrize(
    "value",
    ["a@b.example", "<a@b.example>", "Claims Ltd. <a@b.example>", '"Claims, Inc" <a@b.example>'],
)
def test_an_address_may_have_a_name(value: str) -> None:
    assert Settings.model_validate({"reply_to": value}).reply_to == value


@pytest.mark.parametrize(
    ("metrics", "health"),
    [
        ("127.0.0.1:8080", "127.0.0.1:8080"),
        ("0.0.0.0:8080", "127.0.0.1:8080"),
        ("127.0.0.1:8080", "[::]:8080"),
    ],
)
def test_two_things_are_not_shown_at_one_port(
    monkeypatch: pytest.MonkeyPatch, metrics: str, health: str
) -> None:
    both = {"CLAIMS_METRICS_ADDRESS": metrics, "CLAIMS_HEALTH_ADDRESS": health}
    assert problems_of(monkeypatch, **both) == (
        "CLAIMS_METRICS_ADDRESS and CLAIMS_HEALTH_ADDRESS are the same port: "
        "set one of them to another.",
    )


@pytest.mark.parametrize("place", ["clamav:3310", "10.0.0.1:3310", "[::1]:3310", "/run/clamd.ctl"])
def test_a_virus_scanner_is_at_a_host_and_port_or_at_a_socket(place: str) -> None:
    assert Settings.model_validate({"clamd": place}).clamd == place


@pytest.mark.parametrize(
    "place", ["3310", "clamav", "clamav:", "clamav:0", "::1:3310", "a/b", "a b:1"]
)
def test_a_virus_scanner_is_nowhere_else(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    assert problems_of(monkeypatch, CLAIMS_CLAMD=place) == (
        "CLAIMS_CLAMD must be a host and a port such as 127.0.0.1:3310, or the path of a socket "
        "such as /run/clamav/clamd.ctl.",
    )


def test_one_port_may_be_used_at_two_addresses() -> None:
    both = {"metrics_address": "127.0.0.1:8080", "health_address": "[::1]:8080"}
    assert Settings.model_validate(both)


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


@pytest.mark.parametrize("host", ["mail.company.example", "10.0.0.1", "mailpit"])
def test_mails_are_sent_readable_only_where_somebody_has_allowed_it(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    plain = {"CLAIMS_SMTP_HOST": host, "CLAIMS_SMTP_TLS": "none"}
    assert problems_of(monkeypatch, **plain) == (
        f"CLAIMS_SMTP_TLS=none would send mails readable to {host}: use starttls or tls, "
        "or set CLAIMS_SMTP_PLAIN_ALLOWED=true where nobody listens in.",
    )
    monkeypatch.setenv("CLAIMS_SMTP_PLAIN_ALLOWED", "true")
    assert Settings.load().mail_server == MailServer(host, 25)
    (problem,) = problems_of(
        monkeypatch, CLAIMS_SMTP_USER="us", CLAIMS_SMTP_PASSWORD="hush", **plain
    )
    assert "the password readable" in problem, "which nobody can allow"


def test_reviewers_have_addresses_by_their_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAIMS_REVIEWER_EMAILS", '{"kim": "Kim <kim@vendor.example>"}')
    assert Settings.load().reviewer_emails == {"kim": "Kim <kim@vendor.example>"}


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("kim@vendor.example", "must be a JSON object with an address for each reviewer's id."),
        ('["kim"]', "must be an object."),
        ('{"kim": 7}', "must be a text."),
        (
            '{"lee": "lee@vendor.example", "kim": "Kim"}',
            "must have for 'kim' an address in plain ASCII, on one line, "
            "such as Kim <kim@company.example>.",
        ),
        (
            r'{"kim": "Kim <kim@vendor.example>\nBcc: eva@vendor.example"}',
            "must have for 'kim' an address in plain ASCII, on one line, "
            "such as Kim <kim@company.example>.",
        ),
        (
            '{" ": "kim@vendor.example"}',
            "must name each reviewer by an id without blanks around it.",
        ),
    ],
)
def test_what_is_wrong_with_a_reviewers_address_is_told_at_start(
    monkeypatch: pytest.MonkeyPatch, value: str, problem: str
) -> None:
    found = problems_of(monkeypatch, CLAIMS_REVIEWER_EMAILS=value)
    assert found == (f"CLAIMS_REVIEWER_EMAILS {problem}",)


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


@pytest.mark.parametrize("url", ["http://x:99999", "http://x:0", "http://x:y", "http://[::1", "x"])
def test_a_web_address_can_be_called(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert problems_of(monkeypatch, CLAIMS_DIRECTORY_URL=url) == (
        "CLAIMS_DIRECTORY_URL must be an address such as https://company.example/page.",
    )


def test_no_directory_is_asked_unless_one_is_set() -> None:
    assert Settings.load().directory_url is None


def test_a_token_is_for_a_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    assert problems_of(monkeypatch, CLAIMS_DIRECTORY_TOKEN="hush") == (
        "CLAIMS_DIRECTORY_TOKEN needs CLAIMS_DIRECTORY_URL, which is not set.",
    )


@pytest.mark.parametrize("host", ["directory.example", "10.0.0.1", "127.0.0.1.example"])
def test_a_token_is_never_sent_readable(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    found = problems_of(
        monkeypatch,
        CLAIMS_DIRECTORY_URL=f"http://{host}:8400/ask",
        CLAIMS_DIRECTORY_TOKEN="hush",
    )
    assert found == (f"CLAIMS_DIRECTORY_URL would send the token readable to {host}: use https.",)


@pytest.mark.parametrize(
    "url",
    ["https://directory.example", "http://127.0.0.1:8400", "http://[::1]", "http://localhost"],
)
def test_a_token_may_go_where_nobody_reads_along(url: str) -> None:
    settings = Settings.model_validate({"directory_url": url, "directory_token": "hush"})
    assert settings.directory_url == url
    assert "hush" not in repr(settings)


def test_a_directory_without_a_token_may_be_anywhere() -> None:
    assert Settings.model_validate({"directory_url": "http://directory.example"})


def test_the_directorys_address_holds_no_login(monkeypatch: pytest.MonkeyPatch) -> None:
    (problem,) = problems_of(monkeypatch, CLAIMS_DIRECTORY_URL="https://us:hush@directory.example")
    assert problem == ("CLAIMS_DIRECTORY_URL must not hold a login: use CLAIMS_DIRECTORY_TOKEN.")


@pytest.mark.parametrize("token", ["two words", "line\n", "größe"])
def test_a_token_fits_into_a_header(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    found = problems_of(
        monkeypatch, CLAIMS_DIRECTORY_URL="https://directory.example", CLAIMS_DIRECTORY_TOKEN=token
    )
    assert found == ("CLAIMS_DIRECTORY_TOKEN must be one word of plain ASCII characters.",)


GOOD_KEY = "whsec_" + b64encode(b"x" * 24).decode()
AMISS = "must be one or two secrets: whsec_ and then 24 to 64 bytes in base64."


@pytest.mark.parametrize("keys", [GOOD_KEY, f"{GOOD_KEY} {GOOD_KEY}", f" {GOOD_KEY}\n"])
def test_one_key_signs_or_two_while_they_are_changed(keys: str) -> None:
    settings = Settings.model_validate(
        {
            "hand_off_url": "https://engine.example",
            "hand_off_keys": keys,
            "portal_events_url": "https://portal.example",
            "portal_events_keys": keys,
        }
    )
    assert GOOD_KEY not in repr(settings)


@pytest.mark.parametrize(
    "keys",
    [
        " ",
        "hush",
        GOOD_KEY[:-1],
        GOOD_KEY.replace("_", "-"),
        GOOD_KEY[:-1] + "_",
        f"{GOOD_KEY},{GOOD_KEY}",
        f"{GOOD_KEY} hush",
        " ".join([GOOD_KEY] * 3),
        "whsec_" + b64encode(b"x" * 23).decode(),
        "whsec_" + b64encode(b"x" * 65).decode(),
        "whsk_" + b64encode(b"x" * 32).decode(),
        "whsec_größe",
    ],
)
def test_a_key_is_whole_or_none(monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    found = problems_of(
        monkeypatch,
        CLAIMS_HAND_OFF_URL="https://engine.example",
        CLAIMS_HAND_OFF_KEYS=keys,
        CLAIMS_PORTAL_EVENTS_URL="https://portal.example",
        CLAIMS_PORTAL_EVENTS_KEYS=keys,
    )
    assert found == (f"CLAIMS_HAND_OFF_KEYS {AMISS}", f"CLAIMS_PORTAL_EVENTS_KEYS {AMISS}")


@pytest.mark.parametrize("receiver", ["HAND_OFF", "PORTAL_EVENTS"])
def test_keys_are_for_a_receiver(monkeypatch: pytest.MonkeyPatch, receiver: str) -> None:
    assert problems_of(monkeypatch, **{f"CLAIMS_{receiver}_KEYS": GOOD_KEY}) == (
        f"CLAIMS_{receiver}_KEYS needs CLAIMS_{receiver}_URL, which is not set.",
    )


def test_no_portal_is_told_unless_one_is_set() -> None:
    assert Settings.load().portal_events_url is None


def test_settings_do_not_change(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError):
        Settings.load().smtp_port = 1  # type: ignore[misc]  # what the test is about


def test_each_setting_is_described() -> None:
    assert all(field.description for field in Settings.model_fields.values())


# The customer's page

LINK_SECRET = "x" * 32


def test_no_page_is_linked_unless_one_is_set() -> None:
    assert Settings.load().decline_url is None


@pytest.mark.parametrize("secret", [LINK_SECRET, f"{LINK_SECRET} {'y' * 40}", f" {LINK_SECRET}\n"])
def test_one_secret_signs_links_or_two_while_they_are_changed(secret: str) -> None:
    settings = Settings.model_validate(
        {"decline_url": "https://company.example/cpor/", "link_secret": secret}
    )
    assert settings.decline_url == "https://company.example/cpor"
    assert LINK_SECRET not in repr(settings)


@pytest.mark.parametrize("secret", ["x" * 31, " ", "ü" * 32, " ".join([LINK_SECRET] * 3)])
def test_a_secret_for_links_is_long_enough(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    found = problems_of(
        monkeypatch, CLAIMS_DECLINE_URL="https://company.example", CLAIMS_LINK_SECRET=secret
    )
    assert found == (
        "CLAIMS_LINK_SECRET must be one or two secrets, newest first: "
        "at least 32 plain ASCII characters each.",
    )


@pytest.mark.parametrize(
    "half", [{"CLAIMS_DECLINE_URL": "https://x.example"}, {"CLAIMS_LINK_SECRET": LINK_SECRET}]
)
def test_a_page_and_its_secret_go_together(
    monkeypatch: pytest.MonkeyPatch, half: dict[str, str]
) -> None:
    assert problems_of(monkeypatch, **half) == (
        "CLAIMS_DECLINE_URL and CLAIMS_LINK_SECRET go together: set both or neither.",
    )


def test_a_link_is_never_sent_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    (problem,) = problems_of(
        monkeypatch,
        CLAIMS_DECLINE_URL="http://company.example",
        CLAIMS_LINK_SECRET=LINK_SECRET,
    )
    assert problem == (
        "CLAIMS_DECLINE_URL would let others read the links to company.example: use https."
    )


@pytest.mark.parametrize("url", ["https://us:hush@x.example", "https://x.example/?a=b", "x"])
def test_a_pages_address_can_be_written_on(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    (problem,) = problems_of(monkeypatch, CLAIMS_DECLINE_URL=url, CLAIMS_LINK_SECRET=LINK_SECRET)
    assert problem.startswith("CLAIMS_DECLINE_URL must be an address")
