"""What a mail server says to the system: that a mail came back."""

from __future__ import annotations

import sys
from collections.abc import Coroutine
from typing import Any

import typer

from cpor.cli.options import connected, run, say, say_answer
from cpor.exits import BROKEN, DONE, UNREACHABLE, WRONG_INPUT, fail

app = typer.Typer()

TRY_AGAIN = 75
"""EX_TEMPFAIL, on which a mail server keeps the report and comes back with it."""


@app.command()
def bounced() -> None:
    """Tell a claim that a mail of it came back: reads the delivery report from standard input.

    For an alias of the mail server (docs/mail.md). Exit code 75 for 1 and 4: try again later.

    Example: uv run starter.py bounced < report.eml
    """
    run(_kept_while_broken(_bounced()))


async def _bounced() -> int:
    from cpor.cli import delivery_reports

    try:
        report = delivery_reports.read(_input(delivery_reports.MOST_BYTES))
    except delivery_reports.ReportUnusable as error:
        return fail(str(error), WRONG_INPUT)
    if not report.is_lost:
        say(f"{report.claim_id}  {report.notice_id} is {report.action}, not lost. Nothing is told.")
        return DONE
    async with connected() as claims:
        answer = await delivery_reports.tell(claims, report)
    say_answer(report.claim_id, answer, as_json=False)
    return DONE


async def _kept_while_broken(main: Coroutine[Any, Any, int]) -> int:
    from cpor.cli import errors

    code = await errors.guarded(main)
    return TRY_AGAIN if code in (BROKEN, UNREACHABLE) else code


def _input(most: int) -> bytes:
    """The beginning. The rest is read too, else the server that writes it sees a broken pipe."""
    content = sys.stdin.buffer.read(most)
    while sys.stdin.buffer.read(most):
        pass
    return content
