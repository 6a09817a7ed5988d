"""A look into proof files: owed by a claim that was sent, beside everything else, and no judge."""

from __future__ import annotations

from typing import Any

import pytest

from cpor.rules import views
from cpor.rules.effects.directory import DirectoryResult
from cpor.rules.effects.look import FileFound, Look, LookResult
from cpor.rules.lifecycle import Status
from cpor.rules.proof_sheet import Tally
from tests.examples import PARTNER, REVIEWER, opening
from tests.rules.looks import looked
from tests.rules.play import DAY, Play, kinds

MORE = {"sha256": "c" * 64, "name": "more.pdf", "media_type": "application/pdf", "size": 9}
SUSPICIOUS = FileFound(verdict="suspicious", findings=["macros"])


def sent(**changes: Any) -> Play:
    """Submitted, the proof sealed, and a look owed."""
    play = Play(opening(**changes), looks=True)
    play.pay("notice", "seal", "directory", "event")
    return play


def looked_into(play: Play, well: bool = True) -> Play:
    debt = play.debt("look")
    play.answer(debt, looked(debt.facts.files, well))
    return play


def verdicts(play: Play) -> list[str | None]:
    return [file.verdict for file in play.claim.state.evidence]


def test_a_claim_owes_a_look_into_its_sealed_files() -> None:
    play = sent()
    debt = play.debt("look")
    given = debt.payment(play.claim.state, "run-1")
    assert isinstance(given, Look)
    assert [file.name for file in given.files] == ["sow.pdf"]
    assert given.claimed.mpn_id == "4912345"
    assert views.view(play.claim.state).sheet is None


def test_what_a_reviewer_has_not_seen_came_after_a_reviewer_last_said_something() -> None:
    play = sent()
    assert views.view(play.claim.state).reviewed_at is None
    (first,) = play.claim.state.evidence
    assert first.added_at == play.now
    play.now += DAY
    play.tell("request_info")
    reviewed = play.now
    play.now += DAY
    play.tell("add_evidence", evidence=[MORE])
    play.hear("approve", {"by": REVIEWER})
    assert play.last.what == "refused"
    known = views.view(play.claim.state)
    assert known.reviewed_at == reviewed
    assert [file.added_at for file in known.evidence] == [reviewed - DAY, reviewed + DAY]


def test_what_was_claimed_when_a_reviewer_last_said_something_is_known_until_they_say_more() -> (
    None
):
    play = sent()
    play.tell("request_info")
    assert views.view(play.claim.state).claimed_before is None
    teams, exchange = {"name": "Teams"}, {"name": "Exchange Online"}
    play.tell("edit", changes={"products": [exchange], "mpn_id": "7654321"})
    play.tell("edit", changes={"products": [teams]})
    before = views.view(play.claim.state).claimed_before
    assert before is not None
    assert [each.name for each in before.products] == ["Teams", "Exchange Online"]
    assert before.mpn_id == "4912345"
    play.tell("edit", changes={"products": [teams, exchange], "mpn_id": "4912345"})
    assert views.view(play.claim.state).claimed_before is None
    play.tell("edit", changes={"products": [exchange]})
    play.tell("submit")
    play.tell("reject")
    assert views.view(play.claim.state).claimed_before is None


def test_a_whole_customer_that_was_edited_is_taken_back_for_the_last_look() -> None:
    play = Play(opening(), looks=True, directory=True)
    play.tell("start_review")
    question = play.debt("directory")
    play.claim.begin(question, "run-1")
    no = ["The domain does not belong to the tenant."]
    play.answer(question, DirectoryResult(outcome="refused", at=play.now, problems=no))
    customer, partner = opening()["customer"], opening()["partner"]
    edited = {
        "customer": {**customer, "domain": "other.example"},
        "partner": {**partner, "mpn_id": "1111111"},
    }
    play.tell("edit", changes=edited)
    known = views.view(play.claim.state)
    assert (known.customer.domain, known.partner.mpn_id) == ("other.example", "1111111")
    assert known.claimed_before is not None
    assert known.claimed_before.domain == customer["domain"]
    assert known.claimed_before.mpn_id == partner["mpn_id"]


def test_before_the_store_has_checked_a_file_nobody_looks_into_it() -> None:
    play = Play(opening(), looks=True)
    play.pay("notice", "directory", "event")
    assert play.debts("look") == []


@pytest.mark.parametrize("changes", [{"submit": False}, {}])
def test_a_draft_and_a_place_where_nobody_looks_owe_none(changes: dict[str, Any]) -> None:
    play = Play(opening(**changes), looks=bool(changes))
    play.pay()
    assert play.debts("look") == []


def test_what_was_found_is_known_of_each_file_and_of_the_whole() -> None:
    play = looked_into(sent())
    known = views.looked_into(play.claim.state)
    assert [file.verdict for file in known.files] == ["clean"]
    assert known.sheet
    assert (known.sheet.found, known.sheet.looked_for) == (1, 1)
    assert play.debts("look") == []


