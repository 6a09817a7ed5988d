"""What a log line holds, and what it never does."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
from pydantic import ValidationError
from temporalio import activity, workflow
from temporalio.testing import ActivityEnvironment

from cpor.monitoring import logs
from cpor.rules.facts import Contact
from cpor.settings import Settings

SECRET = "Lars Ek <lars@contoso.example>"


@pytest.fixture(params=["text", "json"])
def log_format(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(autouse=True)
def log_of_its_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(logging, "raiseExceptions", True)
    monkeypatch.setattr(activity.logger, "activity_info_on_message", True)
    monkeypatch.setattr(workflow.logger, "workflow_info_on_message", True)
    touched = [logging.getLogger(name) for name in (None, "worker", *logs.OURS)]
    levels = [logger.level for logger in touched]
    yield
    for logger, level in zip(touched, levels, strict=True):
        logger.setLevel(level)
    logging.captureWarnings(False)


def _begin(log_format: str, log_level: str = "info") -> logs.Output:
    settings = {"log_format": log_format, "log_level": log_level}
    return logs.configure(Settings.model_validate(settings))


def _broken() -> None:
    Contact.model_validate({"name": SECRET, "email": [SECRET]})


def _log_a_failure(kind: str) -> None:
    try:
        _broken()
    except ValidationError:
        logging.getLogger("temporalio.activity").warning(
            "%s\nfuture: %s", kind, SECRET, exc_info=True
        )


def test_of_an_error_only_kinds_and_places_are_told(
    log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _begin(log_format)
    _log_a_failure("Completing activity as failed")
    said = capsys.readouterr().err
    assert "Completing activity as failed" in said
    assert "ValidationError" in said
    assert "in _broken" in said
    assert "Lars" not in said
    assert "lars@" not in said


@pytest.mark.parametrize("sign", ["\n", "\r", "\x85", "\u2028", "\u202e", "\x1b", "\ud800"])
def test_an_id_that_somebody_chose_forges_no_line(
    log_format: str, sign: str, capsys: pytest.CaptureFixture[str]
) -> None:
    forged = f"m-1{sign}2026-01-01T00:00:00Z INFO worker all is well"
    _begin(log_format)
    logging.getLogger("cpor.page").info("told", extra={"message_id": forged})
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert sign not in said.rstrip("\n")
    if log_format == "json":
        assert json.loads(said)["message_id"] == forged


async def test_a_line_written_in_an_activity_names_claim_debt_and_try(
    log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def activity() -> None:
        logging.getLogger("activities.mail.smtp").info("told")

    _begin(log_format)
    environment = ActivityEnvironment()
    await environment.run(activity)
    (line,) = capsys.readouterr().err.splitlines()
    if log_format == "json":
        found = json.loads(line)
        assert {"claim": "test", "debt": "test", "try": 1}.items() <= found.items()
        assert found["logger"] == "activities.mail.smtp"
    else:
        assert line.endswith("INFO activities.mail.smtp told claim=test debt=test try=1")


def test_below_info_libraries_are_not_heard(capsys: pytest.CaptureFixture[str]) -> None:
    _begin("text", "debug")
    logging.getLogger("some.library").debug("GET %s", SECRET)
    logging.getLogger("activities.mail.smtp").debug("connected to the mail server")
    (line,) = capsys.readouterr().err.splitlines()
    assert "connected to the mail server" in line


def test_what_a_worker_says_is_in_the_log_when_it_is_json(
    log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    output = _begin(log_format, "error")
    output.info("Working.")
    output.error("Broken.\nMend it.")
    said = capsys.readouterr()
    if log_format == "json":
        assert said.out == ""
        assert [json.loads(line)["message"] for line in said.err.splitlines()] == [
            "Working.",
            "Broken.",
            "Mend it.",
        ]
    else:
        assert (said.out, said.err) == ("Working.\n", "Broken.\nMend it.\n")
