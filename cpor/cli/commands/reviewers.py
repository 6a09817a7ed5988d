"""Commands for reviewers: their inbox, and their decisions."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from typer import Argument, BadParameter, Option, Typer

from cpor.cli.console import (
    connected,
    print_error,
    print_line,
    print_result,
    run_async,
    terminal_width,
)
from cpor.cli.messages import Fields, Instead, sends
from cpor.cli.options import AsJson, ClaimId, Seen, Wide

if TYPE_CHECKING:
    from cpor.evidence.sheet import Sheet

app = Typer()


GROUND = "REASON[:PRODUCT[@SUBSCRIPTION]][=NOTE]"
FromSheet = Annotated[
    bool,
    Option(
        "--from-sheet",
        help="Send nothing: print the command for the gaps of the sheet, to edit and send.",
    ),
]


@app.command()
@run_async
async def inbox(
    reviewer: Annotated[str, Argument(metavar="REVIEWER", help="The reviewer's id.")],
    wide: Wide = False,
    as_json: AsJson = False,
) -> None:
    """List what waits for a reviewer, due first, then what no reviewer has taken yet.

    Disputes that another reviewer must decide come last.

    Example: uv run starter.py inbox kim
    """
    from cpor.cli import searches
    from cpor.cli.output import claim_list
    from cpor.client.next_due import due_first
    from cpor.client.search import NOBODY

    now = datetime.now(UTC)
    wanted = {"claims": "running", "waiting_for": "reviewer", "reviewers": [reviewer, NOBODY]}
    search = searches.search(wanted, now, reviewer="REVIEWER")
    async with connected() as claims:
        found = due_first([each async for each in claims.search(search)])
        known = await searches.known_of(claims, [] if as_json else found)
    who, width = search.reviewers[0], terminal_width()
    print_result(
        claim_list.as_data(found),
        lambda: claim_list.inbox(who, found, now, width, known, wide=wide),
        as_json,
    )


@app.command()
@run_async
async def sheet(claim: ClaimId, as_json: AsJson = False) -> None:
    """Look into a claim's proof files: what they show of each product, and what is missing.

    It advises; the reviewer reads the proof and decides.

    Example: uv run starter.py sheet CPOR-7Q2M4X
    """
    from cpor.cli.output import sheet_text

    found = await _sheet_of(claim)
    print_result(found.model_dump(mode="json"), sheet_text.sheet(found), as_json)


async def _sheet_of(claim: str) -> Sheet:
    from cpor.evidence import claims as proof_of_claims

    async with connected() as claims:
        return await proof_of_claims.sheet(claims.store, await claims.claim(claim))


def _drafted(kind: Literal["request", "rejection"]) -> Instead:
    async def printed(claim: str) -> None:
        from cpor.cli.output import sheet_text

        print_line(sheet_text.draft(kind, claim, await _sheet_of(claim)))

    return printed


@app.command()
@run_async
async def proof(
    claim: ClaimId,
    to: Annotated[Path, Option("--to", metavar="FILE", help="The zip to write.")],
) -> int:
    """Save everything about a claim in one zip, for a dispute or an auditor.

    Claim, history, record, sheet and proof files, with their sums and how to check them.

    Example: uv run starter.py proof CPOR-7Q2M4X --to CPOR-7Q2M4X.zip
    """
    from cpor.cli import proof_package
    from cpor.exits import BROKEN, DONE

    now = f"{datetime.now(UTC):%d %B %Y, %H:%M UTC}"
    async with connected() as claims:
        missing = await proof_package.write(claims, claim, to, now)
    for each in missing:
        print_error(f"not in {to}: {each}")
    print_line(f"{to} is written.")
    return BROKEN if missing else DONE


@app.command("start-review")
@sends("start_review", "reviewer", to_many=True)
def start_review() -> Fields:
    """Begin to check the proof, of one claim or several.

    Example: uv run starter.py start-review CPOR-7Q2M4X --by kim
    """
    return {}


@app.command("request-info")
@sends("request_info", "reviewer", requests=["ask", "drop"])
def request_info(
    ask: Annotated[
        list[str] | None,
        Option(
            "--ask",
            metavar=GROUND,
            help="What is missing: missing_all_poe, missing_customer_acknowledgement, "
            "missing_or_old_dates, missing_partner_service, missing_products (of which product) "
            "or other (with a note); may be repeated.",
        ),
    ] = None,
    drop: Annotated[
        list[str] | None,
        Option(
            "--drop",
            metavar="PRODUCT[@SUBSCRIPTION][=NOTE]",
            help="A product to prove or to drop; may be repeated.",
        ),
    ] = None,
    from_sheet: FromSheet = False,
    seen: Seen = None,
) -> Fields | Instead:
    """Ask the partner for more.

    Example: uv run starter.py request-info CPOR-7Q2M4X --ask "missing_products:Teams=See page 2."
    """
    from cpor.cli import short_reasons

    if from_sheet:
        return _drafted("request")
    requests = [*map(short_reasons.reason, ask or ()), *map(short_reasons.removal, drop or ())]
    return {"requests": requests, "seen": seen}


@app.command()
@sends("approve", "reviewer", to_many=True)
def approve(
    note: Annotated[
        str | None, Option("--note", metavar="TEXT", help="For other reviewers only.")
    ] = None,
    contacts_confirmed: Annotated[
        bool,
        Option(
            "--contacts-confirmed",
            help="Confirm the customer's contacts, even outside its domain; needs --seen.",
        ),
    ] = False,
    displace: Annotated[
        bool,
        Option("--displace", help="Take products from the claim that holds them; needs --note."),
    ] = False,
    seen: Seen = None,
) -> Fields:
    """Approve one claim or several; the customers are asked next.

    Example: uv run starter.py approve CPOR-7Q2M4X --by kim
    """
    return {
        "note": note,
        "contacts_confirmed": contacts_confirmed or None,
        "displace": displace or None,
        "seen": seen,
    }


@app.command("confirm-contact")
@sends("confirm_contact", "reviewer")
def confirm_contact(
    seen: Annotated[
        int, Option("--seen", metavar="N", help="The last entry of the history you looked at.")
    ],
    technical: Annotated[bool, Option("--technical", help="The technical contact.")] = False,
) -> Fields:
    """Confirm that a contact may speak for the customer, so that our mail goes out.

    Example: uv run starter.py confirm-contact CPOR-7Q2M4X --seen 4 --by kim
    """
    return {"contact": "technical_contact" if technical else "contact", "seen": seen}


@app.command("end-association")
@sends("end_association", "reviewer")
def end_association(
    reason: Annotated[
        str, Option("--reason", metavar="TEXT", help="For the customer and the partner.")
    ],
) -> Fields:
    """End an association after a customer's late no or another doubt.

    Example: uv run starter.py end-association CPOR-7Q2M4X --reason "Not their project." --by kim
    """
    return {"reason": reason}


@app.command("keep-association")
@sends("keep_association", "reviewer")
def keep_association(
    reason: Annotated[str, Option("--reason", metavar="TEXT", help="For the customer.")],
) -> Fields:
    """Keep an association despite a customer's late no or another doubt.

    Example: uv run starter.py keep-association CPOR-7Q2M4X --reason "Page 3 names it." --by kim
    """
    return {"reason": reason}


@app.command()
@sends("reject", "reviewer", reasons=["because"])
def reject(
    because: Annotated[
        list[str] | None,
        Option(
            "--because",
            metavar=GROUND,
            help="insufficient_poe, missing_customer_consent, missing_products (which), "
            "poe_unavailable, duplicate_claim or other (with a note); may be repeated.",
        ),
    ] = None,
    note: Annotated[str | None, Option("--note", metavar="TEXT", help="For the partner.")] = None,
    from_sheet: FromSheet = False,
    seen: Seen = None,
) -> Fields | Instead:
    """Reject a claim, with reasons.

    Example: uv run starter.py reject CPOR-7Q2M4X --because insufficient_poe --by kim
    """
    from cpor.cli import short_reasons

    if from_sheet:
        return _drafted("rejection")
    if not because:
        raise BadParameter("say why with --because, or draft it with --from-sheet")
    reasons = list(map(short_reasons.reason, because))
    return {"reasons": reasons, "note": note, "seen": seen}


@app.command()
@sends("comment", "reviewer")
def comment(
    text: Annotated[str, Argument(metavar="TEXT", help="The remark.")],
    internal: Annotated[
        bool, Option("--internal", help="For reviewers only, without a mail.")
    ] = False,
    as_partner: Annotated[
        bool, Option("--as-partner", help="The partner says it; else a reviewer does.")
    ] = False,
) -> Fields:
    """Write a remark for the other side; it stops no clock.

    Example: uv run starter.py comment CPOR-7Q2M4X "Who signed on page 4?" --by kim
    """
    by = {"role": "partner"} if as_partner else {}
    return {"by": by, "text": text, "internal": internal or None}
