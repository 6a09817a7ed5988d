"""Whatever is sent, however broken: no task fails, nothing is dropped in silence."""

from __future__ import annotations

from typing import Any

import pytest
from temporalio.client import WorkflowFailureError, WorkflowQueryFailedError
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from activities import Activities
from cpor.rules.messages import MESSAGES
from tests.examples import PARTNER, REVIEWER, opening, without
from tests.workflows.world import NO_KNOWN_ENCODING, Handle, World, ask, json_of

NO_JSON = json_of(b"{broken")

START = opening("SENT-STRAIGHT")
BAD_STARTS: dict[str, tuple[tuple[object, ...], str]] = {
    "nothing": ((), "Claim takes one JSON object, not 0 payloads"),
    "two payloads": (({}, {}), "Claim takes one JSON object, not 2 payloads"),
    "broken JSON": ((NO_JSON,), "must be an object"),
    "an unknown encoding": ((NO_KNOWN_ENCODING,), "must be an object"),
    "null": ((None,), "must be an object"),
    "a text": (("claim",), "must be an object"),
    "a list": (([],), "must be an object"),
    "an empty object": (({},), "partner: is needed"),
    "an unknown field": (({**START, "colour": "red"},), "colour: is not a known field"),
    "the id of another": ((START,), "claim_id: must be the workflow id"),
    "an unknown edition": (({**START, "edition": "1999"},), "edition: edition '1999' is not known"),
}


@pytest.mark.parametrize(("payloads", "text"), BAD_STARTS.values(), ids=BAD_STARTS.keys())
async def test_a_start_that_is_wrong_ends_at_once_and_says_why(
    world: World, payloads: tuple[object, ...], text: str
) -> None:
    claim = await world.start(world.new_id(), *payloads)
    with pytest.raises(WorkflowFailureError) as ended:
        await claim.result()
    assert isinstance(ended.value.cause, ApplicationError)
    assert ended.value.cause.type == "invalid"
    assert text in ended.value.cause.message


@pytest.mark.parametrize(
    ("query", "argument"),
    [
        *(("claim", ()), ("deadlines", ()), ("events", ())),
        *(("history", ({"side": "partner"},)), ("receipt", ("m-1",)), ("overview", ("m-1",))),
    ],
)
async def test_a_start_that_was_refused_can_be_asked_and_answers_with_its_refusal(
    world: World, query: str, argument: tuple[object, ...]
) -> None:
    claim = await world.start(world.new_id(), {**START, "edition": "1999"})
    for _ in ("while it ends", "once it has ended"):
        with pytest.raises(WorkflowQueryFailedError, match="edition '1999' is not known"):
            await ask(claim, query, *argument)
        with pytest.raises(WorkflowFailureError):
            await claim.result()


async def test_a_start_without_proof_fails_with_the_code_of_any_submission_without_proof(
    world: World,
) -> None:
    claim_id = world.new_id()
    claim = await world.start(claim_id, without(opening(claim_id), "evidence"))
    with pytest.raises(WorkflowFailureError) as ended:
        await claim.result()
    assert isinstance(ended.value.cause, ApplicationError)
    assert ended.value.cause.type == "nothing_to_review"
    assert ended.value.cause.details[0]["field"] == "evidence"


BAD_MESSAGES: dict[str, tuple[object, ...]] = {
    "nothing": (),
    "two payloads": ({"by": REVIEWER}, {"by": REVIEWER}),
    "broken JSON": (NO_JSON,),
    "two payloads, one broken": ({"by": REVIEWER}, NO_JSON),
    "an unknown encoding": (NO_KNOWN_ENCODING,),
    "null": (None,),
    "a text": ("approve",),
    "a number": (7,),
    "a list": ([{"by": REVIEWER}],),
    "an empty object": ({},),
    "an unknown role": ({"by": {"role": "king", "id": "arthur"}},),
    "half a character": (json_of(b'{"by": {"role": "reviewer", "id": "\\ud800"}}'),),
}


@pytest.mark.parametrize("payloads", BAD_MESSAGES.values(), ids=BAD_MESSAGES.keys())
async def test_a_bad_message_is_refused_as_update_and_kept_as_signal(
    world: World, payloads: tuple[object, ...]
) -> None:
    claim = await world.open()
    await world.until_claim(claim, edition="2020")
    for name in MESSAGES:
        await claim.signal(name, args=payloads)
    before = await kept(world, claim)
    assert len(before) == len(MESSAGES)
    assert {entry["changes"]["code"] for entry in before} == {"invalid"}
    for name in MESSAGES:
        code, text = await world.refused(claim, name, *payloads)
        assert code == "invalid"
        assert text
    assert await kept(world, claim) == before


@pytest.mark.parametrize("payloads", [({"by": REVIEWER},), (), (NO_JSON,), (1, 2)])
async def test_an_unknown_name_is_refused_like_any_bad_message(
    world: World, payloads: tuple[object, ...]
) -> None:
    claim = await world.open()
    await world.until_claim(claim, edition="2020")
    await claim.signal("abolish", args=payloads)
    (entry,) = await kept(world, claim)
    assert "'abolish' is no message; there are edit, add_evidence" in entry["text"]
    code, text = await world.refused(claim, "abolish", *payloads)
    assert code == "invalid"
    assert "'abolish' is no message" in text


async def test_a_query_with_a_wrong_argument_is_answered_in_words(world: World) -> None:
    claim = await world.open()
    for query, argument, text in (
        ("history", {"side": "moon"}, "side: must be"),
        ("history", NO_JSON, "must be an object"),
        ("receipt", 7, "receipt takes one text"),
    ):
        with pytest.raises(Exception, match=text):
            await claim.query(query, argument)


async def test_the_receipt_of_an_id_that_never_came_is_the_null_of_json(world: World) -> None:
    claim = await world.open()
    answer = await claim.query("receipt", "never-sent", result_type=RawValue)
    assert answer.payload.metadata["encoding"] == b"json/plain"
    assert answer.payload.data == b"null"
    assert await claim.query("receipt", "never-sent") is None


async def test_the_approve_of_the_ui_dialog_needs_no_id(world: World) -> None:
    claim = await world.open()
    await claim.signal("approve", {"by": REVIEWER})
    await world.until_claim(claim, status="Approved", reviewer=REVIEWER["id"])


async def test_a_signal_that_comes_before_the_first_task_is_heard(idle_world: World) -> None:
    claim = await idle_world.open()
    await claim.signal("comment", {"by": PARTNER, "text": "Early."})
    await claim.signal("approve", {"by": REVIEWER})
    async with Activities(idle_world.settings) as activities, idle_world.working(activities):
        known = await idle_world.until_claim(claim, status="Approved", edition="2020")
        assert known["owed"] is not None


async def kept(world: World, claim: Handle) -> list[dict[str, Any]]:
    return [entry for entry in await world.history(claim) if entry["what"] == "refused"]
