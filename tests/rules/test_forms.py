"""What an operator reads beside a message's name: what its JSON must hold."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from cpor.contract.forms import form_of
from cpor.rules.facts import Role
from cpor.rules.messages import MESSAGES


@pytest.mark.parametrize("name", MESSAGES)
def test_a_form_names_every_field_and_marks_those_that_may_be_left_out(name: str) -> None:
    form = form_of(name)
    assert form.startswith('{"by": {"role": "')
    for field, kind in MESSAGES[name].model_fields.items():
        mark = "" if kind.is_required() else "?"
        assert field == "id" or f'"{field}"{mark}: ' in form


def test_a_form_names_none_but_roles_as_senders() -> None:
    for name in MESSAGES:
        sent_by = form_of(name).partition('"role": ')[2].partition(",")[0]
        assert {json.loads(each) for each in sent_by.split(" or ")} <= set(get_args(Role))


def test_a_form_says_which_codes_there_are_and_what_a_list_holds() -> None:
    assert form_of("extend") == (
        '{"by": {"role": "operator", "id": text}, "business_days": number, "why": text, '
        '"clock"?: "wait_for_review" or "review" or "overall" or "answer" or "consent" or '
        '"dispute" or "dispute_answer"}'
    )
    assert form_of("add_evidence") == (
        '{"by": {"role": "partner", "id": text}, "evidence": [{"sha256": text, "name": text, '
        '"media_type": text, "size": number}, …], "comment"?: text}'
    )


def test_a_form_goes_as_deep_as_a_message() -> None:
    contact = '{"name": text, "email": text, "title"?: text, "language"?: text}'
    assert f'"customer_contact"?: {contact}' in form_of("edit")
    assert f'"contact": {contact}, "technical_contact"?: {contact}}}' in form_of("edit")
