"""The command that sends any message, as JSON."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any, cast

from typer import Argument, BadParameter, Option, Typer

from cpor.cli.console import connected, print_json, run_async
from cpor.cli.messages import print_answer
from cpor.cli.options import ClaimId
from cpor.cli.signing import check, own_signer, speaking_to

app = Typer()


@app.command()
@run_async
async def send(
    claim: ClaimId,
    name: Annotated[str, Argument(metavar="NAME", help="The message, such as approve.")],
    message: Annotated[
        str, Argument(metavar="JSON", help="Its content; - for standard input.")
    ] = "{}",
    unanswered: Annotated[
        bool, Option("--signal", help="Send it without waiting for an answer.")
    ] = False,
) -> None:
    """Send a claim any message, as JSON, and print its receipt.

    Example: uv run starter.py send CPOR-7Q2M4X approve '{"by": {"role": "reviewer", "id": "kim"}}'
    """
    content = read_message(message)
    if unanswered or own_signer() is not None:
        # A signal has no answer that would say what is wrong, and not everything can be signed.
        check(name, content)
    async with connected() as connection:
        claims = await speaking_to(claim, connection, content)
        if unanswered:
            print_json({"id": await claims.signal(claim, name, content), "sent": True})
        else:
            print_answer(claim, await claims.send(claim, name, content), as_json=True)


def read_message(message: str) -> dict[str, Any]:
    """One JSON object, from the command line or, for `-`, from the input."""
    return _object(sys.stdin.buffer.read() if message == "-" else message)


def _object(text: str | bytes) -> dict[str, Any]:
    try:
        found: object = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise BadParameter("has half a pair of surrogates, which is no character") from None
    except (ValueError, RecursionError) as error:
        raise BadParameter(f"not readable as JSON: {error}") from None
    if not isinstance(found, dict):
        raise BadParameter("must be one JSON object")
    return cast("dict[str, Any]", found)
