"""What the rules alone make of a claim, the real engine makes of it too.

Generated sequences are played both ways. The engine and its timers, activities and messages are
real, and so is the workflow; mail, store, directory and incentive engine are made up.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import BaseModel
from pydantic_core import to_jsonable_python
from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.testing import TimeSkipper

from activities import clock
from cpor.rules import views
from cpor.rules.bounds import Unreadable
from cpor.rules.chain import WHOLE
from cpor.rules.claim import Claim
from cpor.rules.effects.directory import DirectoryDebt, DirectoryQuestion, DirectoryResult
from cpor.rules.effects.events import Event, EventResult
from cpor.rules.effects.evidence import Seal, SealDebt, SealResult
from cpor.rules.effects.hand_off import HandOffDebt
from cpor.rules.effects.look import Look, LookDebt, LookResult
from cpor.rules.effects.notice import Notice, NoticeDebt, NoticeResult
from cpor.rules.effects.record import Record, RecordDebt, RecordResult
from cpor.rules.lifecycle import Status
from cpor.rules.messages import Receipt
from cpor.rules.pinning import PIN_RULES, PinnedRules, PinQuestion
from cpor.stamps import Stamps
from tests.workflows.scripted import (
    PAUSE,
    START,
    MadeUpWorld,
    Never,
    NotYet,
    PlayedByTheRules,
    Script,
    Step,
    rules_here,
    written,
)
from tests.workflows.world import NO_KNOWN_ENCODING, Handle, ask
from workflows.worker import claims_worker

FEW = (*range(24), 50)
MANY = tuple(set(range(220)) - set(FEW))
SEEDS = (
    pytest.param(FEW, id="few"),
    pytest.param(MANY, id="many", marks=pytest.mark.thorough),
)
STAMPS = Stamps(["k" * 32])
SIDE_BY_SIDE = 24
TOO_LONG = timedelta(minutes=4)
TOLERANCE = timedelta(minutes=4)
"""So much real time may pass while a sequence is played on the engine."""
BENIGN = ApplicationErrorCategory.BENIGN
"""It is expected, so it is not logged."""
SIDES = ("partner", "reviewer", "customer")


class MadeUpActivities:
    """Fakes of all that is outside, under the names of the real activities."""

    def __init__(self) -> None:
        self.world = MadeUpWorld()
        self.all: Sequence[Callable[..., Any]] = (
            self.send_notice,
            self.seal_evidence,
            self.look_into_proof,
            self.ask_directory,
            self.hand_off,
            self.keep_record,
            self.pin_rules,
        )

    @activity.defn(name=NoticeDebt.activity)
    async def send_notice(self, notice: Notice) -> NoticeResult:
        return cast("NoticeResult", self._result(notice))

    @activity.defn(name=SealDebt.activity)
    async def seal_evidence(self, seal: Seal) -> SealResult:
        return cast("SealResult", self._result(seal))

    @activity.defn(name=LookDebt.activity)
    async def look_into_proof(self, look: Look) -> LookResult:
        return cast("LookResult", self._result(look))

    @activity.defn(name=DirectoryDebt.activity)
    async def ask_directory(self, question: DirectoryQuestion) -> DirectoryResult:
        return cast("DirectoryResult", self._result(question))

    @activity.defn(name=HandOffDebt.activity)
    async def hand_off(self, hand_off: Event) -> EventResult:
        return cast("EventResult", self._result(hand_off))

    @activity.defn(name=RecordDebt.activity)
    async def keep_record(self, record: Record) -> RecordResult:
        return cast("RecordResult", self._result(record))

    @activity.defn(name=PIN_RULES)
    async def pin_rules(self, question: PinQuestion) -> PinnedRules:
        return rules_here(question)

    def _result(self, payment: BaseModel) -> BaseModel:
        try:
            return self.world.result(payment, clock.start()())
        except NotYet as busy:
            raise ApplicationError(str(busy), next_retry_delay=PAUSE, category=BENIGN) from None
        except Never as no:
            raise ApplicationError(str(no), non_retryable=True, category=BENIGN) from None


class PlayedByTheEngine:
    def __init__(self, client: Client, task_queue: str, script: Script) -> None:
        self.client, self.task_queue, self.script = client, task_queue, script
        self.skipper = TimeSkipper(client)
        self.answers: list[Receipt | tuple[str, str]] = []
        self.at_step = 0

    async def play(self) -> None:
        self.handle: Handle = await self.client.start_workflow(
            "Claim",
            self.script.opening,
            id=self.script.claim_id,
            task_queue=self.task_queue,
        )
        await self._settles()
        await self._until(START)
        for step in self.script.steps:
            await self._play(step)
            await self._settles()
            self.at_step += 1

    async def _play(self, step: Step) -> None:
        payloads = [_as_sent(each) for each in step.payloads]
        match step.what:
            case "update":
                self.answers.append(await self._told(step.name, payloads))
            case "signal":
                await self.handle.signal(step.name, args=payloads)
            case "cancel":
                await self.handle.cancel()
            case "wait":
                await self._until(step.until)

    async def _told(self, name: str, payloads: list[Any]) -> Receipt | tuple[str, str]:
        try:
            return await self.handle.execute_update(name, args=payloads, result_type=Receipt)
        except WorkflowUpdateFailedError as error:
            cause = cast("ApplicationError", error.cause)
            return cause.type or "", cause.message

    async def _until(self, until: datetime) -> None:
        now = await self.skipper.get_current_time(self.handle)
        assert now <= until + TOLERANCE, "the engine was too slow for this"
        if until > now and not await self._is_over():
            await self.skipper.fast_forward(self.handle, until - now)

    async def _settles(self) -> None:
        """Until all that can be paid is."""
        while True:
            claim: dict[str, Any] = await ask(self.handle, "claim")
            unpinned = claim["first_submitted_at"] and not claim["edition"]
            at_rest = all(
                debt["state"] == "parked" or debt["next_try"] or debt["waits"]
                for debt in claim["owed"]
            )
            if not unpinned and at_rest:
                return
            await asyncio.sleep(0.05)

    async def _is_over(self) -> bool:
        description = await self.handle.describe()
        return description.status is not WorkflowExecutionStatus.RUNNING


def _as_sent(payload: Any) -> Any:
    return NO_KNOWN_ENCODING if isinstance(payload, Unreadable) else payload


# What both made of it


def _ends(played: PlayedByTheRules) -> Mapping[str, Any]:
    """All that a client can read of a claim."""
    claim = played.claim
    histories = {
        side: views.history(claim.state, [{"side": side, "limit": 1000}]) for side in SIDES
    }
    return _comparable(
        {
            "claim": views.view(claim.state),
            "deadlines": views.deadlines(claim.state),
            "receipts": {name: each.receipt for name, each in claim.state.receipts.items()},
            "answers": played.answers,
            "record": played.world.records.get(claim.state.claim_id),
            **histories,
        }
    )


async def _read(
    played: PlayedByTheEngine, record: Record | None, rules: Claim
) -> Mapping[str, Any]:
    handle = played.handle
    return _comparable(
        {
            "claim": await ask(handle, "claim"),
            "deadlines": await ask(handle, "deadlines"),
            "receipts": {
                key: await ask(handle, "receipt", each.receipt.model_dump(include={"id", "role"}))
                for key, each in rules.state.receipts.items()
            },
            "answers": played.answers,
            "record": record,
            **{side: await ask(handle, "history", {"side": side, "limit": 1000}) for side in SIDES},
        }
    )


def _comparable(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """As JSON has it, without what differs for a reason."""
    plain: dict[str, Any] = to_jsonable_python(found)
    for side in SIDES:
        plain[side] = _in_one_order(plain[side])
    if plain["record"] and _has_a_no(plain["record"]["record"]):
        plain["record"] = None
    if plain["record"]:
        del plain["record"]["run"]
        known = plain["record"]["record"]
        _count_only_what_was_said(known["events"], known["history"])
        known["history"] = _in_one_order(known["history"])
        for event in known["events"]:
            # Its last part is a digest of what it says, also of instants.
            event["id"] = event["id"].rpartition(".")[0]
        # Hashes of instants that differ.
        for name in ("last", WHOLE):
            known.pop(name, None)
        if known["ended_at"] is None:
            # Kept at the hand-off, while what else is owed is paid side by side with it.
            del known["owed"], known["notices"]
    plain["claim"]["owed"].sort(key=itemgetter("id"))
    return plain


def _has_a_no(known: Mapping[str, Any]) -> bool:
    """Then the record was kept at once, whatever was paid at that moment, and perhaps not again."""
    return any(entry["what"] == "decline" for entry in known["history"])


def _count_only_what_was_said(
    events: Sequence[dict[str, Any]], history: Sequence[Mapping[str, Any]]
) -> None:
    """An event's place in the history, without what came of payments side by side."""
    for event in (part for each in events for part in (each, each["data"]) if "seq" in part):
        before = (entry for entry in history if entry["seq"] <= event["seq"])
        event["seq"] = sum(entry["by"]["id"] != "claim" for entry in before)


