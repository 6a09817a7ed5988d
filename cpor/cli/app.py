"""The command line as a whole: all commands, and how the process ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import NoReturn, cast

import typer

from cpor.cli import help, version
from cpor.cli.commands import (
    bulk,
    customers,
    everybody,
    keys,
    mail_server,
    operators,
    partners,
    reviewers,
    rules,
    send,
    simulate,
)
from cpor.exits import DONE, UNREAD, WRONG_INPUT, fail, leave
from cpor.private_files import keep_private


def command_line(*to_try: typer.Typer) -> typer.Typer:
    """All commands, and those of the demo."""
    app = typer.Typer(
        cls=help.CommandsByHeading,
        no_args_is_help=True,
        add_completion=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        help="Start claims, send them messages, look at them. `help COMMAND` explains a command. "
        "Exit codes: 0 done, 1 something is broken, 2 wrong use or refused input, 3 refused by "
        "the rules, 4 no engine answers, or no worker where one is needed. `bounced`, which mail "
        "servers run, says 75 for 1 and 4: try again later. How a shell completes all this: "
        "docs/operating.md.",
    )
    app.callback()(version.whole)
    help.add(app, "For everybody", everybody.app)
    help.add(app, "For partners", partners.app)
    help.add(app, "For reviewers", reviewers.app)
    help.add(app, "For customers", customers.app)
    help.add(app, "For operators", operators.app)
    help.add(app, "For operators", mail_server.app)
    help.add(app, "Proofs", keys.app)
    help.add(app, "Many claims", bulk.app)
    help.add(app, "The rules", rules.app)
    help.add(app, "The rules", simulate.app)
    for commands in (*to_try, send.app):
        help.add(app, "To try things", commands)
    return app


def main(app: typer.Typer) -> NoReturn:
    """Run a command. Each ends by `leave`, also one that only prints."""
    keep_private()
    # A character that the terminal cannot show becomes a question mark.
    cast("TextIOWrapper", sys.stdout).reconfigure(errors="replace")
    try:
        _refuse_unreadable(sys.argv[1:])
        if sys.argv[1:2] == ["help"]:
            sys.argv[1:] = [*sys.argv[2:], "--help"]
        help.keep_only(app, *sys.argv[1:2] or [""])
        app()
    except SystemExit as end:
        nobody_reads = isinstance(end.__context__, BrokenPipeError)
        leave(UNREAD if nobody_reads else end.code if isinstance(end.code, int) else DONE)
    leave(DONE)


def _refuse_unreadable(words: Sequence[str]) -> None:
    """Refuse words that are not in the encoding of the terminal, before anything is done."""
    for place, word in enumerate(words, 1):
        try:
            word.encode()
        except UnicodeEncodeError:
            readable = os.fsencode(word).decode(errors="backslashreplace")
            raise SystemExit(
                fail(f"invalid: argument {place}, {readable}: is not UTF-8", WRONG_INPUT)
            ) from None
