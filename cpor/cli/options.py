"""Arguments and options that several commands have."""

from __future__ import annotations

import re
from typing import Annotated

from typer import Argument, Option

CLAIM_ID = re.compile("[A-Za-z0-9-]{4,40}")


def as_kept(claim_id: str) -> str:
    """Claim ids have capitals; people type them as they like."""
    typed = claim_id.strip()
    return typed.upper() if CLAIM_ID.fullmatch(typed) else claim_id


def _each_as_kept(claim_ids: list[str]) -> list[str]:
    return list(map(as_kept, claim_ids))


ClaimId = Annotated[str, Argument(metavar="CLAIM", help="The claim's id.", callback=as_kept)]
ClaimIds = Annotated[
    list[str],
    Argument(metavar="CLAIM", help="The ids of one claim or several.", callback=_each_as_kept),
]
AsJson = Annotated[bool, Option("--json", help="Print JSON only.")]
Wide = Annotated[
    bool,
    Option("--wide", help="Also who must act, your own key, the MPN ID, products and the tenant."),
]
By = Annotated[
    str | None,
    Option("--by", metavar="ID", help="Who you are.", show_default="the login name"),
]
MessageId = Annotated[
    str | None,
    Option(
        "--id",
        metavar="ID",
        help="An id for this message. Sent twice under one id, it counts once.",
    ),
]
PartnerRole = Annotated[
    str | None,
    Option(
        "--partner-role",
        metavar="ROLE",
        help="Your role at the partner: incentives_admin, incentives_user, billing_admin or "
        "global_admin.",
    ),
]
Seen = Annotated[
    int | None,
    Option(
        "--seen", metavar="N", help="Refuse if the partner changed anything after history entry N."
    ),
]
