#!/usr/bin/env -S uv run
"""The command line of portal, reviewers and operators."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Annotated, Any, NoReturn, cast

import typer

from cpor.cli import help
from cpor.cli.commands import (
    bulk,
    customers,
    everybody,
    mail_server,
    notices,
    operators,
    partners,
    reviewers,
    rules,
)
from cpor.cli.options import ClaimId, connected, run, say, say_answer
from cpor.exits import DONE, UNREAD, WRONG_INPUT, fail, leave

app = typer.Typer(
    cls=help.ByRole,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Start claims, speak to them, look at them. Exit codes: 0 done, 1 something is broken, "
    "2 wrong use or refused input, 3 refused by the rules, 4 no engine answers, or no worker where "
    "one is needed. `bounced`, which mail servers run, says 75 for 1 and 4: try again later. "
    "How a shell completes all this: docs/operating.md.",
)
anyone = typer.Typer()


@anyone.command()
def demo(
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep everything up to look at, until Ctrl-C.")
    ] = False,
) -> None:
    """Watch four claims live through weeks, on an engine of their own."""
    from demo import demo

    run(demo.play(keep=keep))


@anyone.command()
def send(
    claim: ClaimId,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The message, such as approve.")],
    message: Annotated[
        str, typer.Argument(metavar="[JSON]", help="Its content; - for input.")
    ] = "{}",
    unanswered: Annotated[
        bool, typer.Option("--signal", help="Send it without waiting for an answer.")
    ] = False,
) -> None:
    """Say anything to a claim, as JSON, and print its receipt.

    Example: uv run starter.py send CPOR-7Q2M4X approve '{"by": {"role": "reviewer", "id": "kim"}}'
    """
    from cpor.rules import messages

    async def main() -> int:
        content = _object(sys.stdin.buffer.read() if message == "-" else message)
        if unanswered:
            messages.read(name, [content])  # nobody would hear of what is wrong with it
        async with connected() as claims:
            if unanswered:
                say(json.dumps({"id": await claims.signal(claim, name, content), "sent": True}))
            else:
                say_answer(claim, await claims.send(claim, name, content), as_json=True)
        return DONE

    run(main())


def _object(text: str | bytes) -> dict[str, Any]:
    try:
        found: object = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise typer.BadParameter("has half a pair of surrogates, which is no character") from None
    except (ValueError, RecursionError) as error:
        raise typer.BadParameter(f"not readable as JSON: {error}") from None
    if not isinstance(found, dict):
        raise typer.BadParameter("must be one JSON object")
    return cast("dict[str, Any]", found)


help.add(app, "For everybody", everybody.app)
help.add(app, "For partners", partners.app)
help.add(app, "For reviewers", reviewers.app)
help.add(app, "For customers", customers.app)
help.add(app, "For operators", operators.app)
help.add(app, "For operators", mail_server.app)
help.add(app, "Many claims", bulk.app)
help.add(app, "The rules", rules.app)
help.add(app, "To try things", notices.app)
help.add(app, "To try things", anyone)


def main() -> NoReturn:
    """Every command ends by `leave`, also one that only prints."""
    # What a terminal cannot show becomes a question mark there.
    cast("TextIOWrapper", sys.stdout).reconfigure(errors="replace")
    try:
        _refuse_unreadable(sys.argv[1:])
        app()
    except SystemExit as end:
        nobody_reads = isinstance(end.__context__, BrokenPipeError)
        leave(UNREAD if nobody_reads else end.code if isinstance(end.code, int) else DONE)
    leave(DONE)


def _refuse_unreadable(words: Sequence[str]) -> None:
    """What is no text in the terminal's encoding would be refused only where it is written."""
    for place, word in enumerate(words, 1):
        try:
            word.encode()
        except UnicodeEncodeError:
            readable = os.fsencode(word).decode(errors="backslashreplace")
            raise SystemExit(
                fail(f"invalid: argument {place}, {readable}: is not UTF-8", WRONG_INPUT)
            ) from None


if __name__ == "__main__":
    main()
