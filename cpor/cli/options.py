"""What the commands share: their usual arguments, a client, and how they speak and end.

What a command needs is imported by the command, so that help and usage errors come at once.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from cpor.exits import DONE

if TYPE_CHECKING:
    from cpor import Answer, ClaimsClient
    from cpor.rules.messages import Message

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


@asynccontextmanager
async def connected() -> AsyncGenerator[ClaimsClient]:
    """A client of the Temporal and the store that the settings name."""
    from cpor.client.client import ClaimsClient
    from cpor.local_temporal import connect, where
    from cpor.settings import Settings
    from cpor.store import Store

    settings = Settings.load()
    yield ClaimsClient(await connect(where()), Store.open(settings.store_url))


def tell(
    claim: str, name: str, by: Content, message_id: str | None, as_json: bool, **content: Any
) -> NoReturn:
    """Say something to a claim and print its receipt. What is None is left out."""
    tell_with((), claim, name, by, message_id, as_json, **content)


def tell_with(
    files: Sequence[Path],
    claim: str,
    name: str,
    by: Content,
    message_id: str | None,
    as_json: bool,
    **content: Any,
) -> NoReturn:
    """The same, with proof files, which are put into the store before."""

    async def main() -> int:
        from cpor.store import refer

        proof = [refer(file).model_dump() for file in files] or None
        message = read(name, {**content, "evidence": proof, "id": message_id, "by": by})
        async with connected() as claims:
            for file in files:
                await claims.upload(claim, file)
            say_answer(claim, await claims.say(claim, message), as_json)
        return DONE

    run(main())


def tell_of(
    claim: str,
    name: str,
    by: Content,
    message_id: str | None,
    as_json: bool,
    content: Callable[[ClaimsClient], Awaitable[Content]],
) -> NoReturn:
    """The same, where the content may depend on the claim."""

    async def main() -> int:
        async with connected() as claims:
            found = await content(claims)
            message = read(name, {**found, "id": message_id, "by": by})
            say_answer(claim, await claims.say(claim, message), as_json)
        return DONE

    run(main())


def read(name: str, content: Content) -> Message:
    """The message, or what is wrong with it; what is None is left out."""
    from cpor.rules import messages

    said = {field: value for field, value in content.items() if value is not None}
    return messages.read(name, [said])


def say_answer(claim: str, answer: Answer, as_json: bool) -> None:
    taken = warned_as_taken(claim, answer)
    if as_json:
        say(answer.model_dump_json(ensure_ascii=True))
    elif not taken:
        say(f"{claim}  {answer.text}")


def warned_as_taken(claim: str, answer: Answer) -> bool:
    from cpor import Taken

    if not isinstance(answer, Taken):
        return False
    complain(f"{claim}  {answer.text} For its receipt, send it again with --id {answer.id}.")
    return True


def somebody(role: str, given: str | None, **more: str | None) -> Content:
    """Who says it, by the id given or the login name."""
    from cpor.cli.retries import login

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
    from cpor.cli import errors

    errors.run(main)


def say(text: str) -> None:
    """At once, also to a file or another program."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    sys.stderr.write(f"{text}\n")
