"""Commands for whoever runs the system: who reviews, more time, debts, support, the record."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, cast

import typer

from cpor.cli.options import (
    AsJson,
    By,
    ClaimId,
    MessageId,
    connected,
    read,
    run,
    say,
    somebody,
    tell,
    warned_as_taken,
    width,
)
from cpor.exits import DONE

if TYPE_CHECKING:
    from cpor.rules.messages import Retry

app = typer.Typer()


@app.command()
def assign(
    claim: ClaimId,
    reviewer: Annotated[str, typer.Argument(metavar="REVIEWER", help="The reviewer's id.")],
    by: By = None,
    message_id: MessageId = None,
    as_json: AsJson = False,
) -> None:
    """Give a claim to a reviewer.

    Example: uv run starter.py assign CPOR-7Q2M4X kim --by olga
    """
    tell(claim, "assign", somebody("operator", by), message_id, as_json, reviewer=reviewer)


@app.command()
def extend(
    claim: ClaimId,
    days: Annotated[int, typer.Argument(metavar="DAYS", help="Business days, 1 to 30.")],
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="Why.")],
    clock: Annotated[
        str | None,
        typer.Option(
            "--clock",
            metavar="CLOCK",
            help="wait_for_review, review, overall, answer, consent, dispute or dispute_answer.",
            show_default="the one that binds whoever must act",
        ),
    ] = None,
    by: By = None,
    message_id: MessageId = None,
    as_json: AsJson = False,
) -> None:
    """Give whoever must act more time.

    Example: uv run starter.py extend CPOR-7Q2M4X 2 --why "Their office is flooded." --by olga
    """
    who = somebody("operator", by)
    tell(claim, "extend", who, message_id, as_json, business_days=days, why=why, clock=clock)


@app.command("eligibility-result")
def eligibility_result(
    claim: ClaimId,
    outcome: Annotated[str, typer.Argument(metavar="OUTCOME", help="eligible or not_eligible.")],
    note: Annotated[
        str | None, typer.Option("--note", metavar="TEXT", help="What was said beside it.")
    ] = None,
    message_id: MessageId = None,
    as_json: AsJson = False,
) -> None:
    """Enter what the incentive engine said, where it cannot say so itself.

    Example: uv run starter.py eligibility-result CPOR-7Q2M4X eligible
    """
    who = somebody("system", "incentives")
    tell(claim, "eligibility_result", who, message_id, as_json, outcome=outcome, note=note)


@app.command()
def owed(as_json: AsJson = False) -> None:
    """List every late or parked debt of all claims, oldest first, with tries and last answer.

    Example: uv run starter.py owed
    """
    from cpor.cli.output import debt_text

    async def main() -> int:
        async with connected() as claims:
            found = await claims.owed()
        as_data = json.dumps(debt_text.as_data(found))
        say(as_data if as_json else debt_text.table(found, datetime.now(UTC), width()))
        return DONE

    run(main())


@app.command()
def retry(
    claim: Annotated[
        str | None, typer.Argument(metavar="CLAIM", help="The claim's id.", show_default=False)
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All that `owed` lists.")] = False,
    by: By = None,
    message_id: MessageId = None,
    as_json: AsJson = False,
) -> None:
    """Have what is late tried at once, and what is parked tried again.

    Example: uv run starter.py retry CPOR-7Q2M4X --by olga
    """
    from cpor import Retried
    from cpor.cli import retries
    from cpor.cli.output import debt_text

    done: list[Retried] = []

    def tell(each: Retried) -> None:
        done.append(each)
        taken = each.answer is not None and warned_as_taken(each.claim_id, each.answer)
        if not (taken or as_json):
            say(debt_text.retried(each))

    async def main() -> int:
        wanted = cast("Retry", read("retry", {"id": message_id, "by": somebody("operator", by)}))
        async with connected() as claims:
            if claim is not None:
                code = await retries.one(claims, claim, wanted, tell)
            else:
                code = await retries.all_of_them(claims, wanted, tell)
        answers = debt_text.as_answers(done)
        if as_json:
            say(json.dumps(answers if every else answers[0]))
        elif not done and code == DONE:
            say(debt_text.NOTHING)
        return code

    if (claim is None) is not every:
        raise typer.BadParameter("name one claim, or say --all")
    run(main())


@app.command()
def support(
    claim: ClaimId,
    details: Annotated[
        str | None,
        typer.Option("--details", metavar="TEXT", help="What it is about; else how it stands."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the six facts of a support request about a claim, to be pasted into a form.

    Example: uv run starter.py support CPOR-7Q2M4X --details "Teams is missing in the report."
    """
    from cpor.cli.output import support

    async def main() -> int:
        async with connected() as claims:
            known = await claims.claim(claim)
        as_data = json.dumps(support.facts(known, details))
        say(as_data if as_json else support.text(known, details))
        return DONE

    run(main())


@app.command()
def record(
    claim: ClaimId,
    verify: Annotated[
        bool, typer.Option("--verify", help="Recompute its hashes; name what does not fit.")
    ] = False,
) -> None:
    """Print a claim's record from the store, or check it. Needs no engine.

    Example: uv run starter.py record CPOR-7Q2M4X --verify
    """
    from cpor.client import records
    from cpor.settings import Settings
    from cpor.store import Store

    async def main() -> int:
        found = await records.read(Store.open(Settings.load().store_url), claim)
        if not verify:
            say(json.dumps(found, indent=2))
            return DONE
        records.check(claim, found)
        say(f"{claim}: the record fits, all {len(found['history'])} entries of it.")
        return DONE

    run(main())
