"""`starter.py deadline`: the sum for anybody, without an engine."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.shell import Shell

CHRISTMAS = ("--days", "5", "--country", "DE", "--from", "2026-12-22T16:00:00Z")


def test_a_deadline_is_printed_as_a_sum_anybody_can_check(shell: Shell) -> None:
    done = shell.starter("deadline", *CHRISTMAS)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "rule      5 business days\n"
        "calendar  Germany\n"
        "started   Tue 22 Dec 2026 16:00 UTC = Tue 22 Dec 2026 17:00 Europe/Berlin\n"
        "       1  Wed 23 Dec 2026\n"
        "       2  Thu 24 Dec 2026\n"
        "       –  Fri 25 Dec 2026  Christmas Day\n"
        "       –  Sat 26 Dec 2026\n"
        "       –  Sun 27 Dec 2026\n"
        "       3  Mon 28 Dec 2026\n"
        "       4  Tue 29 Dec 2026\n"
        "       5  Wed 30 Dec 2026\n"
        "ends      with Wed 30 Dec 2026 in Europe/Berlin = Wed 30 Dec 2026 23:00 UTC\n"
    )


def test_a_part_of_a_country_alone_ends_its_days_where_its_people_live(shell: Shell) -> None:
    place = ("--country", "US", "--subdivision", "WA", "--from", "2026-12-01T18:00:00Z")
    found = shell.json("deadline", "--days", "3", *place, "--json")
    assert (found["zone"], found["end"]) == ("America/Los_Angeles", "2026-12-05T08:00:00Z")


def test_the_same_sum_for_programs(shell: Shell) -> None:
    assert shell.json("deadline", *CHRISTMAS, "--json") == {
        "calendar": "Germany",
        "zone": "Europe/Berlin",
        "end": "2026-12-30T23:00:00Z",
        "last_day": "2026-12-30",
        "counted": ["2026-12-23", "2026-12-24", "2026-12-28", "2026-12-29", "2026-12-30"],
        "skipped": [
            {"day": "2026-12-25", "why": "Christmas Day"},
            {"day": "2026-12-26", "why": "Saturday"},
            {"day": "2026-12-27", "why": "Sunday"},
        ],
    }


def test_a_part_of_the_country_and_a_zone_may_be_named(shell: Shell) -> None:
    place = ("--country", "US", "--subdivision", "WA", "--zone", "America/Los_Angeles")
    since = ("--from", "2026-11-24T10:00:00-08:00")
    found = shell.json("deadline", "--days", "3", *place, *since, "--json")
    assert (found["calendar"], found["end"], found["last_day"]) == (
        "United States, Washington",
        "2026-12-02T08:00:00Z",
        "2026-12-01",
    )


def test_a_country_nobody_knows_is_counted_and_told(shell: Shell) -> None:
    done = shell.starter("deadline", "--days", "1", "--country", "XX")
    assert done.returncode == 0
    assert "Monday to Friday in UTC: no calendar is known for XX" in done.stdout


def test_time_begins_now_unless_it_is_said_when(shell: Shell) -> None:
    found = shell.json("deadline", "--days", "400", "--country", "IR", "--json")
    assert len(found["counted"]) == 400
    assert datetime.fromisoformat(found["end"]).tzinfo is not None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--days", "0"), "'--days'"),
        (("--days", "401"), "'--days'"),
        (("--days", "five"), "'--days'"),
        (("--country", "Germany"), "--country: 'Germany' is not a two-letter country code"),
        (("--subdivision", "XX"), "--subdivision: 'XX' is not a part of Germany we know; it has"),
        (("--zone", "Europe/Berln"), "--zone: 'Europe/Berln' is not the name of a time zone; the"),
        (("--zone", "/etc/passwd"), "--zone: '/etc/passwd' is not the name of a time zone"),
        (("--from", "soon"), "--from: 'soon' is no day or instant; write tomorrow, friday,"),
        (("--from", "2026-12-22T16:00:00"), "does not say how far it is from UTC; write Z or"),
        (("--from", "0001-01-01T00:00:00+14:00"), "is not between 1970 and 2099"),
        (("--from", ""), "--from: '' is no day or instant"),
    ],
)
def test_a_mistake_is_told_in_a_sentence_that_names_the_option(
    shell: Shell, words: tuple[str, str], said: str
) -> None:
    done = shell.starter("deadline", *CHRISTMAS, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_days_and_country_are_needed(shell: Shell) -> None:
    done = shell.starter("deadline", "--days", "5")
    assert done.returncode == 2
    assert "--country" in done.stderr
