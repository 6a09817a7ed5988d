"""A sandbox for those who build a portal: all of it runs, nothing leaves, and time is skipped."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper

from cpor.client import ids
from cpor.client.errors import PortalError
from cpor.rules.errors import problems
from cpor.settings.value_types import WebAddress
from cpor.signals import Stop
from demo.stage import Plan, own_settings, stage

FOLDER = Path("var/sandbox")
UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}


class SandboxError(PortalError):
    """The text says why, and what to do."""


async def run(port: int, ui_port: int, events_to: str | None, tell: Callable[[str], None]) -> None:
    """Until Ctrl-C or SIGTERM. It begins empty, so that every id may be used again."""
    settings = own_settings(FOLDER, portal_events_url=_address(events_to))
    await asyncio.to_thread(shutil.rmtree, FOLDER, ignore_errors=True)
    plan = Plan(FOLDER, port=port, ui_port=ui_port)
    async with stage(plan, settings, tell) as scene:
        tell(f"Mails are put into {scene.mailbox}, what is handed off into {scene.outbox}.")
        tell("For a portal, its tests and starter.py in another terminal:")
        tell(f"  export TEMPORAL_ADDRESS={scene.temporal.address}")
        tell(f"  export CLAIMS_STORE_URL={FOLDER / 'store'}")
        tell("Let a claim's time pass with: uv run starter.py advance CLAIM 8d")
        stop = Stop()
        tell("Ready, until Ctrl-C.")
        await asyncio.wait({scene.died, stop.requested}, return_when=asyncio.FIRST_COMPLETED)
        if scene.died.done():
            raise scene.died.result()


def _address(url: str | None) -> str | None:
    try:
        return TypeAdapter[str | None](WebAddress | None).validate_python(url)
    except ValidationError as error:
        raise SandboxError(f"--events-to: {problems(error)[0]}") from None


def span(text: str) -> timedelta:
    """Such as 8d, 12h or 30m."""
    found = re.fullmatch(r"([1-9][0-9]{0,3})([dhm])", text)
    if found is None:
        raise SandboxError(f"{text!r} is no time to skip; write it as 8d, 12h or 30m")
    return int(found[1]) * UNITS[found[2]]


async def advance(client: Client, claim_id: str, time: timedelta) -> datetime | None:
    """Skip so much of a claim's time; its own now afterwards, or None where it ended before."""
    skipper, handle = TimeSkipper(client), client.get_workflow_handle(ids.checked(claim_id))
    try:
        if not await skipper.fast_forward(handle, time):
            return None
        return await skipper.get_current_time(handle)
    except RPCError as error:
        raise SandboxError(
            f"The time of {claim_id} cannot be skipped: {error.message}. "
            "Only an engine of `starter.py sandbox` skips time, and only of claims that run."
        ) from None
