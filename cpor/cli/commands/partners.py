"""Commands for partners: start, edit, submit, withdraw and dispute claims."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, BadParameter, Option, Typer

from cpor.cli.console import connected, print_line, print_result, run_async
from cpor.cli.messages import Fields, build_message, print_answer, sender, sends
from cpor.cli.options import AsJson, By, ClaimId, MessageId, PartnerRole
from cpor.cli.signing import speaking_to

app = Typer()

Files = Annotated[list[Path], Argument(metavar="FILE", help="Proof files.")]
Note = Annotated[str | None, Option("--note", metavar="TEXT", help="In your own words.")]
Remark = Annotated[
    str | None, Option("--comment", metavar="TEXT", help="A remark for the reviewers.")
]


@app.command()
@run_async
async def start(
    files: Annotated[
        list[Path],
        Argument(metavar="FILE", help="A claim as JSON, or several; - for standard input."),
    ],
    as_json: AsJson = False,
) -> None:
    """Start claims.

    An evidence entry {"file": "sow.pdf"} names a proof file beside the claim's own file: it is
    uploaded first. Everything is checked before anything is sent.

    Example: uv run starter.py start claim.json
    """
    from cpor.client import openings
    from cpor.rules.errors import Refused

    checked: list[openings.CheckedOpening] = []
    for file in files:
        try:
            checked.append(await openings.read(file).check())
        except Refused as refused:
            if len(files) == 1:
                raise
            raise BadParameter(f"{file}: {refused}") from None
    async with connected() as claims:
        for opening in checked:
            was_there = await claims.is_there(opening.claim_id)
            claim_id = await claims.open(opening)
            said = "is there already, just as this file says." if was_there else "is started."
            print_result({"claim_id": claim_id}, f"{claim_id} {said}", as_json)


@app.command()
@run_async
async def check(
    claim: Annotated[Path, Argument(metavar="CLAIM", help="A claim as JSON, as for `start`.")],
    files: Annotated[
        list[Path] | None,
        Argument(metavar="FILE", help="Proof files.", show_default="those that the claim names"),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Look into proof files before a claim is sent, and say what reviewers would miss.

    Works without Temporal and sends nothing. Ends with 0 if nothing is missing and every file is
    clean, else with 3.

    Example: uv run starter.py check claim.json sow.pdf
    """
    from cpor.cli import proof_check
    from cpor.cli.output import sheet_text
    from cpor.exits import DONE, REFUSED

    found = await proof_check.check(claim, files or ())
    print_result(found.model_dump(mode="json"), sheet_text.sheet(found), as_json)
    return DONE if found.is_complete else REFUSED


@app.command()
@run_async
async def copy(
    claim: ClaimId,
    new: Annotated[str, Argument(metavar="NEW", help="The id of the new claim.")],
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Start a new draft with what an old claim says and proves.

    Example: uv run starter.py copy CPOR-7Q2M4X CPOR-8B3D5F
    """
    from cpor.cli import drafts

    async with connected() as claims:
        await drafts.copy(claims, claim, new, sender("partner", by))
    print_result({"claim_id": new}, f"{new} is a draft; {claim} is as it was.", as_json)


@app.command()
@run_async
async def upload(
    file: Annotated[Path, Argument(metavar="FILE", help="The proof file.")],
    claim: Annotated[str, Option("--claim", help="The id of the claim it is for.")],
) -> None:
    """Put a proof file into the store and print the reference that names it.

    Example: uv run starter.py upload sow.pdf --claim CPOR-7Q2M4X
    """
    from cpor.settings import Settings
    from cpor.store import Store

    reference = await Store.open(Settings.load().store_url).upload(claim, file)
    print_line(reference.model_dump_json(ensure_ascii=True))


@app.command()
@run_async
async def edit(
    claim: ClaimId,
    assignments: Annotated[
        list[str] | None,
        Option(
            "--set",
            metavar="FIELD=VALUE",
            help="Such as mpn_id=4912345 or customer_contact.email=lars@contoso.example; may be "
            "repeated. An empty value removes the field.",
        ),
    ] = None,
    products: Annotated[
        list[str] | None,
        Option(
            "--product",
            metavar="NAME[@SUBSCRIPTION]",
            help="A product of the claim, in place of all it has; may be repeated.",
        ),
    ] = None,
    by: By = None,
    partner_role: PartnerRole = None,
    message_id: MessageId = None,
    as_json: AsJson = False,
) -> None:
    """Change fields of a claim. `show` lists those that may be changed now.

    Example: uv run starter.py edit CPOR-7Q2M4X --product Teams --product "SharePoint Online"
    """
    from cpor.cli import edits

    who = sender("partner", by, partner_role=partner_role)
    async with connected() as claims:
        changes = await edits.changes(assignments or (), products, lambda: claims.claim(claim))
        message = build_message("edit", changes=changes, id=message_id, by=who)
        speaking = await speaking_to(claim, claims, {"by": who})
        print_answer(claim, await speaking.say(claim, message), as_json)


@app.command("add-evidence")
@sends("add_evidence", "partner")
def add_evidence(files: Files, comment: Remark = None) -> Fields:
    """Put proof files into the store and add them to a claim.

    Example: uv run starter.py add-evidence CPOR-7Q2M4X acknowledgement.pdf
    """
    return {"files": files, "comment": comment}


@app.command("withdraw-evidence")
@sends("withdraw_evidence", "partner", evidence=["hashes"])
def withdraw_evidence(
    hashes: Annotated[
        list[str], Argument(metavar="SHA256", help="Proof files, as `evidence` lists them.")
    ],
    comment: Remark = None,
) -> Fields:
    """Withdraw proof files: they stay in the record but are not reviewed.

    Example: uv run starter.py withdraw-evidence CPOR-7Q2M4X $SHA256
    """
    return {"evidence": hashes, "comment": comment}


@app.command()
@sends("submit", "partner")
def submit(comment: Remark = None) -> Fields:
    """Submit a draft, or answer what was asked by submitting again.

    Example: uv run starter.py submit CPOR-7Q2M4X --comment "The acknowledgement is added."
    """
    return {"comment": comment}


@app.command()
@sends("withdraw", "partner")
def withdraw(
    reason: Annotated[
        str,
        Option(
            "--reason",
            metavar="CODE",
            help="wrong_mpn, wrong_activity, wrong_customer, no_longer_engaged or other.",
        ),
    ],
    note: Note = None,
) -> Fields:
    """Withdraw a claim.

    Example: uv run starter.py withdraw CPOR-7Q2M4X --reason wrong_customer
    """
    return {"reason": reason, "note": note}


@app.command()
@sends("dispute", "partner")
def dispute(
    files: Annotated[list[Path] | None, Argument(metavar="FILE", help="More proof.")] = None,
    justification: Annotated[
        str | None, Option("--justification", metavar="TEXT", help="Why the rejection is wrong.")
    ] = None,
) -> Fields:
    """Object to a rejection, with a justification, more proof, or both.

    Example: uv run starter.py dispute CPOR-7Q2M4X --justification "Teams is named on page 3."
    """
    return {"files": files or (), "justification": justification}


@app.command()
@sends("disassociate", "partner")
def disassociate(
    reason: Annotated[str, Option("--reason", metavar="TEXT", help="Why.")],
) -> Fields:
    """End the association with the customer.

    Example: uv run starter.py disassociate CPOR-7Q2M4X --reason "The contract ran out."
    """
    return {"reason": reason}