def _in_one_order(history: Sequence[dict[str, Any]]) -> list[Mapping[str, Any]]:
    """Payments of one moment are under way side by side: what comes of them has no order."""
    assert [entry["seq"] for entry in history] == sorted(entry["seq"] for entry in history)
    ordered: list[Mapping[str, Any]] = []
    for _, run in itertools.groupby(history, lambda entry: entry["by"]["id"] == "claim" or None):
        plain = [_without_place(entry) for entry in run]
        told_by_claim = plain[0]["by"]["id"] == "claim"
        ordered += sorted(plain, key=itemgetter("what", "text")) if told_by_claim else plain
    return ordered


def _without_place(entry: dict[str, Any]) -> dict[str, Any]:
    return {**entry, "seq": None, "before": None}


def _differences(rules: Any, engine: Any, where: str = "") -> Iterator[str]:
    """Where they differ; instants may, by as much time as really passed."""
    ours, theirs = _parts(rules), _parts(engine)
    if ours is not None and theirs is not None:
        for part in [*ours, *(part for part in theirs if part not in ours)]:
            yield from _differences(ours.get(part), theirs.get(part), f"{where}.{part}")
    elif rules != engine and not _is_about_then(rules, engine):
        yield f"{where}: {rules!r} by the rules, {engine!r} on the engine"


