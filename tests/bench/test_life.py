"""What a life costs in the pure rules, in calls of functions: a busy machine changes none."""

from __future__ import annotations

from bench import life

MOST_CALLS = 7900
"""Of a happy life of less than 3 ms, on the machine of docs/performance.md."""


def test_a_whole_life_calls_no_more_functions_than_it_may() -> None:
    assert life.calls() <= MOST_CALLS


def test_the_500th_message_of_a_claim_costs_what_the_10th_did() -> None:
    early, late = life.calls_of_comments()
    assert late <= 1.2 * early
