"""Which days a country works, and when its days begin."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import holidays
import pytest
from holidays.countries import germany

from cpor.calendars import zones
from cpor.calendars.eves import decided
from cpor.rules.deadlines import Calendar, Clock, Window, ZoneChange
from tests import calendars

ROOT = Path(__file__).parents[2]
NOVEMBER = date(2026, 11, 2)


def ends(calendar: Calendar, since: str, days: int) -> str:
    window = Window(amount=days, unit="business days", side="partner")
    clock = Clock(clock="answer", window=window, edition="2020")
    clock.start(datetime.fromisoformat(since), calendar)
    assert clock.end is not None
    return f"{clock.end:%Y-%m-%dT%H:%M}Z"


# Public holidays


def test_holidays_have_english_names() -> None:
    christmas = calendars.resolve("DE", NOVEMBER, days=70)
    assert christmas.holidays == {
        date(2026, 12, 25): "Christmas Day",
        date(2027, 1, 1): "New Year's Day",
    }


def test_holidays_on_weekends_are_left_out_and_their_observed_days_are_not() -> None:
    washington = calendars.resolve("US", date(2026, 7, 1), days=10, subdivision="WA")
    assert washington.holidays == {date(2026, 7, 3): "Independence Day (observed)"}


def test_new_year_may_be_observed_in_the_old_year() -> None:
    america = calendars.resolve("US", date(2027, 12, 27), days=4)
    assert america.holidays == {date(2027, 12, 31): "New Year's Day (observed)"}


ALONE = """
from cpor.calendars import library
for code in {codes}:
    print(code, dict(library.country(code)(years={year}, expand=False)))
