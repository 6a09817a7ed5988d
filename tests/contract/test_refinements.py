"""The schemas say what goes together, and turn away nothing that the claim would take."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any, cast

import pytest

from cpor.contract.schemas import THINGS, Thing
from cpor.rules import views
from cpor.rules.errors import Refused
from cpor.rules.messages import MESSAGES, read
from tests.contract.things import BY_NAME, misfits, refusal
from tests.examples import PARTNER, REVIEWER, dynamics_opening, opening, proof
from tests.rules.play import Play, draft
from tests.rules.sequences import Talk, some_opening
from tests.rules.stages import STAGES

BY = {"by": REVIEWER}
WRONG: dict[str, tuple[str, dict[str, Any]]] = {
    "no products": ("start", opening(products=[])),
    "a product twice": ("start", opening(products=[{"name": "Teams"}] * 2)),
    "a file twice": ("start", opening(evidence=[proof()] * 2)),
    "too many files": ("start", opening(evidence=[proof(b"%d" % n) for n in range(21)])),
    "no proof": ("start", opening(evidence=[])),
    "an unknown edition": ("start", opening(edition="1999")),
    "an activity of another program": ("start", opening(activity="presales")),
    "no subscription": ("start", dynamics_opening(products=[{"name": "Sales"}])),
    "no technical contact": ("start", {**opening("CPOR-D365"), "program": "osa-sell"}),
    "neither words nor proof": ("message.dispute", {"by": PARTNER}),
    "empty proof and no words": ("message.dispute", {"by": PARTNER, "evidence": []}),
    "other without a note": ("message.reject", {**BY, "reasons": [{"reason": "other"}]}),
    "missing which product": (
        "message.request_info",
        {**BY, "requests": [{"reason": "missing_products"}]},
    ),
    "remove which product": (
        "message.request_info",
        {**BY, "requests": [{"reason": "missing_all_poe", "remove": True}]},
    ),
    "a subscription of no product": (
        "message.reject",
        {
            **BY,
            "reasons": [
                {
                    "reason": "insufficient_poe",
                    "subscription_id": "0d3f7a52-6a4e-4a8e-9f52-1f0f3a5f7c01",
                }
            ],
        },
    ),
}


@pytest.mark.parametrize(("name", "data"), WRONG.values(), ids=WRONG.keys())
def test_what_does_not_go_together_is_turned_away_by_schema_and_claim(
    name: str, data: dict[str, Any]
) -> None:
    thing = BY_NAME[name]
    assert refusal(thing, data) is not None
    assert misfits(thing, data)


@pytest.mark.parametrize("products", [[], [{"name": "Teams"}] * 2])
def test_no_edit_leaves_a_claim_without_products_or_names_one_twice(products: list[Any]) -> None:
    message = {"by": PARTNER, "changes": {"products": products}}
    assert misfits(BY_NAME["message.edit"], message)
    draft().refuses_payloads("invalid", "edit", message)


def test_no_schema_turns_away_an_opening_that_the_claim_takes() -> None:
    dice = Random(14)
    for number in range(60):
        data = some_opening(dice, "CPOR-7Q2M4X", submit=number % 4 > 0)
        assert refusal(BY_NAME["start"], data) is None
        assert misfits(BY_NAME["start"], data) == []


def test_no_schema_turns_away_a_message_that_can_be_read() -> None:
    talk = Talk(Random(14))
    for stage in STAGES.values():
        claim = stage[1]().claim
        for name in [*MESSAGES] * 5:
            said = talk.said(claim, name)
            try:
                read(said.name, said.payloads)
                if name == "edit":  # whether its products go together, the claim looks at itself
                    claim.check(said.name, said.payloads)
            except Refused:
                continue
            assert misfits(BY_NAME[f"message.{name}"], said.payloads[0]) == []


@pytest.mark.parametrize("stage", STAGES)
def test_what_a_claim_answers_fits_in_every_state(stage: str) -> None:
    play = STAGES[stage][1]()
    found = list(_misfits_of_answers(play))
    assert found == []


def _misfits_of_answers(play: Play) -> Iterator[str]:
    claim = play.claim.state
    answers: list[tuple[str, Any]] = [
        ("claim", views.view(claim)),
        *(("deadline", clock) for clock in views.deadlines(claim)),
        *(("entry", entry) for entry in views.history(claim, [{"side": "reviewer"}])),
    ]
    for name, answer in answers:
        yield from misfits(BY_NAME[name], answer.model_dump(mode="json"))


@pytest.mark.parametrize("thing", THINGS, ids=lambda thing: thing.name)
def test_no_list_becomes_a_type_of_many_places(thing: Thing) -> None:
    """Generators of types write a list of at most 20 as 20 types."""
    assert all(each <= 2 for each in _values(thing.schema(), "maxItems"))


def _values(schema: Any, keyword: str) -> Iterator[int]:
    match schema:
        case dict():
            known = cast("dict[str, Any]", schema)
            yield from (each for key, each in known.items() if key == keyword)
            for each in known.values():
                yield from _values(each, keyword)
        case list():
            for each in cast("list[Any]", schema):
                yield from _values(each, keyword)
        case _:
            pass
