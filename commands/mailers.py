"""What a mail server says to the system: that a mail came back."""

from __future__ import annotations

import sys
from collections.abc import Coroutine
from typing import Any

import typer

from commands.parts import connected, run, say, say_answer
from leaving import BROKEN, DONE, UNREACHABLE, WRONG_INPUT, fail

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
    from portal import bounces

    try:
        report = bounces.read(_input(bounces.MOST_BYTES))
    except bounces.ReportUnusable as error:
        return fail(str(error), WRONG_INPUT)
    if not report.is_lost:
        say(f"{report.claim_id}  {report.notice_id} is {report.action}, not lost. Nothing is told.")
        return DONE
    async with connected() as claims:
        answer = await bounces.tell(claims, report)
    say_answer(report.claim_id, answer, as_json=False)
    return DONE


async def _kept_while_broken(main: Coroutine[Any, Any, int]) -> int:
    from portal import exits

    code = await exits.guarded(main)
    return TRY_AGAIN if code in (BROKEN, UNREACHABLE) else code


def _input(most: int) -> bytes:
    """The beginning. The rest is read too, else the server that writes it sees a broken pipe."""
    content = sys.stdin.buffer.read(most)
    while sys.stdin.buffer.read(most):
        pass
    return content
