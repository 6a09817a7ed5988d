"""The commands to try things: the demo, and the preview of the mails."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Exit, Option, Typer

from cpor.cli.console import print_line, run
from cpor.exits import WRONG_INPUT, fail

demo_app = Typer()
notices_app = Typer()
notices = Typer(no_args_is_help=True, help="Look at the mails that claims send.")
notices_app.add_typer(notices, name="notices")


@demo_app.command()
def demo(
    keep: Annotated[
        bool, Option("--keep", help="Keep everything up to look at, until Ctrl-C.")
    ] = False,
) -> None:
    """Watch four claims live through weeks, on an engine of their own."""
    from demo import play

    run(play.play(keep=keep))


@notices.command()
def preview(
    language: Annotated[str | None, Option("--language", help="Only this one, such as de.")] = None,
    notice: Annotated[
        str | None, Option("--notice", help="Only this one, such as consent.")
    ] = None,
    to: Annotated[Path, Option("--to", metavar="DIR", help="Folder to write them into.")] = Path(
        "var/notices"
    ),
) -> None:
    """Write every mail in every language as text and HTML, with a page to open. Needs no engine.

    Example: uv run starter.py notices preview --language de
    """
    from demo import preview

    try:
        pages = preview.pages(language, notice)
    except preview.NothingToShow as error:
        raise Exit(fail(str(error), WRONG_INPUT)) from None
    try:
        index = preview.write(pages, to)
    except OSError as error:
        raise Exit(fail(f"{to}: {error.strerror}", WRONG_INPUT)) from None
    mails, them = ("mail is", "it") if len(pages) == 1 else ("mails are", "them")
    print_line(f"{len(pages)} {mails} written. To look at {them}, open {index}")
