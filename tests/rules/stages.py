"""Claims in each stage of their life, by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.rules.play import (
    Play,
    approved,
    asked,
    asked_in_dispute,
    consent_running,
    declined,
    disputed,
    draft,
    handed_off,
    held,
    in_conflict,
    lapsed,
    lost,
    rejected,
    submitted,
    under_review,
)

STAGES: dict[str, tuple[str, Callable[[], Play], set[str]]] = {
    "a draft": ("E", draft, set()),
    "submitted": ("S", submitted, set()),
    "under review": ("U", under_review, set()),
    "asked for more": ("P", asked, set()),
    "approved, nobody told yet": ("A", approved, {"consent open"}),
    "approved, window open": ("A", consent_running, {"consent open"}),
    "approved, notice refused": ("A", held, {"consent open"}),
    "official": ("A", lapsed, {"official"}),
    "handed off": ("A", handed_off, {"handed off", "official"}),
    "handed off in 2023": (
        "A",
        partial(handed_off, edition="2023"),
        {"handed off", "official", "no still counts"},
    ),
    "submitted in 2023": ("S", partial(submitted, edition="2023"), set()),
    "asked for more in 2023": ("P", partial(asked, edition="2023"), set()),
    "rejected": ("R", rejected, {"disputable"}),
    "disputed": ("D", disputed, {"in dispute"}),
    "asked in a dispute": ("P", asked_in_dispute, {"in dispute"}),
    "dispute lost": ("F", lost, set()),
    "submitted, in conflict": ("S", lambda: in_conflict(submitted()), {"in conflict"}),
    "approved, in conflict": (
        "A",
        lambda: in_conflict(consent_running()),
        {"consent open", "in conflict"},
    ),
    "declined": ("R", declined, set()),
}
"""For each stage: the letter of its status, how to get there, and the provisos that hold in it."""
