"""The command line of portal, reviewers and operators."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from commands import operators, rules
from commands.parts import DONE, AsJson, ClaimId, complain, connected, run, say

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="Start claims, speak to them, look at them. Exit codes: 0 done, 1 something is broken, "
    "2 wrong use or refused input, 3 refused by the rules, 4 no engine answers, or no worker where "
    "one is needed.",
)


@app.command()
def demo(
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep everything up to look at, until Ctrl-C.")
    ] = False,
) -> None:
    """Watch four claims live through weeks, on an engine of their own."""
    from portal import demo

    run(demo.play(keep=keep))


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
        async with connected() as claims:
            for opening in found:
                claim_id = await opening.start(claims)
                started = json.dumps({"claim_id": claim_id})
                say(started if as_json else f"{claim_id} is started.")
        return DONE

    run(main())


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
        say(reference.model_dump_json())
        return DONE

    run(main())


@app.command()
def show(claim: ClaimId, as_json: AsJson = False) -> None:
    """Show what is known of a claim, also when the engine has forgotten it.

    Example: uv run starter.py show CPOR-7Q2M4X
    """
    from portal import shown

    async def main() -> int:
        async with connected() as claims:
            known = await claims.claim(claim)
            say(
                known.model_dump_json()
                if as_json
                else shown.claim(known, await claims.tries(claim))
            )
        return DONE

    run(main())


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
        async with connected() as claims:
            if unanswered:
                await claims.signal(claim, name, content)
                say(json.dumps({"id": content["id"], "sent": True}))
                return DONE
            receipt = await claims.send(claim, name, content)
        if receipt is None:
            complain(
                "Taken, not yet answered: no worker is there. For its receipt, send it again "
                f"with the id {content['id']}."
            )
            say(json.dumps({"id": content["id"], "sent": True}))
        else:
            say(receipt.model_dump_json())
        return DONE

    run(main())


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
        async with connected() as claims:
            files = (await claims.claim(claim)).evidence
            as_data = json.dumps([file.model_dump() for file in files])
            say(as_data if as_json else shown.evidence(files))
            if save is not None:
                save.mkdir(parents=True, exist_ok=True)
                for file in files:
                    place = save / f"{file.sha256[:8]}-{file.name}"
                    await claims.store.save(claim, file.sha256, place)
                    complain(f"{place}: fetched, and its hash is right")
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


app.add_typer(rules.app)
app.add_typer(operators.app)

if __name__ == "__main__":
    app()
