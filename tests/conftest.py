"""One engine for the whole session; each test has its own task queue, mailbox and folders."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import hypothesis
import pytest
from temporalio.client import Client

from activities import Activities
from cpor import engine, exits
from cpor.engine import servers
from tests import engines
from tests.workflows.world import KEY, LONG_HISTORY, World, a_world

EXIT_CODE = pytest.StashKey[int]()

hypothesis.settings.register_profile(
    "busy machines", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("busy machines")


QUICK_FOLDERS = ("contract", "house", "settings", "activities", "rules")
"""They come last: many short files keep every processor busy until all is done."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--thorough",
        action="store_true",
        help="run also the tests that try very many cases; alone with: --thorough -m thorough",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Keeps compiled modules: the tests start hundreds of processes that import the same ones.

    Memory is looked through less often than by default, here and in the engines (GOGC): what the
    tests leave behind is little, and what there is to look through is much.
    """
    gc.set_threshold(50_000, 20, 20)
    os.environ.setdefault("GOGC", "400")
    os.environ.setdefault("CLAIMS_WORKER_KEYS", KEY)
    pytest.register_assert_rewrite("cpor.simulation")
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        sys.pycache_prefix = str(config.rootpath / ".pytest_cache/compiled")
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix
        sys.dont_write_bytecode = False


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    quick = [config.rootpath / "tests" / folder for folder in QUICK_FOLDERS]
    items.sort(key=lambda item: item.path.parent in quick)
    if not config.getoption("--thorough"):
        thorough = [item for item in items if item.get_closest_marker("thorough")]
        config.hook.pytest_deselected(items=thorough)
        items[:] = [item for item in items if not item.get_closest_marker("thorough")]


def pytest_collection_finish() -> None:
    """All that was collected stays until the end."""
    gc.freeze()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if not config.getoption("--thorough"):
        terminalreporter.write_line("Tests marked `thorough` were left out; --thorough runs them.")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """All tests are shared out by file, to two more processes than there are processors, because
    tests also wait; a few start sooner in one process."""
    everything = config.args == config.getini("testpaths")
    return (os.cpu_count() or 1) + 2 if everything else 0


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[EXIT_CODE] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Like every process that used a Temporal client, the test run leaves without a shutdown."""
    exits.leave(config.stash.get(EXIT_CODE, 0))


@pytest.fixture(scope="session")
async def temporal() -> AsyncIterator[engine.Engine]:
    """A real Temporal engine that can skip time, and has enough of a long history soon."""
    config = {**servers.DYNAMIC_CONFIG, "limit.historyCount.suggestContinueAsNew": LONG_HISTORY}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(servers, "DYNAMIC_CONFIG", config)
        async with engine.running(port=0, ui_port=None, time_skipping=True) as running:
            yield running


@pytest.fixture(scope="session")
async def client(temporal: engine.Engine) -> Client:
    return await engines.registered(await engines.connected(temporal.address))


@pytest.fixture
async def idle_world(client: Client, tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(client, tmp_path) as world:
        yield world


@pytest.fixture
async def world(idle_world: World) -> AsyncIterator[World]:
    async with Activities(idle_world.settings) as activities, idle_world.working(activities):
        yield idle_world