"""


def test_a_country_loaded_alone_has_the_holidays_of_the_whole_library() -> None:
    """These count by the Chinese, Hindu, Islamic, Hebrew, Ethiopian, Thai and Tibetan calendars."""
    codes, year = ["CN", "DE", "IN", "TR", "IL", "ET", "TH", "BT"], 2026
    program = ALONE.format(codes=codes, year=year)
    alone = subprocess.check_output([sys.executable, "-c", program], cwd=ROOT, text=True)
    whole = {code: getattr(holidays, code)(years=year, expand=False) for code in codes}
    assert alone.splitlines() == [f"{code} {dict(days)}" for code, days in whole.items()]


def test_only_the_days_asked_for_are_looked_up() -> None:
    week = calendars.resolve("DE", date(2026, 12, 25), days=7)
    assert list(week.holidays) == [date(2026, 12, 25), date(2027, 1, 1)]
    assert week.through == date(2027, 1, 1)
    assert not calendars.resolve("DE", date(2026, 12, 26), days=5).holidays


def test_a_part_of_a_country_has_holidays_of_its_own() -> None:
    bavaria = calendars.resolve("DE", NOVEMBER, subdivision="BY")
    assert bavaria.holidays[date(2027, 1, 6)] == "Epiphany"
    assert date(2027, 1, 6) not in calendars.resolve("DE", NOVEMBER).holidays


def test_a_part_may_be_given_by_name() -> None:
    by_name = calendars.resolve("US", NOVEMBER, subdivision="Washington")
    assert by_name == calendars.resolve("US", NOVEMBER, subdivision="WA")


@pytest.mark.parametrize(
    ("country", "subdivision", "name"),
    [
        ("DE", None, "Germany"),
        ("US", "WA", "United States, Washington"),
        ("GB", None, "United Kingdom"),
        ("XK", None, "Kosovo"),
    ],
)
def test_a_calendar_has_a_name_for_people(country: str, subdivision: str | None, name: str) -> None:
    assert calendars.resolve(country, NOVEMBER, subdivision=subdivision).name == name


def test_years_of_which_nothing_is_known_are_named() -> None:
    before = calendars.resolve("NP", date(2009, 12, 1), days=90)
    assert before.name == "Nepal (its holidays of 2009 are not known)"
    assert date(2010, 1, 29) not in before.holidays
    assert date(2010, 2, 19) in before.holidays


def test_a_library_that_fails_for_a_year_leaves_weekends_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(self: object) -> None:
        raise KeyError("no table for this year")

    monkeypatch.setattr(germany.DE, "_populate_public_holidays", fail)
    calendar = calendars.resolve("DE", NOVEMBER, days=100)
    assert calendar.name == "Germany (its holidays of 2026 and 2027 are not known)"
    assert (calendar.weekend, calendar.holidays) == ((5, 6), {})


def test_an_unknown_country_works_from_monday_to_friday_in_utc_and_says_so() -> None:
    nowhere = calendars.resolve("XX", NOVEMBER)
    assert nowhere.name == "Monday to Friday in UTC: no calendar is known for XX"
    assert (nowhere.zone, nowhere.weekend, nowhere.holidays) == ("UTC", (5, 6), {})
    assert nowhere.why_off(date(2026, 12, 25)) is None


@pytest.mark.parametrize("country", ["germany", "de", "", "DEU", "OS"])
def test_what_is_no_country_code_is_an_unknown_country(country: str) -> None:
    assert calendars.resolve(country, NOVEMBER).name.startswith("Monday to Friday")


def test_another_code_for_a_country_means_the_same_country() -> None:
    assert calendars.resolve("UK", NOVEMBER) == calendars.resolve("GB", NOVEMBER)


def test_a_part_that_does_not_exist_is_refused_in_a_sentence() -> None:
    with pytest.raises(calendars.UnknownSubdivision, match="'XX' is not a part of Germany we know"):
        calendars.resolve("DE", NOVEMBER, subdivision="XX")
    with pytest.raises(calendars.UnknownSubdivision, match="Sweden we know; it has none"):
        calendars.resolve("SE", NOVEMBER, subdivision="AB")
    with pytest.raises(calendars.UnknownSubdivision, match="no calendar is known for it"):
        calendars.resolve("XX", NOVEMBER, subdivision="AB")


# Weekends

THURSDAY, FRIDAY, SATURDAY, SUNDAY = 3, 4, 5, 6


@pytest.mark.parametrize(
    ("weekend", "countries"),
    [
        ((SATURDAY, SUNDAY), "DE SE US JP IN CN TR ID PK MA TN"),
        ((FRIDAY, SATURDAY), "EG SA IL BD IQ JO KW BH QA OM DZ SD SY YE MV LY PS"),
        ((FRIDAY,), "IR"),
        ((FRIDAY, SUNDAY), "BN"),
        ((SATURDAY,), "NP"),
    ],
)
def test_weekends_differ_by_country(weekend: tuple[int, ...], countries: str) -> None:
    for country in countries.split():
        assert calendars.resolve(country, NOVEMBER).weekend == weekend, country


def test_half_a_free_day_is_a_working_day() -> None:
    emirates = calendars.resolve("AE", NOVEMBER)
    assert emirates.weekend == (SATURDAY, SUNDAY)
    assert calendars.resolve("AE", date(2021, 11, 1)).weekend == (FRIDAY, SATURDAY)
    assert calendars.resolve("MR", NOVEMBER).weekend == (SATURDAY, SUNDAY)


@pytest.mark.parametrize("country", ["AI", "CD", "HK", "KN", "NE", "PY", "TK", "VE"])
def test_where_holidays_move_from_sundays_only_offices_still_close_on_saturdays(
    country: str,
) -> None:
    assert calendars.resolve(country, NOVEMBER).weekend == (SATURDAY, SUNDAY)


def test_a_part_may_have_another_weekend() -> None:
    assert calendars.resolve("MY", NOVEMBER, subdivision="03").weekend == (FRIDAY, SATURDAY)
    assert calendars.resolve("MY", NOVEMBER).weekend == (SATURDAY, SUNDAY)


# Zones


def test_every_country_of_the_library_has_a_zone() -> None:
    for country in holidays.list_supported_countries(include_aliases=False):
        zone = zones.of_country(country)
        assert zone != "UTC", country
        assert calendars.time_zone(zone).key == zone


@pytest.mark.parametrize(
    ("country", "zone"),
    [
        ("US", "America/New_York"),
        ("CA", "America/Toronto"),
        ("BR", "America/Sao_Paulo"),
        ("AU", "Australia/Sydney"),
        ("RU", "Europe/Moscow"),
        ("ES", "Europe/Madrid"),
        ("PT", "Europe/Lisbon"),
        ("KI", "Pacific/Tarawa"),
        ("DE", "Europe/Berlin"),
        ("XK", "Europe/Belgrade"),
        ("FR", "Europe/Paris"),
        ("GF", "America/Cayenne"),
    ],
)
def test_a_country_has_the_zone_most_of_its_people_live_in(country: str, zone: str) -> None:
    assert calendars.resolve(country, NOVEMBER).zone == zone


def test_where_there_are_several_the_choice_is_ours_and_not_a_tables_order() -> None:
    zones_of = Counter(country for country, _ in zones.rows())
    several = {country for country, count in zones_of.items() if count > 1}
    assert len(several) > 25
    assert several <= zones.MOST_POPULOUS.keys()


def test_a_given_zone_is_used() -> None:
    pacific = calendars.resolve("US", NOVEMBER, zone="America/Los_Angeles")
    assert pacific.zone == "America/Los_Angeles"
    assert calendars.resolve("XX", NOVEMBER, zone="Asia/Kathmandu").name.startswith(
        "Monday to Friday in Asia/Kathmandu: no calendar"
    )


@pytest.mark.parametrize("zone", ["Europe/Berln", "europe/berlin", "../etc/passwd", "", "Mars"])
def test_a_zone_that_does_not_exist_is_refused_in_a_sentence(zone: str) -> None:
    with pytest.raises(calendars.UnknownZone, match="is not the name of a time zone"):
        calendars.resolve("DE", NOVEMBER, zone=zone)


def test_the_machines_own_zone_data_is_not_asked() -> None:
    """It may be years older than the locked one; two machines would count differently."""
    winter = datetime(2027, 1, 15, tzinfo=UTC)
    offset = winter.astimezone(calendars.time_zone("America/Vancouver")).utcoffset()
    assert offset == timedelta(hours=-7), "since 2026 Vancouver keeps its summer time"


def test_the_offset_at_the_beginning_and_each_change_are_kept() -> None:
    berlin = calendars.resolve("DE", date(2026, 12, 22), days=400)
    assert berlin.offsets == (
        ZoneChange(since=datetime(2026, 12, 21, tzinfo=UTC), ahead=3600),
        ZoneChange(since=datetime(2027, 3, 28, 1, tzinfo=UTC), ahead=7200),
        ZoneChange(since=datetime(2027, 10, 31, 1, tzinfo=UTC), ahead=3600),
    )


def test_offsets_are_exact_to_the_second() -> None:
    liberia = calendars.resolve("LR", date(1970, 1, 10), days=10)
    assert liberia.offsets[0].ahead == -(44 * 60 + 30)


@pytest.mark.parametrize(
    ("country", "zone", "local", "utc"),
    [
        ("IN", None, "2026-11-10", "2026-11-09T18:30Z"),
        ("NP", None, "2026-11-10", "2026-11-09T18:15Z"),
        ("NZ", "Pacific/Chatham", "2026-11-10", "2026-11-09T10:15Z"),
        ("KI", "Pacific/Kiritimati", "2026-11-10", "2026-11-09T10:00Z"),
        ("AS", "Pacific/Pago_Pago", "2026-11-10", "2026-11-10T11:00Z"),
        ("KI", "Pacific/Kiritimati", "2026-11-02", "2026-11-01T10:00Z"),
        ("AS", "Pacific/Pago_Pago", "2026-11-02", "2026-11-02T11:00Z"),
    ],
)
def test_a_day_begins_where_its_people_are(
    country: str, zone: str | None, local: str, utc: str
) -> None:
    start = calendars.resolve(country, NOVEMBER, zone=zone).start_of(date.fromisoformat(local))
    assert f"{start:%Y-%m-%dT%H:%M}Z" == utc


@pytest.mark.parametrize(
    ("country", "day", "utc"),
    [
        ("CL", "2026-09-06", "2026-09-06T04:00Z"),
        ("CL", "2026-04-05", "2026-04-05T04:00Z"),
        ("LB", "2026-03-29", "2026-03-28T22:00Z"),
        ("LB", "2026-10-25", "2026-10-24T22:00Z"),
        ("EG", "2026-04-24", "2026-04-23T22:00Z"),
        ("EG", "2026-10-30", "2026-10-29T22:00Z"),
        ("CU", "2026-11-01", "2026-11-01T04:00Z"),
    ],
)
def test_a_day_has_one_beginning_where_clocks_change_at_midnight(
    country: str, day: str, utc: str
) -> None:
    start = calendars.resolve(country, date(2026, 3, 1)).start_of(date.fromisoformat(day))
    assert f"{start:%Y-%m-%dT%H:%M}Z" == utc


def test_a_day_that_never_was_is_not_counted() -> None:
    """Samoa went from Thursday 29 December 2011 to Saturday 31."""
    samoa = calendars.resolve("WS", date(2011, 12, 26), days=20)
    assert ends(samoa, "2011-12-28T20:00:00Z", 2) == "2012-01-03T10:00Z"


# Size


def test_a_calendar_is_small_enough_to_travel_with_every_claim() -> None:
    three = [
        calendars.resolve("US", NOVEMBER, subdivision="WA", zone="America/Los_Angeles"),
        calendars.resolve("DE", NOVEMBER),
        calendars.resolve("SE", NOVEMBER),
    ]
    assert sum(len(calendar.model_dump_json()) for calendar in three) < 2500


@pytest.mark.parametrize("country", holidays.list_supported_countries(include_aliases=False))
def test_each_country_of_the_library_gives_a_calendar(country: str) -> None:
    calendar = calendars.resolve(country, NOVEMBER)
    assert 1 <= len(calendar.weekend) <= 2
    assert len(calendar.model_dump_json()) < 3000
    assert Calendar.model_validate_json(calendar.model_dump_json()) == calendar


# Parts with a zone of their own; days that are off by law though no public holidays


@pytest.mark.parametrize(
    ("country", "part", "zone"),
    [
        ("US", "WA", "America/Los_Angeles"),
        ("US", "NY", "America/New_York"),
        ("CA", "BC", "America/Vancouver"),
        ("AU", "WA", "Australia/Perth"),
        ("BR", "AM", "America/Manaus"),
        ("MX", "ROO", "America/Cancun"),
        ("RU", "PRI", "Asia/Vladivostok"),
        ("ID", "BA", "Asia/Makassar"),
        ("ES", "CN", "Atlantic/Canary"),
    ],
)
def test_a_part_alone_means_its_own_most_populous_zone(country: str, part: str, zone: str) -> None:
    assert calendars.resolve(country, NOVEMBER, subdivision=part).zone == zone


def test_every_part_with_a_zone_is_named_once_and_its_zone_is_one_of_its_country() -> None:
    of_countries = set(zones.rows())
    elsewhere = {"PR", "VI", "GU", "MP", "AS"}
    for country, parts in zones.subdivision_zones().items():
        named = [code for codes in parts.values() for code in codes]
        assert len(named) == len(set(named)), country
        for zone, codes in parts.items():
            assert zones.is_known(zone), zone
            assert (country, zone) in of_countries or set(codes) <= elsewhere, zone


def test_every_part_of_a_country_with_several_zones_can_be_given() -> None:
    known = {country: set(getattr(holidays, country).subdivisions) for country in ("US", "CA")}
    for country, parts in known.items():
        named = {code for codes in zones.subdivision_zones()[country].values() for code in codes}
        assert named <= parts


@pytest.mark.parametrize(
    ("country", "day", "name"),
    [
        ("SE", date(2026, 6, 19), "Midsummer Eve"),
        ("SE", date(2026, 12, 24), "Christmas Eve"),
        ("SE", date(2026, 12, 31), "New Year's Eve"),
        ("NL", date(2027, 5, 5), "Liberation Day"),
        ("JP", date(2026, 12, 30), "End of the year"),
        ("CA", date(2026, 11, 11), "Remembrance Day"),
        ("CA", date(2026, 9, 30), "National Day for Truth and Reconciliation"),
    ],
)
def test_days_that_law_treats_as_holidays_are_off(country: str, day: date, name: str) -> None:
    assert calendars.resolve(country, NOVEMBER.replace(month=1), days=600).holidays[day] == name


@pytest.mark.parametrize(
    ("country", "day"),
    [("BR", date(2026, 12, 24)), ("TR", date(2026, 10, 28)), ("IN", date(2026, 9, 14))],
)
def test_days_that_law_does_not_treat_as_holidays_are_worked(country: str, day: date) -> None:
    assert day not in calendars.resolve(country, NOVEMBER.replace(month=1)).holidays


def test_each_decision_has_its_legal_ground() -> None:
    for country, eves in decided().items():
        assert len(eves.ground) > 20, country
        assert eves.category is None or eves.category in (
            getattr(holidays, country).supported_categories
        )
