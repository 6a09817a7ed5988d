"""Runs the worker: against the configured Temporal, or with an engine of its own."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys
from collections.abc import Coroutine
from datetime import timedelta
from functools import partial
from typing import Annotated, Any, NoReturn

import typer
from temporalio.client import Client
from temporalio.common import MetricMeter

from activities import Activities
from activities.mail.smtp import MailConnection
from activities.virus_scanner import VirusScanner
from cpor import exits, local_mailbox, local_page, worker_key
from cpor.alongside import alongside
from cpor.cli.output import findings
from cpor.client import after_restore, leftovers
from cpor.client.client import ClaimsClient
from cpor.client.errors import EngineUnreachable, PortalError
from cpor.engine import EngineError
from cpor.local_temporal import Temporal, temporal
from cpor.mailbox_errors import MailboxError
from cpor.monitoring import Unusable, checks, claim_counts, health, logs, metrics
from cpor.private_files import keep_private
from cpor.proofs import KeyUnusable, Signer
from cpor.settings import MailServer, Settings, SettingsError
from cpor.signals import Stop
from cpor.store import Store, StoreError
from workflows.worker import GRACE, claims_worker, set_current_command

LONGEST_STOP = GRACE + timedelta(seconds=5)
"""The rest is for what ends after the worker: connections, local mailbox, engine."""
USER_ERRORS = (
    SettingsError,
    KeyUnusable,
    Unusable,
    EngineError,
    PortalError,
    StoreError,
    MailboxError,
)


def main(
    port: Annotated[int, typer.Option(help="Port of the embedded engine.")] = 7233,
    ui_port: Annotated[int, typer.Option(help="Port of its web UI.")] = 8233,
    check: Annotated[
        bool, typer.Option("--check", help="Check every configured service, then exit.")
    ] = False,
) -> None:
    """Run a worker for claims.

    Where Temporal is configured (TEMPORAL_ADDRESS or temporal.toml) it works for that. Otherwise it
    starts an engine of its own on loopback, with the UI, and keeps its data under var/.
    """
    keep_private()
    exits.run(_check() if check else _run(port, ui_port))


async def _run(port: int, ui_port: int) -> NoReturn:
    # Not returned to `asyncio.run`, which would wait for tasks and threads that hang.
    exits.leave(await _exit_code(port, ui_port))


async def _exit_code(port: int, ui_port: int) -> int:
    output = logs.standard_output()
    try:
        settings = Settings.load()
        output = logs.configure(settings)
        meter = metrics.start_runtime(settings.metrics_address, metrics.WORKERS).metric_meter
        stop = Stop()
        work = _work(settings, meter, port, ui_port, output, stop)
        return await _until_stopped(work, output, stop)
    except USER_ERRORS as error:
        output.error(str(error))
        return exits.UNREACHABLE if isinstance(error, EngineUnreachable) else exits.BROKEN


async def _until_stopped(work: Coroutine[Any, Any, None], output: logs.Output, stop: Stop) -> int:
    """Run until told to stop, which may be during the start; then finish what runs."""
    working = asyncio.create_task(work)
    await asyncio.wait({working, stop.requested}, return_when=asyncio.FIRST_COMPLETED)
    if working.done():
        await working
        return 0
    if failure := stop.requested.result():
        output.error(str(failure))
    output.info(f"Finishing what runs, {GRACE.seconds} s at most.")
    working.cancel()
    await asyncio.wait(
        {working, stop.hurried},
        timeout=LONGEST_STOP.total_seconds(),
        return_when=asyncio.FIRST_COMPLETED,
    )
    if not working.done():
        output.info("Left before all was finished: Temporal hands it out again.")
    elif not failure:
        with contextlib.suppress(asyncio.CancelledError):
            await working
    return exits.BROKEN if failure else 0


async def _work(
    settings: Settings, meter: MetricMeter, port: int, ui_port: int, output: logs.Output, stop: Stop
) -> None:
    async with health.serving(settings.health_address) as shown:
        await checks.require_store(settings.store_url)
        async with (
            local_mailbox.unless_configured(settings, output.info) as settings,
            temporal(settings, port, ui_port, output.info) as found,
            local_page.unless_configured(settings, found.client, output.info) as settings,
            Activities(worker_key.unless_configured(settings, output.info)) as activities,
            alongside(_end_with(found, stop)),
        ):
            working = partial(
                claims_worker,
                found.client,
                activities.all,
                activities.stamps,
                build_id=settings.build_id,
                judge=activities.proofs,
                cached_claims=settings.cached_claims,
            )
            claims = _claims(settings, found.client)
            if settings.after_restore is not None:
                output.info("Comparing the claims with the store; nothing is sent before.")
                async with working(answers_only=True):
                    await after_restore.compare(claims, settings.after_restore)
            async with (
                working() as worker,
                claim_counts.counting(settings, found.client, meter),
                leftovers.sweeping(claims),
            ):
                while not worker.is_running:
                    await asyncio.sleep(0.01)
                with shown.working(lambda: health.not_polling(worker)):
                    if settings.build_id:
                        output.info(
                            f"Claims come to it after: {set_current_command(settings.build_id)}"
                        )
                    output.info("Working. Ctrl-C ends it.")
                    await asyncio.Event().wait()


async def _end_with(found: Temporal, stop: Stop) -> None:
    stop.request(await found.engine_failed)


def _claims(settings: Settings, client: Client) -> ClaimsClient:
    signer = Signer.from_file(settings.signing_key) if settings.signing_key else None
    return ClaimsClient(client, Store.open(settings.store_url), signer=signer)


async def _check() -> int:
    found = await checks.run(try_mail_server, try_virus_scanner)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    logs.standard_output().info(findings.table(found, width))
    return exits.BROKEN if any(each.remedy for each in found) else 0


async def try_mail_server(server: MailServer) -> str:
    connection = MailConnection(server)
    try:
        return await connection.try_out()
    finally:
        await connection.close()


async def try_virus_scanner(address: str) -> str:
    return await VirusScanner(address).version()


if __name__ == "__main__":
    typer.run(main)
