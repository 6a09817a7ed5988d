"""What is said of a try that died with its worker."""

from __future__ import annotations

import pytest
from temporalio.api.enums.v1 import TimeoutType
from temporalio.api.failure.v1 import Failure, TimeoutFailureInfo
from temporalio.api.workflow.v1 import PendingActivityInfo

from cpor.client.open_debts import last_answer

LOST = TimeoutType.TIMEOUT_TYPE_HEARTBEAT
SLOW = TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE


@pytest.mark.parametrize(
    ("kind", "said"),
    [(LOST, "the worker that tried it died or was cut off"), (SLOW, "it took too long")],
)
def test_a_try_that_ended_without_a_word_is_said_to_have(
    kind: TimeoutType.ValueType, said: str
) -> None:
    how = TimeoutFailureInfo(timeout_type=kind)
    failure = Failure(message="activity timeout", timeout_failure_info=how)
    assert last_answer(PendingActivityInfo(last_failure=failure)) == said


def test_what_a_receiver_said_is_told_without_addresses() -> None:
    failure = Failure(message="550 <lars@contoso.example> nobody")
    assert last_answer(PendingActivityInfo(last_failure=failure)) == "550 <(address)> nobody"
