"""The command that a mail server runs when a mail was returned."""

from __future__ import annotations

import sys

from typer import Typer

from cpor.cli.console import connected, print_line, run_async
from cpor.cli.messages import print_answer
from cpor.exits import BROKEN, DONE, UNREACHABLE, WRONG_INPUT, fail

app = Typer()

TRY_AGAIN = 75
"""EX_TEMPFAIL: a mail server keeps the report and delivers it again later."""


@app.command()
@run_async
async def bounced() -> int:
    """Tell a claim that a mail of it came back: reads the delivery report from standard input.

    For an alias of the mail server, see docs/mail.md. Ends with 75 where other commands end with
    1 or 4, so that the mail server tries again later.

    Example: uv run starter.py bounced < report.eml
    """
    from cpor.cli.errors import guarded

    code = await guarded(_bounced())
    return TRY_AGAIN if code in (BROKEN, UNREACHABLE) else code


async def _bounced() -> int:
    from cpor.bounces import reports
    from cpor.client.errors import MessageRefused

    try:
        report = reports.read(_standard_input(reports.MOST_BYTES))
    except reports.AutomaticAnswer as answer:
        print_line(f"{answer} It is dropped.")
        return DONE
    except reports.ReportUnusable as error:
        return fail(str(error), WRONG_INPUT)
    if not report.is_told:
        print_line(
            f"{report.claim_id}  {report.notice_id} is {report.action}, not lost. Nothing is told."
        )
        return DONE
    async with connected() as claims:
        try:
            answer = await reports.send_bounced(claims, report)
        except MessageRefused as refused:
            if refused.code != "not_yet":
                raise
            return fail(f"{report.claim_id}: {refused}", TRY_AGAIN)
    print_answer(report.claim_id, answer, as_json=False)
    return DONE


def _standard_input(most: int) -> bytes:
    """The first bytes. The rest is read as well, or the mail server would see a broken pipe."""
    content = sys.stdin.buffer.read(most)
    while sys.stdin.buffer.read(most):
        pass
    return content
