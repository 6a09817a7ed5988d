"""Records: what the store keeps of a claim when Temporal has forgotten it."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from cpor.client import ids
from cpor.client.errors import ClaimUnknown, PortalError
from cpor.rules.chain import misfits
from cpor.rules.errors import problems
from cpor.rules.facts import STORED, Instant, Role, under
from cpor.rules.history import Entry
from cpor.rules.messages import Receipt
from cpor.rules.news import News
from cpor.rules.views import ClaimView, ClockView, EntryView
from cpor.store import Store

Part = TypeVar("Part", bound=BaseModel)


class _RecordDetails(BaseModel):
    history: list[Entry]
    deadlines: list[ClockView]
    receipts: list[Receipt]
    events: list[News]


class _EntryInstant(BaseModel):
    at: Instant


class RecordSummary(ClaimView):
    """What a list needs of it; most of the history is not validated."""

    history: Annotated[list[_EntryInstant], Field(min_length=1)]

    @property
    def started_at(self) -> Instant:
        return self.history[0].at


async def read(store: Store, claim_id: str) -> dict[str, Any]:
    found = await store.read_record(ids.checked(claim_id))
    if found is None:
        raise ClaimUnknown(
            f"the store has no record of {claim_id}: "
            "it is kept once the claim is handed off, or over"
        )
    return found


def check(claim_id: str, record: dict[str, Any]) -> None:
    """Raises where the hashes of the record do not match its content."""
    if found := misfits(record):
        raise PortalError(f"{claim_id}: the record does not fit: {'; '.join(found)}")


async def kept(store: Store, claim_id: str) -> dict[str, Any] | None:
    """The claim's record, or None."""
    record = await store.read_record(ids.checked(claim_id))
    if record is not None and (other := record.get("claim_id", claim_id)) != claim_id:
        raise PortalError(f"the record of {claim_id} is damaged: it is a record of {other}")
    return record


def claim(record: dict[str, Any]) -> ClaimView:
    return parsed(record, ClaimView)


def history(record: dict[str, Any], side: str, after: int = 0) -> list[EntryView]:
    """The entries that one side may see."""
    entries = parsed(record, _RecordDetails).history
    return [
        EntryView(**dict(entry)) for entry in entries if side in entry.sight and entry.seq > after
    ]


def deadlines(record: dict[str, Any]) -> list[ClockView]:
    return parsed(record, _RecordDetails).deadlines


def events(record: dict[str, Any]) -> list[News]:
    return parsed(record, _RecordDetails).events


def receipt(record: dict[str, Any], message_id: str, role: Role | None) -> Receipt | None:
    kept = parsed(record, _RecordDetails).receipts
    found = [each for each in kept if each.id == message_id.strip()]
    return next((each for each in found if role in (None, each.role)), None)


def asked(message_id: str, role: Role | None) -> str | dict[str, str]:
    """The argument of the query `receipt`."""
    return {"id": message_id, "role": role} if role else message_id


def parsed(record: dict[str, Any], part: type[Part]) -> Part:
    """Part of a record, or a `PortalError`: the store may have been tampered with."""
    try:
        return part.model_validate(record, context=under(STORED))
    except ValidationError as error:
        raise PortalError(
            f"the record of {record.get('claim_id')} is damaged: {problems(error)[0]}"
        ) from None
