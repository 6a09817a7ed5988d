"""The commands to try things: the demo, and the preview of the mails."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Exit, Option, Typer

from cpor.cli.console import print_line, run, run_async
from cpor.cli.options import ClaimId
from cpor.exits import WRONG_INPUT, fail

demo_app = Typer()
notices_app = Typer()
notices = Typer(no_args_is_help=True, help="Look at the mails that claims send.")
notices_app.add_typer(notices, name="notices")


@demo_app.command()
def demo(
    keep: Annotated[
        bool,
        Option("--keep", help="Keep everything up until Ctrl-C, with a claim that waits for you."),
    ] = False,
    fast: Annotated[bool, Option("--fast", help="Don't pause for readers.")] = False,
    picture: Annotated[
        Path | None,
        Option("--picture", metavar="FILE", help="Also save it all as an animated SVG."),
    ] = None,
) -> None:
    """Watch four claims live through weeks, on an engine of their own.

    Example: uv run starter.py demo --keep
    """
    from demo import play

    run(play.play(keep=keep, fast=fast, picture=picture))


@demo_app.command()
def sandbox(
    port: Annotated[int, Option("--port", help="Of the engine; 0 is any free one.")] = 7233,
    ui_port: Annotated[int, Option("--ui-port", help="Of its UI; 0 is any free one.")] = 8233,
    events_to: Annotated[
        str | None,
        Option("--events-to", metavar="URL", help="Where your portal takes events, if it does."),
    ] = None,
) -> None:
    """Run engine, worker, customer's page and mailbox for those who build a portal, until Ctrl-C.

    Nothing leaves this machine but events to the URL that you name. Everything begins empty.
    Example: uv run starter.py sandbox --events-to http://127.0.0.1:9000/events
    """
    from demo import sandbox

    run(sandbox.run(port, ui_port, events_to, print_line))


@demo_app.command()
@run_async
async def advance(
    claim: ClaimId,
    time: Annotated[str, Argument(metavar="TIME", help="How much of it: 8d, 12h or 30m.")],
) -> None:
    """Let a claim's time pass at once, in a sandbox: windows end, reminders go out.

    Example: uv run starter.py advance CPOR-7Q2M4X 8d
    """
    from cpor.local_temporal import connect, where
    from demo import sandbox

    now = await sandbox.advance(await connect(where()), claim, sandbox.span(time))
    print_line(f"{claim}: it is {now:%a %d %b %Y %H:%M} UTC now." if now else f"{claim} is over.")


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
    """Write every mail as text and HTML, and the customer's page in each state.

    Works without Temporal.

    In every language, with an index to open. With --notice only mails are written.

    Example: uv run starter.py notices preview --language de
    """
    from demo import preview

    try:
        mails = preview.pages(language, notice)
        pages = [] if notice else preview.customers_pages(language)
    except preview.NothingToShow as error:
        raise Exit(fail(str(error), WRONG_INPUT)) from None
    try:
        index = preview.write(mails, pages, to)
    except OSError as error:
        raise Exit(fail(f"{to}: {error.strerror}", WRONG_INPUT)) from None
    written, them = ("mail is", "it") if len(mails) == 1 else ("mails are", "them")
    if pages:
        written = f"mails and {len(pages)} pages are"
    print_line(f"{len(mails)} {written} written. To look at {them}, open {index}")
