"""Mails: written from a notice, handed to the mail server, and what it said to it."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr

from jinja2 import TemplateError
from temporalio import activity

from activities import attempt, letters
from activities.letters import Letter, Links
from activities.mail import Envelope, MailConnection, Undeliverable
from activities.trouble import again
from claims.effects import ACTIVITY_OF, Notice, NoticeResult
from links import Invitation, SignedLinks
from settings import Settings

log = logging.getLogger(__name__)

CUSTOMER = ("contact", "technical_contact")


class NoticeActivity:
    def __init__(self, settings: Settings, connection: MailConnection) -> None:
        self._settings = settings
        self._connection = connection
        self._sender = _mailbox(settings.sender)
        self._signed = SignedLinks.of(settings)
        self._queues = {
            "reviewers": settings.reviewers_email,
            "lead": settings.lead_email,
            "operators": settings.operators_email,
        }

    @activity.defn(name=ACTIVITY_OF["notice"])
    async def send_notice(self, notice: Notice) -> NoticeResult:
        now = attempt.begin()
        printed_end = letters.end_of_promise(notice, now())
        recipient = self._recipient(notice)
        if recipient is None:
            log.info("notice %s has no address of its own", notice.notice_id)
            return NoticeResult(outcome="unaddressed", at=now())
        token = self._token(notice)
        letter = self._letter(notice, self._links(notice, token), printed_end)
        content = self._message(notice, recipient, letter, now())
        envelope = Envelope(self._sender.addr_spec, recipient.addr_spec, content, token)
        try:
            async with asyncio.timeout(attempt.time_limit()):
                await self._connection.deliver(envelope)
        except TimeoutError:
            raise again(
                "MailServerBusy",
                "The mail server is too slow: this mail waited in vain.",
            ) from None
        except Undeliverable as refusal:
            log.info("notice %s refused", notice.notice_id)
            return NoticeResult(outcome="refused", at=now(), detail=refusal.detail)
        log.info("notice %s accepted", notice.notice_id)
        return NoticeResult(outcome="accepted", at=now(), printed_end=printed_end)

    def _recipient(self, notice: Notice) -> Address | None:
        """None: for a single reviewer who has no address in the settings."""
        if notice.to is not None:
            return _address(notice.to.email, notice.to.name)
        if notice.recipient == "reviewer":
            own = self._settings.reviewer_emails.get(notice.reviewer or "")
            return _mailbox(own) if own else None
        if notice.recipient in self._queues:
            return _mailbox(self._queues[notice.recipient])
        raise again("NoticeUnaddressed", f"The notice {notice.notice_id} names no address.")

    def _token(self, notice: Notice) -> str:
        """What only this mail may hold: it says no in the name of whoever got it."""
        if self._signed is None or notice.kind != "consent":
            return ""
        if notice.recipient != "contact" and notice.recipient != "technical_contact":
            return ""
        return self._signed.token(Invitation(notice.claim_id, notice.notice_id, notice.recipient))

    def _links(self, notice: Notice, token: str) -> Links:
        links = Links.of(self._settings, notice.claim_id)
        if self._signed is None or notice.recipient not in CUSTOMER:
            return links
        decline = self._signed.decline(token) if token else None
        return replace(links, decline=decline, about=self._signed.about)

    def _letter(self, notice: Notice, links: Links, printed_end: datetime | None) -> Letter:
        try:
            return letters.write(notice, links, printed_end)
        except (TemplateError, LookupError, TypeError, ValueError) as error:
            # What went wrong may quote what people wrote, so only its kind is told.
            raise again(
                "NoticeUnwritten",
                f"The notice {notice.notice_id} could not be written: {type(error).__name__}.",
            ) from None

    def _message(self, notice: Notice, to: Address, letter: Letter, at: datetime) -> bytes:
        policy = (SMTP if to.addr_spec.isascii() else SMTPUTF8).clone(cte_type="7bit")
        message = EmailMessage(policy=policy)
        message["From"] = self._sender
        message["To"] = to
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(at)
        message["Message-ID"] = f"<{notice.notice_id}@{self._sender.domain}>"
        if notice.recipient in CUSTOMER:
            message["Reply-To"] = _mailbox(self._settings.reply_to)
        message["X-Claim-Id"] = notice.claim_id
        message["X-Notice"] = notice.kind
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        message.add_alternative(letter.html, subtype="html")
        return message.as_bytes()


def _mailbox(mailbox: str) -> Address:
    name, email = parseaddr(mailbox)
    return _address(email, name)


def _address(email: str, name: str) -> Address:
    """A domain of any script is written as the DNS knows it, which every server can read."""
    local_part, _, domain = email.rpartition("@")
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode()
    return Address(name, local_part, domain)
