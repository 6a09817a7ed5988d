"""What operators read: enough to act, and nobody's name."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from cpor.rules import catalogue, current_details, views
from cpor.rules.deadlines import Calendar, Calendars
from cpor.rules.facts import MOST_PRODUCTS
from cpor.rules.transitions import possible
from tests import calendars
from tests.examples import dynamics_opening, opening
from tests.rules.play import (
    DAY,
    NEXT_MONDAY,
    TUESDAY,
    Play,
    approved,
    asked,
    consent_running,
    disputed,
    draft,
    handed_off,
    held,
    lapsed,
    rejected,
    submitted,
    under_review,
)

STAGES: list[Callable[[], Play]] = [
    draft,
    submitted,
    under_review,
    asked,
    approved,
    consent_running,
    held,
    lapsed,
    handed_off,
    rejected,
]
NASTY = "`[x](http://evil.example) ![y](//evil.example/z) <img src=//evil.example>|# **b**\\"
LONG = "😀" * 255
MOST_OF_A_SUMMARY, MOST_OF_DETAILS = 400, 20_000
"""In bytes; what the engine takes."""
CATALOGUE = Path(catalogue.__file__).with_suffix(".toml")
MOST_OF_AN_ADDRESS = 64 * 1024
SECRETS = ("Ada", "Berg", "Lars", "Ek", "Tove", "@", "whispered")


@pytest.mark.parametrize("so_far", STAGES)
def test_operators_read_no_name_no_address_and_no_word_of_what_was_said(
    so_far: Callable[[], Play],
) -> None:
    play = so_far()
    if play.claim.state.ended_at is None:
        play.tell("comment", text="whispered")
    for debt in list(play.claim.state.debts):
        play.park(debt, "550 <ada@fabrikam.example> lars@contoso.example unknown")
    wake = play.claim.next_wake()
    read = [
        current_details.summary(play.claim.state),
        current_details.details(play.claim.state),
        wake.label if wake else "",
        *(debt.label for debt in play.claim.state.debts),
    ]
    for secret in SECRETS:
        assert not any(secret in text for text in read), secret


def parts(page_of_claim: str) -> dict[str, list[str]]:
    """The lists of the page by their titles; that of the first is the status and changes."""
    (first, *others) = page_of_claim.split("\n\n")
    found = {"": first, **{part.partition("\n")[0].strip("*"): part for part in others}}
    return {
        title: [line.removeprefix("- ") for line in part.splitlines()[1:]]
        for title, part in found.items()
    }


def read(play: Play) -> dict[str, list[str]]:
    return parts(current_details.details(play.claim.state))


def test_the_page_answers_at_a_glance() -> None:
    play = Play(opening(), calendars=in_germany())
    play.pay()
    play.tell("request_info")
    play.pay()
    play.tell("comment")
    play.park(play.debt("commented"), "mailbox is full")
    play.hear("approve", {"by": {"role": "reviewer"}})
    assert current_details.details(play.claim.state).splitlines() == [
        "**Partner action required**, waiting for partner",
        "- the partner must answer by **the end of Mon 09 Mar 2026 in Europe/Berlin** = "
        "Mon 09 Mar 2026 23:00 UTC: 5 business days from Mon 02 Mar 2026; without weekends",
        "- the time for a first decision (10 business days) stands still since "
        "Mon 02 Mar 2026 09:00 UTC",
        "- the reviewer's time to decide (5 business days) stands still since "
        "Mon 02 Mar 2026 09:00 UTC",
        "- reviewer: `kim`",
        "",
        "**Owed**",
        "- mail: commented → reviewers, **parked** since Mon 02 Mar 2026 09:00 UTC: "
        "`mailbox is full`",
        "",
        "**Last refused signal**",
        "- Mon 02 Mar 2026 09:00 UTC somebody `approve`: `by.id: is needed`",
        "",
        "**What may be sent now**",
        "- partner: `edit`, `add_evidence`, `withdraw_evidence`, `comment`, `submit`, `withdraw`",
        "- reviewer: `comment`",
        "- operator: `assign`, `extend`, `retry`, `report_conflict`",
        "- system: `bounced`",
        "",
        "**Last entries**",
        "- Mon 02 Mar 2026 09:00 UTC the claim: `directory`",
        "- Mon 02 Mar 2026 09:00 UTC reviewer `kim`: `request_info` → Partner action required",
        "- Mon 02 Mar 2026 09:00 UTC partner: `comment`",
        "- Mon 02 Mar 2026 09:00 UTC the claim: `parked`",
        "- Mon 02 Mar 2026 09:00 UTC the claim: `refused`",
        "",
        "**What it is about**",
        "- CPOR-7Q2M4X · osu-m365 · 2 products",
        "- usage of Teams, Exchange Online",
        "- partner 4912345 · tenant 5f1c6d3e-8c0b-4f3c-9d2a-0b8f6f1f7a11",
    ]


def test_what_reviewers_send_most_stands_there_to_be_pasted_and_is_taken() -> None:
    lines = read(submitted())["To be pasted** (with your account in place of …)"]
    texts = dict(re.findall("^`(.+)`: `(.+)`$", line)[0] for line in lines)
    assert list(texts) == ["start_review", "approve", "request_info", "reject"]
    for name, text in texts.items():
        play = submitted()
        play.take(name, json.loads(text.replace("…", "kim")))
        assert play.claim.state.reviewer == "kim"


def test_only_what_is_possible_is_there_to_be_pasted() -> None:
    assert not [title for title in read(asked()) if title.startswith("To be pasted")]


def test_a_later_run_says_where_the_earlier_one_is() -> None:
    earlier = current_details.EarlierRun("default", "CPOR-7Q2M4X", "0197-a-run")
    page = current_details.details(handed_off().claim.state, earlier)
    there = "/namespaces/default/workflows/CPOR-7Q2M4X/0197-a-run/history"
    assert page.endswith(f"what came before is in the run [`0197-a-run`]({there}) of this workflow")


def in_germany(first: date = date(2026, 3, 1)) -> Calendars:
    return Calendars(partner=calendars.resolve("DE", first, subdivision="BY"))


def test_why_that_day_names_the_holidays_and_what_an_operator_added() -> None:
    play = Play(opening(), datetime(2026, 4, 1, 9, tzinfo=UTC), in_germany())
    play.pay()
    play.tell("request_info")
    play.pay("info_requested")
    play.tell("extend", business_days=1, why="Easter.")
    (answer, *_) = read(play)[""]
    assert answer == (
        "the partner must answer by **the end of Mon 13 Apr 2026 in Europe/Berlin** = "
        "Mon 13 Apr 2026 22:00 UTC: 5 business days + 1 from Wed 01 Apr 2026; "
        "without weekends, 03 Apr (Good Friday), 06 Apr (Easter Monday)"
    )


def test_why_that_day_names_the_time_in_which_a_clock_stood_still() -> None:
    play = asked()
    play.now = TUESDAY
    play.tell("submit")
    play.pay()
    (review, _, *_) = read(play)[""]
    assert "stood still from Mon 02 Mar 2026 09:00 UTC to Tue 03 Mar 2026 09:00 UTC" in review
    assert "5 business days from Mon 02 Mar 2026" in review


def test_a_window_in_days_has_its_minute_in_both_zones() -> None:
    calendar = calendars.resolve("SE", date(2026, 3, 1))
    play = Play(opening(), calendars=Calendars(customer=calendar))
    play.pay()
    play.tell("approve")
    play.pay()
    assert read(play)[""][0] == (
        "the customer may decline until **Mon 09 Mar 2026 10:00 in Europe/Stockholm** = "
        "Mon 09 Mar 2026 09:00 UTC: 7 days from Mon 02 Mar 2026 09:00 UTC"
    )


def test_a_window_that_waits_for_its_notice_or_is_held_says_so() -> None:
    called = "people are called Wed 01 Apr 2026 09:00 UTC, if no notice has reached the customer"
    assert read(approved())[""][:2] == [
        "the customer's time to decline (7 days) begins when a notice has arrived",
        called,
    ]
    assert read(held())[""][:2] == [
        "the customer's time to decline (7 days) is held: no notice has arrived",
        called,
    ]


def test_a_timer_is_labelled_by_what_comes_next_and_what_it_is_part_of() -> None:
    wake = asked().claim.next_wake()
    assert wake is not None
    assert wake.label == (
        "the partner must answer by Mon 09 Mar 2026 (5 business days); reminder Thu 05 Mar"
    )


def test_a_missed_service_level_stands_beside_the_status() -> None:
    play = submitted()
    play.wait(NEXT_MONDAY + 2 * DAY)
    assert "**Submitted**, **overdue**, waiting for reviewer" in current_details.details(
        play.claim.state
    )
    assert any(
        line.endswith("the claim: the reviewers' time to start is over (5 business days)")
        for line in read(play)["Last entries"]
    )


def test_a_dispute_says_who_may_not_decide_it() -> None:
    assert read(disputed())[""][1:] == [
        "reviewer: nobody yet",
        "who may not decide the dispute: `kim`",
    ]


@pytest.mark.parametrize("so_far", STAGES)
def test_what_may_be_sent_is_what_would_be_heard(so_far: Callable[[], Play]) -> None:
    play = so_far()
    sent = read(play)["What may be sent now"]
    heard = {(role, row.hears) for row in possible(play.claim.state) for role in row.roles}
    assert heard == {
        (sender, name.strip("`"))
        for sender, _, names in (line.partition(": ") for line in sent)
        for name in names.split(", ")
    }
    assert ("reviewer", "approve") in heard or play.claim.state.waiting_for != "reviewer"


def test_nothing_that_was_typed_begins_a_link_an_image_or_html() -> None:
    play = asked()
    play.claim.state.reviewer = NASTY
    play.hear("approve", {"by": {"role": "reviewer", "id": NASTY}, NASTY: NASTY})
    play.tell("comment", text=NASTY)
    play.park(play.debt("commented"), f"{NASTY}\n\n# 550\n| a | b |\n")
    outside = re.sub(r"`[^`\n]*`", "", current_details.details(play.claim.state))
    assert not set("`<>[]|\\#") & set(outside)
    assert "evil" not in outside


def test_a_refusal_shows_neither_an_unknown_name_nor_a_value() -> None:
    play = asked()
    play.hear("Ada Berg", {"by": {"role": "reviewer", "id": "kim"}})
    assert read(play)["Last refused signal"][0].startswith(
        "Mon 02 Mar 2026 09:00 UTC reviewer `kim`: `… is no message; there are edit, "
    )
    changes = {"products": [{"name": "Lars Ek's"}], "activity": "rest"}
    play.hear("edit", {"by": {"role": "partner", "id": "ada"}, "changes": changes})
    assert read(play)["Last refused signal"] == [
        "Mon 02 Mar 2026 09:00 UTC partner `edit`: `changes.products.0.name: … is not in the "
        "product catalogue; changes.activity: must be 'presales', 'usage' or 'revenue-association'`"
    ]


def test_words_that_are_none_leave_no_span_open() -> None:
    play = submitted()
    play.tell("comment")
    play.park(play.debt("commented"), " \n ")
    assert read(play)["Owed"][0].endswith(": `–`")


def fullest() -> Play:
    """As many products, debts and holidays as there may be, and the longest words for each."""
    every_second_day = {date(2026, 3, 2) + n * DAY: "𝐀" * 200 for n in range(0, 90, 2)}
    calendar = Calendar(zone="America/Argentina/ComodRivadavia", holidays=every_second_day)
    families = tomllib.loads(CATALOGUE.read_text("utf-8"))["family"]
    (names,) = (each["products"] for each in families if "prefix" in each)
    products = [
        {"name": each["name"], "subscription_id": f"{n:08}-0000-0000-0000-000000000000"}
        for n, each in enumerate([*names, *names][:MOST_PRODUCTS])
    ]
    data = dynamics_opening("C" * 40, products=products)
    play = Play(data, calendars=Calendars(reviewer=calendar, partner=calendar, customer=calendar))
    play.tell("start_review", by={"role": "reviewer", "id": "k" * 64})
    play.tell("extend", business_days=30, why=LONG)
    for _ in range(20):
        play.tell("comment", text=LONG)
    for debt in list(play.claim.state.debts):
        play.park(debt, LONG)
    for _ in range(5):
        play.hear("assign", {"by": {"role": "operator", "id": LONG}, LONG: LONG})
    return play


def test_the_fullest_page_fits_the_engine_and_the_address_by_which_the_ui_asks_for_it() -> None:
    claim = fullest().claim
    assert len(current_details.summary(claim.state).encode()) <= MOST_OF_A_SUMMARY
    assert len(current_details.claimed(claim.state).encode()) <= MOST_OF_DETAILS
    whole = current_details.details(claim.state)
    assert f"\n- and {len(claim.state.debts) - current_details.MOST_DEBTS} more\n" in whole
    assert "holidays more" in whole
    assert len(whole.encode()) <= MOST_OF_DETAILS
    assert len(quote(whole)) <= MOST_OF_AN_ADDRESS


def test_debts_are_named_without_their_receivers_name() -> None:
    play = Play(dynamics_opening())
    play.tell("approve")
    assert [debt.label for debt in play.claim.state.debts] == [
        "proof files: check and seal",
        "mail: submitted → partner",
        "mail: to review → reviewers",
        "mail: consent → customer's contact",
        "mail: consent → customer's technical contact",
        "mail: approved → partner",
    ]


@pytest.mark.parametrize("so_far", STAGES)
def test_every_query_can_be_answered_at_any_moment(so_far: Callable[[], Play]) -> None:
    claim = so_far().claim
    shown = views.view(claim.state)
    assert views.ClaimView.model_validate_json(shown.model_dump_json()) == shown
    assert [each.clock for each in views.deadlines(claim.state)] == [
        clock.clock for clock in claim.state.clocks.ledger
    ]
    assert views.record(claim.state)["status"] == claim.state.status.value
