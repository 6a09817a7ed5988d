"""The command line of portal, reviewers and operators."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, cast

import typer

if TYPE_CHECKING:
    from portal import ClaimsClient

# What a command needs is imported by the command, so that help and usage errors come at once.

DONE, WRONG_INPUT = 0, 2

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="Start claims, speak to them, look at them. Exit codes: 0 done, 1 something is broken, "
    "2 wrong use or refused input, 3 refused by the rules, 4 no engine answers, or no worker where "
    "one is needed.",
)

editions_app = typer.Typer(invoke_without_command=True)
app.add_typer(editions_app, name="editions")

ClaimId = Annotated[str, typer.Argument(metavar="CLAIM", help="The claim's id.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON only.")]


@app.command()
def demo(
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep everything up to look at, until Ctrl-C.")
    ] = False,
) -> None:
    """Watch four claims live through weeks, on an engine of their own."""
    from portal import demo

    _run(demo.play(keep=keep))


@app.command()
def start(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="A claim each, as JSON; - for input.")
    ],
    as_json: AsJson = False,
) -> None:
    """Start claims.

    An evidence entry {"file": "sow.pdf"} names a proof file beside the claim's own file: it is
    uploaded first. Everything is checked before anything is sent.

    Example: uv run starter.py start claim.json
    """
    from portal import openings

    async def main() -> int:
        found = [openings.read(file).check() for file in files]
        async with _claims() as claims:
            for opening in found:
                claim_id = await opening.start(claims)
                started = json.dumps({"claim_id": claim_id})
                _print(started if as_json else f"{claim_id} is started.")
        return DONE

    _run(main())


@app.command()
def upload(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The proof file.")],
    claim: Annotated[str, typer.Option("--claim", help="The id of the claim it is for.")],
) -> None:
    """Put a proof file into the store and print the reference that names it.

    Example: uv run starter.py upload sow.pdf --claim CPOR-7Q2M4X
    """
    from settings import Settings
    from store import Store

    async def main() -> int:
        reference = await Store.open(Settings.load().store_url).upload(claim, file)
        _print(reference.model_dump_json())
        return DONE

    _run(main())


@app.command()
def deadline(
    country: Annotated[str, typer.Option("--country", help="Whose calendar: a code such as DE.")],
    days: Annotated[int, typer.Option("--days", min=1, max=400, help="Business days.")],
    since: Annotated[
        str | None,
        typer.Option("--from", metavar="INSTANT", help="When the time begins.", show_default="now"),
    ] = None,
    subdivision: Annotated[
        str | None, typer.Option("--subdivision", help="State or region, such as BY.")
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option("--zone", help="Time zone.", show_default="the country's most populous"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say when so many business days are over, as a sum anybody can check. Needs no engine.

    Example: uv run starter.py deadline --days 5 --country DE --from 2026-12-22T16:00:00Z
    """
    from portal import deadlines, sums

    try:
        found = deadlines.ask(days, country, since, subdivision, zone)
    except deadlines.OptionRefused as error:
        raise typer.Exit(_fail(str(error), WRONG_INPUT)) from None
    as_data = json.dumps(deadlines.as_data(found))
    _print(as_data if as_json else "\n".join(sums.sum_of(found)))


