"""The shortest story that breaks the same rule: what is not needed for it is left out."""

from __future__ import annotations

import copy
import traceback
from collections.abc import Sequence

from cpor.rules.claim import Claim
from cpor.simulation.before import Before
from cpor.simulation.handed import Handed
from cpor.simulation.life import Broken, Life
from cpor.simulation.steps import Steps

Mark = tuple[str, str, int]
"""By which two failures are the same: the error, and where it was raised."""


def shortest(broken: Broken) -> list[Handed]:
    """Steps are left out, many at a time and then one by one, while the same rule still breaks."""
    life, wanted = broken.life, _mark(broken.error)
    steps = life.log
    size = max(1, len(steps) // 2)
    while size:
        number = 0
        while number < len(steps):
            fewer = steps[:number] + steps[number + size :]
            if _failure(life, fewer) == wanted:
                steps = fewer
            else:
                number += size
        size //= 2
    return steps


def told(broken: Broken) -> str:
    """The story and what broke, for people."""
    life, steps = broken.life, shortest(broken)
    file, function, line = _mark(broken.error)
    opened = {name: life.data[name] for name in ("program", "activity", "edition", "submit")}
    return "\n".join(
        [
            f"{life.claim_id} breaks a rule. The shortest story that does, {len(steps)} of "
            f"{len(life.log)} steps:",
            f"  {life.opened_at:%a %d %b %Y %H:%M:%S} opened {opened}",
            *(f"  {step}" for step in steps),
            f"What broke: {function} ({file}, line {line}): "
            f"{type(broken.error).__name__} {broken.error}",
        ]
    )


def _failure(life: Life, steps: Sequence[Handed]) -> Mark | None:
    """What breaks when only these are handed in to a new claim; None where nothing does."""
    looks = Steps(life.steps.holds)
    try:
        claim = Claim.open(copy.deepcopy(life.data), life.opened_at)
        looks.opened(claim)
        for handed in steps:
            _hand_in(claim, looks, handed)
    except Exception as error:
        return _mark(error)
    return None


def _hand_in(claim: Claim, looks: Steps, handed: Handed) -> None:
    if handed.what in ("paid", "late", "park") and not _was_tried(claim, handed.name):
        return
    if handed.what == "begin":
        looks.begins(claim, handed.name, handed.to(claim))
        return
    before = Before.of(claim.state)
    looks.happened(claim, before, handed, handed.to(claim))


def _was_tried(claim: Claim, debt_id: str) -> bool:
    debt = claim.state.debt(debt_id)
    return debt is not None and debt.begun


def _mark(error: BaseException) -> Mark:
    """The innermost place of our own."""
    found = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in found if "cpor" in frame.filename] or found[-1:]
    last = ours[-1]
    return last.filename.rpartition("/cpor/")[2], last.name, last.lineno or 0
