"""What a claim knows, held against what the store knows, before it is handed on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from cpor.rules.chain import WHOLE, hash_of
from cpor.rules.effects.events import ComparedEvent, Event
from cpor.rules.known import Conflict, in_words, no_in_words, no_mark
from cpor.rules.own_ids import decline_id
from cpor.store import FileChanged, Store, Traces

Finding = tuple[str, str]
"""In words, and what an operator's decision is about."""


class Comparison:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def conflict(self, event: ComparedEvent) -> Conflict | None:
        """What the store knows of the claim that the claim does not know."""
        traces = await self._store.traces(event.subject)
        found = [each async for each in self._record(event, traces)]
        found += _noes(event, traces)
        found += _events(event, traces)
        new = [(words, mark) for words, mark in found if mark not in event.known.decided]
        if not new:
            return None
        return Conflict(
            text="; ".join(words for words, _ in new),
            found=[mark for _, mark in new],
            sent="so" if event.id in traces.sent else "never",
        )

    async def sent_otherwise(self, event: Event) -> Conflict | None:
        """Note that this event is sent; says where another content was, under the same id."""
        digest = hash_of({"type": event.type, "data": dict(event.data)})
        if await self._store.note_sent(event.subject, event.id, digest):
            return None
        text = f"the event {event.id} sent with another content"
        return Conflict(text=text, found=[event.id], sent="otherwise")

    async def _record(self, event: ComparedEvent, traces: Traces) -> AsyncIterator[Finding]:
        if not traces.version:
            return
        try:
            record = await self._store.read_record(event.subject, traces.version)
        except FileChanged as damaged:
            yield str(damaged).removesuffix("."), f"record.{traces.version}"
            return
        if record is not None and not event.known.has(record):
            yield in_words(record, traces.version), str(record.get(WHOLE))


def _noes(event: ComparedEvent, traces: Traces) -> Iterator[Finding]:
    for notice in traces.noes:
        if decline_id(notice) not in event.known.noes:
            yield no_in_words(notice), no_mark(notice)


def _events(event: ComparedEvent, traces: Traces) -> Iterator[Finding]:
    for each in traces.sent:
        if each != event.id and each not in event.known.events:
            yield f"the event {each} that was sent", each
