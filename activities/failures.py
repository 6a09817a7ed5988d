"""Errors as the engine and its operators see them: one sentence, no address, no content.

None of them carries its cause: the engine would write that down too, word for word.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.service import RPCError

from cpor.store import StoreError

SOON = timedelta(seconds=30)
"""Another workflow can answer as soon as a worker runs."""

log = logging.getLogger(__name__)


@contextmanager
def store_failures() -> Generator[None]:
    try:
        yield
    except StoreError as error:
        raise retryable(type(error).__name__, str(error)) from None


@contextmanager
def failures_of_temporal() -> Generator[None]:
    """What another workflow does not take now, it takes soon; whether it took it is not known."""
    try:
        yield
    except RPCError as error:
        kind = f"Temporal{error.status.name.title().replace('_', '')}"
        raise retryable(kind, error.message, _growing_pause(SOON)) from None


def retryable(kind: str, text: str, after: timedelta | None = None) -> ApplicationError:
    """To be tried again, after the pause asked for or one that grows from try to try."""
    log.info("to be tried again: %s: %s", kind, text)
    # Benign: it is expected, so the SDK does not write a traceback for each try.
    return ApplicationError(
        text,
        type=kind,
        next_retry_delay=after or _growing_pause(),
        category=ApplicationErrorCategory.BENIGN,
    )


def _growing_pause(longest: timedelta | None = None) -> timedelta | None:
    """As the retry policy has it, give or take a quarter.

    Else all claims that met a server that was down would come back to it in the same second.
    """
    if not activity.in_activity():
        return None
    info = activity.info()
    policy = info.retry_policy
    if policy is None:
        return None
    grown = policy.initial_interval * policy.backoff_coefficient ** min(info.attempt - 1, 30)
    longest = longest or policy.maximum_interval or policy.initial_interval * 100
    return min(grown, longest) * random.uniform(0.75, 1.25)
