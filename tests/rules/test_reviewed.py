"""Rules that were broken once, each found by looking at what happens late, early or twice."""

from __future__ import annotations

from datetime import datetime

import pytest

from cpor.rules import views
from cpor.rules.effects.directory import DirectoryResult
from cpor.rules.errors import Refused
from cpor.rules.lifecycle import Status
from tests.examples import OPERATOR, PARTNER, REVIEWER, SYSTEM, opening
from tests.rules.play import DAY, NO, SECOND, Play, asked, consent_running, kinds, lapsed, submitted


def news_since(play: Play) -> datetime | None:
    return views.view(play.claim.state).changed_since


def test_a_reviewer_who_spoke_is_told_since_when_the_partner_said_more() -> None:
    play = asked()
    assert news_since(play) is None
    play.wait(play.now + DAY)
    play.tell("comment")
    first = play.now
    play.wait(play.now + DAY)
    play.tell("comment", text="And page 4.")
    assert news_since(play) == first
    in_capitals = {**REVIEWER, "id": REVIEWER["id"].upper()}
    play.tell("comment", by=in_capitals, text="Thank you.")
    assert news_since(play) is None


def test_to_a_reviewer_who_said_nothing_yet_all_is_new_and_nothing_is_marked() -> None:
    play = submitted()
    play.tell("assign", reviewer="lee")
    play.tell("comment")
    assert news_since(play) is None


def test_what_the_reviewers_among_themselves_and_operators_say_is_no_change() -> None:
    play = asked()
    play.tell("comment", by=SECOND, text="I agree.")
    play.tell("extend")
    assert news_since(play) is None


def with_directory() -> Play:
    play = Play(opening(), directory=True)
    play.pay()
    return play


def test_a_mail_under_way_is_not_held_back_by_a_question_to_the_directory() -> None:
    play = with_directory()
    play.tell("request_info")
    play.tell("submit")
    play.answer(
        play.debt("directory"), DirectoryResult(outcome="not checked", at=play.now, detail="busy")
    )
    play.claim.begin(play.debt("to_review"), "run-1")
    play.tell("request_info")
    play.tell("submit")
    begun = [debt for debt in play.debts("to_review") if debt.begun]
    assert begun
    assert set(map(id, begun)) <= set(map(id, play.claim.state.payable))


def test_a_directory_that_answers_about_an_older_submission_is_not_heard() -> None:
    play = with_directory()
    play.tell("request_info")
    play.tell("submit")
    older = play.debt("directory")
    play.claim.late(older.id, "no answer", play.now)
    play.tell("request_info")
    play.tell("submit")
    play.answer(older, DirectoryResult(outcome="refused", at=play.now, problems=[NO]))
    assert play.claim.state.status is Status.UNDER_REVIEW


def test_who_decides_before_the_directory_answers_spares_the_others_stale_mails() -> None:
    play = Play(opening(), directory=True)
    play.tell("reject")
    assert kinds(play.pay()) == ["rejected → partner"]


def test_a_late_no_becomes_a_question_where_the_reviewers_have_been_told() -> None:
    play = Play(opening(), directory=True)
    play.claim.late(play.debt("directory").id, "no answer", play.now)
    play.pay("notice")
    play.pay("directory", refused=["directory"])
    assert play.claim.state.status is Status.PARTNER_ACTION
    assert play.claim.state.requests[0].note == NO


def test_refused_signals_take_no_room_from_what_is_taken() -> None:
    play = asked()
    for number in range(2000):
        play.claim.hear("approve", [{"id": f"loop-{number}", "by": REVIEWER}], play.now)
    assert play.claim.state.unkept > 0
    assert play.tell("add_evidence").outcome == "accepted"
    assert play.tell("comment", text="Page 3.").outcome == "accepted"


def test_an_official_claim_whose_room_is_used_up_can_still_end() -> None:
    play = lapsed()
    play.pay()
    for name, message in (("comment", {"by": PARTNER, "text": "x" * 3900}), _judged()):
        while play.hear(name, message).outcome == "accepted":
            play.pay()
    assert play.tell("disassociate", reason="x" * 4000).outcome == "accepted"


def _judged() -> tuple[str, dict[str, object]]:
    return "eligibility_result", {"by": SYSTEM, "outcome": "eligible", "note": "x" * 3900}


def test_a_reminder_that_could_not_be_sent_is_forgotten_when_it_was_answered() -> None:
    play = asked()
    for _ in range(2):
        wake = play.claim.next_wake()
        assert wake is not None
        play.now = wake.at
        play.tick()
    assert len(play.debts("reminder")) == 1, "only the newest is worth reading"
    play.tell("submit")
    assert play.debts("reminder") == []


def test_what_was_changed_before_the_directorys_own_question_is_not_changed_since() -> None:
    play = with_directory()
    play.tell("request_info")
    play.tell("edit", changes={"mpn_id": "7654321"})
    play.tell("submit")
    play.pay(refused=["directory"])
    assert play.claim.state.status is Status.PARTNER_ACTION
    play.tell("submit")
    (mail,) = [each for each in play.pay() if each.kind == "to_review"]
    assert (mail.facts["changes"], mail.facts["unchanged"]) == ([], True)


def test_the_second_reviewer_reads_what_was_changed_but_never_sent() -> None:
    play = asked()
    play.tell("edit", changes={"mpn_id": "7654321"})
    play.wait(until=play.now + 20 * DAY)
    assert play.claim.state.status is Status.REJECTED
    play.tell("dispute")
    (mail,) = [each for each in play.pay() if each.kind == "to_review"]
    assert mail.facts["changes"] == ["changed MPN ID from 4912345 to 7654321"]


def test_only_the_partners_people_open_a_claim() -> None:
    for by, code in (
        (REVIEWER, "a claim is opened by its partner, not reviewer"),
        ({**PARTNER, "partner_role": "billing_admin"}, "submit in Editing is for incentives_admin"),
    ):
        for submit in (True, False):
            with pytest.raises(Refused, match=code):
                Play(opening(by=by, submit=submit))


def test_a_held_window_says_of_no_customer_that_they_were_told() -> None:
    play = consent_running()
    assert play.claim.state.notice_accepted_at is not None
    play.tell("bounced", notice_id="CPOR-7Q2M4X.consent.1.contact", detail="550")
    assert play.claim.state.notice_accepted_at is None
    assert play.clock("consent").end is None


def test_a_clock_is_extended_by_90_business_days_at_most() -> None:
    play = submitted()
    for _ in range(3):
        play.tell("extend", by=OPERATOR, business_days=30, why="Summer.")
    refused = play.refuses("too_much", "extend", business_days=1, why="Summer.")
    assert "90 business days in all" in refused.text
