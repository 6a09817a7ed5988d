"""Texts of other servers, made fit to be logged or kept: one short line without addresses."""

from __future__ import annotations

import re

MOST_CHARACTERS = 200
MOST_SEARCHED = 2000
"""The search for addresses is slow in a long text without blanks."""
_ADDRESS = re.compile(r"[^\s<>,;:\"'()]+@[^\s<>,;:\"'()]+")


def shortened(text: str, *secrets: str) -> str:
    """The text on one short line, without e-mail addresses and without the given words."""
    text = " ".join(_ADDRESS.sub("…", text[:MOST_SEARCHED]).split())
    for secret in filter(None, secrets):
        text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "…", text, flags=re.IGNORECASE)
    text = "".join(char if char.isprintable() else "?" for char in text)
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"
