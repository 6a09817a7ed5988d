"""Two people see a claim: one speaks for the partner, another reviews it."""

from __future__ import annotations

import pytest

from tests.examples import OPERATOR, opening
from tests.rules.play import NEEDS, Play, fields_of, submitted, under_review

NOT_ONE_PERSON = ("kım", "kim\u200b", " kim", "k im", "kim\n", "", "k" * 65, "kim/lee", "ｋim")


@pytest.mark.parametrize("who", NOT_ONE_PERSON)
def test_an_account_cannot_look_like_another(who: str) -> None:
    play = under_review()
    refused = play.refuses("invalid", "approve", by={"role": "reviewer", "id": who})
    assert list(fields_of(refused)) == ["by.id"]
    refused = play.refuses("invalid", "assign", reviewer=who)
    assert list(fields_of(refused)) == ["reviewer"]


@pytest.mark.parametrize("name", ["start_review", "request_info", "approve", "reject"])
@pytest.mark.parametrize("who", ["dora", "DORA"])
def test_who_opened_a_claim_for_its_partner_does_not_review_it(name: str, who: str) -> None:
    play = Play(opening(by={"role": "partner", "id": "Dora"}))
    refused = play.refuses(
        "same_reviewer", name, by={"role": "reviewer", "id": who}, **NEEDS.get(name, {})
    )
    assert refused.text == f"{who} spoke for the partner here; somebody else must review it"
    assert play.tell(name).outcome == "accepted"


@pytest.mark.parametrize("name", ["edit", "add_evidence", "comment"])
def test_nor_does_who_spoke_for_the_partner_later(name: str) -> None:
    play = submitted()
    play.tell(name, by={"role": "partner", "id": "dora"}, **NEEDS[name])
    play.refuses("same_reviewer", "approve", by={"role": "reviewer", "id": "Dora"})
    play.refuses("same_reviewer", "assign", by=OPERATOR, reviewer="DORA")


def test_what_was_refused_keeps_nobody_from_reviewing() -> None:
    play = submitted()
    play.hear("approve", {"by": {"role": "partner", "id": "dora"}})
    play.hear("comment", {"by": {"role": "partner", "id": "dora"}, "text": ""})
    assert play.tell("approve", by={"role": "reviewer", "id": "dora"}).outcome == "accepted"
