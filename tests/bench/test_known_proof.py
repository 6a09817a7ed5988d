"""The sheet finds what is in a file, in each language."""

from __future__ import annotations

import pytest

from bench.known_proof import DOCUMENTS, documents, is_enough, scores, table


@pytest.mark.parametrize("number", [25, pytest.param(DOCUMENTS, marks=pytest.mark.thorough)])
def test_products_and_dates_are_found_and_nothing_else_is(number: int) -> None:
    found = scores(documents(number))
    assert is_enough(found), table(found)
