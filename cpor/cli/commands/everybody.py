"""Commands that only read: one claim, its history, its proof files, and lists of claims."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from typer import Argument, BadParameter, Option, Typer

from cpor.cli.console import (
    connected,
    print_error,
    print_json,
    print_line,
    print_result,
    run,
    run_async,
    terminal_width,
)
from cpor.cli.options import AsJson, ClaimId, Wide
from cpor.exits import BROKEN, DONE

app = Typer()

MOST_LISTED = 50
"""For people: a list that is longer than that is searched, not read."""

Side = Annotated[
    str,
    Option("--side", metavar="SIDE", help="Whose view to show: partner, reviewer or customer."),
]


@app.command()
@run_async
async def rivals(claim: ClaimId, as_json: AsJson = False) -> None:
    """Show who else claims the products of a claim, and which claims came before. For reviewers.

    Example: uv run starter.py rivals CPOR-7Q2M4X
    """
    from cpor.cli.output import rivals_text

    async with connected() as claims:
        known = await claims.claim(claim)
    found = known.model_dump(mode="json", include={"rivals", "more_rivals", "earlier"})
    print_result(found, lambda: rivals_text.rivals(known), as_json)


@app.command()
@run_async
async def items(
    tenant: Annotated[str, Argument(metavar="TENANT", help="The customer's tenant id.")],
    as_json: AsJson = False,
) -> None:
    """List which products of a tenant are held or asked for, and by which open claims.

    For reviewers and operators.

    Example: uv run starter.py items 5f1c6d3e-8c0b-4f3c-9d2a-0b8f6f1f7a11
    """
    from cpor.cli.output import rivals_text
    from cpor.client import items
    from cpor.local_temporal import connect, where
    from cpor.settings import Settings

    patience = timedelta(seconds=Settings.load().answer_timeout)
    found = await items.items(await connect(where()), tenant, patience)
    print_result(found, lambda: rivals_text.items(found), as_json)


@app.command()
@run_async
async def show(
    claim: ClaimId,
    side: Side = "reviewer",
    web: Annotated[bool, Option("--web", help="Open it in Temporal's UI, in a browser.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show a claim: its status, what is next, and what can be sent to it now.

    It also works when Temporal has forgotten the claim. The customer's side has no contacts,
    proof or reasons. --json is for programs and shows everything.

    Example: uv run starter.py show CPOR-7Q2M4X
    """
    from cpor.cli import browser
    from cpor.cli.output import claim_text

    sight = claim_text.side(side)
    async with connected() as claims:
        known = await claims.claim(claim)
        print_line(
            known.model_dump_json(ensure_ascii=True)
            if as_json
            else claim_text.claim(known, await claims.tries(claim), datetime.now(UTC), sight)
        )
    if web:
        browser.open_page_of(claim)


@app.command()
@run_async
async def history(claim: ClaimId, side: Side = "reviewer", as_json: AsJson = False) -> None:
    """Show what happened to a claim, as one side may see it.

    Example: uv run starter.py history CPOR-7Q2M4X --side partner
    """
    from cpor.cli.output import claim_text

    sight = claim_text.side(side)
    async with connected() as claims:
        entries = await claims.history(claim, sight)
    print_result(entries, claim_text.entries(entries), as_json)


@app.command()
@run_async
async def watch(claim: ClaimId, side: Side = "reviewer", as_json: AsJson = False) -> None:
    """Show what happened to a claim and what happens now, until it is over or Ctrl-C.

    Example: uv run starter.py watch CPOR-7Q2M4X
    """
    from cpor.cli.output import claim_text

    sight, said = claim_text.side(side), set[str]()
    async with connected() as claims:
        async for entry in claims.watch(claim, sight):
            print_line(
                entry.model_dump_json(ensure_ascii=True)
                if as_json
                else claim_text.entry(entry, said)
            )


@app.command()
@run_async
async def explain(claim: ClaimId, as_json: AsJson = False) -> None:
    """Show every clock of a claim as a sum anybody can check, also when it is over.

    Example: uv run starter.py explain CPOR-7Q2M4X
    """
    from cpor.cli.output import clock_text

    async with connected() as claims:
        known = await claims.deadlines(claim)
        print_result(known, clock_text.clocks(claim, known), as_json)


