"""A claim's activities that touch nothing: at once, the answers of a world where all goes well."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from temporalio import activity

from cpor.rules.deadlines import Calendars
from cpor.rules.editions import BASE
from cpor.rules.effects import (
    ACTIVITY_OF,
    PIN_RULES,
    HandOff,
    HandOffResult,
    Notice,
    NoticeResult,
    PinnedRules,
    PinQuestion,
    Record,
    RecordResult,
    Seal,
    SealResult,
)


@activity.defn(name=PIN_RULES)
async def pin_rules(question: PinQuestion) -> PinnedRules:
    return PinnedRules(edition=question.edition or BASE, calendars=Calendars())


@activity.defn(name=ACTIVITY_OF["notice"])
async def send_notice(notice: Notice) -> NoticeResult:
    return NoticeResult(outcome="accepted", at=activity.info().started_time)


@activity.defn(name=ACTIVITY_OF["seal"])
async def seal_evidence(seal: Seal) -> SealResult:
    return SealResult(states={file.sha256: "sealed" for file in seal.files})


@activity.defn(name=ACTIVITY_OF["hand_off"])
async def hand_off(event: HandOff) -> HandOffResult:
    return HandOffResult(outcome="taken", at=activity.info().started_time)


@activity.defn(name=ACTIVITY_OF["record"])
async def keep_record(record: Record) -> RecordResult:
    return RecordResult(outcome="kept", at=activity.info().started_time)


ACTIVITIES: Sequence[Callable[..., Any]] = (
    pin_rules,
    send_notice,
    seal_evidence,
    hand_off,
    keep_record,
)
