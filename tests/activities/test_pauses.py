"""How long is waited between two tries."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import ActivityEnvironment

from activities import failures
from workflows.claim import PATIENTLY, QUICKLY


def pause(policy: RetryPolicy | None, attempt: int, asked: timedelta | None = None) -> Any:
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, retry_policy=policy, attempt=attempt)

    def fail() -> ApplicationError:
        return failures.retryable("MailServerBusy", "The mail server said 421: try later.", asked)

    return environment.run(fail).next_retry_delay


@pytest.mark.parametrize(
    ("policy", "attempt", "seconds"),
    [(QUICKLY, 1, 1), (QUICKLY, 4, 8), (PATIENTLY, 1, 300), (PATIENTLY, 3, 1200)],
)
def test_pauses_grow_and_no_two_claims_keep_step(
    policy: RetryPolicy, attempt: int, seconds: float
) -> None:
    found = {pause(policy, attempt).total_seconds() for _ in range(50)}
    assert all(seconds * 0.75 <= each <= seconds * 1.25 for each in found)
    assert len(found) > 10


def test_after_weeks_of_tries_a_pause_is_six_hours_or_so_and_no_longer() -> None:
    longest = timedelta(hours=6)
    assert longest * 0.75 <= pause(PATIENTLY, 5000) <= longest * 1.25


@pytest.mark.parametrize("policy", [QUICKLY, PATIENTLY])
def test_another_workflow_is_asked_again_within_half_a_minute_or_so_however_long_it_is_away(
    policy: RetryPolicy,
) -> None:
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, retry_policy=policy, attempt=5000)

    def ask() -> None:
        with failures.failures_of_temporal():
            raise RPCError("Workflow Task in failed state.", RPCStatusCode.FAILED_PRECONDITION, b"")

    with pytest.raises(ApplicationError) as caught:
        environment.run(ask)
    assert caught.value.type == "TemporalFailedPrecondition"
    assert caught.value.next_retry_delay
    assert caught.value.next_retry_delay <= timedelta(seconds=30) * 1.25


def test_a_receiver_that_names_the_pause_gets_it() -> None:
    assert pause(PATIENTLY, 3, timedelta(seconds=5)) == timedelta(seconds=5)


def test_without_a_policy_the_engine_decides() -> None:
    assert pause(None, 3) is None
