"""No schema turns away what the claim would take."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter, ValidationError

from cpor.rules import facts, shapes

LETTERS = string.ascii_letters + string.digits + "äßøñ本語"
WORDS = st.text(LETTERS + "-_", min_size=1, max_size=12)
DOMAINS = st.lists(WORDS, min_size=2, max_size=4).map(".".join)
BLANKS = st.text(" \t\n", max_size=2)
ANYTHING = st.text(max_size=60)

SHAPES: dict[str, tuple[Any, st.SearchStrategy[str]]] = {
    "line": (shapes.Line, st.tuples(BLANKS, ANYTHING, BLANKS).map("".join)),
    "text": (facts.Text, ANYTHING),
    "guid": (shapes.Guid, st.uuids().map(str) | st.uuids().map(lambda each: str(each).upper())),
    "claim id": (shapes.ClaimId, st.text(string.ascii_uppercase + "-07", max_size=42)),
    "hash": (shapes.Sha256, st.text("0123456789abcdef", min_size=62, max_size=65)),
    "address": (shapes.Email, st.tuples(WORDS, st.just("@"), DOMAINS).map("".join)),
    "domain": (shapes.Domain, DOMAINS),
    "country": (shapes.Country, st.text(string.ascii_uppercase, max_size=3)),
    "language": (shapes.Language, st.lists(WORDS, min_size=1, max_size=3).map("-".join)),
    "MPN ID": (shapes.MpnId, st.text(string.digits, max_size=13)),
    "file name": (
        facts.FileName,
        st.tuples(BLANKS, ANYTHING, st.sampled_from([".pdf", ".PDF", ".tar", ".Csv"]), BLANKS).map(
            "".join
        ),
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_what_the_claim_takes_its_schema_takes(name: str) -> None:
    shape, values = SHAPES[name]
    program: TypeAdapter[str] = TypeAdapter(shape)
    schema = Draft202012Validator(program.json_schema())
    taken = 0

    @settings(max_examples=300)
    @given(values)
    def compare(value: str) -> None:
        nonlocal taken
        try:
            program.validate_python(value)
        except ValidationError:
            return
        taken += 1
        assert schema.is_valid(value), value

    compare()
    assert taken, "nothing was compared"