@app.command()
@run_async
async def evidence(
    claim: ClaimId,
    save: Annotated[
        Path | None, Option("--save", metavar="DIR", help="Fetch the files into DIR.")
    ] = None,
    anyway: Annotated[
        bool, Option("--anyway", help="Fetch also what may do harm when it is opened.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """List a claim's proof files; with --save, fetch those not withdrawn and check their hashes.

    Each is looked into first; a file with macros, scripts or the like is fetched with --anyway.

    Example: uv run starter.py evidence CPOR-7Q2M4X --save proof/
    """
    from cpor.cli import saved_proof
    from cpor.cli.output import claim_text

    async with connected() as claims:
        files = (await claims.claim(claim)).evidence
        print_result(files, claim_text.evidence(files), as_json)
        if save is None:
            return DONE
        try:
            save.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadParameter(f"--save {save}: {error.strerror}") from None
        there = [each for each in files if each.state != "withdrawn"]
        return await saved_proof.save_all(claims.store, claim, there, save, anyway)


@app.command("list")
def list_(
    status: Annotated[
        str | None,
        Option(
            "--status",
            metavar="STATUS",
            help="Editing, Submitted, Under review, Partner action required, Approved, Rejected, "
            "Disputed or Rejected final.",
        ),
    ] = None,
    waiting_for: Annotated[
        str | None,
        Option("--waiting-for", metavar="WHO", help="partner, reviewer, customer or nobody."),
    ] = None,
    overdue: Annotated[
        bool, Option("--overdue", help="Only claims whose reviewers ran out of time.")
    ] = False,
    partner: Annotated[
        str | None, Option("--partner", metavar="MPN-ID", help="The partner's MPN ID.")
    ] = None,
    customer: Annotated[
        str | None, Option("--customer", metavar="TENANT-ID", help="The customer's tenant.")
    ] = None,
    reviewer: Annotated[
        str | None, Option("--reviewer", metavar="ID", help="The reviewer, or nobody.")
    ] = None,
    program: Annotated[
        str | None,
        Option(
            "--program",
            metavar="CODE",
            help="osa-sell, osu-m365 or osu-business-applications.",
        ),
    ] = None,
    product: Annotated[
        str | None, Option("--product", metavar="NAME", help="A product's name or code.")
    ] = None,
    due_before: Annotated[
        str | None,
        Option(
            "--due-before",
            metavar="DAY",
            help="What is due before this day in UTC, such as tomorrow, friday or 2026-12-24.",
        ),
    ] = None,
    running: Annotated[bool, Option("--running", help="Only claims that are not over.")] = False,
    newest: Annotated[
        bool, Option("--newest", help="Newest first, instead of the next due first.")
    ] = False,
    limit: Annotated[
        int | None,
        Option(
            "--limit",
            metavar="N",
            min=1,
            help="How many to show at most.",
            show_default="50, and all with --json or --csv",
        ),
    ] = None,
    wide: Wide = False,
    as_json: AsJson = False,
    as_csv: Annotated[bool, Option("--csv", help="Print CSV only.")] = False,
) -> None:
    """List claims, the next due first. Claims that are over are listed too.

    Example: uv run starter.py list --partner 4912345
    """
    from cpor.cli import searches
    from cpor.cli.output import claim_list
    from cpor.client.next_due import due_first
    from cpor.client.search import Found

    wanted: dict[str, Any] = {
        "claims": "running" if running else "all",
        "status": status,
        "waiting_for": waiting_for,
        "overdue": overdue or None,
        "partner": partner,
        "customer": customer,
        "reviewers": [] if reviewer is None else [reviewer],
        "program": program,
        "product": product,
        "due_before": due_before,
    }

    async def main() -> int:
        now, damaged = datetime.now(UTC), list[Found]()
        search = searches.search(wanted, now)
        for_programs = as_json or as_csv
        most = limit or (None if for_programs else MOST_LISTED)
        async with connected() as claims:
            due = None if newest or most is None else await claims.next_due(search, most)
            if due is not None:
                shown, more = due.claims, due.more
            else:
                everything = [each async for each in claims.search(search)]
                damaged = [each for each in everything if each.problem]
                found = [each for each in everything if not each.problem]
                found = claim_list.newest_first(found) if newest else due_first(found)
                shown, more = found[:most], len(found[most:]) if most else 0
            for each in damaged:
                print_error(f"{each.claim_id}: {each.problem}")
            known = await searches.known_of(claims, [] if for_programs else shown)
        if as_json:
            print_json(claim_list.as_data(shown))
        elif as_csv:
            print_line("\n".join(claim_list.as_csv(shown)))
        else:
            width = terminal_width()
            print_line(claim_list.table(shown, now, width, known, wide=wide, more=more))
        return BROKEN if damaged else DONE

    if as_json and as_csv:
        raise BadParameter("say --json or --csv, not both")
    run(main())
