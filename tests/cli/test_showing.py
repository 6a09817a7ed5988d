"""What `show` and `history` say, so that people can act on it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cpor.cli.output import claim_text
from cpor.cli.output.words import in_time
from cpor.rules import views
from cpor.rules.doubts import Doubt
from cpor.rules.history import ROLE_NOT_CHECKED
from tests.rules.play import Play, approved, submitted


def shown(play: Play, side: Any = "reviewer", **changes: Any) -> list[str]:
    known = views.view(play.claim.state).model_copy(update=changes)
    return [line.strip() for line in claim_text.claim(known, {}, play.now, side).splitlines()]


def test_first_comes_how_it_stands_then_what_is_next_and_for_whom() -> None:
    _, standing, step, parties, *_ = shown(submitted())
    assert standing.startswith("Submitted, waiting for reviewer by ")
    assert standing.endswith(" (in 7 days)")
    assert step == "next: a reviewer begins to check the proof, or decides at once"
    assert parties.startswith("Fabrikam → Contoso: ")


def test_it_says_what_may_be_said_now_as_commands_by_role() -> None:
    said = shown(submitted())
    assert "reviewer may now: comment, start-review, request-info, approve, reject" in said
    assert "operator may now: assign, extend, retry" in said
    assert not [line for line in shown(submitted(), "customer") if "may now" in line]


def test_what_the_partner_is_asked_is_told_in_words() -> None:
    play = submitted()
    teams = {"reason": "missing_products", "product": "Teams", "remove": True, "note": "Page 2?"}
    play.tell("request_info", requests=[teams])
    assert "asked for: missing products (Teams), or to drop it: Page 2?" in shown(play)


def test_a_held_claim_says_why_and_what_to_do() -> None:
    play = approved()
    refused = shown(play, consent="held")
    assert refused[2].startswith("held: no notice has reached the customer: the partner corrects")
    unconfirmed = shown(play, consent="held", unconfirmed={"contact": ["changed"]})
    assert unconfirmed[2].endswith("confirm the customer's contact: confirm-contact")
    doubt = Doubt(kind="older_link", at=play.now)
    doubted = shown(play, consent="held", doubts=[doubt])
    assert doubted[2].endswith("answer a doubt: keep-association or end-association")


def test_that_no_role_was_given_is_said_once() -> None:
    play = submitted()
    for text in ("Page 3 names it.", "And page 4."):
        play.tell("comment", text=text)
    found = views.history(play.claim.state, [{"side": "reviewer"}])
    assert [each.remark for each in found].count(ROLE_NOT_CHECKED) > 1
    assert claim_text.entries(found).count(ROLE_NOT_CHECKED) == 1


def test_an_empty_history_says_so() -> None:
    assert claim_text.entries([]) == "Nothing yet."


def test_a_time_is_told_in_its_largest_unit() -> None:
    cases = {
        timedelta(days=2, hours=5): "in 2 days",
        timedelta(hours=1, minutes=59): "in 1 hour",
        timedelta(minutes=-3): "3 minutes ago",
        timedelta(seconds=20): "now",
    }
    assert {left: in_time(left) for left in cases} == cases
