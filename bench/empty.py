"""A claim's activities that touch nothing: at once, the answers of a world where all goes well."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, get_args

from temporalio import activity

from bench.windows import taken_long_ago
from cpor.rules.associations.calls import Answer
from cpor.rules.associations.telling import CALL, Called
from cpor.rules.deadlines import Calendars
from cpor.rules.editions import BASE
from cpor.rules.effects.events import Event, EventResult
from cpor.rules.effects.evidence import Seal, SealDebt, SealResult
from cpor.rules.effects.hand_off import HandOffDebt
from cpor.rules.effects.look import FileFound, Look, LookDebt, LookResult
from cpor.rules.effects.notice import Notice, NoticeResult
from cpor.rules.effects.record import Record, RecordDebt, RecordResult
from cpor.rules.pinning import PIN_RULES, PinnedRules, PinQuestion
from cpor.rules.proof_sheet import Tally, Topic


@activity.defn(name=PIN_RULES)
async def pin_rules(question: PinQuestion) -> PinnedRules:
    edition = question.edition or BASE
    return PinnedRules(edition=edition, calendars=Calendars(), one_holder=True, looks=True)


@taken_long_ago
async def send_notice(notice: Notice) -> NoticeResult:
    return NoticeResult(outcome="accepted", at=activity.info().started_time)


@activity.defn(name=SealDebt.activity)
async def seal_evidence(seal: Seal) -> SealResult:
    return SealResult(states={file.sha256: "sealed" for file in seal.files})


@activity.defn(name=LookDebt.activity)
async def look_into_proof(look: Look) -> LookResult:
    clean = FileFound(verdict="clean")
    return LookResult(
        files={file.sha256: clean for file in look.files},
        lines={topic: Tally(found=1) for topic in get_args(Topic)},
    )


@activity.defn(name=CALL)
async def call_associations(called: Called) -> Answer:
    return Answer(outcome="granted" if called.call.name == "award" else "entered")


@activity.defn(name=HandOffDebt.activity)
async def hand_off(event: Event) -> EventResult:
    return EventResult(outcome="taken", at=activity.info().started_time)


@activity.defn(name=RecordDebt.activity)
async def keep_record(record: Record) -> RecordResult:
    return RecordResult(outcome="kept", at=activity.info().started_time)


ACTIVITIES: Sequence[Callable[..., Any]] = (
    pin_rules,
    send_notice,
    seal_evidence,
    look_into_proof,
    call_associations,
    hand_off,
    keep_record,
)
