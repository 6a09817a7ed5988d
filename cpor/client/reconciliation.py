"""Claims of which the store knows what they do not know themselves, as after a restore."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from cpor.client.answers import Answer
from cpor.client.client import ClaimsClient
from cpor.client.errors import ClaimUnknown, MessageRefused, PortalError
from cpor.rules.chain import WHOLE
from cpor.rules.known import in_words, no_in_words, no_mark
from cpor.rules.lifecycle import Status
from cpor.rules.messages import ReportConflict
from cpor.rules.own_ids import decline_id
from cpor.rules.views import ClaimView, EntryView, may_be_declined
from cpor.store import StoreError, Traces


@dataclass(frozen=True)
class Disagreement:
    claim_id: str
    text: str
    """What the store knows."""
    found: tuple[str, ...] = ()
    """The same for the claim's conflict; empty where nothing can be done."""
    no: Mapping[str, Any] | None = None
    """A customer's no that can be passed on as it came, with the proof of the page's key."""

    is_known: bool = True
    """False: it could not be compared now, and may disagree."""

    @property
    def remedy(self) -> str:
        """What is done, or would be."""
        if self.no is not None:
            return "pass the no on"
        return "stop the claim" if self.found else "look at it yourself"


async def disagreements(
    claims: ClaimsClient, since: datetime | None = None
) -> AsyncIterator[Disagreement]:
    """Of each claim of which the store learned something since then, what it does not know."""
    for claim_id in await claims.store.traced_since(since):
        try:
            async for each in _of(claims, claim_id):
                yield each
        except ClaimUnknown:
            yield Disagreement(claim_id, "the engine does not know the claim, and it has no record")
        except (PortalError, StoreError) as error:
            yield Disagreement(claim_id, f"it could not be compared: {error}", is_known=False)


async def settle(claims: ClaimsClient, found: Disagreement, operator: str) -> Answer:
    """Pass the no on, or stop the claim; returns what it answered.

    A no that the claim refuses, as its proof has expired, stops it like anything else.
    """
    if found.no is not None:
        with suppress(MessageRefused):
            return await claims.pass_on(found.claim_id, "decline", found.no)
    by = {"role": "operator", "id": operator}
    report = {"by": by, "text": found.text, "found": list(found.found)}
    return await claims.say(found.claim_id, ReportConflict.model_validate(report))


async def _of(claims: ClaimsClient, claim_id: str) -> AsyncIterator[Disagreement]:
    traces = await claims.store.traces(claim_id)
    claim = await claims.claim(claim_id)
    if any(each.kind == "conflict" for each in claim.owed):
        return  # it stands still already
    approved = claim.status is Status.APPROVED
    for notice in traces.noes if approved else ():
        if await claims.receipt(claim_id, decline_id(notice), "customer") is None:
            # One that was said in time must not be heard as late by a claim whose time ran on.
            no = await claims.store.read_no(claim_id, notice) if may_be_declined(claim) else None
            yield Disagreement(claim_id, no_in_words(notice), (no_mark(notice),), no)
    record = await claims.store.read_record(claim_id, traces.version)
    if record is not None and not _has(await claims.history(claim_id), record):
        found = str(record.get(WHOLE))
        yield Disagreement(claim_id, in_words(record, traces.version), (found,))
    for event in _forgotten(claim, traces):
        yield Disagreement(claim_id, f"the event {event} that was sent", (event,))


def _has(history: list[EntryView], record: Mapping[str, Any]) -> bool:
    """Whether the record ends with an entry of this very history."""
    kept = cast("list[dict[str, Any]]", record.get("history") or [{}])
    if len(history) < len(kept):
        return False
    mine, its = history[len(kept) - 1], kept[-1]
    same_before = mine.before == its.get("before")
    return same_before and (mine.what, mine.text) == (its.get("what"), its.get("text"))


def _forgotten(claim: ClaimView, traces: Traces) -> list[str]:
    """Events of which the claim says that nothing was sent."""
    owed = {each.id for each in claim.owed}
    known = {
        "ready": claim.handed_off_at is not None,
        "recalled": claim.eligibility == "recalled",
    }
    return [
        event
        for event in traces.sent
        if event not in owed and not known.get(event.rsplit(".", 2)[-2], True)
    ]
