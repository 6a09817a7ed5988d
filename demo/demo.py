"""Four claims side by side, through weeks, in a minute: real engine, real mails, skipped days."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from temporalio.client import Client, WorkflowHandle
from temporalio.envconfig import ClientConnectConfig
from temporalio.testing import TimeSkipper

from activities import Activities
from cpor import engine, local_mailbox
from cpor.cli.output.claim_text import instant
from cpor.client.client import ClaimsClient
from cpor.client.errors import PortalError
from cpor.links import SignedLinks
from cpor.local_temporal import Where, connect
from cpor.page import server
from cpor.page.app import app
from cpor.rules.views import ClaimView, EntryView
from cpor.settings import LOOPBACK, Settings
from cpor.store import Store
from worker import register
from workflows.worker import claims_worker

FOLDER = Path("var/demo")
EXAMPLE = Path(__file__).parents[1] / "examples/claim.json"
DAY = timedelta(days=1)
LIMIT = 30.0
"""Seconds of real time that a step may take before the demo gives up."""

ADA = {"by": {"role": "partner", "id": "ada", "partner_role": "incentives_admin"}}
KIM = {"by": {"role": "reviewer", "id": "kim"}}
MISSING_DATES = {"requests": [{"reason": "missing_or_old_dates", "note": "Which year is this?"}]}


@dataclass
class Story:
    """One claim, what is done to it, and what is seen of it so far."""

    plot: str
    claim_id: str
    play: Callable[[Teller], Awaitable[None]]
    partner_reads: str
    customer_reads: str
    view: ClaimView | None = None
    history: list[EntryView] = field(default_factory=list[EntryView])
    done: bool = False


@dataclass(frozen=True)
class Teller:
    """Plays one story: speaks for its people and lets its days pass."""

    claims: ClaimsClient
    skipper: TimeSkipper
    handle: WorkflowHandle[Any, Any]
    mailbox: Path

    async def say(self, name: str, who: dict[str, Any], **more: Any) -> None:
        await self.claims.send(self.handle.id, name, {**who, **more})

    async def days_pass(self, days: int) -> None:
        await self.skipper.fast_forward(self.handle, days * DAY)

    async def until(self, what: Callable[[ClaimView], object]) -> None:
        try:
            async with asyncio.timeout(LIMIT):
                while not what(await self.claims.claim(self.handle.id)):
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise PortalError(
                f"The demo gave up: {self.handle.id} did not go on within {LIMIT:.0f} s."
            ) from None

    async def customer_is_told(self) -> None:
        await self.until(lambda claim: claim.notice_accepted_at)

    async def customer_says_no(self, note: str) -> None:
        """As customers do: open the link in the mail, and use the button of the page."""
        link = self._link()
        # On loopback, whatever proxy is set.
        async with httpx.AsyncClient(timeout=LIMIT, trust_env=False) as browser:
            page = await browser.get(link)
            hidden = dict(re.findall(r'name="(confirmation)" value="([^"]+)"', page.text))
            answer = await browser.post(link, data={**hidden, "note": note})
        if answer.status_code != 200:
            raise PortalError(
                f"The demo gave up: the customer's page answered {answer.status_code}."
            )

    def _link(self) -> str:
        (mail,) = self.mailbox.glob(f"*-{self.handle.id}.consent.1.contact.eml")
        body = message_from_bytes(mail.read_bytes(), policy=default).get_body(("plain",))
        (link,) = re.findall(r"\S+/decline/\S+", body.get_content() if body else "")
        return link


async def _silence(teller: Teller) -> None:
    await teller.days_pass(1)
    await teller.say("start_review", KIM)
    await teller.days_pass(1)
    await teller.say("approve", KIM)
    await teller.customer_is_told()
    await teller.days_pass(8)
    await teller.until(lambda claim: claim.handed_off_at and not claim.owed)


async def _answered(teller: Teller) -> None:
    await teller.say("start_review", KIM)
    await teller.say("request_info", KIM, **MISSING_DATES)
    await teller.days_pass(2)
    more = await _uploaded(teller.claims, teller.handle.id, "signed-page.pdf")
    await teller.say("add_evidence", ADA, evidence=[more])
    await teller.say("submit", ADA, comment="The page with the signatures and dates.")
    await teller.days_pass(1)
    await teller.say("approve", KIM)
    await teller.customer_is_told()
    await teller.days_pass(8)
    await teller.until(lambda claim: claim.handed_off_at and not claim.owed)


async def _unanswered(teller: Teller) -> None:
    await teller.say("request_info", KIM, **MISSING_DATES)
    await teller.days_pass(20)
    await teller.until(lambda claim: claim.status == "Rejected")
    await teller.days_pass(31)
    await teller.until(lambda claim: claim.ended_at and not claim.owed)


async def _declined(teller: Teller) -> None:
    await teller.say("start_review", KIM)
    await teller.say("approve", KIM)
    await teller.customer_is_told()
    await teller.days_pass(3)
    await teller.customer_says_no("We did this ourselves.")
    await teller.until(lambda claim: claim.ended_at and not claim.owed)


async def play(*, keep: bool) -> int:
    console = Console()
    run = f"DEMO-{datetime.now(UTC):%y%m%d-%H%M%S}-{secrets.token_hex(2).upper()}"
    stories = [
        Story("the customer says nothing", f"{run}-1", _silence, "de", "sv"),
        Story("more is asked, and answered", f"{run}-2", _answered, "nl", "tr"),
        Story("more is asked, never answered", f"{run}-3", _unanswered, "tr", "de"),
        Story("the customer says no", f"{run}-4", _declined, "sv", "en"),
    ]
    async with _stage(keep, lambda text: console.print(text, highlight=False)) as stage:
        with Live(_table(stories), console=console, refresh_per_second=8) as live:
            watching = asyncio.create_task(_watch(stage.claims, stories, live))
            await _all_of(_tell(stage, story) for story in stories)
            watching.cancel()
            await _look(stage.claims, stories)
            live.update(_table(stories))
        console.print(_what_happened(stories))
        for line in _places(stage, stories, keep):
            console.print(line, soft_wrap=True, highlight=False)
        if keep:
            await asyncio.wait({stage.died})
            raise stage.died.result()
    return 0


@dataclass(frozen=True)
class Stage:
    client: Client
    claims: ClaimsClient
    skipper: TimeSkipper
    settings: Settings
    ui: Where
    died: asyncio.Future[engine.EngineFailed]


def own_settings() -> Settings:
    """As they are where none is set: a demo asks and tells nobody out there."""
    return Settings.model_construct(
        mailbox_folder=str(FOLDER / "mail"),
        store_url=str(FOLDER / "store"),
        outbox_folder=str(FOLDER / "outbox"),
    )


@asynccontextmanager
async def _stage(keep: bool, tell: Callable[[str], None]) -> AsyncGenerator[Stage]:
    """Engine, mailbox, folders and worker, all of the demo's own."""
    settings = own_settings()
    FOLDER.mkdir(parents=True, exist_ok=True)
    data = FOLDER / "temporal.db" if keep else None
    async with (
        engine.running(data=data, port=0, ui_port=0, time_skipping=True, tell=tell) as running,
        local_mailbox.listening(Path(settings.mailbox_folder), 0) as mailbox,
    ):
        listener = server.listening(LOOPBACK, 0)
        settings = settings.model_copy(
            update={
                "mailbox_port": mailbox.port,
                "decline_url": f"http://{LOOPBACK}:{listener.getsockname()[1]}",
                "link_secret": SecretStr(secrets.token_urlsafe(32)),
            }
        )
        place = Where(ClientConnectConfig(target_host=running.address), running.ui)
        client = await connect(place)
        await register(client, settings)
        skipper, store = TimeSkipper(client), Store.open(settings.store_url)
        links = SignedLinks.of(settings)
        assert links is not None
        page = app(ClaimsClient(client, store), links, settings)
        async with (
            Activities(settings) as activities,
            claims_worker(client, activities.all),
            server.served(page, listener),
        ):
            tell(f"{running.origin}. Its UI is at {running.ui}")
            tell(f"The customer's page is at {links.about}")
            claims = ClaimsClient(skipper.client, store)
            yield Stage(client, claims, skipper, settings, place, running.died)


