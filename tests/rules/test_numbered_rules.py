"""What would turn the past of running claims comes with a new number of the rules, and a guard."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cpor.rules import catalogue, facts, lifecycle

MADE_OF = {
    1: {
        "lifecycle.md": "f1376a5e7e57de79",
        "catalogue.toml": "8f6089ec1f2c344a",
        "characters.toml": "dce33cebe8a2c0dc",
    },
}
"""To change one of these files, raise `facts.RULES`, add a row here, and make sure that
claims with a lower number still behave as they did: the engine replays them with today's code."""


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]


def test_table_catalogue_and_characters_are_those_of_the_newest_rules() -> None:
    room = Path(lifecycle.__file__).parent
    assert Path(catalogue.__file__).parent == room
    found = {name: digest(room / name) for name in MADE_OF[1]}
    assert found == MADE_OF[facts.RULES], "raise RULES and guard what older claims rely on"


def test_what_was_taken_once_is_read_back_whatever_the_bounds_are_by_now() -> None:
    for rules in range(facts.FIRST_RULES, facts.RULES + 1):
        assert facts.in_force({1: 10}, rules) == 10
    assert facts.in_force({1: 10, 2: 20}, 1) == 10
    assert facts.in_force({1: 10, 2: 20}, 7) == 20
    assert facts.in_force({1: 10}, facts.STORED) > 10**9
