"""Messages to a claim: built from options, sent, and their receipts printed."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Callable, Mapping, Sequence
from functools import update_wrapper
from inspect import Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

import typer

from cpor.cli.console import connected, print_error, print_line, run
from cpor.cli.options import AsJson, By, ClaimId, MessageId, PartnerRole

if TYPE_CHECKING:
    from cpor.client.answers import Answer
    from cpor.rules.messages import Message

Fields = Mapping[str, Any]


def sends(name: str, role: str) -> Callable[[Callable[..., Fields]], Callable[..., NoReturn]]:
    """A command that sends a message with the fields that the decorated function returns.

    To the options of the function the command adds the claim's id in front, and behind them what
    every sender can say: --by, --id, --json, and --partner-role for partners.
    """

    def decorated(fields: Callable[..., Fields]) -> Callable[..., NoReturn]:
        def command(
            claim: ClaimId,
            by: By = None,
            partner_role: PartnerRole = None,
            message_id: MessageId = None,
            as_json: AsJson = False,
            **own: Any,
        ) -> NoReturn:
            who = sender(role, by, partner_role=partner_role)
            send_message(claim, name, who, message_id, as_json, **fields(**own))

        claim, *common, _ = signature(command, eval_str=True).parameters.values()
        if role != "partner":
            common = [each for each in common if each.name != "partner_role"]
        own = signature(fields, eval_str=True).parameters.values()
        named = cast("Any", update_wrapper(command, fields))
        named.__signature__ = Signature([claim, *own, *common])
        return named

    return decorated


def sender(role: str, given: str | None, **more: str | None) -> Fields:
    """The field `by`: the given id, or the login name."""
    return {
        "role": role,
        "id": given if given is not None else _login_name(),
        **{name: value for name, value in more.items() if value is not None},
    }


def build_message(name: str, **fields: Any) -> Message:
    """A message with the fields that are not None; raises if the rules do not accept it."""
    from cpor.rules import messages

    content = {field: value for field, value in fields.items() if value is not None}
    return messages.read(name, [content])


def send_message(
    claim: str,
    name: str,
    by: Fields,
    message_id: str | None,
    as_json: bool,
    *,
    files: Sequence[Path] = (),
    **fields: Any,
) -> NoReturn:
    """Upload proof files, send a message that names them, and print its receipt."""

    async def main() -> None:
        from cpor.store.local_files import refer

        proof = {file: await asyncio.to_thread(refer, file) for file in files}
        evidence = [proof[file].model_dump() for file in files] or None
        message = build_message(name, **fields, evidence=evidence, id=message_id, by=by)
        async with connected() as claims:
            for file, reference in proof.items():
                await claims.store.upload(claim, file, reference)
            print_answer(claim, await claims.say(claim, message), as_json)

    run(main())


def print_answer(claim: str, answer: Answer, as_json: bool) -> None:
    unanswered = warn_if_unanswered(claim, answer)
    if as_json:
        print_line(answer.model_dump_json(ensure_ascii=True))
    elif not unanswered:
        print_line(f"{claim}  {answer.text}")


def warn_if_unanswered(claim: str, answer: Answer) -> bool:
    """Whether the message was taken, but no worker has answered it yet."""
    from cpor.client.answers import Taken

    if not isinstance(answer, Taken):
        return False
    print_error(f"{claim}  {answer.text} For its receipt, send it again with --id {answer.id}.")
    return True


def _login_name() -> str:
    """Some containers have no name for their user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise typer.BadParameter("say with --by who you are") from None
