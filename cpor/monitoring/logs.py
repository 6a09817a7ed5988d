"""Log lines: readable, or a JSON object each. They carry ids, never what people wrote.

Nothing that others log is trusted with that. Of an exception only its kinds and places are told,
for its text may quote a message; of a message only its first line, for what follows may be a value.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from temporalio import activity, workflow

from cpor.settings import Settings

MOST_CHARACTERS = 500
OURS = ("activities", "cpor")
_TOLD = ("message_id", "code")
"""What a line may carry besides the ids found where it is written; given as `extra`."""
_OF_THE_SDK = ("error", "run_id", "task_queue")
"""Of what the SDK's core would tell: not a failure, which may hold what a message said."""

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


@dataclass(frozen=True)
class Voice:
    """How a process speaks to people: what goes on, and why it ends."""

    tell: Callable[[str], None]
    fail: Callable[[str], None]


def plain() -> Voice:
    return Voice(lambda text: _line(sys.stdout, text), lambda text: _line(sys.stderr, text))


def begin(settings: Settings) -> Voice:
    """Write the log of this process as the settings say. As JSON, all that it says is in there."""
    as_json = settings.log_format == "json"
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if as_json else Lines())
    handler.addFilter(_identified)
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    # Below info, libraries write down what goes through them.
    logging.basicConfig(level=max(level, logging.INFO), handlers=[handler], force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(True)
    # Of a line that cannot be written, the library would print all that was to be in it.
    logging.raiseExceptions = False
    activity.logger.activity_info_on_message = False
    workflow.logger.workflow_info_on_message = False
    if not as_json:
        return plain()
    log = logging.getLogger("worker")
    log.setLevel(logging.INFO)
    return Voice(_each_line(log.info), _each_line(log.error))


class Lines(logging.Formatter):
    """For people."""

    def format(self, record: logging.LogRecord) -> str:
        words = [f"{_time(record)} {record.levelname} {record.name} {said(record)}"]
        words += [f"{name}={value}" for name, value in _ids(record).items()]
        places = (f"\n  {place}" for place in _trouble(record))
        return " ".join(words) + "".join(places)


class JsonLines(logging.Formatter):
    """For programs."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": said(record),
            **_ids(record),
        }
        if trouble := list(_trouble(record)):
            line["error"] = trouble
        return json.dumps(line, ensure_ascii=False)


def said(record: logging.LogRecord) -> str:
    try:
        text = record.getMessage()
    except (TypeError, ValueError):
        text = str(record.msg)
    first = (text.splitlines() or [""])[0]
    core = record.__dict__.get("temporal_log")
    known: Mapping[str, Any] = core.fields if core is not None else {}
    told = "".join(f" {name}={known[name]}" for name in _OF_THE_SDK if name in known)
    return f"{first}{' '.join(told.splitlines())}"[:MOST_CHARACTERS]


def places(error: BaseException | None) -> Iterator[str]:
    """The kinds of an error and of what caused it, and where each came up, without their texts."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield type(error).__name__
        for frame in traceback.extract_tb(error.__traceback__):
            yield f"at {frame.filename}:{frame.lineno} in {frame.name}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _identified(record: logging.LogRecord) -> bool:
    """What only whoever writes the line can tell: for which claim, and for which debt."""
    found: dict[str, object] = {}
    if activity.in_activity():
        info = activity.info()
        found["claim"] = info.workflow_id
        if not info.is_local:
            found["debt"] = info.activity_id
            found["try"] = info.attempt
    elif workflow.in_workflow():
        found["claim"] = workflow.info().workflow_id
    record.ids = found | {name: vars(record)[name] for name in _TOLD if name in vars(record)}
    return True


def _ids(record: logging.LogRecord) -> Mapping[str, Any]:
    return vars(record).get("ids", {})


def _trouble(record: logging.LogRecord) -> Iterator[str]:
    if record.exc_info:
        yield from places(record.exc_info[1])


def _time(record: logging.LogRecord) -> str:
    at = datetime.fromtimestamp(record.created, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _each_line(say: Callable[[str], None]) -> Callable[[str], None]:
    def tell(text: str) -> None:
        for line in text.splitlines():
            say(line)

    return tell


def _line(stream: Any, text: str) -> None:
    stream.write(f"{text}\n")
    stream.flush()
