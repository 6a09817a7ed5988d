"""Arguments and options that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer

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
PartnerRole = Annotated[
    str | None,
    typer.Option(
        "--partner-role",
        metavar="ROLE",
        help="What you are at the partner: incentives_admin, incentives_user, billing_admin or "
        "global_admin.",
    ),
]
Seen = Annotated[
    int | None,
    typer.Option("--seen", metavar="N", help="Refused where the partner changed it after entry N."),
]
