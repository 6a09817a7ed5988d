"""The sandbox: a portal's tests reach what otherwise takes weeks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from demo.sandbox import SandboxError, span
from tests.shell import LIMIT, STARTER, Shell, write_claim

CLAIM = "CPOR-7Q2M4X"
DECLINE = {"by": {"role": "customer", "id": "contact"}}
JUDGED = {"by": {"role": "system", "id": "incentives"}, "outcome": "eligible"}


@contextmanager
def sandbox(shell: Shell) -> Generator[None]:
    """One that is ready, and what it says for other terminals set in this shell."""
    process = subprocess.Popen(
        [*STARTER, "sandbox", "--port", "0", "--ui-port", "0"],
        cwd=shell.folder,
        env={**shell.environment, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=sys.stderr,
        text=True,
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if line.startswith("  export "):
                name, _, value = line.strip().removeprefix("export ").partition("=")
                shell.environment[name] = value
            if line.startswith("Ready"):
                break
        yield
    finally:
        # As the scripts of a portal's tests end it, which start it in the background.
        process.terminate()
        process.communicate(timeout=LIMIT)
    assert process.returncode == 0


def status(shell: Shell) -> dict[str, str]:
    known = shell.json("show", CLAIM, "--json")
    return {name: known[name] for name in ("status", "consent", "eligibility")}


@pytest.mark.thorough
def test_a_claim_becomes_official_is_handed_off_and_judged_in_a_moment(shell: Shell) -> None:
    with sandbox(shell):
        write_claim(shell.folder)
        assert shell.starter("start", "claim.json").returncode == 0
        assert shell.starter("approve", CLAIM, "--by", "kim").returncode == 0
        shell.until(lambda: shell.json("show", CLAIM, "--json")["deadline"])
        done = shell.starter("advance", CLAIM, "8d")
        assert (done.returncode, done.stderr) == (0, "")
        shell.until(lambda: status(shell)["eligibility"] == "sent")
        late = shell.starter("send", CLAIM, "decline", json.dumps(DECLINE))
        assert "A reviewer looks at it and answers." in late.stdout
        assert shell.starter("send", CLAIM, "eligibility_result", json.dumps(JUDGED)).stdout
        assert status(shell) == {
            "status": "Approved",
            "consent": "lapsed",
            "eligibility": "eligible",
        }
        assert list((shell.folder / "var/sandbox/mail").glob("*.eml"))
        assert list((shell.folder / "var/sandbox/outbox").iterdir())


@pytest.mark.parametrize(
    ("text", "time"), [("8d", timedelta(days=8)), ("12h", timedelta(hours=12))]
)
def test_a_time_to_skip_is_written_shortly(text: str, time: timedelta) -> None:
    assert span(text) == time


@pytest.mark.parametrize("text", ["", "8", "-1d", "0d", "8 days", "99999d", "٣d"])
def test_any_other_way_to_write_it_is_told_how(text: str) -> None:
    with pytest.raises(SandboxError, match="write it as 8d, 12h or 30m"):
        span(text)
