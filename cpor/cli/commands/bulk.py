"""Commands for many claims at once: import and export."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option, Typer

from cpor.cli.console import connected, print_error, print_line, print_result, run_async
from cpor.cli.options import AsJson

app = Typer()


AsLayout = Annotated[Literal["csv", "ndjson"], Option("--format", help="How rows are written.")]


@app.command("import")
@run_async
async def import_(
    file: Annotated[
        Path,
        Argument(metavar="FILE", help="CSV or NDJSON, a claim in each row; - for standard input."),
    ],
    dry_run: Annotated[
        bool,
        Option("--dry-run", help="Check every row and start nothing. Works without Temporal."),
    ] = False,
    failed: Annotated[
        Path | None,
        Option(
            "--failed",
            metavar="FILE",
            help="Where failed rows go, each with its reason.",
            show_default="beside the file: NAME.failed.csv",
        ),
    ] = None,
    at_once: Annotated[
        int, Option("--at-once", min=1, max=500, help="Starts under way at a time.")
    ] = 32,
    as_json: AsJson = False,
) -> int:
    """Start a claim for each row of a file. All rows are checked before the first start.

    Running it again, also after it was killed, starts nothing twice. `import-template` prints a
    file to begin with; docs/bulk.md explains the columns.

    Example: uv run starter.py import claims.csv
    """
    from cpor.bulk.imports import Import

    summary, error = await Import(file, failed, at_once, dry_run).run(connected, print_error)
    print_result(summary, str(summary), as_json)
    if error is not None:
        raise error
    return summary.code


@app.command("import-template")
def import_template(
    format: AsLayout = "csv",
    columns: Annotated[bool, Option("--columns", help="Explain every column instead.")] = False,
) -> None:
    """Print a file to begin with: the header and two drafts.

    It can be imported as it is. To submit a claim at once, name its proof files and say yes.

    Example: uv run starter.py import-template > claims.csv
    """
    from cpor.bulk import template

    if columns:
        print_line(template.columns())
    else:
        rows = template.as_table() if format == "csv" else template.as_objects()
        sys.stdout.buffer.write(rows)


@app.command()
@run_async
async def export(
    to: Annotated[
        Path, Option("--to", metavar="FILE", help="The file to write; - for standard output.")
    ] = Path("-"),
    format: AsLayout = "csv",
) -> int:
    """Export all claims in the layout of an import, with the status of each.

    Example: uv run starter.py export --to claims.csv
    """
    from cpor.bulk import claim_rows, exports
    from cpor.cli import errors

    writer = (
        claim_rows.TableWriter(for_spreadsheets=str(to) != "-")
        if format == "csv"
        else claim_rows.ObjectWriter()
    )
    async with connected() as claims:
        listed = (found.claim_id async for found in claims.search())
        return await exports.export(listed, claims.claim, writer, to, errors.report)
