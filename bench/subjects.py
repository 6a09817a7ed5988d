"""The workflows that are measured, each with a worker of its own, set up like the real one."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from temporalio.client import Client
from temporalio.worker import Worker

from activities import Activities
from bench import empty, happy, sink
from bench.floor import Floor, Neighbour, ask_neighbour, nothing
from bench.proofs import REVIEWERS, required_proofs, signed_opening
from bench.windows import taken_long_ago
from cpor.contract import search_attributes
from cpor.rules import current_details
from cpor.rules.claim import Claim
from cpor.rules.effects.notice import NoticeDebt
from cpor.settings import Settings
from cpor.stamps import Stamps
from workflows.guard import Activity
from workflows.worker import claims_worker

# The queues' names are as long as a real worker's: each event of an activity has its queue's.
KEY = "no-secret-for-this-is-only-measured"


@dataclass(frozen=True)
class Subject:
    title: str
    workflow: str
    task_queue: str
    opening: Callable[[str], Sequence[Any]]
    messages: Callable[[str], Sequence[tuple[str, Sequence[Any]]]]
    labels: Callable[[str], Mapping[str, Any]] = lambda workflow_id: {}
    """What else the start of a workflow carries."""
    make_ready: Callable[[str], None] = lambda workflow_id: None
    readers: Callable[[], int | None] = lambda: None
    """The process id of those that look into its proof, once there are some."""


@dataclass(frozen=True)
class Subjects:
    floor: Subject
    floor_with_neighbour: Subject
    """What a claim with its real activities is held against."""
    claim: Subject
    claim_with_real_activities: Subject
    signed_claim: Subject


@asynccontextmanager
async def at_work(client: Client, folder: Path) -> AsyncGenerator[Subjects]:
    floor = Subject(
        "floor",
        workflow=Floor.__name__,
        task_queue="floors",
        opening=lambda _: [],
        messages=lambda _: [("hear", []), ("hear", [])],
    )
    neighbourly = replace(
        floor,
        title="floor with a neighbour",
        task_queue="nearby",
        opening=_of_a_floor_with_a_neighbour,
    )
    claim = _claim("claim", "claims")
    real = _claim(
        "claim with its real activities",
        "really",
        make_ready=lambda claim_id: happy.bring_proof(folder / "store", claim_id),
    )
    signed = replace(
        _claim("claim with proofs required", "signed"),
        opening=_signed_opening,
        messages=_signed_messages,
    )
    proofs = required_proofs()
    async with (
        _real_activities(folder) as activities,
        claims_worker(client, _with_a_short_window(activities), activities.stamps, real.task_queue),
        _with_empty_activities(client, claim.task_queue) as claims,
        _with_the_settings_of(claims, floor.task_queue),
        _with_the_settings_of(claims, neighbourly.task_queue),
        claims_worker(
            client,
            [*empty.ACTIVITIES, proofs.judge_proof],
            Stamps([KEY]),
            signed.task_queue,
            judge=proofs,
        ),
    ):
        real = replace(real, readers=lambda: activities.readers.pid)
        yield Subjects(floor, neighbourly, claim, real, signed)


def _of_a_floor_with_a_neighbour(_: str) -> Sequence[Any]:
    return [False, True]


def _signed_opening(claim_id: str) -> Sequence[Any]:
    return [signed_opening(claim_id)]


def _signed_messages(claim_id: str) -> Sequence[tuple[str, Sequence[Any]]]:
    said = happy.messages()
    return [(name, [REVIEWERS.sign(claim_id, name, message)]) for name, message in said]


def _claim(
    title: str, task_queue: str, make_ready: Callable[[str], None] = lambda claim_id: None
) -> Subject:
    return Subject(
        title,
        workflow="Claim",
        task_queue=task_queue,
        opening=lambda claim_id: [happy.opening(claim_id)],
        messages=lambda _: [(name, [message]) for name, message in happy.messages()],
        labels=_as_the_portal_labels_it,
        make_ready=make_ready,
    )


def _as_the_portal_labels_it(claim_id: str) -> Mapping[str, Any]:
    claim = Claim.open(happy.opening(claim_id), datetime.now(UTC))
    return {
        "memo": {"opening": 64 * "0"},
        "static_summary": current_details.summary(claim.state),
        "static_details": current_details.claimed(claim.state),
        "search_attributes": search_attributes.of(claim.state),
    }


@asynccontextmanager
async def _real_activities(folder: Path) -> AsyncGenerator[Activities]:
    """Mails to a server of its own that keeps none; proof files and hand-offs in folders."""
    async with sink.listening() as port:
        settings = Settings(
            smtp_host=None,
            mailbox_port=port,
            store_url=str(folder / "store"),
            outbox_folder=str(folder / "outbox"),
            hand_off_url=None,
            portal_events_url=None,
            worker_keys=SecretStr(KEY),
            # The journey ends before the engine would be asked for its result.
            result_days=0,
        )
        async with Activities(settings) as activities:
            yield activities


def _with_a_short_window(activities: Activities) -> Sequence[Activity]:
    return [
        taken_long_ago(each) if each.__name__ == NoticeDebt.activity else each
        for each in activities.all
    ]


def _with_empty_activities(client: Client, task_queue: str) -> Worker:
    return claims_worker(client, empty.ACTIVITIES, Stamps([KEY]), task_queue)


def _with_the_settings_of(claims: Worker, task_queue: str) -> Worker:
    config = claims.config()
    config.update(
        task_queue=task_queue, workflows=[Floor, Neighbour], activities=[nothing, ask_neighbour]
    )
    return Worker(**config)
