"""The record that is left of a claim when the engine has forgotten it."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from claims.chain import misfits
from claims.views import MOST_ENTRIES, EntryView
from portal.errors import ClaimUnknown, PortalError
from store import Store

_ENTRIES: TypeAdapter[list[EntryView]] = TypeAdapter(list[EntryView])


async def read(store: Store, claim_id: str) -> dict[str, Any]:
    found = await store.read_record(claim_id)
    if found is None:
        raise ClaimUnknown(
            f"the store has no record of {claim_id}: "
            "it is kept once the claim is handed off, or over"
        )
    return found


def check(claim_id: str, record: dict[str, Any]) -> None:
    """Raises with the first entry that does not fit."""
    if found := misfits(record):
        raise PortalError(f"{claim_id}: the record does not fit: {'; '.join(found)}")


def history(record: dict[str, Any], side: str) -> list[EntryView]:
    """What one side may see of it."""
    seen = [entry for entry in record.get("history", []) if side in entry["sight"]]
    return _ENTRIES.validate_python(seen[:MOST_ENTRIES])
