"""Arguments and options that several commands have."""

from __future__ import annotations

from typing import Annotated

from typer import Argument, Option

ClaimId = Annotated[str, Argument(metavar="CLAIM", help="The claim's id.")]
AsJson = Annotated[bool, Option("--json", help="Print JSON only.")]
By = Annotated[
    str | None,
    Option("--by", metavar="ID", help="Who you are.", show_default="the login name"),
]
MessageId = Annotated[
    str | None,
    Option("--id", metavar="ID", help="The message's own id: under it, it may be sent again."),
]
PartnerRole = Annotated[
    str | None,
    Option(
        "--partner-role",
        metavar="ROLE",
        help="What you are at the partner: incentives_admin, incentives_user, billing_admin or "
        "global_admin.",
    ),
]
Seen = Annotated[
    int | None,
    Option("--seen", metavar="N", help="Refused where the partner changed it after entry N."),
]
