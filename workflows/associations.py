"""The associations of one tenant, made durable: one workflow, `associations:` and the tenant's id.

Claims call it by updates, through activities. It is started by the first call, and by the next one
after it has ended. It ends when nobody holds or asks for anything, nobody must still be told
anything, and no customer's no is remembered. Like a claim it decides nothing here: that is done in
`cpor.rules.associations`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel, TypeAdapter, ValidationError

    from cpor.rules.associations import views
    from cpor.rules.associations.accounts import Accounts
    from cpor.rules.associations.associations import Associations
    from cpor.rules.associations.calls import Answer
    from cpor.rules.associations.state import ByHand, State
    from cpor.rules.associations.telling import (
        ALONE,
        ASSOCIATIONS,
        GATHER,
        TELL,
        Gathering,
        Heard,
        Telling,
        workflow_id_of,
    )
    from cpor.rules.associations.views import ItemInFull, ItemInShort
    from cpor.rules.errors import Invalid, Problem, Refused
    from cpor.rules.shapes import Guid

from workflows import stamping
from workflows.answers import QUICKLY, asked, recognised
from workflows.claim import ONE_TRY, cancellation_asked, unfit_start
from workflows.guard import SILENCE
from workflows.handlers import refusal

ONE_GATHERING = timedelta(minutes=10)


@workflow.defn(name=ASSOCIATIONS)
class AssociationsWorkflow:
    @workflow.init
    def __init__(self, *handed_on: Any) -> None:
        self.carried = stamping.as_carried(handed_on)
        self.is_recognised = self.carried is None
        self.knows_all = self.carried is not None or handed_on == (ALONE,)
        self.opened = unfit_start("Associations") or _begun(handed_on, self.carried is not None)
        self.began_at = workflow.info().get_current_deployment_version()
        self.telling: dict[str, asyncio.Task[None]] = {}
        self.something_happened = False

    @property
    def associations(self) -> Associations:
        """Raises the refusal of a start, which fails the workflow."""
        if isinstance(self.opened, ApplicationError):
            raise self.opened
        return self.opened

    @workflow.run
    async def run(self, *handed_on: Any) -> None:
        while not self.is_over:
            try:
                await self.recognise()
                await self.gather()
                self.continue_in_new_run()
                self.tell_news()
                await workflow.wait_condition(lambda: self.something_happened or self.is_over)
                self.something_happened = False
            except asyncio.CancelledError:
                if not cancellation_asked():
                    raise
                self.associations.refuse("the engine was asked to cancel", workflow.now())

    @property
    def is_over(self) -> bool:
        is_quiet = self.hears and workflow.all_handlers_finished()
        return self.associations.state.is_empty and is_quiet

    @property
    def hears(self) -> bool:
        """It is known what came before."""
        return self.is_recognised and self.knows_all

    async def recognise(self) -> None:
        """Once in a run that goes on from another: was it a worker of ours that handed this on?"""
        if self.carried is None or self.is_recognised:
            return
        if not await recognised(self.carried, "are the associations that were handed on ours?"):
            self.opened = refusal(NOT_OURS)
        self.is_recognised = True

    async def gather(self) -> None:
        """Once where others of the tenant are open: those before these may have been terminated."""
        if self.knows_all:
            return
        beginning = workflow.info().first_execution_run_id
        gathering = Gathering(tenant_id=self.associations.state.tenant_id, beginning=beginning)
        summary = "what the tenant's open claims hold and ask for"
        found = await asked(GATHER, gathering, Accounts, summary, ONE_GATHERING)
        self.associations.begin_with(found.claims)
        self.knows_all = True

    def continue_in_new_run(self) -> None:
        """Leave a long history behind. Whom to tell goes along, under the same ids."""
        info = workflow.info()
        is_new = info.get_current_deployment_version() != self.began_at
        wanted = is_new or info.is_continue_as_new_suggested()
        if wanted and workflow.all_handlers_finished():
            workflow.continue_as_new(
                args=stamping.carried(Carried(associations=self.associations.state)),
                initial_versioning_behavior=workflow.ContinueAsNewVersioningBehavior.AUTO_UPGRADE,
            )

    def tell_news(self) -> None:
        """Start an activity for each claim that must be told, and end what is told no more."""
        known = self.associations.state
        news = {each.id: each for each in known.news}
        for news_id in [each for each in self.telling if each not in news]:
            self.telling.pop(news_id).cancel()
        for news_id in [each for each in news if each not in self.telling]:
            each = news[news_id]
            tenant_id, picture = known.tenant_id, self.associations.picture(each.to)
            telling = Telling(tenant_id=tenant_id, news=each, picture=picture)
            self.telling[news_id] = asyncio.create_task(self.tell(telling))

    async def tell(self, telling: Telling) -> None:
        news = telling.news
        try:
            heard = await workflow.execute_activity(
                TELL,
                stamping.payment(TELL, telling),
                result_type=Heard,
                activity_id=news.id,
                start_to_close_timeout=ONE_TRY,
                heartbeat_timeout=SILENCE,
                retry_policy=QUICKLY,
                summary=f"{news.kind.replace('_', ' ')} → {news.to}",
            )
        except ActivityError as error:
            if not is_cancelled_exception(error):
                # It is still to be told, and the next run tries again.
                workflow.logger.warning("a claim could not be told of its items")
            return
        if heard.outcome == "gone":
            self.associations.found_gone(news)
        else:
            self.associations.told(news.id)
        self.something_happened = True

    # What it is told

    @workflow.update(dynamic=True, description="Claims call by their activities, and nobody else.")
    async def call(self, name: str, payloads: Sequence[RawValue]) -> Answer:
        await workflow.wait_condition(lambda: self.hears)
        self.something_happened = True
        try:
            return self.associations.take(name, _read(payloads))
        except Refused as refused:
            raise refusal(refused) from None

    @call.validator
    def _check(self, name: str, payloads: Sequence[RawValue]) -> None:
        try:
            stamping.check_stamps(name, payloads)
            self.associations.check(name, _read(payloads))
        except Refused as refused:
            raise refusal(refused) from None

    @workflow.signal(dynamic=True, description="Signals are refused; the last ones are kept.")
    def signalled(self, name: str, payloads: Sequence[RawValue]) -> None:
        self.associations.refuse(f"signal {name}", workflow.now())
        self.something_happened = True

    # What it answers

    @workflow.query(description="What was tried by hand; the last ones")
    def refused(self, *payloads: Any) -> list[ByHand]:
        return self.associations.state.refused

    @workflow.query(description="Every item that a claim holds or asks for")
    def items(self, *payloads: Any) -> list[ItemInShort]:
        return views.items(self.associations.state)

    @workflow.query(description="One item, its challengers and earlier claims; by its name")
    def item(self, *payloads: Any) -> ItemInFull:
        return views.item(self.associations.state, payloads[0] if payloads else None)


class Carried(BaseModel):
    """What goes along into the next run: all of it."""

    associations: State


NOT_OURS = Invalid(
    [Problem("", "associations go on only from a run of their own, and these are none")]
)


def _begun(handed_on: Sequence[object], is_carried: bool) -> Associations | ApplicationError:
    try:
        tenant_id = _tenant_id()
        if not is_carried:
            if handed_on not in ((), (ALONE,)) or workflow.info().continued_run_id is not None:
                raise NOT_OURS
            beginning = int(workflow.now().timestamp() * 1000)
            return Associations(State(tenant_id=tenant_id, step=beginning))
        content = stamping.read_anyway(handed_on[0])
        known = Carried.model_validate(content).associations
        if known.tenant_id != tenant_id:
            raise NOT_OURS
        return Associations(known)
    except Refused as refused:
        return refusal(refused)
    except ValidationError:
        return refusal(NOT_OURS)


def _tenant_id() -> str:
    """Each tenant has one workflow: its id says whose it is, in one way of writing only."""
    workflow_id = workflow.info().workflow_id
    try:
        tenant_id = _GUID.validate_python(workflow_id.partition(":")[2])
    except ValidationError:
        tenant_id = ""
    if not tenant_id or workflow_id_of(tenant_id) != workflow_id:
        text = "the workflow id must be associations: and the tenant's GUID in lower case"
        raise Invalid([Problem("", text)])
    return tenant_id


_GUID: TypeAdapter[str] = TypeAdapter(Guid)


def _read(payloads: Sequence[RawValue]) -> list[object]:
    return workflow.payload_converter().from_payloads([each.payload for each in payloads])
