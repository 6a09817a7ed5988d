"""What nobody can read: refused with a reason, wherever it is sent; nothing is stuck by it.

10,000 in the long form:

    uv run pytest --thorough -m thorough tests/reliability/test_unreadable.py
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import (
    WorkflowFailureError,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from cpor.bulk.files import FileUnusable, sheet_in
from cpor.payloads import TolerantConverter
from cpor.rules import views
from cpor.rules.claim import Claim
from cpor.rules.errors import Refused
from cpor.rules.state import State
from tests.bulk.files import csv_of, keyed
from tests.reliability.broken import Sent, each_of, messages, questions, starts
from tests.rules.play import MONDAY, consent_running, handed_off, submitted
from tests.workflows.world import World, ask

FEW_OR_MANY = pytest.mark.parametrize(
    "count", [150, pytest.param(2000, marks=pytest.mark.thorough)]
)
FEW_OR_MANY_ON_THE_ENGINE = pytest.mark.parametrize(
    "count", [40, pytest.param(500, marks=pytest.mark.thorough)]
)
FAILED = (
    EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
)
CLAIMS = [make().claim.state.model_dump_json() for make in (submitted, consent_running, handed_off)]


def read(sent: list[Payload]) -> list[object]:
    return TolerantConverter().from_payloads(sent)


def some_claim(sent: Sent) -> Claim:
    number = sum(map(len, (each.data for each in sent.payloads))) % len(CLAIMS)
    return Claim(State.model_validate_json(CLAIMS[number]))


def says_why(*words: str) -> None:
    assert all(words)


def leaves(claim: Claim, before: str) -> None:
    assert claim.state.model_dump_json() == before


def has_failed(event: HistoryEvent) -> bool:
    """What comes while a claim ends sends its last task back: the engine calls that failed."""
    cause = event.workflow_task_failed_event_attributes.cause
    came_meanwhile = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND
    return event.event_type in FAILED and cause != came_meanwhile


def can_be_put_away(claim: Claim) -> None:
    text = claim.state.model_dump_json()
    assert State.model_validate_json(text).model_dump_json() == text


@FEW_OR_MANY
def test_a_signal_gets_a_receipt_that_says_why_it_was_refused(count: int) -> None:
    def look(sent: Sent) -> None:
        claim = some_claim(sent)
        before = len(claim.state.history)
        receipt = claim.hear(sent.name, read(sent.payloads), MONDAY)
        assert receipt.outcome == "accepted" or (receipt.code and receipt.text)
        assert len(claim.state.history) > before or receipt.outcome == "accepted"
        can_be_put_away(claim)

    assert each_of(count, messages(), look) >= count * 0.9


@FEW_OR_MANY
def test_an_update_is_taken_or_refused_with_a_reason_and_leaves_nothing_behind(count: int) -> None:
    def look(sent: Sent) -> None:
        claim, given = some_claim(sent), read(sent.payloads)
        before = claim.state.model_dump_json()
        try:
            claim.check(sent.name, given)
            leaves(claim, before)
            claim.take(sent.name, given, MONDAY)
        except Refused as refused:
            says_why(refused.code, refused.text)
            leaves(claim, before)
        can_be_put_away(claim)

    assert each_of(count, messages(), look) >= count * 0.9


@FEW_OR_MANY
def test_a_start_opens_a_claim_or_is_refused_with_a_reason(count: int) -> None:
    def look(sent: list[Payload]) -> None:
        given = read(sent)
        if len(given) != 1:
            return
        try:
            can_be_put_away(Claim.open(given[0], MONDAY))
        except Refused as refused:
            says_why(refused.text)

    assert each_of(count, starts(), look) >= count * 0.9


@FEW_OR_MANY
def test_a_query_answers_or_says_what_is_wrong_with_the_question(count: int) -> None:
    def look(sent: Sent) -> None:
        view = {"history": views.history, "receipt": views.receipt}[sent.name]
        try:
            view(some_claim(sent).state, read(sent.payloads))
        except Refused as refused:
            says_why(refused.text)

    assert each_of(count, questions(), look) >= count * 0.9


@FEW_OR_MANY
def test_a_row_is_a_claim_or_has_problems_that_say_why_not(count: int, tmp_path: Path) -> None:
    good = csv_of([keyed(1), keyed(2)])
    place = tmp_path / "rows"

    def look(content: bytes) -> None:
        place.write_bytes(content)
        try:
            with sheet_in(place) as sheet:
                for row in sheet.rows():
                    assert all(str(problem) for problem in row.problems)
                    json.dumps(dict(row.data))
        except FileUnusable as unusable:
            says_why(str(unusable))

    def cut_and_filled(at: tuple[int, int, bytes]) -> bytes:
        first, length, filling = at
        first %= len(good)
        return good[:first] + filling + good[first + length :]

    places = st.tuples(st.integers(0, 10**6), st.integers(0, 80), st.binary(max_size=40))
    broken = places.map(cut_and_filled) | st.binary(max_size=300)
    lines = st.lists(st.binary(max_size=40), max_size=4).map(b"\n".join)
    assert each_of(count, broken | lines.map(b"{".__add__), look) >= count * 0.9


@FEW_OR_MANY_ON_THE_ENGINE
async def test_on_the_engine_no_task_fails_and_the_claim_goes_on(world: World, count: int) -> None:
    said: list[Sent] = []
    asked: list[Sent] = []
    each_of(count, messages(), said.append)
    each_of(count, questions(), asked.append)
    claims = [await world.open()]
    for number, sent in enumerate(said):
        claim, name, args = claims[-1], sent.name, [RawValue(each) for each in sent.payloads]
        try:
            if number % 2:
                await claim.signal(name, args=args)
            else:
                await claim.execute_update(name, args=args)
        except WorkflowUpdateFailedError as error:
            says_why(str(error.cause))
        except RPCError as error:
            # Some are as good as right, and may end a claim.
            assert error.status is RPCStatusCode.NOT_FOUND  # noqa: PT017
            claims.append(await world.open())
    for sent in asked:
        try:
            await claims[-1].query(sent.name, args=[RawValue(each) for each in sent.payloads])
        except WorkflowQueryFailedError as error:
            says_why(str(error))
    for claim in claims:
        assert (await ask(claim, "claim"))["status"]
        assert not [event for event in (await claim.fetch_history()).events if has_failed(event)]


@FEW_OR_MANY_ON_THE_ENGINE
async def test_on_the_engine_a_start_that_nobody_can_read_ends_with_a_reason(
    world: World, count: int
) -> None:
    sent: list[list[Payload]] = []
    each_of(count // 4, starts(), sent.append)
    for each in sent:
        claim = await world.start(world.new_id(), *map(RawValue, each))
        with pytest.raises(WorkflowFailureError) as ended:
            await claim.result()
        assert isinstance(ended.value.cause, ApplicationError)
        assert ended.value.cause.message
