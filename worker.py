"""Runs the worker: against the configured Temporal, or with an engine of its own beside it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import signal
import sys
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from temporalio.client import Client
from temporalio.common import MetricMeter
from temporalio.envconfig import ClientConnectConfig

from activities import Activities
from cpor import engine, exits, local_mailbox
from cpor.client.client import ClaimsClient
from cpor.client.errors import EngineUnreachable, PortalError
from cpor.contract import search_attributes
from cpor.engine.version import new_enough
from cpor.local_temporal import EMBEDDED, Where, connect
from cpor.monitoring import Unusable, checks, claim_counts, health, logs, metrics
from cpor.monitoring.logs import Voice
from cpor.settings import Settings, SettingsError
from cpor.store import Store, StoreError
from workflows.worker import GRACE, claims_worker, set_current_command

DATA = Path("var/temporal.db")
LONGEST_STOP = GRACE + timedelta(seconds=5)
"""For all that ends with it: connections, the local mailbox, an engine of its own."""
STORE_LIMIT = 30.0
"""Seconds for the store to answer at start."""
Tell = Callable[[str], None]


async def register(client: Client, settings: Settings) -> None:
    """Bring an engine of our own to what claims need."""
    await engine.register(
        client,
        namespace=client.namespace,
        retention=timedelta(days=settings.retention_days),
        attributes=search_attributes.TYPES,
    )


@contextlib.asynccontextmanager
async def mail_delivered(settings: Settings, tell: Tell) -> AsyncGenerator[Settings]:
    """The settings with a mail server that is there: the local mailbox where none is set."""
    if settings.smtp_host is not None:
        yield settings
        return
    folder = Path(settings.mailbox_folder)
    async with local_mailbox.listening(folder, settings.mailbox_port, tell) as mailbox:
        tell(f"No mail server is set: mails are kept in {folder}, port {mailbox.port}.")
        yield settings.model_copy(update={"mailbox_port": mailbox.port})


@dataclass(frozen=True)
class Standing:
    """What a worker stands on. `died` is done when an engine of our own ended unasked."""

    client: Client
    died: asyncio.Future[engine.EngineFailed]


@contextlib.asynccontextmanager
async def temporal(
    settings: Settings, port: int, ui_port: int, tell: Tell
) -> AsyncGenerator[Standing]:
    """The configured Temporal, which is only checked, or an engine started for this worker."""
    if options := engine.configured():
        client = await connect(Where(options))
        await new_enough(client)
        problems = await engine.missing_attributes(
            client, client.namespace, search_attributes.TYPES
        )
        if problems:
            raise engine.RegistrationFailed("\n".join(str(problem) for problem in problems))
        tell(f"Temporal is at {Where(options).address}, namespace {client.namespace}.")
        yield Standing(client, asyncio.get_running_loop().create_future())
        return
    DATA.parent.mkdir(parents=True, exist_ok=True)
    async with engine.running(data=DATA, port=port, ui_port=ui_port, tell=tell) as running:
        place = Where(ClientConnectConfig(target_host=running.address), running.ui)
        client = await connect(place)
        await register(client, settings)
        found = {"address": running.address, "ui": running.ui, "pids": dict(running.pids)}
        EMBEDDED.write_text(json.dumps(found), "utf-8")
        tell(f"{running.origin}, at {running.address}; its data is in {DATA}.")
        tell(f"Look at the claims at {running.ui}")
        try:
            yield Standing(client, running.died)
        finally:
            EMBEDDED.unlink(missing_ok=True)


class Stop:
    """Asked for by the first signal or by the death of the engine; hurried by a second signal."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.asked: asyncio.Future[engine.EngineFailed | None] = loop.create_future()
        self.hurried: asyncio.Future[None] = loop.create_future()
        for kind in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(kind, self.ask)

    def ask(self, why: engine.EngineFailed | None = None) -> None:
        if not self.asked.done():
            self.asked.set_result(why)
        elif not self.hurried.done():
            self.hurried.set_result(None)


