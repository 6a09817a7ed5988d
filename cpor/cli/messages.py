"""Messages to a claim: built from options, sent, and their receipts printed."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import update_wrapper
from inspect import Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

import typer

from cpor.cli.console import connected, print_error, print_line, run
from cpor.cli.options import AsJson, By, ClaimId, ClaimIds, MessageId, PartnerRole
from cpor.cli.signing import speaking_to
from cpor.cli.typed import Typed, in_words_typed, places
from cpor.exits import DONE

if TYPE_CHECKING:
    from cpor.client.answers import Answer
    from cpor.rules.messages import Message

Fields = Mapping[str, Any]
Instead = Callable[[str], Coroutine[Any, Any, None]]
"""What is done with one claim in place of sending it the message."""

HAVE_NO: Mapping[str, Sequence[str]] = {
    "reviewer": ["partner_role"],
    "operator": ["partner_role"],
    "customer": ["by", "partner_role"],
    "system": ["by", "partner_role"],
}
"""Common options that do not fit a sender, by role."""
COMMON: Mapping[str, Typed] = {
    "id": Typed("--id"),
    "by.id": Typed("--by"),
    "by.partner_role": Typed("--partner-role"),
}
"""Where the fields stand that every message has."""


def sends(
    name: str, role: str, *, to_many: bool = False, **typed_as: Sequence[str]
) -> Callable[[Callable[..., Fields | Instead]], Callable[..., NoReturn]]:
    """A command that sends a message with the fields that the decorated function returns, or does
    what it returns instead.

    `files` among them are proof files to be uploaded, and `by` has what is known of the sender.
    To the options of the function the command adds the claim's id in front, or several with
    `to_many`, and behind them --id, --json, and how the sender is named: --by, and --partner-role
    for partners. `typed_as` has the parameters of a field that is not called as its parameter is.
    """

    def decorated(fields: Callable[..., Fields | Instead]) -> Callable[..., NoReturn]:
        def command(
            claim: Any,
            by: By = None,
            partner_role: PartnerRole = None,
            message_id: MessageId = None,
            as_json: AsJson = False,
            **own: Any,
        ) -> NoReturn:
            said = fields(**own)
            if callable(said):
                run(said(claim))
            content: dict[str, Any] = {"by": {}, "files": (), "id": message_id, **said}
            who: Fields = {"role": role, "id": by, "partner_role": partner_role, **content["by"]}
            content["by"] = sender(**who)
            typed = {**places(parameters, own, typed_as), **COMMON}
            claims: list[str] = claim if to_many else [claim]
            run(_send_all(claims, name, as_json, typed, **content))

        claim, *common, _ = signature(command, eval_str=True).parameters.values()
        claim = claim.replace(annotation=ClaimIds if to_many else ClaimId)
        common = [each for each in common if each.name not in HAVE_NO.get(role, ())]
        parameters = list(signature(fields, eval_str=True).parameters.values())
        named = cast("Any", update_wrapper(command, fields))
        named.__signature__ = Signature([claim, *parameters, *common])
        return named

    return decorated


def sender(role: str, id: str | None, **more: str | None) -> Fields:
    """The field `by`: the given id, or the login name."""
    return {
        "role": role,
        "id": id if id is not None else _login_name(),
        **{name: value for name, value in more.items() if value is not None},
    }


def build_message(name: str, typed: Mapping[str, Typed] = COMMON, **fields: Any) -> Message:
    """A message with the fields that are not None; raises what the rules do not accept of it.

    `typed` says where each field was typed.
    """
    from cpor.rules import messages
    from cpor.rules.errors import Invalid

    content = {field: value for field, value in fields.items() if value is not None}
    try:
        return messages.read(name, [content])
    except Invalid as error:
        raise in_words_typed(error, typed) from None


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


async def _send_all(
    claim_ids: Sequence[str],
    name: str,
    as_json: bool,
    typed: Mapping[str, Typed],
    files: Sequence[Path],
    **fields: Any,
) -> int:
    """Upload proof files, send each claim a message that names them, and print the receipts.

    One claim that refuses keeps no other from being told; the highest exit code is returned.
    """
    import asyncio

    from cpor.cli.errors import guarded
    from cpor.store.local_files import refer

    proof = {file: await asyncio.to_thread(refer, file) for file in files}
    evidence = [proof[file].model_dump() for file in files] or None
    message = build_message(name, typed, **{"evidence": evidence, **fields})
    if len(claim_ids) > 1 and fields.get("seen") is not None:
        raise typer.BadParameter("--seen is about the history of one claim: name one")
    async with connected() as claims:

        async def send(claim: str) -> None:
            for file, reference in proof.items():
                await claims.store.upload(claim, file, reference)
            speaking = await speaking_to(claim, claims, fields)
            print_answer(claim, await speaking.say(claim, message), as_json)

        if len(claim_ids) == 1:
            await send(claim_ids[0])
            return DONE
        each_once = dict.fromkeys(claim_ids)
        return max([await guarded(send(claim), f"{claim}  ") for claim in each_once])


def _login_name() -> str:
    """Some containers have no name for their user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise typer.BadParameter("say with --by who you are") from None
