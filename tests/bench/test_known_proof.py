"""The sheet finds what is in a file, in each language."""

from __future__ import annotations

from bench.known_proof import documents, is_enough, scores, table


def test_products_and_dates_are_found_and_nothing_else_is() -> None:
    found = scores(documents())
    assert is_enough(found), table(found)
