"""Commands about the mails that claims send."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cpor.cli.options import say
from cpor.exits import WRONG_INPUT, fail

app = typer.Typer()
notices_app = typer.Typer(no_args_is_help=True, help="Look at the mails that claims send.")
app.add_typer(notices_app, name="notices")


@notices_app.command()
def preview(
    language: Annotated[
        str | None, typer.Option("--language", help="Only this one, such as de.")
    ] = None,
    notice: Annotated[
        str | None, typer.Option("--notice", help="Only this one, such as consent.")
    ] = None,
    to: Annotated[
        Path, typer.Option("--to", metavar="DIR", help="Folder to write them into.")
    ] = Path("var/notices"),
) -> None:
    """Write every mail in every language as text and HTML, with a page to open. Needs no engine.

    Example: uv run starter.py notices preview --language de
    """
    from demo import preview

    try:
        shown = preview.pages(language, notice)
    except preview.NothingToShow as error:
        raise typer.Exit(fail(str(error), WRONG_INPUT)) from None
    try:
        index = preview.write(shown, to)
    except OSError as error:
        raise typer.Exit(fail(f"{to}: {error.strerror}", WRONG_INPUT)) from None
    one = len(shown) == 1
    mails, them = ("mail is", "it") if one else ("mails are", "them")
    say(f"{len(shown)} {mails} written. To look at {them}, open {index}")
