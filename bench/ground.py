"""An engine of its own, and on it all subjects at work."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from bench.journey import Traveller
from bench.subjects import Subjects, at_work
from cpor import engine
from cpor.contract import search_attributes

NAMESPACE = "bench"


@asynccontextmanager
async def ground() -> AsyncGenerator[tuple[Traveller, Subjects, int]]:
    """Also the process id of the engine, whose CPU is counted."""
    async with engine.running(port=0, ui_port=None) as running:
        traveller = await Traveller.connect(running.address, NAMESPACE)
        await engine.register(
            traveller.client, retention=timedelta(days=1), attributes=search_attributes.ALL
        )
        with tempfile.TemporaryDirectory() as folder:
            async with at_work(traveller.client, Path(folder)) as subjects:
                yield traveller, subjects, running.pids["server"]
