"""What is too large to be looked at is refused before it is validated, in one short text."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from cpor.rules import views
from cpor.rules.bounds import MOST_UNKNOWN, MOST_VALUES, Unread, has_levels
from cpor.rules.claim import Claim
from cpor.rules.errors import Invalid
from tests.examples import PARTNER, REVIEWER, opening
from tests.rules.play import MONDAY, fields_of, submitted

MANY: dict[str, object] = {f"colour{number}": 0 for number in range(30_000)}
Ask = Callable[[dict[str, object]], object]


def _opened(sent: dict[str, object]) -> object:
    return Claim.open({**opening(), **sent}, MONDAY)


def _asked(sent: dict[str, object]) -> object:
    return views.history(submitted().claim.state, [sent])


@pytest.mark.parametrize("ask", [_opened, _asked])
def test_of_many_unknown_fields_a_few_are_named(ask: Ask) -> None:
    with pytest.raises(Invalid) as refused:
        ask(MANY)
    assert len(refused.value.problems) == MOST_UNKNOWN + 1
    assert "colour3: is not a known field" in refused.value.text
    assert refused.value.text.endswith(f"and {30_000 - MOST_UNKNOWN} more")


def test_of_many_unknown_fields_of_a_message_a_few_are_named() -> None:
    play = submitted()
    message = {"id": "m-1", "by": PARTNER, "text": "Hello.", **MANY}
    refused = play.refuses_payloads("invalid", "comment", message)
    assert refused.text.startswith("colour0: is not a known field; colour1: is not")
    assert refused.text.endswith(f"and {30_000 - MOST_UNKNOWN} more")
    assert play.hear("comment", message).id == "m-1"


def test_beside_a_few_unknown_fields_all_else_that_is_wrong_is_named() -> None:
    sent = {"by": PARTNER, "text": "", "colour": "red", "shape": "round"}
    refused = submitted().refuses_payloads("invalid", "comment", sent)
    assert refused.text == (
        "text: must not be empty; leave the field out instead; "
        "colour: is not a known field; shape: is not a known field"
    )


@pytest.mark.parametrize(
    "note", [MANY, list(MANY), [[0] * 600, [0] * 600], {"a": {"b": [0] * 999}}]
)
def test_what_holds_too_many_values_is_not_validated(note: object) -> None:
    refused = submitted().refuses_payloads("invalid", "approve", {"by": REVIEWER, "note": note})
    text = f"holds more than {MOST_VALUES} values; send only the fields it has"
    assert fields_of(refused) == {"note": text}


def test_of_a_list_that_is_too_long_the_bound_is_named() -> None:
    sent = {"by": REVIEWER, "requests": [{"reason": 0}] * 30_000}
    refused = submitted().refuses_payloads("invalid", "request_info", sent)
    assert fields_of(refused) == {"requests": "must have at most 50 entries"}


def test_the_largest_message_that_makes_sense_is_taken() -> None:
    each = {
        "reason": "missing_products",
        "product": "Teams",
        "note": "Which page names it?",
        "remove": True,
    }
    receipt = submitted().tell("request_info", requests=[each] * 50)
    assert receipt.outcome == "accepted"


def test_a_sender_with_many_unknown_fields_is_nobody() -> None:
    play = submitted()
    play.hear("comment", {"by": {**PARTNER, **MANY}, "text": "Hello."})
    assert play.last.by.id == "claim"


def test_what_was_not_parsed_for_its_size_is_refused_by_its_size() -> None:
    play = submitted()
    refused = play.refuses_payloads("invalid", "comment", Unread(b"{}"))
    assert refused.text == "must have less than 262144 bytes (256 KiB)"


def test_levels_are_counted_whatever_they_consist_of() -> None:
    known: dict[str, int] = {"1": 0, "[]": 1, '{"a": [{}], "b": []}': 3, "[[], [[]]]": 3}
    for text, levels in known.items():
        value = json.loads(text)
        assert not has_levels(value, levels)
        assert levels == 0 or has_levels(value, levels - 1)
