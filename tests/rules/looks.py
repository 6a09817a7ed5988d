"""What a look into proof files finds, made up."""

from __future__ import annotations

from collections.abc import Iterable

from cpor.rules.effects.look import FileFound, LookResult
from cpor.rules.proof_sheet import Tally

CLEAN = FileFound(verdict="clean")
LOCKED = FileFound(verdict="refused", findings=["encrypted"])


def looked(files: Iterable[str], well: bool = True) -> LookResult:
    """All was found, or no file could be opened."""
    found = CLEAN if well else LOCKED
    tally = Tally(found=1) if well else Tally(missing=1)
    return LookResult(
        files=dict.fromkeys(files, found),
        lines={"product": tally},
        asks=[] if well else ["missing_products"],
    )