def _parts(found: Any) -> Mapping[Any, Any] | None:
    if isinstance(found, list):
        return dict(enumerate(cast("list[Any]", found)))
    return cast("dict[Any, Any]", found) if isinstance(found, dict) else None


def _is_about_then(rules: object, engine: object) -> bool:
    try:
        one, other = (datetime.fromisoformat(str(each)) for each in (rules, engine))
        # On the engine the draft has waited for the day on which the play begins.
        return abs(max(one, START) - max(other, START)) <= TOLERANCE
    except (ValueError, TypeError):
        return False


async def _compared(
    client: Client, task_queue: str, activities: MadeUpActivities, seed: int
) -> str:
    script, by_rules = written(seed)
    by_engine = PlayedByTheEngine(client, task_queue, script)
    try:
        async with asyncio.timeout(TOO_LONG.total_seconds()):
            await by_engine.play()
            record = activities.world.records.get(script.claim_id)
            found = await _read(by_engine, record, by_rules.claim)
    except Exception as error:
        return f"{seed}: {error!r} at {script.steps[by_engine.at_step :][:1]}"
    differences = "\n    ".join(_differences(_ends(by_rules), found))
    return differences and f"{seed}:\n    {differences}"


@pytest.mark.parametrize("seeds", SEEDS)
async def test_generated_sequences_end_in_the_same_claim_on_the_real_engine(
    client: Client, tmp_path: Path, seeds: Sequence[int]
) -> None:
    activities, gate = MadeUpActivities(), asyncio.Semaphore(SIDE_BY_SIDE)
    task_queue = f"made-up-{tmp_path.name}"

    async def compared(seed: int) -> str:
        async with gate:
            return await _compared(client, task_queue, activities, seed)

    async with claims_worker(client, activities.all, STAMPS, task_queue):
        found = await asyncio.gather(*(compared(seed) for seed in seeds))
    assert not list(filter(None, found)), "\n".join(filter(None, found))


@pytest.mark.parametrize("seeds", SEEDS)
def test_the_sequences_come_to_every_status(seeds: Sequence[int]) -> None:
    ends = Counter(written(seed)[1].claim.state.status for seed in seeds)
    assert all(ends[status] >= 1 + len(seeds) // 45 for status in Status), ends
