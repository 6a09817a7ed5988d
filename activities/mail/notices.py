"""Mails: written from a notice, handed to the mail server, and what it said to it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.utils import format_datetime

from jinja2 import TemplateError
from temporalio import activity

from activities import clock
from activities.failures import retryable
from activities.mail import letters, mime
from activities.mail.letters import Letter, Links
from activities.mail.smtp import Envelope, MailConnection, Undeliverable
from cpor.links import Invitation, SignedLinks
from cpor.rules.effects.notice import Notice, NoticeDebt, NoticeResult, digest_of_token
from cpor.settings import Settings
from cpor.stamps import Stamps

log = logging.getLogger(__name__)

CUSTOMER = ("contact", "technical_contact")
UNWRITTEN = (TemplateError, MessageError, LookupError, AttributeError, TypeError, ValueError)
"""What templates and the library of mails raise over what they cannot write."""


class NoticeActivity:
    def __init__(self, settings: Settings, connection: MailConnection) -> None:
        self._settings = settings
        self._connection = connection
        self._sender = mime.mailbox(settings.sender)
        self._logo = settings.read_logo()
        self._signed = SignedLinks.of(settings)
        self._stamps = Stamps.of(settings)
        self._queues = {
            "reviewers": settings.reviewers_email,
            "lead": settings.lead_email,
            "operators": settings.operators_email,
        }

    @activity.defn(name=NoticeDebt.activity)
    async def send_notice(self, notice: Notice) -> NoticeResult:
        now = clock.start()
        printed_end = letters.end_of_promise(notice, clock.shared_by_tries(now()))
        recipient = self._recipient(notice)
        if recipient is None:
            log.info("notice %s has no address of its own", notice.notice_id)
            return NoticeResult(outcome="unaddressed", at=now())
        invitation = self._signed and Invitation.of(notice.notice_id)
        report_token = token_of_reports(self._stamps, notice.notice_id)
        try:
            letter = letters.write(notice, self._links(notice, invitation), printed_end)
            content = self._content(notice, recipient, letter, now(), report_token)
        except UNWRITTEN as error:
            # What went wrong may quote what people wrote, so only its kind is told.
            raise retryable(
                "NoticeUnwritten",
                f"The notice {notice.notice_id} could not be written: {type(error).__name__}.",
            ) from None
        secrets = [report_token]
        if self._signed and invitation:
            secrets.append(self._signed.key(invitation))
        envelope = Envelope(self._sender.addr_spec, recipient.addr_spec, content, secrets)
        try:
            async with asyncio.timeout(clock.time_limit()):
                await self._connection.deliver(envelope)
        except TimeoutError:
            raise retryable(
                "MailServerBusy", "The mail server is too slow: this mail was not sent in time."
            ) from None
        except Undeliverable as refusal:
            log.info("notice %s refused", notice.notice_id)
            return NoticeResult(outcome="refused", at=now(), detail=str(refusal))
        log.info("notice %s accepted", notice.notice_id)
        return NoticeResult(
            outcome="accepted",
            at=now(),
            printed_end=printed_end,
            token_digest=digest_of_token(report_token),
        )

    def _recipient(self, notice: Notice) -> Address | None:
        """None: for a single reviewer who has no address in the settings."""
        if notice.to is not None:
            return mime.address(notice.to.email, notice.to.name)
        if notice.recipient == "reviewer":
            own = self._settings.reviewer_emails.get(notice.reviewer or "")
            return mime.mailbox(own) if own else None
        if notice.recipient in self._queues:
            return mime.mailbox(self._queues[notice.recipient])
        raise retryable("NoticeUnaddressed", f"The notice {notice.notice_id} names no address.")

    def _links(self, notice: Notice, invitation: Invitation | None) -> Links:
        links = Links.of(self._settings, notice.claim_id)
        if self._signed is None or notice.recipient not in CUSTOMER:
            return links
        decline = self._signed.decline(invitation) if invitation else None
        return replace(links, decline=decline, about=self._signed.about)

    def _content(
        self, notice: Notice, to: Address, letter: Letter, at: datetime, report_token: str
    ) -> bytes:
        headers: dict[str, str | Address] = {
            "From": self._sender,
            "To": to,
            "Subject": letter.subject,
            "Date": format_datetime(at),
            "Message-ID": f"<{notice.notice_id}+{report_token}@{self._sender.domain}>",
            "X-Claim-Id": notice.claim_id,
            "X-Notice": notice.kind,
            "Auto-Submitted": "auto-generated",
        }
        if notice.recipient in CUSTOMER:
            headers["Reply-To"] = mime.mailbox(self._settings.reply_to)
        return mime.in_bytes(headers, letter, self._logo)


def token_of_reports(stamps: Stamps, notice_id: str) -> str:
    """In the Message-ID: who reports that this mail came back must have seen it, or its report."""
    return stamps.token("delivery report", notice_id)
