"""What the commands share: their usual arguments, a client, and how they speak and end.

What a command needs is imported by the command, so that help and usage errors come at once.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from claims.views import ClaimView
    from portal import Answer, ClaimsClient

DONE, WRONG_INPUT = 0, 2

ClaimId = Annotated[str, typer.Argument(metavar="CLAIM", help="The claim's id.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON only.")]
By = Annotated[
    str | None,
    typer.Option("--by", metavar="ID", help="Who you are.", show_default="the login name"),
]
MessageId = Annotated[
    str | None,
    typer.Option(
        "--id", metavar="ID", help="The message's own id: under it, it may be sent again."
    ),
]
Seen = Annotated[
    int | None,
    typer.Option("--seen", metavar="N", help="Refused where the partner changed it after entry N."),
]

Content = Mapping[str, Any]


def connected() -> AbstractAsyncContextManager[ClaimsClient]:
    from portal import ClaimsClient

    return ClaimsClient.connect()


def tell(
    claim: str, name: str, by: Content, message_id: str | None, as_json: bool, **content: Any
) -> NoReturn:
    """Say something to a claim and print its receipt. What is None is left out."""
    run(_told(claim, name, {**content, "id": message_id, "by": by}, as_json))


def tell_of(
    claim: str,
    name: str,
    by: Content,
    message_id: str | None,
    as_json: bool,
    content: Callable[[ClaimsClient, ClaimView], Coroutine[Any, Any, Content]],
) -> NoReturn:
    """The same, where the content depends on the claim, or files are put into the store for it."""

    async def main() -> int:
        async with connected() as claims:
            found = await content(claims, await claims.claim(claim))
        return await _told(claim, name, {**found, "id": message_id, "by": by}, as_json)

    run(main())


async def _told(claim: str, name: str, content: Content, as_json: bool) -> int:
    from claims import messages

    said = {field: value for field, value in content.items() if value is not None}
    message = messages.read(name, [said])
    async with connected() as claims:
        answer = await claims.say(claim, message)
    say_answer(claim, answer, as_json)
    return DONE


def say_answer(claim: str, answer: Answer, as_json: bool) -> None:
    from portal import Taken

    if isinstance(answer, Taken):
        complain(f"{claim}  {answer.text} For its receipt, send it again with --id {answer.id}.")
    if as_json:
        say(answer.model_dump_json())
    elif not isinstance(answer, Taken):
        say(f"{claim}  {answer.text}")


def somebody(role: str, given: str | None, **more: str | None) -> Content:
    """Who says it, by the id given or the login name."""
    from portal.retrying import login

    return {
        "role": role,
        "id": given if given is not None else login(),
        **{name: value for name, value in more.items() if value is not None},
    }


def width() -> int | None:
    """Of the terminal, if it is one."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def run(main: Coroutine[Any, Any, int]) -> NoReturn:
    """Run a command to its exit code; what went wrong becomes one sentence."""
    from portal import exits

    exits.run(main)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def complain(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def fail(text: str, code: int) -> int:
    complain(text)
    return code
