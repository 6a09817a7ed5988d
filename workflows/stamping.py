"""Stamps on what a claim's workflow hands on: payments for activities, itself for its next run.

They are made with keys that change. That turns no replay: a replay compares which activity was
asked for and under which id, and never what it was given.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue
from temporalio.worker import (
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel
    from pydantic_core import from_json

    from cpor.rules.bounds import Unread
    from cpor.rules.errors import Refused
    from cpor.stamps import STAMP, Stamps, Verdict, call_parts

Parts = tuple[bytes | str, ...]

RECOGNISE = "recognise"
"""The activity that says whether a claim was handed on by a worker of ours."""
_MAKE, _JUDGE = "claims_stamp", "claims_judge_stamp"


class CarriedClaim(BaseModel):
    """What a run was handed by an earlier one: a claim, by its digest, and on whose behalf."""

    workflow_id: str
    first_run: str
    from_run: str
    digest: str
    stamp: str

    @property
    def parts(self) -> Parts:
        return "carried claim", self.workflow_id, self.first_run, self.from_run, self.digest


class StampingInterceptor(Interceptor):
    """Lends a worker's claims the keys. A replayer has none and needs none."""

    def __init__(self, stamps: Stamps) -> None:
        self._stamps = stamps

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        input.unsafe_extern_functions[_MAKE] = self._stamps.make
        input.unsafe_extern_functions[_JUDGE] = self._stamps.judge
        return None


def payment_parts(workflow_id: str, activity: str, content: bytes) -> Parts:
    """It is for one activity, on behalf of one claim."""
    return "payment", workflow_id, activity, content


def payment(activity: str, given: BaseModel) -> RawValue:
    """What an activity is given. The stamp stands beside it, where nobody has to read it."""
    payload = workflow.payload_converter().to_payload(given)
    stamp = _stamp(payment_parts(workflow.info().workflow_id, activity, payload.data))
    return RawValue(Payload(metadata={**payload.metadata, STAMP: stamp}, data=payload.data))


def verdict_on(name: str, call: Payload) -> Verdict:
    """Whether a worker of ours calls. Only a validator may ask: what it lets in, a replay does not
    judge again, and what it refuses, no replay meets."""
    judge = cast("Mapping[str, Callable[..., Verdict]]", workflow.extern_functions())[_JUDGE]
    stamp = call.metadata.get(STAMP, b"")
    return judge(stamp, *call_parts(workflow.info().workflow_id, name, call.data))


def check_stamps(name: str, calls: Sequence[RawValue]) -> None:
    """Only workers of ours call; nobody else has anything to say here."""
    for each in calls:
        match verdict_on(name, each.payload):
            case "ours":
                continue
            case "unknown key":
                raise Refused("not_yet", "stamped with a key that this worker does not know")
            case "forged":
                raise Refused("wrong_role", "no worker of ours has called")


def carried(claim: BaseModel) -> list[RawValue | str]:
    """The input of the next run: the claim, and a stamp."""
    payload, info = workflow.payload_converter().to_payload(claim), workflow.info()
    handed_on = CarriedClaim(
        workflow_id=info.workflow_id,
        first_run=info.first_execution_run_id,
        from_run=info.run_id,
        digest=_digest(from_json(payload.data)),
        stamp="",
    )
    return [RawValue(payload), _stamp(handed_on.parts).hex()]


def as_carried(opening: Sequence[object]) -> CarriedClaim | None:
    """What this run was handed, to be recognised; None where it has not even the shape of it."""
    info = workflow.info()
    if info.continued_run_id is None or len(opening) != 2:
        return None
    claim, stamp = map(read_anyway, opening)
    if not isinstance(stamp, str):
        return None
    return CarriedClaim(
        workflow_id=info.workflow_id,
        first_run=info.first_execution_run_id,
        from_run=info.continued_run_id,
        digest=_digest(claim),
        stamp=stamp,
    )


def read_anyway(sent: object) -> object:
    """A claim that goes on may be larger than any message is allowed to be."""
    try:
        return from_json(sent.data) if isinstance(sent, Unread) else sent
    except ValueError:
        return sent


def _digest(value: object) -> str:
    """The same for the same JSON value, however it is written."""
    whole = json.dumps(value, sort_keys=True, separators=(",", ":"), default=lambda _: "unreadable")
    return hashlib.sha256(whole.encode()).hexdigest()


def _stamp(parts: Parts) -> bytes:
    known = cast("Mapping[str, Callable[..., bytes]]", workflow.extern_functions())
    return known[_MAKE](*parts) if _MAKE in known else b""
