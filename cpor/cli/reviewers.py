"""Whether a reviewer is one that the settings know."""

from __future__ import annotations

from cpor.cli.console import print_error
from cpor.cli.typed import nearest
from cpor.settings import Settings, SettingsError


def warn_if_unknown(reviewer: str) -> None:
    """Where the settings name reviewers, a name that is not among them may be misspelt."""
    try:
        known = Settings.load().reviewer_emails
    except SettingsError:
        return  # which the command itself will tell
    if known and reviewer.casefold() not in {each.casefold() for each in known}:
        print_error(
            f"Warning: CLAIMS_REVIEWER_EMAILS names no reviewer {reviewer}"
            f"{nearest(reviewer, known)}"
        )
