"""What was found in a proof file, kept in the store beside it, so that it is found once.

    evidence/<claim id>/<sha256>.reading-<version of the reader>.json

It has the text of the file, which is never given to Temporal.
"""

from __future__ import annotations

from contextlib import suppress

from pydantic import BaseModel, ValidationError

from cpor.evidence import scans
from cpor.evidence.reading import READER, Reading
from cpor.store import Store

BESIDE = f"reading-{READER}.json"


class KeptReading(BaseModel):
    """One line of JSON. Whether the type is what was said depends on name and media type."""

    name: str
    media_type: str
    reading: Reading
    scanned: bool = False
    """Whether a virus scanner was asked, too."""


async def found_in(
    store: Store, claim_id: str, sha256: str, name: str, media_type: str
) -> KeptReading | None:
    """None where it was not read by this version of the reader, under this name, and with the text
    of its pictures where that can be recognised here."""
    with suppress(ValidationError):
        kept = KeptReading.model_validate_json(await line_of(store, claim_id, sha256))
        could_be_better = scans.may_help(kept.reading) and scans.is_installed()
        if (kept.name, kept.media_type) == (name, media_type) and not could_be_better:
            return kept
    return None


async def line_of(store: Store, claim_id: str, sha256: str) -> bytes:
    """As it is kept; empty where it is not."""
    return await store.read_beside(claim_id, sha256, BESIDE) or b""


async def keep(store: Store, claim_id: str, sha256: str, kept: KeptReading) -> None:
    line = kept.model_dump_json().encode("utf-8", "replace")
    await store.write_beside(claim_id, sha256, BESIDE, line)
