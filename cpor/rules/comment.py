"""A comment: partner and reviewers write it to each other."""

from __future__ import annotations

from datetime import datetime

from cpor.rules.action import Action
from cpor.rules.errors import Invalid, Problem
from cpor.rules.history import REVIEWERS
from cpor.rules.messages import Comment
from cpor.rules.state import State


def check_comment(claim: State, message: Comment) -> None:
    if message.internal and message.by.role != "reviewer":
        raise Invalid([Problem("internal", "only reviewers write internal comments")])


def comment(claim: State, message: Comment, now: datetime) -> Action:
    if message.internal:
        return Action("Noted, for reviewers only.", message.text, sight=REVIEWERS, follows=False)
    return Action(
        "Noted. The other side is told; no clock stops.",
        message.text,
        facts={"author": message.by.role, "text": message.text},
    )
