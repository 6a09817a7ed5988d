"""Starts an engine and ends it with the block or the process that needs it."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import tempfile
from collections.abc import AsyncGenerator, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from temporalio.api.workflowservice.v1 import GetClusterInfoRequest
from temporalio.client import Client
from temporalio.service import RPCError

from cpor.engine import front_door
from cpor.engine.cache import Tell, take_lock
from cpor.engine.errors import (
    DataInUse,
    DataUnusable,
    EngineFailed,
    EngineNotFound,
    EngineUnfit,
    NotObtained,
    tail,
)
from cpor.engine.find import REMEDY, candidates
from cpor.engine.front_door import Address
from cpor.engine.ports import LOOPBACK, next_free_port
from cpor.engine.probe import RPC_LIMIT, SYSTEM_NAMESPACE, skips_time, until_success
from cpor.engine.processes import Ended, Supervised
from cpor.engine.servers import Place, Server

T = TypeVar("T")

DEFAULT_PORT: Final = 7233
DEFAULT_UI_PORT: Final = 8233
START_LIMIT: Final = 60.0
"""Seconds; a start takes one on an idle machine."""
DATA_LIMIT: Final = 20.0
"""Seconds for an engine to release its data after its parent process was killed."""
STOLEN_PORT: Final = "address already in use"
STARTS: Final = 3


@dataclass(frozen=True)
class Engine:
    address: str
    ui: str | None
    origin: str
    """Version and origin, for people."""
    notes: Sequence[str]
    """What differs from the request, for people: other ports, engines that were skipped."""
    log: Path
    pids: Mapping[str, int]
    died: asyncio.Future[EngineFailed]
    """Done when the engine ends by itself; cancelled when it is stopped."""


@dataclass(frozen=True)
class Request:
    data: Path | None
    port: int
    ui_port: int | None
    time_skipping: bool
    held: Sequence[int]
    tell: Tell
    notes: list[str] = field(default_factory=list[str])

    def note(self, text: str) -> None:
        self.notes.append(text)
        self.tell(text)

    def note_other_port(self, wanted: int, chosen: int) -> None:
        if wanted and wanted != chosen:
            self.note(f"port {wanted} is taken, using {chosen}")


@contextlib.asynccontextmanager
async def running(
    *,
    data: Path | None = None,
    port: int = DEFAULT_PORT,
    ui_port: int | None = DEFAULT_UI_PORT,
    time_skipping: bool = False,
    tell: Tell = print,
) -> AsyncGenerator[Engine]:
    """Run the first engine that works, on loopback, until the end of the block or this process.

    Without `data` nothing is kept. Port 0 is any free port; instead of a port in use, the next free
    one is taken. Without `ui_port` there is no UI.
    """
    async with contextlib.AsyncExitStack() as stack:
        held: Sequence[int] = ()
        if data:
            data = Path.cwd() / data
            held = (await stack.enter_async_context(_sole_use(data, tell)),)
        request = Request(data, port, ui_port, time_skipping, held, tell)
        group, engine, ui = await _first_that_fits(request)
        stack.push_async_callback(group.stop)
        if ui:
            engine = replace(engine, ui=await stack.enter_async_context(_shown(ui, request)))
        yield replace(engine, notes=tuple(request.notes))


@contextlib.asynccontextmanager
async def _shown(ui: Address, request: Request) -> AsyncGenerator[str]:
    """Where the UI is to be seen."""
    wanted = request.ui_port or 0
    for _ in range(STARTS):
        port = next_free_port(wanted)
        async with contextlib.AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(front_door.open_before(ui, port))
            except OSError:
                continue
            request.note_other_port(wanted, port)
            yield f"http://{LOOPBACK}:{port}"
            return
    raise EngineNotFound(f"No port from {wanted} on is free for the engine's UI.")


Started = tuple[Supervised, Engine, Address | None]


async def _first_that_fits(request: Request) -> Started:
    fresh = request.data is not None and not request.data.exists()
    tried: list[str] = []
    async for candidate in candidates():
        try:
            server = await candidate.obtain(request.tell)
            return await _start(server, candidate.origin, request)
        except NotObtained as error:
            tried.append(str(error))
            request.tell(str(error))
        except (EngineUnfit, EngineFailed) as error:
            if fresh and request.data:
                _remove_database(request.data)
            passed_over = f"the engine {candidate.origin} is passed over: {error}"
            tried.append(passed_over)
            request.note(passed_over)
    raise EngineNotFound(f"No Temporal engine can be found: {'; '.join(tried)}. {REMEDY}")


async def _start(server: Server, origin: str, request: Request) -> Started:
    for _ in range(STARTS - 1):
        try:
            return await _start_once(server, origin, request)
        except EngineFailed as error:
            # Another process may take a port after we have found it free.
            if STOLEN_PORT not in tail(error.log):
                raise
    return await _start_once(server, origin, request)


async def _start_once(server: Server, origin: str, request: Request) -> Started:
    folder = Path(tempfile.mkdtemp(prefix="temporal-engine-"))
    port = next_free_port(request.port)
    request.note_other_port(request.port, port)
    ui = None if request.ui_port is None else front_door.out_of_sight()
    place = Place(port, ui, data=request.data, folder=folder)
    log = _fresh_log(request.data) if request.data else folder / "engine.log"
    processes = server.processes(place)
    group = await Supervised.start(processes, folder=folder, log=log, held=request.held)
    try:
        version = await _unless_it_dies(group, _until_ready(place, request.time_skipping))
    except BaseException as error:
        await group.stop(keep_log=not isinstance(error, EngineUnfit))
        if isinstance(error, TimeoutError):
            raise EngineFailed(f"it isn't ready after {START_LIMIT:.0f} s", log) from error
        raise
    engine = Engine(
        address=place.address,
        ui=None,
        origin=f"Temporal {version}, {origin}",
        notes=(),
        log=log,
        pids=group.pids,
        died=asyncio.ensure_future(_death(group)),
    )
    return group, engine, ui


async def _until_ready(place: Place, time_skipping: bool) -> str:
    """Returns the version that the server reports."""

    async def knock_at(ui: Address) -> None:
        _, writer = await asyncio.open_connection(ui.host, ui.port)
        writer.close()

    async with asyncio.timeout(START_LIMIT):
        client = await until_success(
            lambda: Client.connect(place.address, namespace=SYSTEM_NAMESPACE), START_LIMIT
        )
        if ui := place.ui:
            await until_success(lambda: knock_at(ui), START_LIMIT)
        if time_skipping and not await until_success(lambda: skips_time(client), START_LIMIT):
            raise EngineUnfit("it can't skip time")
        info = await client.workflow_service.get_cluster_info(
            GetClusterInfoRequest(), retry=True, timeout=RPC_LIMIT
        )
        return info.server_version


async def _unless_it_dies(group: Supervised, work: Coroutine[Any, Any, T]) -> T:
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task, group.ended}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise _failure(group.ended.result(), group.log)
    except RPCError as error:
        raise EngineFailed(f"it answers with an error ({error})", group.log) from error
    finally:
        task.cancel()


async def _death(group: Supervised) -> EngineFailed:
    # Cancelling this must not cancel what the group itself waits for.
    return _failure(await asyncio.shield(group.ended), group.log)


def _failure(ended: Ended, log: Path) -> EngineFailed:
    return EngineFailed(f"The Temporal engine's process {ended.name!r} {ended.how}", log)


@contextlib.asynccontextmanager
async def _sole_use(data: Path, tell: Tell) -> AsyncGenerator[int]:
    """A lock on the data file. The engine's processes inherit it and keep it until they end."""
    try:
        data.parent.mkdir(parents=True, exist_ok=True)
        lock = data.with_name(f"{data.name}.lock").open("w")
    except OSError as error:
        raise DataUnusable(f"The data file {data} can't be written: {error}") from error
    with lock:
        try:
            async with asyncio.timeout(DATA_LIMIT):
                await take_lock(lock.fileno(), lambda: tell(f"{data} is in use; waiting"))
        except TimeoutError as error:
            raise DataInUse(
                f"Another engine works on {data}: end it, or choose another data file."
            ) from error
        try:
            forget_members(data)
        except sqlite3.Error as error:
            raise DataUnusable(f"The data file {data} can't be used: {error}") from error
        yield lock.fileno()


def forget_members(data: Path) -> None:
    """Remove the cluster members that a killed engine has left. The data file must be locked.

    Otherwise the new engine tries their ports for most of a minute and hands out no work.
    """
    if not data.exists():
        return
    with contextlib.closing(sqlite3.connect(data)) as database, database:
        if database.execute(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'cluster_membership'"
        ).fetchone():
            database.execute("DELETE FROM cluster_membership")


def _fresh_log(data: Path) -> Path:
    log = data.with_suffix(".log")
    if log.exists():
        log.replace(data.with_suffix(".before.log"))
    return log


def _remove_database(data: Path) -> None:
    """Remove what a skipped engine has written: the next one may not be able to read it."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        data.with_name(data.name + suffix).unlink(missing_ok=True)
