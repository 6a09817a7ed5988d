"""Mails of the stack go through a real mail server that takes full names only."""

from __future__ import annotations

import asyncio

import pytest

from tests.postfix import NEEDED, postfix
from tests.stack import compose
from tests.stack.browsing import browser
from tests.stack.people import People
from tests.stack.services import WORKERS

pytestmark = [*NEEDED, pytest.mark.thorough]


async def test_a_customer_is_asked_through_a_server_that_takes_full_names_only(
    people: People,
) -> None:
    stack = people.stack
    mailbox = stack.services.ports[compose.SMTP]
    with postfix(f"smtp:[127.0.0.1]:{mailbox}") as port:
        await stack.end(*WORKERS)
        stack.services.settings |= {
            "CLAIMS_SMTP_PORT": str(port),
            "CLAIMS_SMTP_EHLO": "worker.cpor.example",
        }
        await asyncio.gather(*map(stack.start_part, WORKERS))
        await people.asked(claim := "STACK-POSTFIX")
        mail = await people.mail(claim, "consent")
    url = f"{stack.services.url(compose.MAILBOX_UI)}/api/v1/message/{mail['ID']}/headers"
    async with browser() as tab:
        received = (await tab.get(url)).json()["Received"]
    assert any("from worker.cpor.example" in each and "(Postfix)" in each for each in received)
