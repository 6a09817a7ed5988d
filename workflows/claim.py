"""The claim's workflow: one loop that drives a claim and pays what it owes.

Everything is decided in `cpor.rules`; here it is made durable. Handlers hand messages to the claim;
the loop starts an activity for each debt, shows operators the state of things, and
sleeps until a message, a payment or the claim's own agenda wakes it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    RetryState,
    TimeoutError,
    is_cancelled_exception,
)

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel

    from cpor.contract import search_attributes
    from cpor.contract.overview import Overview
    from cpor.rules import current_details, views
    from cpor.rules.associations.telling import Gathering, Telling
    from cpor.rules.claim import Claim
    from cpor.rules.current_details import EarlierRun
    from cpor.rules.debts import AnyDebt
    from cpor.rules.errors import Invalid, Problem, Refused
    from cpor.rules.facts import FIRST_RULES, RULES, STORED, under
    from cpor.rules.messages import Receipt
    from cpor.rules.news import News
    from cpor.rules.pinning import PIN_RULES, PinnedRules
    from cpor.rules.proof_sheet import LookedInto
    from cpor.rules.state import State
    from cpor.rules.views import ClaimView, ClockView, EntryView

from workflows import metrics, proofs, stamping
from workflows.alarm import Alarm
from workflows.answers import QUICKLY, asked, recognised
from workflows.guard import SILENCE
from workflows.handlers import MessageHandlers, refusal
from workflows.proofs import Door
from workflows.stamping import CarriedClaim

T = TypeVar("T")

ONE_TRY = timedelta(minutes=2)
FIRST_TRIES = timedelta(minutes=15)
"""After so long without success a debt counts as late, and slower tries go on without end."""
PATIENTLY = RetryPolicy(initial_interval=timedelta(minutes=5), maximum_interval=timedelta(hours=6))

JSON_NULL = RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b"null"))
"""The SDK would answer with a null of its own, which not every language reads as one."""


@workflow.defn(name="Claim")
class ClaimWorkflow(MessageHandlers):
    @workflow.init
    def __init__(self, *opening: Any) -> None:
        self.carried = stamping.as_carried(opening)
        self.is_recognised = self.carried is None
        self.opened = unfit_start("a claim") or _begun(opening, self.carried)
        self.began_official = isinstance(self.opened, Claim) and self.opened.state.is_official
        self.began_at = workflow.info().get_current_deployment_version()
        self.alarm = Alarm()
        self.door = Door()
        self.under_way: dict[str, asyncio.Task[None]] = {}
        self.published = workflow.info().typed_search_attributes
        self.something_happened = False

    @property
    def claim(self) -> Claim:
        """Raises the refusal of an opening, which fails the workflow.

        Raised in `__init__` it would do the same, but the SDK would drop the coroutine of `run`,
        and Python would warn about that.
        """
        if isinstance(self.opened, ApplicationError):
            raise self.opened
        return self.opened

    @workflow.run
    async def run(self, *opening: Any) -> ClaimView:
        while not (self.claim.state.is_over and self.is_recognised) or self.door.is_busy:
            try:
                await self.recognise()
                await self.pin_rules()
                self.continue_in_new_run()
                self.pay_debts()
                self.publish()
                await self.something_happens()
            except asyncio.CancelledError:
                if not cancellation_asked():
                    raise
                self.claim.cancellation_asked(workflow.now())
        await workflow.wait_condition(workflow.all_handlers_finished)
        return views.view(self.claim.state)

    async def recognise(self) -> None:
        """Once in a run that goes on from another: was it a worker of ours that handed this on?

        The answer is written down, because the keys that give it change. Until then nothing is
        done in the claim's name; a claim that somebody made up ends here.
        """
        if self.carried is None or self.is_recognised:
            return
        if not await recognised(self.carried, "is the claim that was handed on ours?"):
            self.opened = refusal(NOT_OURS)
        self.is_recognised = True

    async def pin_rules(self) -> None:
        """At first submission: the edition and the working days the claim will keep."""
        if question := self.claim.pin_question(workflow.now()):
            rules = await asked(PIN_RULES, question, PinnedRules, "edition and working days")
            self.claim.pin(question, rules, workflow.now())

    def continue_in_new_run(self) -> None:
        """Leave a history behind that is long, or whose code should not be needed for years.

        It waits for a quiet moment. What is late goes on in the new run, under the same ids.
        """
        info = workflow.info()
        is_new = not self.began_official or info.get_current_deployment_version() != self.began_at
        wanted = (self.claim.state.is_official and is_new) or info.is_continue_as_new_suggested()
        if wanted and self.claim.state.is_at_rest and not self.door.is_busy:
            workflow.continue_as_new(
                args=stamping.carried(Carried(claim=self.claim.state)),
                # Else a run that is pinned to a version would hand that on to the next one.
                initial_versioning_behavior=workflow.ContinueAsNewVersioningBehavior.AUTO_UPGRADE,
            )

    def pay_debts(self) -> None:
        """Start an activity for each debt, and end those for what is owed no more."""
        for payment in self.under_way.values():
            if payment.done():
                payment.result()  # what ends here is a bug of ours: it fails the task
        owed = {debt.id: debt for debt in self.claim.state.payable}
        for debt_id in [each for each in self.under_way if each not in owed]:
            self.under_way.pop(debt_id).cancel()
        for debt in [each for each in owed.values() if each.id not in self.under_way]:
            self.under_way[debt.id] = asyncio.create_task(self.pay(debt))

    async def pay(self, debt: AnyDebt) -> None:
        try:
            result = await self.try_to_pay(debt)
            self.claim.paid(debt.id, result, workflow.now())
            metrics.paid(debt, result)
        except ActivityError as error:
            if is_cancelled_exception(error):
                return  # it is owed no more
            if error.retry_state == RetryState.TIMEOUT:
                self.claim.late(debt.id, _said(error), workflow.now(), _pause_asked(error))
                metrics.unpaid(debt, "late")
            else:
                self.claim.park(debt.id, _said(error), workflow.now())
                metrics.unpaid(debt, "parked")
        finally:
            self.something_happened = True
        self.under_way.pop(debt.id, None)

    async def try_to_pay(self, debt: AnyDebt) -> Any:
        first = debt.state == "owed"
        return await workflow.execute_activity(
            debt.activity,
            stamping.payment(
                debt.activity, self.claim.begin(debt, workflow.info().first_execution_run_id)
            ),
            result_type=debt.result_type,
            activity_id=debt.id,
            start_to_close_timeout=ONE_TRY,
            schedule_to_close_timeout=FIRST_TRIES if first else None,
            heartbeat_timeout=SILENCE,
            retry_policy=QUICKLY if first else PATIENTLY,
            summary=debt.label,
        )

    def publish(self) -> None:
        """What people find claims by, when it changes."""
        now = search_attributes.of(self.claim.state)
        if updates := search_attributes.changes(self.published, now):
            workflow.upsert_search_attributes(updates)
            self.published = now

    async def something_happens(self) -> None:
        self.alarm.set(self.claim.next_wake())
        # What came before the alarm rang goes before it, also while its signature is looked at.
        await workflow.wait_condition(
            lambda: (
                (self.something_happened or self.alarm.rings)
                and (not self.door.is_busy or self.claim.awaits_rules)
            )
        )
        self.something_happened = False
        if self.alarm.rings:
            running = self.claim.state.clocks.running()
            self.claim.tick(self.alarm.off())
            metrics.missed(running)

    # What is said to it

    def told(self, said: Telling | Gathering) -> BaseModel | None:
        self.something_happened = True
        if isinstance(said, Telling):
            return self.claim.told(said, workflow.now())
        return self.claim.account(workflow.now())

    async def take(self, name: str, payloads: Sequence[object]) -> Receipt:
        async with self.door.in_turn():
            await self.rules_known()
            proof = await proofs.of_update(self.claim.state, name, payloads)
            self.something_happened = True
            return self.claim.take(name, payloads, workflow.now(), proof)

    async def hear(self, name: str, payloads: Sequence[object]) -> Receipt:
        async with self.door.in_turn():
            await self.rules_known()
            proof = await proofs.of_signal(self.claim.state, name, payloads)
            self.something_happened = True
            return self.claim.hear(name, payloads, workflow.now(), proof)

    async def rules_known(self) -> None:
        """What is said to a claim that was just submitted is judged by the rules it will keep."""
        if self.claim.awaits_rules:
            await workflow.wait_condition(lambda: not self.claim.awaits_rules)

    def check(self, name: str, payloads: Sequence[object]) -> None:
        self.claim.check(name, payloads, proofs.at_first_sight(self.claim.state, name, payloads))

    # What it answers

    def page(self) -> str:
        """Of a claim that was handed on, nothing until it is known to be ours."""
        if isinstance(self.opened, ApplicationError) or not self.is_recognised:
            return ""
        return current_details.details(self.opened.state, _earlier_run())

    @workflow.query(name="claim", description="Everything known of the claim")
    def show(self, *payloads: Any) -> ClaimView:
        return views.view(self.claim.state)

    @workflow.query(description='What one side may see: {"side": "partner", "after": 0}')
    def history(self, *payloads: Any) -> list[EntryView]:
        return _answered(views.history, self.claim.state, payloads)

    @workflow.query(description="Every clock and the sum that led to its end")
    def deadlines(self, *payloads: Any) -> list[ClockView]:
        return views.deadlines(self.claim.state)

    @workflow.query(description="Every event for the portal, sent or not, oldest first")
    def events(self, *payloads: Any) -> list[News]:
        return self.claim.state.news

    @workflow.query(description="What a program found in the proof: verdicts, counts and codes")
    def sheet(self, *payloads: Any) -> LookedInto:
        return views.looked_into(self.claim.state)

    @workflow.query(description="What a message was answered; the argument is its id")
    def receipt(self, *payloads: Any) -> Receipt | RawValue:
        return _answered(views.receipt, self.claim.state, payloads) or JSON_NULL

    @workflow.query(
        description="Claim, deadlines and a message's receipt at once; the argument is its id"
    )
    def overview(self, *payloads: Any) -> Overview:
        return Overview.model_construct(
            claim=self.show(),
            deadlines=self.deadlines(),
            receipt=_answered(views.receipt, self.claim.state, payloads),
        )


class Carried(BaseModel):
    """What a claim takes along into its next run: all of it."""

    claim: State


NOT_OURS = Invalid([Problem("", "a claim goes on only from a run of its own, and this is none")])
"""The refusal of a claim that was handed on by somebody else."""


def _earlier_run() -> EarlierRun | None:
    info = workflow.info()
    if info.continued_run_id is None:
        return None
    return EarlierRun(info.namespace, info.workflow_id, info.continued_run_id)


def cancellation_asked() -> bool:
    """Cancelled by a person: a workflow that leaves the worker's cache is cancelled, too."""
    return workflow.cancellation_reason() is not None


