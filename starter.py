"""The command line of portal, reviewers and operators."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any, cast

import typer

from commands import (
    bulk,
    customers,
    lookers,
    mailers,
    notices,
    operators,
    partners,
    reviewers,
    roles,
    rules,
)
from commands.parts import DONE, ClaimId, connected, run, say, say_answer

app = typer.Typer(
    cls=roles.ByRole,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Start claims, speak to them, look at them. Exit codes: 0 done, 1 something is broken, "
    "2 wrong use or refused input, 3 refused by the rules, 4 no engine answers, or no worker where "
    "one is needed. `bounced`, which mail servers run, says 75 for 1 and 4: try again later.",
)
anyone = typer.Typer()


@anyone.command()
def demo(
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep everything up to look at, until Ctrl-C.")
    ] = False,
) -> None:
    """Watch four claims live through weeks, on an engine of their own."""
    from portal import demo

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

    async def main() -> int:
        content = _object(sys.stdin.read() if message == "-" else message)
        async with connected() as claims:
            if unanswered:
                say(json.dumps({"id": await claims.signal(claim, name, content), "sent": True}))
            else:
                say_answer(claim, await claims.send(claim, name, content), as_json=True)
        return DONE

    run(main())


def _object(text: str) -> dict[str, Any]:
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise typer.BadParameter(f"not readable as JSON: {error}") from None
    if not isinstance(found, dict):
        raise typer.BadParameter("must be one JSON object")
    return cast("dict[str, Any]", found)


roles.add(app, "For everybody", lookers.app)
roles.add(app, "For partners", partners.app)
roles.add(app, "For reviewers", reviewers.app)
roles.add(app, "For customers", customers.app)
roles.add(app, "For operators", operators.app)
roles.add(app, "For operators", mailers.app)
roles.add(app, "Many claims", bulk.app)
roles.add(app, "The rules", rules.app)
roles.add(app, "To try things", notices.app)
roles.add(app, "To try things", anyone)

if __name__ == "__main__":
    app()