@editions_app.callback()
def editions(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the editions of the rules side by side. Needs no engine.

    Example: uv run starter.py editions
    """
    from portal import rulebook

    context.obj = as_json
    if context.invoked_subcommand is not None:
        return
    known = rulebook.all_editions()
    as_data = json.dumps(rulebook.as_data(known))
    _print(as_data if as_json else rulebook.side_by_side(known, _width()))


@editions_app.command("diff")
def editions_diff(
    context: typer.Context,
    before: Annotated[str, typer.Argument(metavar="EDITION", help="Such as 2020.")],
    after: Annotated[str, typer.Argument(metavar="OTHER", help="Such as 2023.")],
    as_json: AsJson = False,
) -> None:
    """Say in plain words what differs between two editions.

    Example: uv run starter.py editions diff 2020 2023
    """
    from claims.editions import edition
    from claims.errors import EditionError
    from portal import rulebook

    try:
        both = edition(before), edition(after)
    except EditionError as error:
        raise typer.Exit(_fail(str(error), WRONG_INPUT)) from None
    as_data = json.dumps(rulebook.differences(both))
    _print(as_data if as_json or context.obj else rulebook.what_differs(*both))


@app.command()
def show(claim: ClaimId, as_json: AsJson = False) -> None:
    """Show what is known of a claim, also when the engine has forgotten it.

    Example: uv run starter.py show CPOR-7Q2M4X
    """
    from portal import shown

    async def main() -> int:
        async with _claims() as claims:
            known = await claims.claim(claim)
            _print(
                known.model_dump_json()
                if as_json
                else shown.claim(known, await claims.tries(claim))
            )
        return DONE

    _run(main())


@app.command()
def explain(claim: ClaimId, as_json: AsJson = False) -> None:
    """Show every clock of a claim as a sum anybody can check, also when it is over.

    Example: uv run starter.py explain CPOR-7Q2M4X
    """
    from portal import explained

    async def main() -> int:
        async with _claims() as claims:
            known = await claims.deadlines(claim)
            as_data = json.dumps([clock.model_dump(mode="json") for clock in known])
            _print(as_data if as_json else explained.clocks(claim, known))
        return DONE

    _run(main())


@app.command()
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
    """Say something to a claim and print its receipt.

    Example: uv run starter.py send CPOR-7Q2M4X approve '{"by": {"role": "reviewer", "id": "kim"}}'
    """
    from portal.client import with_id

    async def main() -> int:
        content = with_id(_object(sys.stdin.read() if message == "-" else message))
        async with _claims() as claims:
            if unanswered:
                await claims.signal(claim, name, content)
                _print(json.dumps({"id": content["id"], "sent": True}))
                return DONE
            receipt = await claims.send(claim, name, content)
        if receipt is None:
            _complain(
                "Taken, not yet answered: no worker is there. For its receipt, send it again "
                f"with the id {content['id']}."
            )
            _print(json.dumps({"id": content["id"], "sent": True}))
        else:
            _print(receipt.model_dump_json())
        return DONE

    _run(main())


@app.command()
def owed(as_json: AsJson = False) -> None:
    """List every late or parked debt of all claims, oldest first, with tries and last answer.

    Example: uv run starter.py owed
    """
    from portal import owing

    async def main() -> int:
        async with _claims() as claims:
            found = await claims.owed()
        as_data = json.dumps(owing.as_data(found))
        _print(as_data if as_json else owing.table(found, datetime.now(UTC), _width()))
        return DONE

    _run(main())


@app.command()
def retry(
    claim: Annotated[
        str | None, typer.Argument(metavar="CLAIM", help="The claim's id.", show_default=False)
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All that `owed` lists.")] = False,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="OPERATOR", help="Who you are; else the login name."),
    ] = None,
) -> None:
    """Have what is late tried at once, and what is parked tried again.

    Example: uv run starter.py retry CPOR-7Q2M4X --by olga
    """
    from portal import retrying

    async def main() -> int:
        operator = by if by is not None else retrying.login()
        async with _claims() as claims:
            if claim is not None:
                return await retrying.one(claims, claim, operator, _print)
            return await retrying.all_of_them(claims, operator, _print)

    if (claim is None) is not every:
        raise typer.BadParameter("name one claim, or say --all")
    _run(main())


@app.command()
def support(
    claim: ClaimId,
    details: Annotated[
        str | None,
        typer.Option("--details", metavar="TEXT", help="What it is about; else how it stands."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the six facts of a support request about a claim, to be pasted into a form.

    Example: uv run starter.py support CPOR-7Q2M4X --details "Teams is missing in the report."
    """
    from portal import support

    async def main() -> int:
        async with _claims() as claims:
            known = await claims.claim(claim)
        as_data = json.dumps(support.facts(known, details))
        _print(as_data if as_json else support.text(known, details))
        return DONE

    _run(main())


@app.command()
def evidence(
    claim: ClaimId,
    save: Annotated[
        Path | None, typer.Option("--save", metavar="DIR", help="Fetch the files into DIR.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List a claim's proof files; with --save, fetch them and check each against its hash.

    Example: uv run starter.py evidence CPOR-7Q2M4X --save proof/
    """
    from portal import shown

    async def main() -> int:
        async with _claims() as claims:
            files = (await claims.claim(claim)).evidence
            as_data = json.dumps([file.model_dump() for file in files])
            _print(as_data if as_json else shown.evidence(files))
            if save is not None:
                save.mkdir(parents=True, exist_ok=True)
                for file in files:
                    place = save / f"{file.sha256[:8]}-{file.name}"
                    await claims.store.save(claim, file.sha256, place)
                    _complain(f"{place}: fetched, and its hash is right")
        return DONE

    _run(main())


def _claims() -> AbstractAsyncContextManager[ClaimsClient]:
    from portal import ClaimsClient

    return ClaimsClient.connect()


def _width() -> int | None:
    """Of the terminal, if it is one."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _object(text: str) -> dict[str, Any]:
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise typer.BadParameter(f"not readable as JSON: {error}") from None
    if not isinstance(found, dict):
        raise typer.BadParameter("must be one JSON object")
    return cast("dict[str, Any]", found)


def _run(main: Coroutine[Any, Any, int]) -> NoReturn:
    """Run a command to its exit code; what went wrong becomes one sentence."""
    from portal import exits

    exits.run(main)


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _complain(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _fail(text: str, code: int) -> int:
    _complain(text)
    return code


if __name__ == "__main__":
    app()
