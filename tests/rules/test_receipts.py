"""Each message has one receipt, however often and however broken it arrives."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from cpor.rules import views
from cpor.rules.bounds import Unreadable
from cpor.rules.errors import Invalid
from cpor.rules.messages import MESSAGES
from tests.examples import OPERATOR, PARTNER, REVIEWER
from tests.rules.play import (
    DAY,
    Play,
    asked,
    draft,
    fields_of,
    held,
    said,
    submitted,
    under_review,
    withdrawn,
)

CONTACT = {"name": "Liv Ek", "email": "liv@fabrikam.example"}
COMMENT = {"id": "m-1", "by": PARTNER, "text": "Page 3 names the product."}


def test_an_accepted_message_is_answered_with_what_was_done() -> None:
    play = submitted()
    receipt = play.take("approve", {"id": "m-17", "by": REVIEWER})
    assert receipt.model_dump(mode="json") == {
        "id": "m-17",
        "role": "reviewer",
        "outcome": "accepted",
        "code": None,
        "text": "Approved. The customer is being told.",
        "status": "Approved",
        "at": "2026-03-02T09:00:00Z",
    }


def test_the_same_message_again_gets_the_first_receipt_and_changes_nothing() -> None:
    play = submitted()
    first = play.take("comment", COMMENT)
    play.now += DAY
    before = play.claim.state.model_dump_json()
    assert play.take("comment", dict(reversed(COMMENT.items()))) == first
    assert play.hear("comment", COMMENT) == first
    assert play.claim.state.model_dump_json() == before


def test_a_repeat_gets_its_first_receipt_also_when_it_would_be_refused_by_now() -> None:
    play = under_review()
    first = play.take("approve", {"id": "m-2", "by": REVIEWER})
    play.tell("withdraw")
    assert play.take("approve", {"id": "m-2", "by": REVIEWER}) == first


@pytest.mark.parametrize(
    ("name", "message"),
    [("comment", {**COMMENT, "text": "Other."}), ("submit", {"id": "m-1", "by": PARTNER})],
)
def test_the_same_id_with_other_content_is_invalid(name: str, message: dict[str, object]) -> None:
    play = submitted()
    play.take("comment", COMMENT)
    refused = play.refuses_payloads("invalid", name, message)
    assert fields_of(refused) == {"id": "was used before for another message; use a new one"}


SAME: dict[str, tuple[str, Mapping[str, object], Mapping[str, object]]] = {
    "a default that is spelled out": ("comment", COMMENT, {**COMMENT, "internal": False}),
    "null for what may be left out": (
        "comment",
        COMMENT,
        {**COMMENT, "by": {**PARTNER, "name": None}},
    ),
    "blanks around a line": (
        "comment",
        {**COMMENT, "by": {**PARTNER, "name": "Ada Berg"}},
        {**COMMENT, "by": {**PARTNER, "name": " Ada Berg "}},
    ),
    "fields in another order": ("comment", COMMENT, dict(reversed(COMMENT.items()))),
    "a contact's empty field": (
        "edit",
        {"id": "m-1", "by": PARTNER, "changes": {"partner_contact": CONTACT}},
        {"id": "m-1", "by": PARTNER, "changes": {"partner_contact": {**CONTACT, "title": None}}},
    ),
}


@pytest.mark.parametrize(("name", "first", "second"), SAME.values(), ids=SAME.keys())
def test_what_says_the_same_once_it_is_read_is_the_same_message(
    name: str, first: Mapping[str, object], second: Mapping[str, object]
) -> None:
    play = submitted()
    answer = play.take(name, first)
    assert play.take(name, second) == answer
    assert play.hear(name, second) == answer


def test_to_take_a_technical_contact_away_is_not_to_say_nothing_of_it() -> None:
    play = submitted()
    content = {"id": "m-1", "by": PARTNER}
    play.take("edit", {**content, "changes": {"mpn_id": "7654321"}})
    both = {"mpn_id": "7654321", "technical_contact": None}
    play.refuses_payloads("invalid", "edit", {**content, "changes": both})


def test_blanks_around_an_id_do_not_make_it_another() -> None:
    play = submitted()
    first = play.take("comment", {**COMMENT, "id": " m-1"})
    assert first.id == "m-1"
    assert play.take("comment", {**COMMENT, "id": " m-1"}) == first
    play.refuses_payloads("invalid", "comment", {**COMMENT, "text": "Other."})
    assert views.receipt(play.claim.state, [" m-1 "]) == first
    assert len(play.entries("comment")) == 1


def test_a_message_without_id_is_given_one_and_is_another_each_time() -> None:
    play = submitted()
    assert [play.tell("comment").id for _ in range(2)] == ["unnamed-1", "unnamed-2"]


def test_an_id_that_a_sender_took_is_not_given_to_another() -> None:
    play = submitted()
    play.take("comment", {**COMMENT, "id": "unnamed-1"})
    assert play.tell("comment").id == "unnamed-2"


def test_a_refused_signal_is_in_the_history_once_and_has_one_receipt() -> None:
    play = draft()
    message = {"id": "m-3", "by": REVIEWER}
    first = play.hear("approve", message)
    assert (first.outcome, first.code, first.status) == ("refused", "wrong_status", "Editing")
    assert play.hear("approve", message) == first
    (entry,) = play.entries("refused")
    assert entry.text == f"approve: {first.text}"
    assert entry.changes == {"message": "approve", "code": "wrong_status", "id": "m-3"}
    assert views.receipt(play.claim.state, ["m-3"]) == first


def test_only_reviewers_see_refusals() -> None:
    play = draft()
    play.hear("approve", {"by": REVIEWER})
    assert play.last.sight == ("reviewer",)


def test_a_refused_signal_sent_again_as_update_is_refused_as_it_was() -> None:
    play = draft()
    message = {"id": "m-3", "by": REVIEWER}
    play.hear("approve", message)
    play.tell("submit")
    play.refuses_payloads("wrong_status", "approve", message)


def test_a_refused_update_may_come_again_under_its_id_when_it_is_right() -> None:
    play = draft()
    message = {"id": "m-3", "by": REVIEWER}
    play.refuses_payloads("wrong_status", "approve", message)
    play.tell("submit")
    assert play.take("approve", message).outcome == "accepted"


def test_a_signal_under_a_used_id_gets_a_receipt_of_its_own() -> None:
    play = submitted()
    first = play.take("comment", COMMENT)
    refused = play.hear("comment", {**COMMENT, "text": "Other."})
    assert (refused.id, refused.code) == ("unnamed-1", "invalid")
    assert views.receipt(play.claim.state, ["m-1"]) == first


BROKEN: list[tuple[str, list[object], str]] = [
    ("submit", [], "submit takes one JSON object, not 0 payloads"),
    ("submit", [{}, {}], "submit takes one JSON object, not 2 payloads"),
    ("submit", [Unreadable()], "submit takes one JSON object, and this is none"),
    ("submit", [None], "submit takes one JSON object, and this is none"),
    ("submit", [[]], "submit takes one JSON object, and this is none"),
    ("submit", [b"\xff"], "submit takes one JSON object, and this is none"),
    (
        "approved",
        [{"by": REVIEWER}],
        f"'approved' is no message; there are {', '.join(MESSAGES)}",
    ),
    ("dispute", [{"by": PARTNER}], "a dispute needs a justification, or evidence, or both"),
    (
        "extend",
        [{"by": OPERATOR, "business_days": 31, "why": "Summer."}],
        "business_days: must be less than or equal to 30",
    ),
    (
        "extend",
        [{"by": OPERATOR, "business_days": 1, "why": "Summer.", "clock": "lunch"}],
        "clock: must be 'wait_for_review'",
    ),
    (
        "bounced",
        [said("bounced", notice_id="CPOR-7Q2M4X.consent.1.contact", detail="550")],
        "notice_id: is no notice of this claim",
    ),
    ("", [], f"'' is no message; there are {', '.join(MESSAGES)}"),
    ("submit", [{}], "by: is needed"),
    ("submit", [{"id": 7, "by": PARTNER}], "id: must be a text"),
    ("submit", [{"id": "", "by": PARTNER}], "id: must be 1 to 64 printable ASCII"),
    ("submit", [{"id": "x" * 65, "by": PARTNER}], "id: must be 1 to 64 printable ASCII"),
    ("submit", [{"id": "é", "by": PARTNER}], "id: must be 1 to 64 printable ASCII"),
    ("submit", [{"id": "a\nb", "by": PARTNER}], "id: must be 1 to 64 printable ASCII"),
    ("submit", [{"by": {"role": "boss", "id": "x"}}], "by.role: must be 'partner', 'reviewer'"),
    ("submit", [{"by": PARTNER, "colour": "red"}], "colour: is not a known field"),
    (
        "reject",
        [{"by": REVIEWER, "reasons": []}],
        "reasons: must have at least one entry",
    ),
    (
        "request_info",
        [{"by": REVIEWER, "requests": [{"reason": "missing_all_poe"}] * 51}],
        "requests: must have at most 50 entries",
    ),
    (
        "request_info",
        [{"by": REVIEWER, "requests": [{"reason": "other"}]}],
        "requests.0: the reason 'other' needs a note",
    ),
    (
        "reject",
        [{"by": REVIEWER, "reasons": [{"reason": "missing_products"}]}],
        "reasons.0: the reason 'missing_products' needs the product it is about",
    ),
    (
        "request_info",
        [{"by": REVIEWER, "requests": [{"reason": "missing_all_poe", "remove": True}]}],
        "requests.0: 'remove' needs the product to be dropped",
    ),
    (
        "request_info",
        [{"by": REVIEWER, "requests": [{"reason": "missing_products", "product": "Sales"}]}],
        "requests.0.product: is not in this claim; it has Teams, Exchange Online",
    ),
    (
        "reject",
        [{"by": REVIEWER, "reasons": [{"reason": "lost"}]}],
        "reasons.0.reason: must be",
    ),
    ("comment", [{"by": PARTNER, "text": "é" * 2001}], "text: must have at most 4000 bytes"),
    ("approve", [{"by": REVIEWER, "seen": -1}], "seen: must be greater than or equal to 0"),
]


@pytest.mark.parametrize(
    ("name", "payloads", "text"),
    BROKEN,
)
def test_what_cannot_be_read_is_refused_and_as_a_signal_kept(
    name: str, payloads: list[object], text: str
) -> None:
    play = submitted()
    refused = play.refuses_payloads("invalid", name, *payloads)
    assert refused.text.startswith(text)
    receipt = play.hear(name, *payloads)
    assert (receipt.outcome, receipt.code) == ("refused", "invalid")
    assert len(play.entries("refused")) == 1


def test_what_is_too_long_to_keep_is_shortened() -> None:
    play = submitted()
    play.hear("x" * 100_000, {"by": PARTNER})
    receipt = play.hear("submit", {"by": PARTNER, "y" * 100_000: 1})
    assert len(receipt.text) <= 1000
    assert len(play.claim.state.model_dump_json()) < 20_000


# What a reviewer has seen


def test_a_decision_on_what_the_partner_has_changed_since_is_refused() -> None:
    play = under_review()
    seen = play.last.seq
    play.tell("comment", text="The dates were wrong.")
    for name in ("approve", "reject", "request_info"):
        message = {**said(name), "seen": seen}
        refused = play.refuses_payloads("changed_since", name, message)
        assert f"read the history up to entry {play.last.seq}" in refused.text
    assert play.tell("approve", seen=play.last.seq).outcome == "accepted"


@pytest.mark.parametrize("name", ["approve", "reject", "request_info"])
def test_a_decision_on_more_than_there_is_in_the_history_is_invalid(name: str) -> None:
    play = under_review()
    last = play.last.seq
    refused = play.refuses_payloads("invalid", name, {**said(name), "seen": last + 1})
    assert fields_of(refused) == {"seen": f"must be at most {last}, the history's last entry"}
    assert play.take(name, {**said(name), "seen": last}).outcome == "accepted"


def test_the_reviewers_own_words_do_not_count_as_a_change() -> None:
    play = submitted()
    seen = play.last.seq
    play.tell("comment", by=REVIEWER, text="Looking into it.")
    play.tell("start_review")
    assert play.tell("approve", seen=seen).outcome == "accepted"


def test_a_decision_that_names_nothing_it_saw_is_taken() -> None:
    play = asked()
    play.tell("submit")
    assert play.tell("approve").outcome == "accepted"


# Bounds


def test_a_claim_that_was_talked_full_can_still_be_decided() -> None:
    play = under_review()
    long = "語" * 1333
    while play.claim.room.used < 420 * 1024:
        play.claim.take("comment", [{"by": PARTNER, "text": long}], play.now)
        play.pay("commented")
    for _ in range(10):
        play.hear("comment", {"by": PARTNER, "text": long})
    refused = play.refuses("too_much", "comment", text=long)
    assert refused.text.startswith("this claim has no room left for so much")
    assert len(play.claim.state.model_dump_json().encode()) < 512 * 1024
    assert play.tell("approve", note="Fine.").outcome == "accepted"


def test_nobody_can_ask_a_claim_full_and_leave_it_undecided() -> None:
    play = submitted()
    requests = [{"reason": "other", "note": "x" * 4000}] * 50
    while play.hear("request_info", {"by": REVIEWER, "requests": requests}).outcome == "accepted":
        play.hear("submit", {"by": PARTNER})
    play.refuses("too_much", "request_info", requests=requests)
    assert len(play.claim.state.model_dump_json().encode()) < 1024 * 1024
    if play.claim.state.status == "Partner action required":
        play.tell("submit")
    assert play.tell("reject", reasons=[{"reason": "insufficient_poe"}]).outcome == "accepted"


def test_refusals_do_not_fill_a_claim() -> None:
    play = submitted()
    for number in range(2000):
        play.claim.hear("approve", [{"by": PARTNER, "id": str(number)}], play.now)
    assert play.claim.state.unkept > 0
    assert len(play.claim.state.model_dump_json()) < 1024 * 1024
    assert play.tell("approve").outcome == "accepted"


# After the end


TAKEN_AFTER_THE_END = ("retry", "report_conflict", "bounced")


@pytest.mark.parametrize("name", [name for name in MESSAGES if name not in TAKEN_AFTER_THE_END])
def test_after_the_end_only_what_serves_its_debts_is_taken(name: str) -> None:
    play = withdrawn()
    fields = {field: value for field, value in said(name).items() if field != "by"}
    refused = play.refuses(
        "not_disputable" if name == "dispute" else "wrong_status", name, **fields
    )
    if name != "dispute":
        assert refused.text == (
            f"{name} is not possible in Rejected; possible now: retry (operator), "
            "report_conflict (operator), bounced (system)"
        )
    assert play.tell("retry").outcome == "accepted"
    assert play.tell("bounced").outcome == "accepted"


def test_a_customer_who_says_no_after_a_withdrawal_is_told_the_claim_is_over() -> None:
    play = held()
    play.tell("withdraw")
    play.refuses("wrong_status", "decline")


def test_queries_with_odd_arguments_are_refused() -> None:
    claim = submitted().claim
    odd: list[list[object]] = [[], [1], ["a", "b"]]
    for payloads in odd:
        with pytest.raises(Invalid, match="receipt takes one text"):
            views.receipt(claim.state, payloads)
    odd = [[], [{}, {}], [{"side": "nobody"}], ["partner"], [Unreadable()]]
    for payloads in odd:
        with pytest.raises(Invalid):
            views.history(claim.state, payloads)
    assert views.receipt(claim.state, ["never sent"]) is None


def test_the_history_is_read_in_parts_and_by_side() -> None:
    play: Play = under_review()
    play.tell("comment", by=REVIEWER, text="Odd dates.", internal=True)
    play.tell("approve", note="Fine by me.")
    partner = views.history(play.claim.state, [{"side": "partner"}])
    assert [entry.what for entry in partner] == [
        "opened",
        "submit",
        "directory",
        "start_review",
        "approve",
    ]
    assert [entry.what for entry in views.history(play.claim.state, [{"side": "customer"}])] == [
        "approve"
    ]
    part = views.history(play.claim.state, [{"side": "reviewer", "after": 3, "limit": 2}])
    assert [entry.seq for entry in part] == [4, 5]
