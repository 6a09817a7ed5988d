"""The log: lines of text, or a JSON object each. They carry ids, never what people wrote.

Libraries log too, so this is enforced here. Of an exception only types and places are logged,
because its text may quote a message; of a log message only the first line, because values may
follow.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from temporalio import activity, workflow

from cpor.rules.characters import is_printable
from cpor.settings import Settings

MOST_CHARACTERS = 500
OURS = ("activities", "cpor")
_EXTRAS = ("message_id", "code")
"""What `extra` may add to a line, besides the ids that are found automatically."""
_CORE_FIELDS = ("error", "run_id", "task_queue")
"""Fields of the SDK core that are kept. Others, such as failures, may quote messages."""


@dataclass(frozen=True)
class Output:
    """What a program prints for people: what it does, and why it failed."""

    info: Callable[[str], None]
    error: Callable[[str], None]


def standard_output() -> Output:
    return Output(lambda text: _line(sys.stdout, text), lambda text: _line(sys.stderr, text))


def configure(settings: Settings) -> Output:
    """Set up the log of this process. In JSON format, its output goes into the log, too."""
    as_json = settings.log_format == "json"
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if as_json else Lines())
    handler.addFilter(_identified)
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    # At debug level, libraries log the data that passes through them.
    logging.basicConfig(level=max(level, logging.INFO), handlers=[handler], force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(True)
    # Otherwise `logging` prints the whole content of a line that cannot be written.
    logging.raiseExceptions = False
    activity.logger.activity_info_on_message = False
    workflow.logger.workflow_info_on_message = False
    if not as_json:
        return standard_output()
    log = logging.getLogger("worker")
    log.setLevel(logging.INFO)
    return Output(_each_line(log.info), _each_line(log.error))


class Lines(logging.Formatter):
    """For people."""

    def format(self, record: logging.LogRecord) -> str:
        words = [f"{_time(record)} {record.levelname} {record.name} {_message(record)}"]
        words += [f"{name}={value}" for name, value in _ids(record).items()]
        errors = (f"\n  {_escaped(each)}" for each in _errors(record))
        return _escaped(" ".join(words)) + "".join(errors)


class JsonLines(logging.Formatter):
    """For programs."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
            **_ids(record),
        }
        if errors := list(_errors(record)):
            line["error"] = errors
        return json.dumps(line)


def _escaped(line: str) -> str:
    """Nobody who chose an id or a name begins a new line with it, or turns the text of this one."""
    return "".join(
        char if is_printable(char) else char.encode("unicode_escape", "replace").decode()
        for char in line
    )


def _message(record: logging.LogRecord) -> str:
    """The first line, cut, with the fields of the SDK core."""
    try:
        text = record.getMessage()
    except (TypeError, ValueError):
        text = str(record.msg)
    first = (text.splitlines() or [""])[0]
    core = record.__dict__.get("temporal_log")
    known: Mapping[str, Any] = core.fields if core is not None else {}
    fields = "".join(f" {name}={known[name]}" for name in _CORE_FIELDS if name in known)
    return f"{first}{' '.join(fields.splitlines())}"[:MOST_CHARACTERS]


def _places(error: BaseException | None) -> Iterator[str]:
    """The types of an error and of its causes, and where each was raised, without their texts."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield type(error).__name__
        for frame in traceback.extract_tb(error.__traceback__):
            yield f"at {frame.filename}:{frame.lineno} in {frame.name}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _identified(record: logging.LogRecord) -> bool:
    """Add the claim and the debt to the line: they are known only where it is written."""
    found: dict[str, object] = {}
    if activity.in_activity():
        info = activity.info()
        found["claim"] = info.workflow_id
        found["debt"] = info.activity_id
        found["try"] = info.attempt
    elif workflow.in_workflow():
        found["claim"] = workflow.info().workflow_id
    record.ids = found | {name: vars(record)[name] for name in _EXTRAS if name in vars(record)}
    return True


def _ids(record: logging.LogRecord) -> Mapping[str, Any]:
    return vars(record).get("ids", {})


def _errors(record: logging.LogRecord) -> Iterator[str]:
    if record.exc_info:
        yield from _places(record.exc_info[1])


def _time(record: logging.LogRecord) -> str:
    at = datetime.fromtimestamp(record.created, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _each_line(log: Callable[[str], None]) -> Callable[[str], None]:
    def write(text: str) -> None:
        for line in text.splitlines():
            log(line)

    return write


def _line(stream: Any, text: str) -> None:
    stream.write(f"{text}\n")
    stream.flush()
