"""Commands for partners: start, edit, submit, withdraw and dispute claims."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from cpor.cli.console import connected, print_line, run
from cpor.cli.messages import build_message, print_answer, send_message, sender
from cpor.cli.options import AsJson, By, ClaimId, MessageId
from cpor.exits import DONE

app = typer.Typer()

PartnerRole = Annotated[
    str | None,
    typer.Option(
        "--partner-role",
        metavar="ROLE",
        help="What you are at the partner: incentives_admin, incentives_user, billing_admin or "
        "global_admin.",
    ),
]
Files = Annotated[list[Path], typer.Argument(metavar="FILE…", help="Proof files.")]
Note = Annotated[str | None, typer.Option("--note", metavar="TEXT", help="In your own words.")]
Remark = Annotated[
    str | None, typer.Option("--comment", metavar="TEXT", help="A remark for the reviewers.")
]


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
    from cpor.client import openings

    async def main() -> int:
        checked = [await openings.read(file).check() for file in files]
        async with connected() as claims:
            for opening in checked:
                claim_id = await claims.open(opening)
                started = json.dumps({"claim_id": claim_id})
                print_line(started if as_json else f"{claim_id} is started.")
        return DONE

    run(main())


@app.command()
def copy(
    claim: ClaimId,
    new: Annotated[str, typer.Argument(metavar="NEW", help="The id of the new claim.")],
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Start a new draft with what an old claim says and proves.

    Example: uv run starter.py copy CPOR-7Q2M4X CPOR-8B3D5F
    """
    from cpor.cli import drafts

    async def main() -> int:
        async with connected() as claims:
            await drafts.copy(claims, claim, new, sender("partner", by))
        print_line(
            json.dumps({"claim_id": new}) if as_json else f"{new} is a draft; {claim} is as it was."
        )
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
    from cpor.settings import Settings
    from cpor.store import Store

    async def main() -> int:
        reference = await Store.open(Settings.load().store_url).upload(claim, file)
        print_line(reference.model_dump_json(ensure_ascii=True))
        return DONE

    run(main())


@app.command()
def edit(
    claim: ClaimId,
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FIELD=VALUE",
            help="Such as mpn_id=4912345 or customer_contact.email=lars@contoso.example; may be "
            "repeated. Nothing after = takes a field away.",
        ),
    ] = None,
    products: Annotated[
        list[str] | None,
        typer.Option(
            "--product",
            metavar="NAME[@SUBSCRIPTION]",
            help="A product it shall be about, instead of those so far; may be repeated.",
        ),
    ] = None,
    by: By = None,
    partner_role: PartnerRole = None,
    message_id: MessageId = None,
    as_json: AsJson = False,
) -> None:
    """Change fields of a claim; which may be changed now, `show` says.

    Example: uv run starter.py edit CPOR-7Q2M4X --product Teams --product "SharePoint Online"
    """
    from cpor.cli import edits

    who = sender("partner", by, partner_role=partner_role)

    async def main() -> int:
        async with connected() as claims:
            changes = await edits.changes(assignments or (), products, lambda: claims.claim(claim))
            message = build_message("edit", changes=changes, id=message_id, by=who)
            print_answer(claim, await claims.say(claim, message), as_json)
        return DONE

    run(main())


@app.command("add-evidence")
def add_evidence(
    claim: ClaimId,
    files: Files,
    comment: Remark = None,
    by: By = None,
    partner_role: PartnerRole = None,
    message_id: MessageId = None,
    as_json: AsJson = False,
) -> None:
    """Put proof files into the store and add them to a claim.

    Example: uv run starter.py add-evidence CPOR-7Q2M4X acknowledgement.pdf
    """
    who = sender("partner", by, partner_role=partner_role)
    send_message(claim, "add_evidence", who, message_id, as_json, files=files, comment=comment)


@app.command()
def submit(
    claim: ClaimId,
    comment: Remark = None,
    by: By = None,
    partner_role: PartnerRole = None,
    message_id: MessageId = None,
    as_json: AsJson = False,
) -> None:
    """Submit a draft, or answer what was asked by submitting again.

    Example: uv run starter.py submit CPOR-7Q2M4X --comment "The acknowledgement is added."
    """
    who = sender("partner", by, partner_role=partner_role)
    send_message(claim, "submit", who, message_id, as_json, comment=comment)


@app.command()
def withdraw(
    claim: ClaimId,
    reason: Annotated[
        str,
        typer.Option(
            "--reason",
            metavar="CODE",
            help="wrong_mpn, wrong_activity, wrong_customer, no_longer_engaged or other.",
        ),
    ],
    note: Note = None,
    by: By = None,
    partner_role: PartnerRole = None,
    message_id: MessageId = None,
    as_json: AsJson = False,
) -> None:
    """Take a claim back.

    Example: uv run starter.py withdraw CPOR-7Q2M4X --reason wrong_customer
    """
    who = sender("partner", by, partner_role=partner_role)
    send_message(claim, "withdraw", who, message_id, as_json, reason=reason, note=note)


@app.command()
def dispute(
    claim: ClaimId,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE…]", help="More proof.")
    ] = None,
    justification: Annotated[
        str | None, typer.Option("--justification", metavar="TEXT", help="Why it is not right.")
    ] = None,
    by: By = None,
    partner_role: PartnerRole = None,
    message_id: MessageId = None,
    as_json: AsJson = False,
) -> None:
    """Object to a rejection, with a justification, more proof, or both.

    Example: uv run starter.py dispute CPOR-7Q2M4X --justification "Teams is named on page 3."
    """
    who = sender("partner", by, partner_role=partner_role)
    send_message(
        claim, "dispute", who, message_id, as_json, files=files or (), justification=justification
    )


@app.command()
def disassociate(
    claim: ClaimId,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")],
    by: By = None,
    partner_role: PartnerRole = None,
    message_id: MessageId = None,
    as_json: AsJson = False,
) -> None:
    """End the association with the customer.

    Example: uv run starter.py disassociate CPOR-7Q2M4X --reason "The contract ran out."
    """
    who = sender("partner", by, partner_role=partner_role)
    send_message(claim, "disassociate", who, message_id, as_json, reason=reason)
