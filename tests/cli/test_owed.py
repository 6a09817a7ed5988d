"""`starter.py owed` and `retry`: what is late or parked is seen, and tried when somebody says so.

Each test has a namespace of its own, for the list is one of all claims.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from pydantic_core import to_jsonable_python
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import Client

from activities import Activities
from cpor import (
    ClaimClosed,
    ClaimsClient,
    NoAnswer,
    OpenDebt,
    PortalError,
    Retried,
    Taken,
    engine,
    exits,
)
from cpor.cli import retries
from cpor.cli.output import debt_text
from cpor.client import open_debts
from cpor.contract import search_attributes
from cpor.plugin import ClaimsPlugin
from cpor.rules import views
from cpor.rules.facts import By
from cpor.rules.messages import Retry
from cpor.store import Store
from tests.activities.servers import HttpReceiver
from tests.examples import OPERATOR, PARTNER, REVIEWER, dynamics_opening, opening
from tests.patience import PATIENT, wait_for_nobody
from tests.rules.play import MONDAY, Play
from tests.shell import Shell
from tests.workflows.world import DAY, Handle, World

ADA, LARS = "ada@fabrikam.example", "lars@contoso.example"
TOVE = "tove@contoso.example"
OLGA = Retry(by=By(role="operator", id="olga"))
FIRST_TRIES_ARE_OVER = timedelta(minutes=20)
"""And the pause after the last of them."""
MINUTES = timedelta(minutes=10)
STARTED = PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
SCHEDULED = PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
MAILS = ["mail: submitted → partner", "mail: to review → reviewers"]

Starter = Callable[..., Awaitable[CompletedProcess[str]]]


@pytest.fixture(name="client")
async def client_in_a_namespace_of_its_own(temporal: engine.Engine, tmp_path: Path) -> Client:
    namespace = f"owed-{tmp_path.name}"
    found = await Client.connect(temporal.address, namespace=namespace, plugins=[ClaimsPlugin()])
    await engine.register(found, retention=timedelta(days=1), attributes=search_attributes.ALL)
    return found


@pytest.fixture
def claims(idle_world: World) -> ClaimsClient:
    kept = Store.open(idle_world.settings.store_url)
    return ClaimsClient(idle_world.client, kept, idle_world.task_queue, answer_timeout=PATIENT)


@pytest.fixture
def starter(temporal: engine.Engine, client: Client, shell: Shell) -> Starter:
    """The command line, of which this test is the worker."""
    where = {"TEMPORAL_ADDRESS": temporal.address, "TEMPORAL_NAMESPACE": client.namespace}

    async def run(*words: str) -> CompletedProcess[str]:
        return await asyncio.to_thread(shell.starter, *words, **where)

    return run


async def late(world: World) -> Handle:
    """A claim whose proof cannot be sealed, and whose first tries are over."""
    claim_id = world.new_id()
    world.keep_proof(claim_id)
    store(world).write_text("a file where a folder should be")
    claim = await world.start(claim_id, opening(claim_id))
    await world.pass_time(claim, FIRST_TRIES_ARE_OVER)
    return claim


def text_of(done: Retried) -> str | None:
    return done.answer and done.answer.text


def store(world: World) -> Path:
    return world.folder / "store/evidence"


async def listed(world: World, claims: ClaimsClient, number: int) -> list[OpenDebt]:
    """The engine lists with a little delay; so often is asked."""
    found: list[OpenDebt] = []

    async def so_many() -> bool:
        found[:] = await claims.owed()
        return len(found) == number

    await world.until(so_many)
    return found


# What is seen


async def test_late_mails_are_listed_and_tried_at_once(world: World, claims: ClaimsClient) -> None:
    await world.post.__aexit__()
    young, claim = await world.open(), await world.open()
    await world.pass_time(claim, timedelta(hours=2))
    found = await listed(world, claims, 2)
    assert (await world.claim(young))["owed"], "whose first tries go on is not listed"
    assert sorted(debt.what or "" for debt in found) == MAILS
    of_the_young = [each for each in await claims.owed_by(young.id) if each.what in MAILS]
    assert [(each.state, bool(each.last_answer)) for each in of_the_young] == [("owed", True)] * 2
    now, shown_tries = await world.now(claim), await claims.tries(claim.id)
    for debt in found:
        assert (debt.claim_id, debt.state, debt.trying) == (claim.id, "late", False)
        assert debt.since is not None
        assert debt.since < now - timedelta(minutes=119)
        assert debt.tries is not None
        assert debt.tries > 2
        assert debt.next_try is not None
        assert now < debt.next_try < now + timedelta(hours=2)
        assert "cannot be reached" in (debt.last_answer or "")

    done = await claims.retry(claim.id, OLGA)
    assert sorted(done.tried_now) == MAILS
    assert text_of(done) == "Nothing is parked."
    for debt in found:
        assert debt.id is not None
        assert shown_tries[debt.id].startswith(f"try {debt.tries}, "), "`show` counts the same"

    async def tried_once() -> list[OpenDebt]:
        found = await claims.owed()
        return found if all(debt.tries == 1 and debt.next_try for debt in found) else []

    for debt in await world.until(tried_once):
        assert debt.next_try is not None
        assert debt.next_try < now + MINUTES, "the pauses begin anew"
        assert "cannot be reached" in (debt.last_answer or "")

    await world.post.__aenter__()
    await claims.retry(claim.id, OLGA)
    await world.until_claim(claim, owed=[])  # and no time was skipped
    assert world.kinds(claim) == ["submitted", "to_review"]
    assert await listed(world, claims, 0) == []


async def test_a_parked_hand_off_waits_for_somebody_and_oldest_come_first(
    idle_world: World, claims: ClaimsClient
) -> None:
    world = idle_world
    async with HttpReceiver("400 Bad Request") as receiver:
        settings = world.settings.model_copy(update={"hand_off_url": receiver.url})
        async with Activities(settings) as activities, world.working(activities):
            claim = await world.open()
            await world.tell(claim, "approve", by=REVIEWER)
            await world.until_claim(claim, owed=[])
            await world.pass_time(claim, 8 * DAY)
            world.post.refuses[ADA] = f"550 5.1.1 <{ADA}> no such person"
            other = await world.open()
            mail, hand_off = await listed(world, claims, 2)
            assert (mail.claim_id, mail.what) == (other.id, "mail: submitted → partner")
            assert (hand_off.claim_id, hand_off.what) == (claim.id, "hand-off → incentive engine")
            assert (hand_off.state, hand_off.tries, hand_off.next_try) == ("parked", None, None)
            assert "400" in (hand_off.last_answer or "")

            receiver.status = "202 Accepted"
            done = await claims.retry(claim.id, OLGA)
            assert text_of(done) == "Tried again: hand-off → incentive engine."
            await world.until_claim(claim, eligibility="sent")
            (entry,) = [each for each in await world.history(claim) if each["what"] == "retry"]
            assert entry["by"] == {**OPERATOR, "name": None, "partner_role": None}
            await listed(world, claims, 2)  # the mail about it was refused, too
            world.post.refuses.clear()
            await claims.retry(claim.id, OLGA)
            assert [debt.claim_id for debt in await listed(world, claims, 1)] == [other.id]


async def test_nobody_is_named(world: World, claims: ClaimsClient) -> None:
    world.post.refuses[ADA] = f"550 5.1.1 <{ADA}> Ada\x1b[31m\nnobody"
    await world.open()
    found = await listed(world, claims, 1)
    printed = debt_text.table(found, datetime.now(UTC)) + str(to_jsonable_python(found))
    assert "fabrikam" not in printed
    assert "Lars" not in printed
    assert "\x1b" not in printed


async def test_a_claim_for_which_no_worker_answers_is_shown_as_such(
    idle_world: World,
    claims: ClaimsClient,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = idle_world
    world.post.refuses[ADA] = "550 5.1.1 no such person"
    async with Activities(world.settings) as activities, world.working(activities):
        claim = await world.open()
        await listed(world, claims, 1)
    wait_for_nobody(claims, monkeypatch)
    (debt,) = await claims.owed()
    assert debt == OpenDebt(claim.id, "unknown", last_answer="no worker answered for it")
    done: list[Retried] = []
    assert await retries.retry_all(claims, OLGA, done.append) == exits.UNREACHABLE
    assert (done, capsys.readouterr().err) == ([], f"{claim.id}: no worker answered for it\n")
    told = await claims.retry(claim.id, OLGA)
    assert (text_of(told), told.tried_now) == (Taken(id="").text, ()), "the claim keeps the wish"


# What is done about it


async def test_a_held_notice_to_the_customer_goes_out_in_a_new_round(
    world: World, claims: ClaimsClient
) -> None:
    """It is no debt any more, but it waits for the same word."""
    world.post.refuses[LARS] = "550 5.1.1 no such person"
    claim = await world.open()
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, consent="held", owed=[])
    world.post.refuses.clear()
    done = await claims.retry(claim.id, OLGA)
    assert text_of(done) == "Tried again: consent notice to contact."
    await world.until_claim(claim, consent="pending", owed=[])
    assert len(world.mails(claim, "consent")) == 1


async def test_one_refused_contact_of_two_is_asked_again_though_nothing_is_parked(
    world: World, claims: ClaimsClient
) -> None:
    """The first was told, so consent is pending: only the claim knows that somebody was not."""
    world.post.refuses[TOVE] = "550 5.1.1 no such person"
    claim_id = world.new_id()
    world.keep_proof(claim_id)
    claim = await world.start(claim_id, dynamics_opening(claim_id))
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, consent="pending", owed=[])
    assert len(world.mails(claim, "consent")) == 1
    world.post.refuses.clear()
    done = await claims.retry(claim.id, OLGA)
    assert text_of(done) == "Tried again: consent notice to technical_contact."
    await world.until_claim(claim, consent="pending", owed=[])
    assert len(world.mails(claim, "consent")) == 2


async def test_a_pause_that_a_receiver_asked_for_is_ended_for_all_by_the_word(
    idle_world: World, claims: ClaimsClient
) -> None:
    """The claim keeps that pause itself: the engine knows of no try that could be hastened."""
    world, six_hours = idle_world, "retry-after: 21600\r\n"
    async with HttpReceiver("429 Too Many Requests", six_hours) as portal:
        settings = world.settings.model_copy(update={"portal_events_url": portal.url})
        async with Activities(settings) as activities, world.working(activities):
            claim = await world.open()
            (event,) = await listed(world, claims, 1)
            assert (event.what, event.state) == ("event → portal", "late")
            assert event.next_try is not None
            portal.status, done = "202 Accepted", list[Retried]()
            assert await retries.retry_all(claims, OLGA, done.append) == exits.DONE
            assert list(map(debt_text.retried, done)) == [
                f"{claim.id}  Tried again: event → portal."
            ]
            await world.until_claim(claim, owed=[])  # and no time was skipped


async def test_a_claim_that_needs_no_help_says_so(world: World, claims: ClaimsClient) -> None:
    claim = await world.open()
    await world.until_claim(claim, owed=[])
    said = debt_text.retried(await claims.retry(claim.id, OLGA))
    assert said == f"{claim.id}  Nothing is parked."


# As it is typed


async def test_the_commands_list_and_retry_everything(
    world: World, claims: ClaimsClient, starter: Starter
) -> None:
    for words in (("owed",), ("retry", "--all")):
        idle = await starter(*words)
        assert (idle.returncode, idle.stdout) == (0, "Nothing is late, and nothing is parked.\n")
    assert (await starter("owed", "--json")).stdout == "[]\n"

    world.post.refuses[ADA] = "550 5.1.1 no such person"
    parked = await world.open()

    async def is_sealed() -> bool:
        (file,) = (await world.claim(parked))["evidence"]
        return file["state"] == "sealed"

    await world.until(is_sealed)
    await listed(world, claims, 1)
    world.post.refuses.clear()
    whole = store(world).rename(world.folder / "evidence")
    pausing = await late(world)
    await listed(world, claims, 2)
    shown = await starter("owed")
    assert shown.returncode == 0, shown.stderr
    heading, first, second = shown.stdout.splitlines()
    assert re.split("  +", heading) == list(debt_text.COLUMNS)
    claim, what, _, state, tries, next_try, answer = re.split("  +", first)
    assert (claim, what, state) == (parked.id, "mail: submitted → partner", "parked")
    assert (tries, next_try, answer) == ("–", "on retry", "550 5.1.1 no such person")
    assert re.split("  +", second)[:2] == [pausing.id, "proof files: check and seal"]
    known = json.loads((await starter("owed", "--json")).stdout)
    assert [debt["state"] for debt in known] == ["parked", "late"]
    assert known[0]["id"] == f"{parked.id}.submitted.1.partner"

    unnamed = await starter("retry", parked.id, "--by", "")
    assert unnamed.returncode == 2
    assert unnamed.stderr.startswith("invalid: --by: must be 1 to 64 characters of A-Z")

    store(world).unlink()
    whole.rename(store(world))
    done = await starter("retry", "--all", "--by", "olga")
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.splitlines()) == sorted(
        [
            f"{pausing.id}  tried now: proof files: check and seal",
            f"{parked.id}  Tried again: mail: submitted → partner.",
        ]
    )
    for each in (pausing, parked):
        await world.until_claim(each, owed=[])
    assert "submitted" in world.kinds(parked)


async def test_retry_is_refused_in_words(world: World, starter: Starter) -> None:
    over = await world.open()
    await world.tell(over, "withdraw", by=PARTNER, reason="other")
    await over.result()
    for claim, code, said in (
        (over.id, 3, f"claim_closed: {over.id} is over; read how it ended with: show {over.id}\n"),
        ("CPOR-NEVER", 3, "CPOR-NEVER is known neither to Temporal nor to the store\n"),
        ("no id", 2, "invalid: 'no id': must be 4 to 40 characters of A-Z, 0-9 and -\n"),
    ):
        done = await starter("retry", claim)
        assert (done.returncode, done.stderr) == (code, said)
    for words in ((), (over.id, "--all")):
        done = await starter("retry", *words)
        assert done.returncode == 2
        assert "name one claim, or say --all" in done.stderr


def test_without_an_engine_they_say_so_in_a_sentence(shell: Shell) -> None:
    for words in (("owed",), ("retry", "--all"), ("support", "CPOR-1")):
        done = shell.starter(*words, TEMPORAL_ADDRESS="127.0.0.1:1")
        assert done.returncode == 4
        assert done.stderr.startswith("No Temporal answers at 127.0.0.1:1. Start one with:")


async def test_without_our_namespace_it_says_so(temporal: engine.Engine, shell: Shell) -> None:
    where = {"TEMPORAL_ADDRESS": temporal.address, "TEMPORAL_NAMESPACE": "nowhere"}
    for words in (("owed",), ("items", "5f1c6d3e-8c0b-4f3c-9d2a-0b8f6f1f7a11")):
        done = await asyncio.to_thread(shell.starter, *words, **where)
        assert done.returncode == 1
        assert done.stderr.startswith("Temporal has no namespace 'nowhere'")


# Many claims


MANY = [f"CPOR-{number:04}" for number in range(200)]


class Asked:
    """Claims that answer as a test says; counts how many are asked, and at a time."""

    def __init__(self, answer: Callable[[str], Iterable[OpenDebt]]) -> None:
        self.answer = answer
        self.asked = self.now = self.most = 0

    async def __call__(self, claim_id: str) -> Iterable[OpenDebt]:
        self.asked += 1
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        self.now -= 1
        return self.answer(claim_id)


def one_each(claim_id: str) -> list[OpenDebt]:
    since = MONDAY - timedelta(days=MANY.index(claim_id))
    return [OpenDebt(claim_id, "late", since=since)]


def tried_since(
    ago: timedelta, state: PendingActivityState.ValueType = STARTED
) -> list[PendingActivityInfo]:
    """Each mail of a claim whose first tries began so long before now."""
    known = views.view(Play().claim.state)
    since = Timestamp()
    since.FromDatetime(MONDAY - ago)
    return [
        PendingActivityInfo(
            activity_id=owed.id,
            state=state,
            attempt=1,
            scheduled_time=since,
            last_started_time=since if state == STARTED else None,
        )
        for owed in known.owed
    ]


def test_a_try_that_lasts_too_long_is_seen_before_its_debt_is_late() -> None:
    known = views.view(Play().claim.state)
    assert not [*open_debts.in_trouble(known, tried_since(timedelta(seconds=29)), MONDAY)]
    standing = tried_since(timedelta(seconds=31))
    found = [*open_debts.in_trouble(known, standing, MONDAY)]
    assert [each.id for each in found] == [each.activity_id for each in standing]
    assert found[0].last_answer == "no answer since 08:59:29 UTC"
    assert (found[0].state, found[0].tries, found[0].trying) == ("owed", 1, True)
    waiting = tried_since(timedelta(seconds=31), SCHEDULED)
    (first, *_) = open_debts.in_trouble(known, waiting, MONDAY)
    assert (first.last_answer, first.tries) == ("waits for a worker since 08:59:29 UTC", 0)


async def test_only_so_many_are_asked_at_a_time() -> None:
    asked = Asked(one_each)
    found = await open_debts.of_all(MANY, asked)
    assert (asked.asked, asked.most) == (len(MANY), open_debts.AT_ONCE)
    assert [debt.claim_id for debt in found] == MANY[::-1], "oldest first"


async def test_a_claim_that_has_just_ended_owes_nothing() -> None:
    def ended(claim_id: str) -> list[OpenDebt]:
        raise ClaimClosed(claim_id)

    assert await open_debts.of_all(MANY, Asked(ended)) == []


async def test_one_that_cannot_answer_hides_no_other() -> None:
    def all_but_one(claim_id: str) -> list[OpenDebt]:
        if claim_id == MANY[7]:
            raise PortalError("its task fails")
        return one_each(claim_id)

    *others, last = await open_debts.of_all(MANY, Asked(all_but_one))
    assert len(others) == len(MANY) - 1
    assert last == OpenDebt(MANY[7], "unknown", last_answer="its task fails")


async def test_where_nobody_works_not_every_claim_is_waited_for() -> None:
    def silence(claim_id: str) -> list[OpenDebt]:
        raise NoAnswer(claim_id)

    asked = Asked(silence)
    found = await open_debts.of_all(MANY, asked)
    assert [debt.state for debt in found] == ["unknown"] * len(MANY)
    assert asked.asked < 2 * open_debts.AT_ONCE


# How it reads


LATE = OpenDebt(
    "CPOR-7Q2M4X",
    "late",
    what="mail: information requested → partner",
    since=MONDAY,
    tries=7,
    last_answer="The mail server cannot be reached.",
    next_try=MONDAY + DAY,
)


@pytest.mark.parametrize(
    ("debt", "after", "said"),
    [
        (LATE, 3 * DAY, "Mon 02 Mar 2026 09:00 UTC, 3 days  late"),
        (LATE, timedelta(hours=1), "09:00 UTC, 1 hour  late"),
        (LATE, timedelta(seconds=5), "09:00 UTC, 0 minutes  late"),
        (LATE, DAY, "7  Tue 03 Mar 2026 09:00 UTC  The mail server cannot be reached."),
        (replace(LATE, next_try=None, trying=True), DAY, "7  now  The mail"),
        (replace(LATE, state="parked", next_try=None, tries=None), DAY, "–  on retry  The mail"),
        (
            OpenDebt("CPOR-1", "unknown", last_answer=open_debts.NO_WORKER),
            DAY,
            "unknown  –  –  no worker",
        ),
        (replace(LATE, last_answer="[red]550\n:no: \x1b[2J"), DAY, "  [red]550 :no: ?[2J"),
    ],
)
def test_a_line_for_each_debt(debt: OpenDebt, after: timedelta, said: str) -> None:
    _, line = debt_text.table([debt], MONDAY + after).splitlines()
    assert said in "  ".join(part.strip() for part in line.split("  ") if part.strip())


def test_a_terminal_gets_a_table_that_fits() -> None:
    lines = debt_text.table([LATE], MONDAY + DAY, 100).splitlines()
    assert lines[0].startswith("╭")
    assert {len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in lines} == {100}
