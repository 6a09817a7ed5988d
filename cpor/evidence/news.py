"""What is new in the sheet since a reviewer last said something about the claim."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cpor.evidence.sheet import Line, ReadFile, Sheet, write
from cpor.rules.facts import EvidenceFile
from cpor.rules.proof_sheet import Claimed


def written(
    claimed: Claimed,
    files: Sequence[ReadFile],
    named: Sequence[EvidenceFile],
    last_look: datetime | None,
) -> Sheet:
    """The sheet about the files. What differs from one without those added since is marked."""
    sheet = write(claimed, files)
    if last_look is None:
        return sheet
    fresh = {each.sha256 for each in named if each.added_at and each.added_at > last_look}
    before = write(claimed, [each for each in files if each.sha256 not in fresh])
    known = set(map(_said, before.lines))
    for line in sheet.lines:
        line.is_new = _said(line) not in known
    for file in sheet.files:
        file.is_new = file.sha256 in fresh
    sheet.last_look = last_look
    return sheet


def _said(line: Line) -> tuple[str, ...]:
    return line.topic, line.about, line.result, line.note
