"""What a workflow asks of the worker that runs it."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

from workflows import stamping
from workflows.stamping import RECOGNISE, CarriedClaim

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel

T = TypeVar("T")


@contextmanager
def needed(activity: str) -> Generator[None]:
    """A cancellation is one, whatever the SDK wraps it in; any other failure fails the task."""
    try:
        yield
    except FailureError as error:  # which of its kinds, the SDK does not promise
        if is_cancelled_exception(error):
            raise asyncio.CancelledError from error
        # As it is, it would end the workflow; so it fails the task, until it is mended.
        raise RuntimeError(f"no answer from {activity}") from error


async def asked_here(activity: str, question: BaseModel, answer: type[T], summary: str) -> T:
    """What this very worker answers, recorded once: a replay finds the same."""
    with needed(activity):
        return await workflow.execute_local_activity(
            activity,
            stamping.payment(activity, question),
            result_type=answer,
            start_to_close_timeout=timedelta(seconds=10),
            summary=summary,
        )


async def recognised(carried: CarriedClaim, summary: str) -> bool:
    """Was it a worker of ours that handed this on? Keys change, the answer does not."""
    return await asked_here(RECOGNISE, carried, bool, summary)
