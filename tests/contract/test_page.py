"""`docs/contract.md` says what the program does, and its examples are run as they stand there."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import shutil
import signal
import sys
import tomllib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
import rfc8785

from activities import Activities
from cpor.contract import search_attributes
from cpor.contract.schemas import THINGS
from cpor.rules import catalogue, editions, facts, messages
from cpor.rules.claim import Claim
from cpor.rules.errors import Code
from docs.generate import contract
from tests.workflows.world import World

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/contract.md").read_text("utf-8")
ENOUGH = 300.0


def example(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)
    return found


def first_column(heading: str) -> list[str]:
    """Of the table that has this heading."""
    table = PAGE.partition(f"| {heading} |")[2].partition("\n\n")[0]
    return re.findall(r"^\| (.+?) \|", table, re.M)[1:]


# What it says


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("message", messages.MESSAGES),
        ("code", get_args(Code)),
        ("name | type", [key.name for key in search_attributes.ALL]),
    ],
)
def test_a_table_names_all_there_are_and_no_others(heading: str, names: Any) -> None:
    assert sorted(first_column(heading)) == sorted(f"`{name}`" for name in names)


def test_products_are_those_of_the_catalogue_under_their_programs() -> None:
    catalogue_file = Path(catalogue.__file__).with_name("catalogue.toml")
    families = tomllib.loads(catalogue_file.read_text("utf-8"))["family"]
    for family in families:
        programs = ", ".join(f"`{program}`" for program in family["programs"])
        products = ", ".join(product["name"] for product in family["products"])
        assert f"| {programs} | {products} |" in PAGE


def test_bounds_and_names_are_those_of_the_rules() -> None:
    for name in editions.names():
        assert f"`{name}`" in PAGE
    for program, activities in facts.ACTIVITIES.items():
        assert f"`{program}`" in PAGE
        assert all(f"`{activity}`" in PAGE for activity in activities)
    types = ", ".join(facts.FILE_TYPES[:-1])
    assert f"{types} and {facts.FILE_TYPES[-1]}." in " ".join(PAGE.split())
    assert f"at most {facts.MOST_FILES} files" in PAGE
    assert f"1 to {facts.MOST_PRODUCTS} products" in PAGE
    assert f"{facts.MOST_FILE_BYTES // 1024**2} MiB" in PAGE


def test_every_kind_of_schema_is_linked() -> None:
    linked = set(re.findall(r"\(contract/([\w.-]+)\.schema\.json\)", PAGE))
    kinds = {name.partition(".")[0] for name in linked}
    assert kinds == {thing.name.partition(".")[0] for thing in THINGS}


def test_the_generated_tables_are_what_the_code_makes_of_them() -> None:
    stale = [file.name for file, text in contract.written() if file.read_text("utf-8") != text]
    assert not stale, "make them anew with: uv run python -m docs.generate.contract"


def test_each_code_asks_one_thing_of_a_client() -> None:
    table = PAGE.partition("| code |")[2].partition("\n\n")[0]
    asked = [line.split(" | ")[2] for line in table.splitlines()[2:]]
    assert len(asked) == len(get_args(Code))
    assert set(asked) == {"retry", "show", "stop"}


# What it shows


@pytest.fixture
async def at_work(idle_world: World) -> AsyncIterator[World]:
    """A worker as `worker.py` is one: on the queue that the page names, its store in var/store."""
    store = {"store_url": str(idle_world.folder / "var/store")}
    settings = idle_world.settings.model_copy(update=store)
    world = replace(idle_world, settings=settings, task_queue="claims")
    async with Activities(settings) as activities, world.working(activities):
        yield world


async def printed(world: World, *command: str) -> str:
    """What it prints, in the worker's folder and with the engine's address in the usual place."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=world.folder,
        env={
            **os.environ,
            "TEMPORAL_ADDRESS": world.client.service_client.config.target_host,
            "TEMPORAL_NAMESPACE": world.client.namespace,
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    reading = asyncio.create_task(process.communicate())
    if not (await asyncio.wait({reading}, timeout=ENOUGH))[0]:
        process.send_signal(signal.SIGABRT)  # a Python says then where it stands
    out, err = await reading
    assert process.returncode == 0, f"{out.decode()}\n{err.decode()}"
    return out.decode()


def in_order(text: str, *parts: str) -> Iterator[bool]:
    for part in parts:
        _, found, text = text.partition(part)
        yield bool(found)


async def test_the_python_example_runs_without_this_project(at_work: World) -> None:
    program = at_work.folder / "example.py"
    program.write_text(example("python"), "utf-8")
    said = await printed(at_work, sys.executable, "-I", "-X", "faulthandler", str(program))
    assert all(
        in_order(
            said,
            "The review has begun.",
            "Approved. The customer is being told.",
            "invalid reasons: is needed ({'field': 'reasons', 'text': 'is needed'},)",
            "Approved customer ",
            "1 ",
            "opened the claim",
        )
    ), said


@pytest.mark.skipif(
    not all(map(shutil.which, ("temporal", "sha256sum", "jq"))),
    reason="the commands `temporal`, `sha256sum` and `jq` are not all on PATH",
)
async def test_the_examples_of_the_temporal_command_run(at_work: World) -> None:
    shutil.copytree(ROOT / "examples", at_work.folder / "examples")
    said = await printed(at_work, "sh", "-eu", "-c", example("sh"))
    assert all(
        in_order(
            said,
            "The review has begun.",
            "Approved. The customer is being told.",
            '"id":"m-2"',
            '"outcome":"accepted"',
            "opened the claim",
            '"status": "Approved"',
        )
    ), said


SAID_BY_EXAMPLES = (
    "The review has begun.",
    "Approved. The customer is being told.",
    "invalid reasons: is needed",
    "Approved customer",
)


@pytest.mark.thorough
@pytest.mark.skipif(not shutil.which("go"), reason="there is no `go` on PATH")
async def test_the_go_example_runs_and_names_the_opening_in_the_memo(at_work: World) -> None:
    shutil.copytree(ROOT / "examples/portal-go", at_work.folder / "go")
    for source in (at_work.folder / "go").glob("*.go"):
        source.unlink()
    (at_work.folder / "go/main.go").write_text(example("go"), "utf-8")
    await printed(at_work, "go", "build", "-C", "go", "-mod=mod", "-o", "../example", ".")
    said = await printed(at_work, str(at_work.folder / "example"))
    assert all(in_order(said, *SAID_BY_EXAMPLES)), said
    await _says_what_it_was_opened_with(at_work, "CPOR-IN-GO")


@pytest.mark.thorough
@pytest.mark.skipif(not shutil.which("go"), reason="there is no `go` on PATH")
async def test_the_portal_in_go_is_tested_and_runs_by_the_command_on_the_page(
    at_work: World,
) -> None:
    (command,) = re.findall(r"`(go run -C examples/portal-go .*?)`", PAGE)
    for folder in ("examples", "docs/contract/proofs"):
        shutil.copytree(ROOT / folder, at_work.folder / folder)
    await printed(at_work, "go", "test", "-C", "examples/portal-go", "./...")
    said = await printed(at_work, *command.split())
    assert all(in_order(said, "The review has begun.", "Approved. The customer is being told.")), (
        said
    )


@pytest.mark.thorough
@pytest.mark.skipif(not shutil.which("npm"), reason="there is no `npm` on PATH")
async def test_the_typescript_example_runs_and_names_the_opening_in_the_memo(
    at_work: World,
) -> None:
    folder = at_work.folder
    (folder / "package.json").write_text(json.dumps({"type": "module"}), "utf-8")
    (folder / "example.ts").write_text(example("ts"), "utf-8")
    packages = ("@temporalio/client@1", "@temporalio/common@1", "tsx@4")
    await printed(at_work, "npm", "install", "--no-audit", "--no-fund", *packages)
    said = await printed(at_work, "npx", "tsx", "example.ts")
    assert all(in_order(said, *SAID_BY_EXAMPLES)), said
    await _says_what_it_was_opened_with(at_work, "CPOR-IN-TYPESCRIPT")


async def _says_what_it_was_opened_with(world: World, claim_id: str) -> None:
    """As the page recommends: a start that is sent again finds out that it was its own."""
    handle = world.client.get_workflow_handle(claim_id)
    description = await handle.describe()
    started = (await handle.fetch_history()).events[0].workflow_execution_started_event_attributes
    sent = json.loads(started.input.payloads[0].data)
    digest = hashlib.sha256(rfc8785.dumps(sent)).hexdigest()
    assert await description.memo_value("opening") == digest
    assert await description.static_summary() == "osu-m365 · Teams"
    claim = Claim.open(sent, datetime.now(UTC)).state
    indexed = started.search_attributes.indexed_fields
    given = {name: json.loads(payload.data) for name, payload in indexed.items()}
    assert given == search_attributes.by_name(search_attributes.of(claim))
