"""A claim's page in Temporal's UI."""

from __future__ import annotations

import webbrowser

from typer import BadParameter

from cpor.cli.console import print_line
from cpor.local_temporal import where


def open_page_of(claim_id: str) -> None:
    """Print its address, and open it where there is a browser."""
    page = where().page_of(claim_id)
    if page is None:
        raise BadParameter(
            "--web: the UI of a Temporal of your own is not known here; "
            f"look there for the workflow {claim_id}"
        )
    print_line(page)
    webbrowser.open(page)
