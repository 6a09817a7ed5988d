"""Commands for reviewers: their inbox, and their decisions."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from cpor.cli.console import connected, print_line, run, terminal_width
from cpor.cli.messages import send_message, sender
from cpor.cli.options import AsJson, By, ClaimId, MessageId, Seen
from cpor.exits import DONE

app = typer.Typer()

GROUND = "REASON[:PRODUCT[@SUBSCRIPTION]][=NOTE]"


@app.command()
def inbox(
    reviewer: Annotated[str, typer.Argument(metavar="REVIEWER", help="The reviewer's id.")],
    as_json: AsJson = False,
) -> None:
    """List what waits for a reviewer, due first, then what no reviewer has taken yet.

    Example: uv run starter.py inbox kim
    """
    from cpor.cli.output import claim_list
    from cpor.client.search import NOBODY

    wanted = {
        "claims": "running",
        "waiting_for": "reviewer",
        "reviewers": [reviewer, NOBODY],
    }

    async def main() -> int:
        search = claim_list.search(wanted, reviewer="REVIEWER")
        me = search.reviewers[0]
        async with connected() as claims:
            found = claim_list.due_first([each async for each in claims.search(search)])
        as_data = json.dumps(claim_list.as_data(found))
        print_line(
            as_data if as_json else claim_list.inbox(me, found, datetime.now(UTC), terminal_width())
        )
        return DONE

    run(main())


@app.command("start-review")
def start_review(
    claim: ClaimId, by: By = None, message_id: MessageId = None, as_json: AsJson = False
) -> None:
    """Begin to check the proof.

    Example: uv run starter.py start-review CPOR-7Q2M4X --by kim
    """
    send_message(claim, "start_review", sender("reviewer", by), message_id, as_json)


@app.command("request-info")
def request_info(
    claim: ClaimId,
    ask: Annotated[
        list[str] | None,
        typer.Option(
            "--ask",
            metavar=GROUND,
            help="What is missing: missing_all_poe, missing_customer_acknowledgement, "
            "missing_or_old_dates, missing_partner_service, missing_products (of which product) "
            "or other (with a note); may be repeated.",
        ),
    ] = None,
    drop: Annotated[
        list[str] | None,
        typer.Option(
            "--drop",
            metavar="PRODUCT[@SUBSCRIPTION][=NOTE]",
            help="A product to prove or to drop; may be repeated.",
        ),
    ] = None,
    seen: Seen = None,
    by: By = None,
    message_id: MessageId = None,
    as_json: AsJson = False,
) -> None:
    """Ask the partner for more.

    Example: uv run starter.py request-info CPOR-7Q2M4X --ask "missing_products:Teams=See page 2."
    """
    from cpor.cli import short_reasons

    requests = [*map(short_reasons.reason, ask or ()), *map(short_reasons.removal, drop or ())]
    who = sender("reviewer", by)
    send_message(claim, "request_info", who, message_id, as_json, requests=requests, seen=seen)


@app.command()
def approve(
    claim: ClaimId,
    note: Annotated[
        str | None, typer.Option("--note", metavar="TEXT", help="For other reviewers only.")
    ] = None,
    seen: Seen = None,
    by: By = None,
    message_id: MessageId = None,
    as_json: AsJson = False,
) -> None:
    """Approve a claim; its customer is asked next.

    Example: uv run starter.py approve CPOR-7Q2M4X --by kim
    """
    who = sender("reviewer", by)
    send_message(claim, "approve", who, message_id, as_json, note=note, seen=seen)


@app.command()
def reject(
    claim: ClaimId,
    because: Annotated[
        list[str],
        typer.Option(
            "--because",
            metavar=GROUND,
            help="insufficient_poe, missing_customer_consent, missing_products (which), "
            "poe_unavailable, partner_request or other (with a note); may be repeated.",
        ),
    ],
    note: Annotated[
        str | None, typer.Option("--note", metavar="TEXT", help="For the partner.")
    ] = None,
    seen: Seen = None,
    by: By = None,
    message_id: MessageId = None,
    as_json: AsJson = False,
) -> None:
    """Reject a claim, with reasons.

    Example: uv run starter.py reject CPOR-7Q2M4X --because insufficient_poe --by kim
    """
    from cpor.cli import short_reasons

    reasons = list(map(short_reasons.reason, because))
    who = sender("reviewer", by)
    send_message(claim, "reject", who, message_id, as_json, reasons=reasons, note=note, seen=seen)


@app.command()
def comment(
    claim: ClaimId,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The remark.")],
    internal: Annotated[
        bool, typer.Option("--internal", help="For reviewers only, without a mail.")
    ] = False,
    as_partner: Annotated[
        bool, typer.Option("--as-partner", help="The partner says it; else a reviewer does.")
    ] = False,
    by: By = None,
    message_id: MessageId = None,
    as_json: AsJson = False,
) -> None:
    """Write a remark for the other side; it stops no clock.

    Example: uv run starter.py comment CPOR-7Q2M4X "Who signed on page 4?" --by kim
    """
    who = sender("partner" if as_partner else "reviewer", by)
    send_message(claim, "comment", who, message_id, as_json, text=text, internal=internal or None)
