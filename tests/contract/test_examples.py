"""Golden examples: what a client may send and will get, and what is said of a wrong one."""

from __future__ import annotations

import pytest

from cpor.contract.schemas import THINGS
from cpor.rules import chain
from tests.contract.things import Example, examples, misfits, refusal

ONLY_THE_CLAIM_KNOWS = {
    # which products there are, and that two names are one product
    "start/invalid-unknown-product",
    "start/invalid-product-twice",
}
"""These pass the schema, which says so by `x-not-in-schema` where it says too little."""


@pytest.mark.parametrize("example", examples("valid"), ids=str)
def test_a_valid_example_is_taken_by_schema_and_program(example: Example) -> None:
    assert misfits(example.thing, example.data) == []
    assert refusal(example.thing, example.data) is None


@pytest.mark.parametrize("example", examples("invalid"), ids=str)
def test_an_invalid_example_is_refused_in_these_words(example: Example) -> None:
    assert refusal(example.thing, example.data) == example.refusal
    passes = not misfits(example.thing, example.data)
    assert passes == (str(example) in ONLY_THE_CLAIM_KNOWS)


def test_the_record_that_is_shown_fits_its_hashes() -> None:
    (shown,) = [each for each in examples("valid") if each.thing.name == "record"]
    assert chain.misfits(shown.data) == []


def test_everything_has_examples_of_both_kinds_and_nothing_else_lies_there() -> None:
    for thing in THINGS:
        stems = {file.stem.partition("-")[0] for file in thing.examples.iterdir()}
        assert stems == {"valid", "invalid"}, thing.name
    folder = THINGS[0].examples.parent
    assert {each.name for each in folder.iterdir()} == {thing.name for thing in THINGS}
