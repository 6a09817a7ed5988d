"""Words that proof is expected to have."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

WordList = Literal[
    "acknowledgement", "signature", "services", "ordinary", "families", "legal_forms"
]


@cache
def words(of: WordList) -> tuple[str, ...]:
    with Path(__file__).with_suffix(".toml").open("rb") as file:
        return tuple(tomllib.load(file)[of])


@cache
def pattern(of: WordList) -> re.Pattern[str]:
    """Finds any of them as whole words, in upper or lower case."""
    each = (re.escape(word).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for word in words(of))
    any_of_them = "|".join(each)
    return re.compile(rf"(?<!\w)(?:{any_of_them})(?!\w)", re.IGNORECASE)
