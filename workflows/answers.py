"""What a workflow asks a worker before it goes on, recorded once: a replay finds the same.

An ordinary activity asks. A local one would cost less, but where somebody queries the workflow
meanwhile its task is cut in two, and a replay then finds another time, or another order, than
there was.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import FailureError, is_cancelled_exception

from workflows import stamping
from workflows.guard import SILENCE
from workflows.stamping import RECOGNISE, CarriedClaim

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel

T = TypeVar("T")

QUICKLY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=2))
SHORTLY = timedelta(seconds=20)
AGAIN = timedelta(minutes=5)


async def asked(
    activity: str,
    question: BaseModel,
    answer: type[T],
    summary: str,
    one_try: timedelta = SHORTLY,
) -> T:
    """Whoever cannot do without an answer asks until there is one."""
    while True:
        try:
            return await workflow.execute_activity(
                activity,
                stamping.payment(activity, question),
                result_type=answer,
                start_to_close_timeout=one_try,
                heartbeat_timeout=SILENCE,
                retry_policy=QUICKLY,
                summary=summary,
            )
        except FailureError as error:  # which of its kinds, the SDK does not promise
            if is_cancelled_exception(error):
                raise asyncio.CancelledError from error
        await workflow.sleep(AGAIN, summary=f"ask again: {summary}")


async def recognised(carried: CarriedClaim, summary: str) -> bool:
    """Was it a worker of ours that handed this on? Keys change, the answer does not."""
    return await asked(RECOGNISE, carried, bool, summary)
