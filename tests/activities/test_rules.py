"""The rules a claim is given at its first submission, and the places they are looked up for."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from activities.rules import RulesActivity
from cpor.rules.deadlines import Calendars, Clock, Window
from cpor.rules.pinning import PinnedRules, PinQuestion
from cpor.settings import Settings, SettingsError
from tests.activities.conftest import Attempts
from tests.shell import ROOT

AT = datetime(2026, 12, 22, 16, tzinfo=UTC)
QUESTION = PinQuestion(at=AT, edition=None, partner_country="DE", customer_country="SE")


async def pinned(
    attempt: Attempts, settings: Settings, question: PinQuestion = QUESTION
) -> PinnedRules:
    return await attempt(RulesActivity(settings).pin_rules, question)


async def test_reviewers_partner_and_customer_each_have_their_own_calendar(
    attempt: Attempts, settings: Settings
) -> None:
    calendars = (await pinned(attempt, settings)).calendars
    assert (calendars.reviewer.name, calendars.reviewer.zone) == (
        "United States, Washington",
        "America/Los_Angeles",
    )
    assert (calendars.partner.name, calendars.partner.zone) == ("Germany", "Europe/Berlin")
    assert (calendars.customer.name, calendars.customer.zone) == ("Sweden", "Europe/Stockholm")
    assert calendars.partner.holidays[date(2026, 12, 25)] == "Christmas Day"


async def test_a_partner_whose_country_nobody_knows_is_told_so(
    attempt: Attempts, settings: Settings
) -> None:
    question = QUESTION.model_copy(update={"partner_country": "XX"})
    calendars = (await pinned(attempt, settings, question)).calendars
    assert calendars.partner.name == "Monday to Friday in UTC: no calendar is known for XX"


async def test_parts_and_zones_of_countries_are_settings(
    attempt: Attempts, settings: Settings
) -> None:
    here = {"subdivisions": {"DE": "BY"}, "zones": {"SE": "Europe/Helsinki"}}
    calendars = (await pinned(attempt, settings.model_copy(update=here))).calendars
    assert calendars.partner.holidays[date(2027, 1, 6)] == "Epiphany"
    assert calendars.customer.zone == "Europe/Helsinki"


async def test_a_region_has_its_own_holidays_and_its_own_zone(
    attempt: Attempts, settings: Settings
) -> None:
    here = {"zones": {"US": "America/New_York"}, "subdivisions": {"US": "NY"}}
    place = {"partner_country": "US", "partner_region": "US-WA"}
    question = QUESTION.model_copy(update=place)
    partner = (await pinned(attempt, settings.model_copy(update=here), question)).calendars.partner
    assert (partner.name, partner.zone) == ("United States, Washington", "America/Los_Angeles")


async def test_a_time_zone_of_its_own_goes_before_that_of_the_region(
    attempt: Attempts, settings: Settings
) -> None:
    place = {"customer_region": "SE-AB", "customer_zone": "Europe/Helsinki"}
    customer = (
        await pinned(attempt, settings, QUESTION.model_copy(update=place))
    ).calendars.customer
    assert customer.zone == "Europe/Helsinki"


async def test_a_region_or_zone_that_nobody_knows_is_left_out_and_the_deadline_says_so(
    attempt: Attempts, settings: Settings
) -> None:
    place = {"partner_region": "DE-QQ", "partner_zone": "Europe/Atlantis"}
    partner = (await pinned(attempt, settings, QUESTION.model_copy(update=place))).calendars.partner
    assert partner.zone == "Europe/Berlin"
    assert partner.name == (
        "Germany (no time zone Europe/Atlantis is known; no part QQ of it is known)"
    )


async def test_the_reviewers_own_closures_are_pinned_with_the_days(
    attempt: Attempts, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "closures.txt"
    file.write_text("# offices\n2026-12-24 Closed\n\n2026-12-25 Party\n2026-12-28\n")
    here = settings.model_copy(update={"reviewers_closures": str(file)})
    calendars = (await pinned(attempt, here)).calendars
    days = [date(2026, 12, day) for day in (24, 25, 28)]
    assert [calendars.reviewer.why_off(day) for day in days] == [
        *("Closed", "Christmas Day", "closed")
    ]
    assert calendars.partner.why_off(date(2026, 12, 24)) is None


def test_a_file_of_closures_that_cannot_be_read_is_told_at_start(
    settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "closures.txt"
    file.write_text("2026-12-24 Closed\n24 December\n")
    here = settings.model_copy(update={"reviewers_closures": str(file)})
    with pytest.raises(SettingsError, match="line 2 must begin with a date such as 2026-12-24"):
        RulesActivity(here)
    with pytest.raises(SettingsError, match=r"CLAIMS_REVIEWERS_CLOSURES: .*No such file"):
        RulesActivity(settings.model_copy(update={"reviewers_closures": "nowhere.txt"}))


async def test_days_are_known_from_before_the_question_for_more_than_a_year(
    attempt: Attempts, settings: Settings
) -> None:
    calendars = (await pinned(attempt, settings)).calendars
    for calendar in (calendars.reviewer, calendars.partner, calendars.customer):
        assert calendar.offsets[0].since < AT - timedelta(days=2)
        assert calendar.through == date(2028, 1, 24)


async def test_the_days_of_a_place_are_looked_up_once_a_day_and_not_once_a_claim(
    attempt: Attempts, settings: Settings
) -> None:
    first, second = [(await pinned(attempt, settings)).calendars for _ in range(2)]
    assert first.partner is second.partner
    assert first.customer is second.customer


@pytest.mark.parametrize("at", ["2026-03-02T09:59:59Z", "2026-03-02T10:00:00Z"])
async def test_the_day_it_is_asked_on_is_right_on_both_sides_of_the_day_line(
    attempt: Attempts, settings: Settings, at: str
) -> None:
    here = settings.model_copy(update={"zones": {"KI": "Pacific/Kiritimati"}})
    asked_at = datetime.fromisoformat(at)
    question = PinQuestion(at=asked_at, edition=None, partner_country="KI", customer_country="AS")
    calendars = (await pinned(attempt, here, question)).calendars
    assert calendars.partner.day_of(asked_at) - calendars.customer.day_of(asked_at) == timedelta(
        days=1 if at < "2026-03-02T10" else 2
    )
    clock = Clock(
        clock="answer",
        window=Window(amount=1, unit="business days", side="partner"),
        edition="2020",
    )
    clock.start(asked_at, calendars.partner)
    assert clock.counted == [calendars.partner.day_of(asked_at) + timedelta(days=1)]


async def test_the_edition_asked_for_is_kept_and_the_usual_one_is_a_setting(
    attempt: Attempts, settings: Settings
) -> None:
    asked = QUESTION.model_copy(update={"edition": "2020"})
    assert (await pinned(attempt, settings, asked)).edition == "2020"
    assert (await pinned(attempt, settings)).edition == settings.default_edition


async def test_whether_there_is_a_directory_is_pinned_too(
    attempt: Attempts, settings: Settings
) -> None:
    assert not (await pinned(attempt, settings)).directory
    here = settings.model_copy(update={"directory_url": "https://directory.example"})
    assert (await pinned(attempt, here)).directory


async def test_whether_reviewers_have_addresses_is_pinned_too_but_no_address(
    attempt: Attempts, settings: Settings
) -> None:
    assert not (await pinned(attempt, settings)).reviewers
    here = settings.model_copy(update={"reviewer_emails": {"kim": "kim@vendor.example"}})
    rules = await pinned(attempt, here)
    assert rules.reviewers
    assert "kim" not in rules.model_dump_json()


async def test_what_is_pinned_is_small(attempt: Attempts, settings: Settings) -> None:
    rules = await pinned(attempt, settings)
    assert len(rules.model_dump_json()) < 3000
    assert Calendars.model_validate_json(rules.calendars.model_dump_json()) == rules.calendars


# Settings


def problems_of(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as raised:
        Settings.load()
    return str(raised.value)


def test_parts_and_zones_are_given_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAIMS_SUBDIVISIONS", '{"DE": "BY", "GB": "SCT"}')
    monkeypatch.setenv("CLAIMS_ZONES", '{"US": "America/Chicago"}')
    settings = Settings.load()
    assert settings.subdivisions == {"DE": "BY", "GB": "SCT"}
    assert settings.zones == {"US": "America/Chicago"}


def test_reviewers_elsewhere_leave_washington_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAIMS_REVIEWERS_COUNTRY", "IE")
    settings = Settings.load()
    assert (settings.reviewers_subdivision, settings.reviewers_zone) == (None, None)


def test_reviewers_may_move_within_the_country(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAIMS_REVIEWERS_SUBDIVISION", "TX")
    monkeypatch.setenv("CLAIMS_REVIEWERS_ZONE", "America/Chicago")
    settings = Settings.load()
    assert (settings.reviewers_country, settings.reviewers_subdivision) == ("US", "TX")
    assert settings.reviewers_zone == "America/Chicago"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ZONES", "Europe/Berlin", "CLAIMS_ZONES must be a JSON object with a value for each"),
        ("ZONES", '["DE"]', "CLAIMS_ZONES must be an object."),
        ("ZONES", '{"DE": "Europe/Berln"}', "CLAIMS_ZONES cannot be used: 'Europe/Berln' is not"),
        ("ZONES", '{"Germany": "Europe/Berlin"}', "CLAIMS_ZONES must be a two-letter country code"),
        ("SUBDIVISIONS", "{", "CLAIMS_SUBDIVISIONS must be a JSON object"),
        ("SUBDIVISIONS", '{"DE": "XX"}', "CLAIMS_SUBDIVISIONS cannot be used: 'XX' is not a part"),
        ("SUBDIVISIONS", '{"DE": 7}', "CLAIMS_SUBDIVISIONS must be a text."),
        ("REVIEWERS_ZONE", "Seattle", "CLAIMS_REVIEWERS_ZONE cannot be used: 'Seattle' is not"),
        ("REVIEWERS_SUBDIVISION", "BY", "'BY' is not a part of United States we know; it has AK"),
        ("REVIEWERS_COUNTRY", "USA", "CLAIMS_REVIEWERS_COUNTRY must be a two-letter country code"),
        ("REVIEWERS_COUNTRY", "XX", "cannot be used: no calendar is known for XX."),
    ],
)
def test_a_place_that_does_not_exist_is_told_at_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    assert said in problems_of(monkeypatch, **{f"CLAIMS_{name}": value})


def test_a_worker_that_starts_loads_no_country() -> None:
    starting = """
import sys
from pydantic import SecretStr
from activities.rules import RulesActivity
from cpor.settings import Settings
RulesActivity(Settings(worker_keys=SecretStr("k" * 40)))
print([name for name in sys.modules if name.startswith("holidays.countries.")])
"""
    done = subprocess.run([sys.executable, "-c", starting], cwd=ROOT, capture_output=True)
    assert done.stdout.decode().strip() == "[]"
