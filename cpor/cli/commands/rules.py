"""Commands about the rules: deadlines and editions."""

from __future__ import annotations

from typing import Annotated

from typer import Argument, Context, Exit, Option, Typer

from cpor.cli.console import print_result, terminal_width
from cpor.cli.options import AsJson
from cpor.exits import WRONG_INPUT, fail

app = Typer()
editions_app = Typer(invoke_without_command=True)
app.add_typer(editions_app, name="editions")


@app.command()
def deadline(
    country: Annotated[str, Option("--country", help="Whose calendar: a code such as DE.")],
    days: Annotated[int, Option("--days", min=1, max=400, help="Business days.")],
    since: Annotated[
        str | None,
        Option(
            "--from",
            metavar="WHEN",
            help="When the time begins: tomorrow, 2026-12-24, or an instant.",
            show_default="now",
        ),
    ] = None,
    subdivision: Annotated[
        str | None, Option("--subdivision", help="State or region, such as BY.")
    ] = None,
    zone: Annotated[
        str | None,
        Option("--zone", help="Time zone.", show_default="the country's most populous"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say when a number of business days ends, and count each day. Works without Temporal.

    Example: uv run starter.py deadline --days 5 --country DE --from 2026-12-22
    """
    from cpor.cli import deadlines
    from cpor.cli.output import sums

    try:
        found = deadlines.deadline(days, country, since, subdivision, zone)
    except deadlines.OptionRefused as error:
        raise Exit(fail(str(error), WRONG_INPUT)) from None
    print_result(deadlines.as_data(found), "\n".join(sums.sum_of(found)), as_json)


@editions_app.callback()
def editions(context: Context, as_json: AsJson = False) -> None:
    """Show the editions of the rules side by side. Works without Temporal.

    Example: uv run starter.py editions
    """
    from cpor.cli.output import edition_tables

    context.obj = as_json
    if context.invoked_subcommand is not None:
        return
    known = edition_tables.all_editions()
    data = {each.name: each for each in known}
    print_result(data, lambda: edition_tables.side_by_side(known, terminal_width()), as_json)


@editions_app.command("diff")
def editions_diff(
    context: Context,
    before: Annotated[str, Argument(metavar="EDITION", help="Such as 2020.")],
    after: Annotated[str, Argument(metavar="OTHER", help="Such as 2023.")],
    as_json: AsJson = False,
) -> None:
    """Say in plain words what differs between two editions.

    Example: uv run starter.py editions diff 2020 2023
    """
    from cpor.cli.output import edition_tables
    from cpor.rules.editions import edition
    from cpor.rules.errors import EditionError

    try:
        both = edition(before), edition(after)
    except EditionError as error:
        raise Exit(fail(str(error), WRONG_INPUT)) from None
    text = edition_tables.what_differs(*both)
    print_result(edition_tables.differences(both), text, as_json or context.obj)