def unfit_start(what: str) -> ApplicationError | None:
    """Settings of the start with which the engine would end it, or begin it again."""
    info = workflow.info()
    unfit = {
        "cron schedule": info.cron_schedule,
        "retry policy": info.retry_policy,
        "execution timeout": info.execution_timeout,
        "run timeout": info.run_timeout,
        "parent": info.parent,
    }
    found = [name for name, given in unfit.items() if given]
    if not found:
        return None
    text = f"{what} is started without {' and without '.join(found)}: it ends by its own rules"
    return refusal(Invalid([Problem("", text)]))


def _begun(opening: Sequence[object], carried: CarriedClaim | None) -> Claim | ApplicationError:
    """A new claim, or the one that an earlier run has handed on."""
    if workflow.info().continued_run_id is None:
        return _opened(opening)
    return _taken_over(opening[0]) if carried else refusal(NOT_OURS)


def _taken_over(sent: object) -> Claim | ApplicationError:
    """The claim as an earlier run left it; from now on today's rules are its own."""
    content = stamping.read_anyway(sent)
    if not isinstance(content, dict):
        return refusal(NOT_OURS)
    state = Carried.model_validate(content, context=under(STORED)).claim
    state.rules = rules_today()
    return Claim(state)


def _opened(opening: Sequence[object]) -> Claim | ApplicationError:
    """The claim, or its refusal with the same text that a careful client would show."""
    try:
        if len(opening) != 1:
            raise Invalid(
                [Problem("", f"Claim takes one JSON object, not {len(opening)} payloads")]
            )
        mode, proof = proofs.of_opening(opening)
        claim = Claim.open(opening[0], workflow.now(), rules_today(), mode, proof)
        if claim.state.claim_id != workflow.info().workflow_id:
            raise Invalid([Problem("claim_id", "must be the workflow id")])
        if mode != "off":
            claim.state.started_at = workflow.info().workflow_start_time
    except Refused as refused:
        metrics.refused("open", refused)
        return refusal(refused)
    return claim


def rules_today() -> int:
    """The newest rules when this run began; a replay finds the same again."""
    newer = range(RULES, FIRST_RULES, -1)
    return next((rules for rules in newer if workflow.patched(f"rules-{rules}")), FIRST_RULES)


def _answered(
    view: Callable[[State, Sequence[object]], T], claim: State, payloads: Sequence[object]
) -> T:
    try:
        return view(claim, payloads)
    except Refused as refused:
        raise refusal(refused) from None


def _pause_asked(error: ActivityError) -> timedelta | None:
    """It was too long for the first tries. Where their time itself ran out, no pause is left."""
    return error.cause.next_retry_delay if isinstance(error.cause, ApplicationError) else None


def _said(error: ActivityError) -> str:
    """The innermost reason: what the world answered, not how the engine wraps it."""
    reason: BaseException = error
    while isinstance(reason, (ActivityError, TimeoutError)) and reason.__cause__ is not None:
        reason = reason.__cause__
    return str(reason)