def test_a_file_that_cannot_be_read_is_told_to_the_partner_once_and_is_no_proof() -> None:
    play = looked_into(sent(), well=False)
    (mail,) = play.pay("evidence_problem")
    assert mail.recipient == "partner"
    assert mail.facts["files"] == [{"name": "sow.pdf", "state": "encrypted"}]
    refused = play.refuses("nothing_to_review", "approve")
    assert "no proof file can be read" in refused.text
    play.tell("edit", changes={"products": [{"name": "Intune"}]})
    looked_into(play, well=False)
    assert play.pay("evidence_problem") == []


def test_another_file_takes_its_place() -> None:
    play = looked_into(sent(), well=False)
    play.tell("add_evidence", evidence=[MORE])
    play.sealed()
    looked_into(play, well=True)
    assert play.tell("approve").status is Status.APPROVED


def test_an_answer_of_refused_files_alone_is_not_taken() -> None:
    play = looked_into(sent(), well=False)
    play.tell("request_info")
    refused = play.refuses("nothing_to_review", "submit")
    assert "can be opened without a password" in refused.text
    play.tell("add_evidence", evidence=[MORE])
    assert play.tell("submit").outcome == "accepted"


def test_a_suspicious_file_is_proof_and_a_warning() -> None:
    play = sent()
    debt = play.debt("look")
    play.answer(debt, LookResult(files=dict.fromkeys(debt.facts.files, SUSPICIOUS)))
    assert verdicts(play) == ["suspicious"]
    assert play.pay("evidence_problem") == []
    assert play.tell("approve").status is Status.APPROVED


def test_a_look_that_does_not_come_delays_no_mail_no_clock_and_no_decision() -> None:
    with_look, without = sent(), Play(opening())
    without.pay()
    with_look.claim.begin(with_look.debt("look"), "run-1")
    with_look.claim.late(with_look.debt("look").id, "the store is away", with_look.now)
    assert with_look.claim.next_wake() == without.claim.next_wake()
    for play in (with_look, without):
        play.tell("approve")
    skipped = [kinds(play.pay("notice", "consent", "event")) for play in (with_look, without)]
    assert skipped[0] == skipped[1]


def test_nothing_is_looked_at_when_it_is_over() -> None:
    play = sent()
    play.tell("withdraw")
    assert play.debts("look") == []
    play.pay()
    assert play.claim.state.is_over


def test_files_that_come_later_and_other_products_are_looked_at_anew() -> None:
    play = looked_into(sent())
    play.tell("add_evidence", evidence=[MORE])
    assert play.debts("look") == []
    play.sealed()
    assert len(play.debt("look").facts.files) == 2
    looked_into(play)
    play.tell("edit", changes={"products": [{"name": "Intune"}]})
    looked_into(play)
    play.tell("comment", text="See page 2.", by=PARTNER)
    assert play.debts("look") == []


def test_what_changes_while_somebody_looks_makes_that_look_void() -> None:
    play = sent()
    old = play.debt("look")
    play.tell("edit", changes={"products": [{"name": "Intune"}]})
    assert play.debt("look").id != old.id
    play.answer(old, looked(old.facts.files, well=False))
    assert verdicts(play) == [None]


def test_a_change_that_is_taken_back_needs_no_look() -> None:
    play = looked_into(sent())
    before = [{"name": each.name} for each in play.claim.state.products]
    play.tell("edit", changes={"products": [{"name": "Intune"}]})
    assert play.debts("look")
    play.tell("edit", changes={"products": before})
    assert play.debts("look") == []


def test_without_files_nothing_is_known() -> None:
    play = looked_into(sent())
    sha256 = play.claim.state.evidence[0].sha256
    play.tell("withdraw_evidence", evidence=[sha256])
    assert views.looked_into(play.claim.state).model_dump() == {"files": [], "sheet": None}


def test_a_file_that_was_refused_ends_no_approval() -> None:
    play = sent()
    play.tell("approve")
    play.pay("notice", "consent")
    looked_into(play, well=False)
    state = play.claim.state
    assert (state.status, state.consent, state.doubts) == (Status.APPROVED, "pending", [])
    play.now += DAY
    assert kinds(play.pay("evidence_problem")) == ["evidence_problem → partner"]


def test_the_largest_answer_takes_little_of_a_claims_room() -> None:
    files = [{**MORE, "sha256": f"{number:064}", "name": f"{number}.pdf"} for number in range(20)]
    play = sent(evidence=files)
    before = play.claim.room.used
    debt = play.debt("look")
    found = FileFound(verdict="suspicious", findings=["macros", "external_link", "unreadable"])
    topics = ["product", "subscription", "partner", "mpn_id", "customer", "domain", "dates"]
    lines: Any = dict.fromkeys(topics, Tally(found=20, unclear=20, missing=20))
    play.answer(debt, LookResult(files=dict.fromkeys(debt.facts.files, found), lines=lines))
    assert play.claim.room.used - before < 4096
