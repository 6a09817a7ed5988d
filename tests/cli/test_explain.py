"""`starter.py explain`: every clock of a claim as a sum anybody can check."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from cpor.cli.output import clock_text
from cpor.rules import views
from tests.examples import PARTNER, REVIEWER
from tests.rules.play import MONDAY, Play, approved, asked, draft, held, submitted
from tests.shell import Shell, write_claim


def said(play: Play) -> list[str]:
    return clock_text.clocks("CPOR-7Q2M4X", views.deadlines(play.claim.state)).splitlines()


def headings(play: Play) -> list[str]:
    return [line for line in said(play)[1:] if line and not line.startswith("    ")]


def test_a_running_clock_is_marked_and_its_sum_stands_below() -> None:
    assert said(submitted())[:14] == [
        "CPOR-7Q2M4X: 2 clocks, 2 running",
        "",
        "▶ wait for review: RUNNING",
        "    rule      5 business days of edition 2020",
        "    calendar  Monday to Friday",
        "    started   Mon 02 Mar 2026 09:00 UTC",
        "           1  Tue 03 Mar 2026",
        "           2  Wed 04 Mar 2026",
        "           3  Thu 05 Mar 2026",
        "           4  Fri 06 Mar 2026",
        "           –  Sat 07 Mar 2026",
        "           –  Sun 08 Mar 2026",
        "           5  Mon 09 Mar 2026",
        "    ends      with Mon 09 Mar 2026 in UTC = Tue 10 Mar 2026 00:00 UTC",
    ]


def test_clocks_come_in_the_order_in_which_they_began() -> None:
    play = submitted()
    play.now = MONDAY + timedelta(hours=1)
    play.tell("start_review")
    play.now = MONDAY + timedelta(hours=2)
    play.tell("request_info")
    play.pay("info_requested")
    assert headings(play) == [
        "  wait for review: ended before its time",
        "  overall: stands still",
        "  review: stands still",
        "▶ answer: RUNNING",
    ]


def test_a_clock_that_has_not_started_comes_last() -> None:
    assert headings(approved())[-1] == "  consent: waits to begin"


def test_a_clock_that_waits_for_a_notice_says_so() -> None:
    assert headings(held())[-1] == "  consent: held until a notice arrives"


def test_a_clock_that_ran_out_says_so() -> None:
    play = asked()
    play.wait(MONDAY + timedelta(days=20))
    assert "  answer: ran out" in headings(play)


def test_a_draft_has_no_clock() -> None:
    assert said(draft()) == [
        "CPOR-7Q2M4X has no clock yet: nobody is waited for before it is submitted."
    ]


@pytest.mark.thorough
def test_a_claim_explains_its_clocks_while_it_runs_and_when_it_is_over(shell: Shell) -> None:
    shell.worker()
    assert shell.starter("start", str(write_claim(shell.folder))).returncode == 0
    receipt = shell.json("send", "CPOR-7Q2M4X", "start_review", json.dumps({"by": REVIEWER}))
    shell.until(lambda: shell.json("show", "CPOR-7Q2M4X", "--json")["edition"])
    running = shell.json("explain", "CPOR-7Q2M4X", "--json")
    assert [(clock["clock"], clock["state"]) for clock in running] == [
        ("wait_for_review", "stopped"),
        ("overall", "running"),
        ("review", "running"),
    ]
    assert running[-1]["started_at"] == receipt["at"]
    assert len(running[-1]["counted"]) == 5
    told = shell.starter("explain", "CPOR-7Q2M4X")
    assert told.returncode == 0
    assert told.stdout.startswith("CPOR-7Q2M4X: 3 clocks, 2 running\n")
    assert "▶ review: RUNNING\n    rule      5 business days of edition 2020\n" in told.stdout
    assert "America/Los_Angeles = " in told.stdout

    withdrawal = json.dumps({"by": PARTNER, "reason": "other"})
    shell.json("send", "CPOR-7Q2M4X", "withdraw", withdrawal)
    shell.until(lambda: (shell.folder / "var/store/records/CPOR-7Q2M4X/record.json").exists())
    over = shell.starter("explain", "CPOR-7Q2M4X")
    assert over.returncode == 0, over.stderr
    assert over.stdout.startswith("CPOR-7Q2M4X: 3 clocks, none running\n")

    unknown = shell.starter("explain", "CPOR-NEVER")
    assert (unknown.returncode, unknown.stdout) == (3, "")
    assert unknown.stderr == "CPOR-NEVER is known neither to Temporal nor to the store\n"
    wrong = shell.starter("explain", "no id")
    assert wrong.returncode == 2
    assert "must be 4 to 40 characters of A-Z, 0-9 and -" in wrong.stderr


def test_without_an_engine_it_says_so_in_a_sentence(shell: Shell) -> None:
    done = shell.starter("explain", "CPOR-1", TEMPORAL_ADDRESS="127.0.0.1:1")
    assert done.returncode == 4
    assert done.stderr.startswith("No Temporal answers at 127.0.0.1:1. Start one with:")