async def work(
    settings: Settings, meter: MetricMeter, port: int, ui_port: int, voice: Voice
) -> int:
    """Work until told to stop, which may be while it still starts; then finish what runs."""
    stop = Stop()
    working = asyncio.create_task(
        _work_if_all_is_there(settings, meter, port, ui_port, voice, stop)
    )
    await asyncio.wait({working, stop.asked}, return_when=asyncio.FIRST_COMPLETED)
    if working.done():
        await working
        return 0
    died = stop.asked.result()
    if died:
        voice.fail(str(died))
    voice.tell(f"Finishing what runs, {GRACE.seconds} s at most.")
    working.cancel()
    await asyncio.wait(
        {working, stop.hurried},
        timeout=LONGEST_STOP.total_seconds(),
        return_when=asyncio.FIRST_COMPLETED,
    )
    if not working.done():
        voice.tell("Left before all was finished: Temporal hands it out again.")
    elif not died:
        with contextlib.suppress(asyncio.CancelledError):
            await working
    return exits.BROKEN if died else 0


async def _work_if_all_is_there(
    settings: Settings, meter: MetricMeter, port: int, ui_port: int, voice: Voice, stop: Stop
) -> None:
    async with health.serving(settings.health_address) as shown:
        await try_the_store(settings)
        await _work(settings, meter, shown, port, ui_port, voice.tell, stop)


async def try_the_store(settings: Settings) -> None:
    """Before anything is started: no worker takes work that it could not finish."""
    try:
        async with asyncio.timeout(STORE_LIMIT):
            store = await asyncio.to_thread(Store.open, settings.store_url)
            await store.read_record("of-no-claim")
    except TimeoutError:
        raise Unusable(
            f"The store {settings.store_url} has not answered within {STORE_LIMIT:.0f} s. See that "
            "it does, or set CLAIMS_STORE_URL to another."
        ) from None


async def _work(
    settings: Settings,
    meter: MetricMeter,
    shown: health.Health,
    port: int,
    ui_port: int,
    tell: Tell,
    stop: Stop,
) -> None:
    async with (
        mail_delivered(settings, tell) as settings,
        temporal(settings, port, ui_port, tell) as standing,
        Activities(settings) as activities,
        claims_worker(standing.client, activities.all, build_id=settings.build_id) as worker,
        _counted(settings, standing.client, meter),
    ):
        while not worker.is_running:
            await asyncio.sleep(0.01)
        with shown.working(lambda: health.not_polling(worker)):
            if settings.build_id:
                tell(f"Claims come to it after: {set_current_command(settings.build_id)}")
            tell("Working. Ctrl-C ends it.")
            stop.ask(await standing.died)
            await asyncio.Event().wait()


@contextlib.asynccontextmanager
async def _counted(settings: Settings, client: Client, meter: MetricMeter) -> AsyncGenerator[None]:
    """All claims are counted where somebody looks at the numbers."""
    if settings.metrics_address is None:
        yield
        return
    claims = ClaimsClient(client, Store.open(settings.store_url))
    async with claim_counts.counted(client, claims, meter):
        yield


async def _worker(port: int, ui_port: int) -> NoReturn:
    """Left from in here: otherwise Python waits for whatever hangs in a task or a thread."""
    exits.leave(await _main(port, ui_port))


async def _main(port: int, ui_port: int) -> int:
    voice = logs.plain()
    try:
        settings = Settings.load()
        voice = logs.begin(settings)
        meter = metrics.begin(settings).metric_meter
        code = await work(settings, meter, port, ui_port, voice)
    except EngineUnreachable as error:
        return _fail(voice, error, exits.UNREACHABLE)
    except (
        SettingsError,
        Unusable,
        engine.EngineError,
        PortalError,
        StoreError,
        local_mailbox.MailboxError,
    ) as error:
        return _fail(voice, error, exits.BROKEN)
    return code


def _fail(voice: Voice, error: Exception, code: int) -> int:
    voice.fail(str(error))
    return code


async def _check() -> int:
    """Print how all that the settings name answers."""
    findings = await checks.run()
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    logs.plain().tell(checks.table(findings, width))
    return exits.BROKEN if any(each.remedy for each in findings) else 0


def main(
    port: Annotated[int, typer.Option(help="Port of the embedded engine.")] = 7233,
    ui_port: Annotated[int, typer.Option(help="Port of its web UI.")] = 8233,
    check: Annotated[
        bool, typer.Option("--check", help="Try all that the settings name, and work not.")
    ] = False,
) -> None:
    """Run a worker for claims.

    Where Temporal is configured (TEMPORAL_ADDRESS or temporal.toml) it works for that. Otherwise it
    starts an engine of its own on loopback, with the UI, and keeps its data under var/.
    """
    exits.run(_check() if check else _worker(port, ui_port))


if __name__ == "__main__":
    typer.run(main)
