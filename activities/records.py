"""The final record of a claim: kept once, never written over by another run's."""

from __future__ import annotations

from temporalio import activity

from activities import clock, failures
from cpor.rules.chain import sealed
from cpor.rules.effects.record import Record, RecordDebt, RecordResult
from cpor.store import FileChanged, RecordTaken, Store


class RecordActivity:
    def __init__(self, store: Store) -> None:
        self._store = store

    @activity.defn(name=RecordDebt.activity)
    async def keep_record(self, record: Record) -> RecordResult:
        now = clock.start()
        whole = sealed({"run": record.run, **record.record})
        with failures.store_failures():
            try:
                await self._store.write_record(record.claim_id, whole)
            except (RecordTaken, FileChanged) as in_the_way:
                return RecordResult(outcome="refused", at=now(), detail=str(in_the_way))
        return RecordResult(outcome="kept", at=now())
