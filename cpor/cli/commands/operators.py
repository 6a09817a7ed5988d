"""Commands for operators: assign reviewers, extend windows, retry debts, and read records."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, cast

from typer import Argument, BadParameter, Option, Typer

from cpor.cli.console import (
    connected,
    print_json,
    print_line,
    print_result,
    run,
    run_async,
    terminal_width,
)
from cpor.cli.messages import Fields, build_message, sender, sends, warn_if_unanswered
from cpor.cli.options import AsJson, By, ClaimId, MessageId
from cpor.exits import BROKEN, DONE

if TYPE_CHECKING:
    from cpor.rules.messages import Retry

app = Typer()


@app.command()
@sends("assign", "operator", to_many=True)
def assign(
    reviewer: Annotated[str, Argument(metavar="REVIEWER", help="The reviewer's id.")],
) -> Fields:
    """Give one claim, or several, to a reviewer.

    A reviewer whom CLAIMS_REVIEWER_EMAILS does not name is assigned all the same, with a warning.

    Example: uv run starter.py assign CPOR-7Q2M4X kim --by olga
    """
    from cpor.cli import reviewers

    reviewers.warn_if_unknown(reviewer)
    return {"reviewer": reviewer}


@app.command()
@sends("extend", "operator", business_days=["days"])
def extend(
    days: Annotated[int, Argument(metavar="DAYS", help="Business days, 1 to 30.")],
    why: Annotated[str, Option("--why", metavar="TEXT", help="Why.")],
    clock: Annotated[
        str | None,
        Option(
            "--clock",
            metavar="CLOCK",
            help="wait_for_review, review, overall, answer, consent, dispute or dispute_answer.",
            show_default="the clock of the side that must act next",
        ),
    ] = None,
) -> Fields:
    """Give more time to the side that must act next, or on the clock you name.

    Example: uv run starter.py extend CPOR-7Q2M4X 2 --why "Their office is flooded." --by olga
    """
    return {"business_days": days, "why": why, "clock": clock}


@app.command("eligibility-result")
@sends("eligibility_result", "system")
def eligibility_result(
    outcome: Annotated[str, Argument(metavar="OUTCOME", help="eligible or not_eligible.")],
    note: Annotated[str | None, Option("--note", metavar="TEXT", help="What else it said.")] = None,
) -> Fields:
    """Enter the incentive engine's result where the engine cannot send it.

    Example: uv run starter.py eligibility-result CPOR-7Q2M4X eligible
    """
    return {"by": {"id": "incentives"}, "outcome": outcome, "note": note}


@app.command()
@run_async
async def owed(
    claim: Annotated[
        str | None,
        Argument(metavar="[CLAIM]", help="All that this one owes.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List every late or parked debt of all claims, oldest first, with tries and last answer.

    Of one claim also what is tried for the first time just now.

    Example: uv run starter.py owed
    """
    from cpor.cli.output import debt_text

    async with connected() as claims:
        found = await (claims.owed() if claim is None else claims.owed_by(claim))
    now = datetime.now(UTC)
    print_result(found, lambda: debt_text.table(found, now, terminal_width()), as_json)


@app.command()
def retry(
    claim: Annotated[
        str | None, Argument(metavar="CLAIM", help="The claim's id.", show_default=False)
    ] = None,
    every: Annotated[bool, Option("--all", help="All that `owed` lists.")] = False,
    by: By = None,
    message_id: MessageId = None,
    as_json: AsJson = False,
) -> None:
    """Try late debts now, and parked debts again.

    Example: uv run starter.py retry CPOR-7Q2M4X --by olga
    """
    from cpor.cli import retries
    from cpor.cli.output import debt_text
    from cpor.client.open_debts import Retried

    done: list[Retried] = []

    def report(each: Retried) -> None:
        done.append(each)
        unanswered = each.answer is not None and warn_if_unanswered(each.claim_id, each.answer)
        if not (unanswered or as_json):
            print_line(debt_text.retried(each))

    async def main() -> int:
        message = cast("Retry", build_message("retry", id=message_id, by=sender("operator", by)))
        async with connected() as claims:
            if claim is None:
                code = await retries.retry_all(claims, message, report)
            else:
                report(await claims.retry(claim, message))
                code = DONE
        if as_json:
            print_json(done if every else done[0])
        elif not done and code == DONE:
            print_line(debt_text.NOTHING)
        return code

    if (claim is None) is not every:
        raise BadParameter("name one claim, or say --all")
    run(main())


