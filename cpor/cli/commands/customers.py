"""Commands for customers: enter their no, and serve the page that the mail links to."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, Annotated

from typer import Option, Typer

from cpor.cli.console import connected, print_line, run_async
from cpor.cli.messages import Fields, sends
from cpor.exits import BROKEN, DONE, fail

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from cpor.client.client import ClaimsClient
    from cpor.settings import Settings

app = Typer()


@app.command()
@sends("decline", "operator")
def decline(
    came_by: Annotated[
        str, Option("--came-by", metavar="TEXT", help="How it came, such as a reply to the mail.")
    ],
    note: Annotated[
        str | None, Option("--note", metavar="TEXT", help="In their own words.")
    ] = None,
    technical: Annotated[
        bool, Option("--technical", help="It came from the technical contact.")
    ] = False,
) -> Fields:
    """Enter a customer's no that came by mail or telephone, with who entered it.

    Example: uv run starter.py decline CPOR-7Q2M4X --came-by "reply to the mail" --by olga
    """
    contact = "technical_contact" if technical else None
    return {"contact": contact, "came_by": came_by, "note": note}


@app.command("serve-decline")
@run_async
async def serve_decline(
    host: Annotated[
        str, Option("--host", help="Address to listen on; 0.0.0.0 for all.")
    ] = "127.0.0.1",
    port: Annotated[
        int | None,
        Option(
            "--port",
            min=0,
            max=65535,
            help="Port to listen on; 0 for a free one.",
            show_default="CLAIMS_DECLINE_PORT, 8300",
        ),
    ] = None,
) -> int:
    """Serve the page on which a customer can say no, and /about, which explains it all.

    Needs CLAIMS_DECLINE_URL and CLAIMS_LINK_SECRET, the same as the worker's. Ctrl-C ends it.

    Example: uv run starter.py serve-decline --port 8300
    """
    from cpor.monitoring import Unusable, health, logs, metrics
    from cpor.page import server
    from cpor.page.counted_noes import CountedNoes
    from cpor.page.turned_away import TurnedAway
    from cpor.settings import Settings

    settings = Settings.load()
    logs.configure(settings)
    at = settings.decline_port if port is None else port
    try:
        meter = metrics.start_runtime(settings.decline_metrics_address, metrics.PAGES).metric_meter
        async with health.serving(settings.decline_health_address, health.PAGE) as shown:

            def ready(claims: ClaimsClient) -> AbstractContextManager[None]:
                return shown.working(lambda: health.takes_no_noes(claims))

            await server.serve(
                settings,
                connected,
                host,
                at,
                print_line,
                TurnedAway(meter).count,
                CountedNoes(meter),
                ready,
                partial(_beside, settings),
            )
    except (Unusable, server.PortTaken) as error:
        return fail(str(error), BROKEN)
    return DONE


def _beside(settings: Settings, claims: ClaimsClient) -> Sequence[BaseRoute]:
    """Where services tell of mails that came back, if any is set."""
    sendgrid_key, ses_topic = settings.bounces_sendgrid_key, settings.bounces_ses_topic
    if sendgrid_key is None and ses_topic is None:
        return ()
    from cpor.bounces import intake
    from cpor.cli.signing import own_signer
    from cpor.settings import SettingsError

    key = settings.bounces_signing_key
    signer = own_signer(key) if key else None
    speaking = claims.signing(signer) if signer else claims
    try:
        return intake.routes(speaking, sendgrid_key, ses_topic)
    except intake.KeyUnreadable:
        said = "must be a public key as SendGrid shows it: P-256, in base64."
        raise SettingsError([f"CLAIMS_BOUNCES_SENDGRID_KEY: {said}"]) from None
