"""The record of a claim: each version is kept once, beside those before, and names the last one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from temporalio import activity

from activities import clock, failures
from activities.clock import Now
from cpor.rules.chain import WHOLE, hash_of, sealed
from cpor.rules.effects.record import Record, RecordDebt, RecordResult
from cpor.rules.known import Conflict, Known, in_words, marks_of
from cpor.store import FileChanged, RecordTaken, Store


class RecordActivity:
    def __init__(self, store: Store) -> None:
        self._store = store

    @activity.defn(name=RecordDebt.activity)
    async def keep_record(self, record: Record) -> RecordResult:
        now = clock.start()
        with failures.store_failures():
            while True:
                try:
                    return await self._keep(record, now)
                except RecordTaken:
                    continue  # another try was faster: what it kept is looked at first

    async def _keep(self, record: Record, now: Now) -> RecordResult:
        version = (await self._store.traces(record.claim_id)).version
        try:
            newest = await self._store.read_record(record.claim_id, version)
        except FileChanged as damaged:
            return _refused(f"{damaged} Move it out of the store, then say retry.", now)
        if newest is None:
            await self._store.write_record(record.claim_id, _version(record))
        elif newest.get("run") != record.run and newest.get(WHOLE) not in record.decided:
            text = f"Claim {record.claim_id} already has a record, left by another run."
            return _refused(text, now)
        elif not _known(record).has(newest):
            found = Conflict(text=in_words(newest, version), found=[str(newest.get(WHOLE))])
            return RecordResult(outcome="conflict", at=now(), conflict=found)
        elif not _says_the_same(newest, record.record):
            await self._store.write_record(
                record.claim_id, _version(record, version + 1, newest.get(WHOLE))
            )
        return RecordResult(outcome="kept", at=now())


def _refused(text: str, now: Now) -> RecordResult:
    return RecordResult(outcome="refused", at=now(), detail=text)


def _version(record: Record, number: int = 1, replaces: object = None) -> dict[str, Any]:
    """Chained to the one before: `replaces` is the hash of that."""
    return sealed({"run": record.run, "version": number, "replaces": replaces, **record.record})


def _known(record: Record) -> Known:
    last = hash_of(record.record["history"][-1])
    return Known(marks=marks_of(record.record, last), decided=record.decided)


def _says_the_same(newest: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    return all(name in newest and newest[name] == value for name, value in record.items())
