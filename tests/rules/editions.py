"""Each edition of the rules, for what holds in all of them."""

from __future__ import annotations

import pytest

EDITIONS = ("2020", "2020-intro", "2023")
in_each_edition = pytest.mark.parametrize("edition", EDITIONS)
