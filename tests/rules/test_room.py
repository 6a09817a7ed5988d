"""However much is said to a claim, it never outgrows what the engine carries into its next run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from cpor.rules.claim import Claim
from cpor.rules.errors import Refused
from cpor.rules.messages import MESSAGES
from cpor.rules.room import MOST_ROOM
from tests.examples import CUSTOMER, OPERATOR, PARTNER, REVIEWER
from tests.rules.play import (
    NEEDS,
    SAYS,
    TOKEN,
    Play,
    consent_running,
    draft,
    lapsed,
    said,
    submitted,
)

LONG = '"' * 3999 + "x"
WORDS: dict[str, dict[str, Any]] = {
    "comment": {"text": LONG},
    "submit": {"comment": LONG},
    "request_info": {"requests": [{"reason": "other", "note": LONG}] * 50},
    "approve": {"note": LONG},
    "reject": {"reasons": [{"reason": "other", "note": LONG}] * 50, "note": LONG},
    "withdraw": {"reason": "other", "note": LONG},
    "decline": {"note": LONG},
    "dispute": {"justification": LONG},
    "disassociate": {"reason": LONG},
    "end_association": {"reason": LONG},
    "keep_association": {"reason": LONG},
    "extend": {"business_days": 1, "why": LONG},
    "resolve_conflict": {"why": LONG},
    "bounced": {
        "notice_id": "CPOR-7Q2M4X.submitted.1.partner",
        "token": TOKEN,
        "detail": LONG,
    },
    "eligibility_result": {"outcome": "eligible", "note": LONG},
}
ENDS = ("approve", "reject", "withdraw", "decline", "dispute", "disassociate")
Says = Callable[[str, int], dict[str, Any]]


def long(name: str, number: int) -> dict[str, Any]:
    return {**WORDS.get(name, NEEDS.get(name, {})), "id": f"{number:064}"}


def short(name: str, number: int) -> dict[str, Any]:
    return {**NEEDS.get(name, {}), "id": f"{number:064}"}


def size(claim: Claim) -> int:
    return len(claim.state.model_dump_json().encode())


def talk(play: Play, says: Says, rounds: int, kinds: list[str]) -> None:
    """Nothing that is owed is paid meanwhile, so all mails wait in the claim."""
    numbers = count()
    for number in range(rounds):
        for name in kinds:
            message = {"by": SAYS[name], **says(name, next(numbers))}
            play.claim.hear(name, [message], play.now)
        if number % 50 == 0:
            assert size(play.claim) < MOST_ROOM
    assert size(play.claim) < MOST_ROOM


@pytest.mark.parametrize("name", MESSAGES)
def test_what_is_said_here_can_be_read(name: str) -> None:
    """Else nothing of it would be kept, and the claim would stay small for no merit of its own."""
    for number, says in enumerate((long, short)):
        receipt = submitted().hear(name, {"by": SAYS[name], **says(name, number)})
        assert receipt.code != "invalid", receipt.text


ALSO_FULL = {"comment": (), "request_info": ()}
OTHERS = [name for name in MESSAGES if name not in ENDS]


@pytest.mark.parametrize("says", [pytest.param(long, marks=pytest.mark.thorough), short])
@pytest.mark.parametrize("begin", [draft, submitted, consent_running])
def test_thousands_of_messages_leave_a_claim_small_and_able_to_end(
    begin: Callable[[], Play], says: Says
) -> None:
    play = begin()
    talk(play, says, 60, OTHERS)
    for name in ("reject", "dispute", "approve", "decline", "withdraw", "disassociate"):
        play.claim.hear(name, [{"by": SAYS[name], **long(name, 9999)}], play.now)
    assert size(play.claim) < MOST_ROOM


def test_retries_with_long_ids_end_before_the_room_does() -> None:
    play = submitted()
    talk(play, short, 4000, ["retry"])
    assert {each.receipt.outcome for each in play.claim.state.receipts.values()} == {
        "accepted",
        "refused",
    }
    assert play.tell("approve").outcome == "accepted"


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=ALSO_FULL.get(name, pytest.mark.thorough)) for name in OTHERS]
)
def test_a_claim_full_of_one_kind_can_still_be_decided_declined_and_withdrawn(name: str) -> None:
    play = submitted()
    talk(play, long, 80, [name])
    talk(play, short, 500, ["retry"])
    if play.claim.state.status == "Partner action required":
        play.tell("submit", by=PARTNER)
    words = "x" * 4000
    play.tell("reject", by=REVIEWER, reasons=[{"reason": "other", "note": words}], note=words)
    play.tell("dispute", justification=words, **NEEDS["add_evidence"])
    play.tell("approve", by={"role": "reviewer", "id": "somebody-else"}, note=words)
    play.tell("decline", by=CUSTOMER, note=words)
    assert size(play.claim) < MOST_ROOM


def test_what_is_counted_is_the_size_of_the_dump() -> None:
    play = submitted()
    for number, name in enumerate(OTHERS * 3):
        play.claim.hear(name, [{"by": SAYS[name], **short(name, number)}], play.now)
        assert 0 <= play.claim.room.used - size(play.claim) < 50
    play.pay()
    play.claim.tick(play.now + timedelta(days=3))
    assert 0 <= play.claim.room.used - size(play.claim) < 50


def test_reports_of_conflicts_end_before_the_room_does() -> None:
    play = submitted()
    for number in range(400):
        found = [f"{number}.{each}.{'x' * 200}" for each in range(20)]
        message = {"by": OPERATOR, "text": "x" * 255, "found": found, "id": f"m-{number}"}
        play.claim.hear("report_conflict", [message], play.now)
        assert 0 <= play.claim.room.used - size(play.claim) < 50
    assert size(play.claim) < MOST_ROOM
    assert {answer.receipt.outcome for answer in play.claim.state.receipts.values()} == {
        "accepted",
        "refused",
    }
    assert play.tell("resolve_conflict").outcome == "accepted"


def test_a_decision_in_very_many_words_has_no_room_of_its_own() -> None:
    play = submitted()
    talk(play, long, 100, ["comment"])
    refused = play.refuses("too_much", "reject", reasons=WORDS["reject"]["reasons"])
    assert refused.text.startswith("this claim has no room left for so much")
    assert play.tell("reject").outcome == "accepted"


def test_refused_talk_is_not_measured_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    play = submitted()
    talk(play, long, 100, ["comment"])
    measured: list[int] = []
    dump = type(play.claim.state).model_dump_json

    def counted(state: Any, **options: Any) -> str:
        measured.append(1)
        return dump(state, **options)

    monkeypatch.setattr(type(play.claim.state), "model_dump_json", counted)
    for _ in range(100):
        with pytest.raises(Refused):
            play.claim.take("comment", [said("comment", text=LONG)], play.now)
    assert len(measured) <= 1


def test_a_no_said_again_and_again_after_the_time_leaves_room_for_the_answer() -> None:
    play = lapsed()
    talk(play, long, 400, ["decline"])
    assert play.tell("end_association", reason="Not their project.").outcome == "accepted"
    assert size(play.claim) < MOST_ROOM