@app.command("resolve-conflict")
@sends("resolve_conflict", "operator")
def resolve_conflict(
    why: Annotated[str, Option("--why", metavar="TEXT", help="Why; goes into the history.")],
) -> Fields:
    """Let a claim continue as it is, although the store says otherwise.

    Where the store shows that the customer declined, pass that on instead, by `decline`.

    Example: uv run starter.py resolve-conflict CPOR-7Q2M4X --why "Its own record." --by olga
    """
    return {"why": why}


@app.command()
@run_async
async def reconcile(
    dry_run: Annotated[bool, Option("--dry-run", help="Only print what would be done.")] = False,
    since: Annotated[
        datetime | None,
        Option("--since", metavar="INSTANT", help="Only what the store learned since then (UTC)."),
    ] = None,
    by: By = None,
) -> int:
    """After a restore: stop each claim that has forgotten what the store still knows.

    A customer's no that came in by the page is passed on instead. See docs/operating.md.

    Example: uv run starter.py reconcile --dry-run
    """
    from cpor.cli.errors import guarded
    from cpor.client import reconciliation

    operator = str(sender("operator", by)["id"])
    code = DONE
    async with connected() as claims:

        async def settle(each: reconciliation.Disagreement) -> None:
            answer = await reconciliation.settle(claims, each, operator)
            print_line(f"{each.claim_id}  the store has {each.text}. {answer.text}")

        after = since.replace(tzinfo=UTC) if since else None
        async for each in reconciliation.disagreements(claims, after):
            if dry_run or not (each.found or each.no):
                print_line(f"{each.claim_id}  the store has {each.text}; to do: {each.remedy}")
                code = max(code, BROKEN)
            else:
                code = max(code, await guarded(settle(each)))
    return code


@app.command()
@run_async
async def sweep() -> int:
    """Delete uploads that no claim has sealed for a week, as workers do once a day.

    Example: uv run starter.py sweep
    """
    from cpor.client import leftovers

    code = DONE
    async with connected() as claims:
        async for each in leftovers.swept(claims, datetime.now(UTC)):
            if each.kept_because:
                code = BROKEN
            done = f"kept: {each.kept_because}" if each.kept_because else "deleted"
            print_line(f"{each.claim_id}  {each.name[:12]}  {done}")
    return code


@app.command()
@run_async
async def support(
    claim: ClaimId,
    details: Annotated[
        str | None,
        Option(
            "--details",
            metavar="TEXT",
            help="What the request is about.",
            show_default="the words of a dispute, or the claim's status",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the six facts of a support request about a claim, to paste into a form.

    Example: uv run starter.py support CPOR-7Q2M4X --details "Teams is missing in the report."
    """
    from cpor.cli.output import support

    async with connected() as claims:
        known = await claims.claim(claim)
    print_result(support.facts(known, details), support.text(known, details), as_json)


@app.command()
@run_async
async def record(
    claim: ClaimId,
    verify: Annotated[
        bool, Option("--verify", help="Recompute its hashes; name what does not fit.")
    ] = False,
) -> None:
    """Print a claim's record from the store, or check it. Works without Temporal.

    Example: uv run starter.py record CPOR-7Q2M4X --verify
    """
    from cpor.client import records
    from cpor.settings import Settings
    from cpor.store import Store

    found = await records.read(Store.open(Settings.load().store_url), claim)
    if verify:
        records.check(claim, found)
        print_line(f"{claim}: the record fits, all {len(found['history'])} entries of it.")
    else:
        print_line(json.dumps(found, indent=2))