async def _all_of(plays: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Side by side; the first that fails ends the others."""
    try:
        async with asyncio.TaskGroup() as group:
            for play in plays:
                group.create_task(play)
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


async def _tell(stage: Stage, story: Story) -> None:
    proof = await _uploaded(stage.claims, story.claim_id, "statement-of-work.pdf")
    opening = _opening(story, proof)
    with stage.skipper.with_time_skipping_disabled():
        await stage.claims.open(opening)
    handle = stage.client.get_workflow_handle(story.claim_id)
    mailbox = Path(stage.settings.mailbox_folder)
    await story.play(Teller(stage.claims, stage.skipper, handle, mailbox))
    story.done = True


async def _watch(claims: ClaimsClient, stories: list[Story], live: Live) -> None:
    while True:
        await _look(claims, stories)
        live.update(_table(stories))
        await asyncio.sleep(0.2)


async def _look(claims: ClaimsClient, stories: list[Story]) -> None:
    for story in stories:
        if await claims.is_there(story.claim_id):
            story.view = await claims.claim(story.claim_id)
            story.history = await claims.history(story.claim_id)


def _table(stories: list[Story]) -> RenderableType:
    table = Table(title="Four claims", expand=True)
    for heading in ("claim", "status", "waiting for", "deadline", "last event"):
        table.add_column(heading, overflow="fold")
    for story in stories:
        view = story.view
        last = story.history[-1] if story.history else None
        table.add_row(
            f"{story.plot}\n[dim]{story.claim_id}[/dim]",
            view.status.value if view else "…",
            view.waiting_for if view else "",
            instant(view.deadline) if view and view.deadline else "",
            f"{last.at:%a %d %b}: {last.text}" if last else "",
        )
    return table


def _what_happened(stories: list[Story]) -> RenderableType:
    tables: list[RenderableType] = []
    for story in stories:
        table = Table(title=f"{story.plot} ({story.claim_id})", title_justify="left", expand=True)
        table.add_column("when", no_wrap=True)
        table.add_column("who", no_wrap=True)
        table.add_column("what")
        for entry in story.history:
            table.add_row(instant(entry.at), entry.by.id, entry.text)
        tables.append(table)
    return Group(*tables)


def _places(stage: Stage, stories: list[Story], keep: bool) -> list[str]:
    mail, outbox = Path(stage.settings.mailbox_folder), Path(stage.settings.outbox_folder)
    lines = ["Mails:"]
    for story in stories:
        lines += [f"  {path}" for path in sorted(mail.glob(f"*-{story.claim_id}.*.eml"))]
    lines.append("Handed off:")
    for story in stories:
        lines += [f"  {path}" for path in sorted(outbox.glob(f"{story.claim_id}.*"))]
    lines.append("In the Temporal UI:" if keep else "In the Temporal UI (with --keep it stays up):")
    lines += [f"  {stage.ui.page_of(story.claim_id)}" for story in stories]
    if keep:
        lines.append(f"The customer's page: {stage.settings.decline_url}/about")
        lines.append("Everything stays up until Ctrl-C.")
    return lines


async def _uploaded(claims: ClaimsClient, claim_id: str, name: str) -> dict[str, Any]:
    """A small file that stands for a signed document, in the store."""
    file = FOLDER / "proof" / claim_id / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"%PDF-1.4\n% {name} of {claim_id}\n", "utf-8")
    return (await claims.store.upload(claim_id, file)).model_dump()


def _opening(story: Story, proof: dict[str, Any]) -> dict[str, Any]:
    """The example that the README starts, under an id and with languages of its own."""
    example = json.loads(EXAMPLE.read_text("utf-8"))
    example["partner"]["contact"]["language"] = story.partner_reads
    example["customer"]["contact"]["language"] = story.customer_reads
    return {**example, "claim_id": story.claim_id, "evidence": [proof]}
