"""What is new in the sheet since a reviewer last said something about the claim."""

from __future__ import annotations

from collections.abc import Sequence

from cpor.evidence.sheet import Line, ReadFile, Sheet, write
from cpor.rules.proof_sheet import Claimed
from cpor.rules.views import ClaimView


def written(claimed: Claimed, files: Sequence[ReadFile], claim: ClaimView) -> Sheet:
    """The sheet, with what would have been another then marked: files and facts were others."""
    sheet, last_look = write(claimed, files), claim.reviewed_at
    if last_look is None:
        return sheet
    fresh = {each.sha256 for each in claim.evidence if each.added_at and each.added_at > last_look}
    claimed_then = claim.claimed_before or claimed
    claimed_then = claimed_then.model_copy(update={"submitted": claimed.submitted})
    then = write(claimed_then, [each for each in files if each.sha256 not in fresh])
    known = set(map(_said, then.lines))
    for line in sheet.lines:
        line.is_new = _said(line) not in known
    for file in sheet.files:
        file.is_new = file.sha256 in fresh
    claimed_now = set(_products(sheet))
    sheet.dropped = [each for each in _products(then) if each not in claimed_now]
    sheet.last_look = last_look
    return sheet


def _products(sheet: Sheet) -> list[str]:
    return [line.about for line in sheet.lines if line.topic in ("product", "subscription")]


def _said(line: Line) -> tuple[str, ...]:
    return line.topic, line.about, line.result, line.note
