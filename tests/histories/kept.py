"""What releases left of their claims: a history for each run, and the claim that it ends with.

<release>/<story>-<run>.json        the history, as Temporal exports it
<release>/<story>-<run>.dump.json   the claim after it, as that release knew it
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from temporalio.client import WorkflowHistory
from temporalio.workflow import NondeterminismError

from cpor.rules.facts import STORED, under
from cpor.rules.state import State
from tests.workflows.replayed import claim_after

HERE = Path(__file__).parent
DUMP = ".dump.json"
MOST_SHOWN = 10


def histories(release: str = "*") -> Sequence[Path]:
    return sorted(each for each in HERE.glob(f"{release}/*.json") if not each.match(f"*{DUMP}"))


def dump_of(history: Path) -> Path:
    return history.with_name(f"{history.stem}{DUMP}")


async def claim_in(history: Path) -> str:
    """The claim that today's code makes of a kept history, as JSON."""
    text = history.read_text("utf-8")
    began = json.loads(text)["events"][0]["workflowExecutionStartedEventAttributes"]
    return await claim_after(WorkflowHistory.from_json(began["workflowId"], text))


async def differences(history: Path) -> Sequence[str]:
    """What today's code makes of a kept history otherwise, a line each; none when all is well."""
    try:
        replayed = await claim_in(history)
    except NondeterminismError as error:
        return [f"commands: {error}"]
    then = dump_of(history).read_text("utf-8")
    # A field that came later has its default, as it has for a claim that goes on in a new run.
    known = State.model_validate_json(then, context=under(STORED)).model_dump_json()
    before, after = dict(_leaves(json.loads(known))), dict(_leaves(json.loads(replayed)))
    return [
        f"claim{place}: was {_short(before.get(place))}, is {_short(after.get(place))}"
        for place in dict.fromkeys([*before, *after])
        if before.get(place) != after.get(place)
    ][:MOST_SHOWN]


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, object]]:
    """Each single value, by the way that leads to it."""
    match value:
        case dict() | list() if value:
            inside = cast("dict[str, Any] | list[Any]", value)
            for name, each in inside.items() if isinstance(inside, dict) else enumerate(inside):
                yield from _leaves(each, f"{place}.{name}")
        case _:
            yield place, value


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 80 else f"{text[:76]} ..."
