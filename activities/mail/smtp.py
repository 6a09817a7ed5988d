"""A mail server, spoken to over one connection that is kept and made anew when it broke."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ssl import SSLError
from typing import ClassVar

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)
from temporalio.exceptions import ApplicationError

from activities.failures import retryable
from cpor.redaction import shortened
from cpor.settings import MailServer

log = logging.getLogger(__name__)

LONGEST_LOOK_UP = 2.0
"""Seconds, for our own name."""
_LOGIN_CODES = (530, 534, 535, 538)
_CONFUSED_CODES = (500, 502, 503, 504)
"""5xx answers that speak of the conversation, not of the mail."""


@dataclass(frozen=True)
class Envelope:
    """One mail for one recipient, ready for the wire."""

    sender: str
    recipient: str
    content: bytes
    secrets: Sequence[str] = ()
    """What the mail holds and no answer to it may carry on."""

    @property
    def options(self) -> list[str]:
        return [] if self.recipient.isascii() else ["SMTPUTF8"]


class Undeliverable(Exception):
    """The server refused this recipient or this mail for good; the text says how."""


async def own_name() -> str:
    """This host's full name, which many servers want to hear; asking for it may take long."""
    name = socket.gethostname() or "localhost"
    if "." in name:
        return name
    with suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_LOOK_UP):
            name = await asyncio.to_thread(socket.getfqdn, name)
    return name


class MailConnection:
    """Hands mails over, one after the other however many are waiting.

    A connection is reused for a minute at most: servers hang up on silent clients and firewalls
    forget them, and a new connection costs less than to find that out.
    """

    MOST_IDLE: ClassVar[float] = 60.0

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._lock = asyncio.Lock()
        self._kept: SMTP | None = None
        self._last_used = 0.0

    async def deliver(self, envelope: Envelope) -> None:
        """Returns when the server took the mail over.

        Raises `Undeliverable` where it never will, and an error to be tried again otherwise.
        """
        async with self._lock:
            try:
                with self._in_words():
                    smtp = await self._greeted(envelope)
                    await self._hand_over(smtp, envelope)
            except Undeliverable:
                await self._reset()
                raise
            except BaseException:
                # An answer that comes late would be taken for that to the next mail.
                self._drop()
                raise
            finally:
                self._last_used = asyncio.get_running_loop().time()

    async def try_out(self) -> str:
        """Greeting, encryption and login, as before a mail; raises as `deliver` does.

        Returns the name by which we greeted it.
        """
        async with self._lock:
            with self._in_words():
                return (await self._connected()).local_hostname or ""

    async def close(self) -> None:
        async with self._lock:
            smtp, self._kept = self._kept, None
            if smtp is not None:
                with suppress(SMTPException, OSError):
                    await smtp.quit(timeout=2)
                smtp.close()

    async def _greeted(self, envelope: Envelope) -> SMTP:
        """A connection that has taken the sender, which also shows that it is alive."""
        kept = self._reusable()
        if kept is not None:
            try:
                return await self._begin(kept, envelope)
            except (SMTPServerDisconnected, SMTPResponseException) as error:
                if isinstance(error, SMTPResponseException) and error.code != 421:
                    raise
                log.debug("the mail server ended the kept connection")
                self._drop()
        return await self._begin(await self._connected(), envelope)

    async def _begin(self, smtp: SMTP, envelope: Envelope) -> SMTP:
        if envelope.options and not smtp.supports_extension("smtputf8"):
            raise Undeliverable("The mail server takes only addresses of plain ASCII characters.")
        try:
            await smtp.mail(envelope.sender, options=envelope.options, encoding="utf-8")
        except SMTPResponseException as error:
            if _is_final(error):
                raise retryable(
                    "MailSenderRefused",
                    f"The mail server does not take mails from this sender ({_code(error)}); "
                    "see CLAIMS_SENDER.",
                ) from None
            raise
        return smtp

    async def _hand_over(self, smtp: SMTP, envelope: Envelope) -> None:
        try:
            await smtp.rcpt(envelope.recipient, encoding="utf-8")
            await smtp.data(envelope.content)
        except SMTPResponseException as error:
            if _is_final(error):
                local_part = envelope.recipient.rpartition("@")[0]
                said = shortened(f"{error.code} {error.message}", local_part, *envelope.secrets)
                raise Undeliverable(said) from None
            raise

    def _reusable(self) -> SMTP | None:
        idle = asyncio.get_running_loop().time() - self._last_used
        if self._kept is not None and (not self._kept.is_connected or idle > self.MOST_IDLE):
            self._drop()
        return self._kept

    async def _connected(self) -> SMTP:
        server = self._server
        smtp = SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.tls == "tls",
            start_tls=server.tls == "starttls",
            username=server.user,
            password=server.password.get_secret_value() if server.password else None,
            timeout=server.timeout,
            local_hostname=server.ehlo or await own_name(),
        )
        try:
            await smtp.connect()
            if smtp.is_ehlo_or_helo_needed:
                await smtp.ehlo()
        except BaseException:
            smtp.close()
            raise
        log.debug("connected to the mail server")
        self._kept = smtp
        return smtp

    async def _reset(self) -> None:
        """Leave the connection ready for the next mail, or leave it."""
        try:
            if self._kept is not None:
                await self._kept.rset(timeout=2)
        except (SMTPException, OSError):
            self._drop()

    def _drop(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    @contextmanager
    def _in_words(self) -> Generator[None]:
        """Each way to fail for now, in a sentence without the server's own words."""
        try:
            yield
        except SMTPResponseException as error:
            raise self._answered(error) from None
        except (SMTPException, OSError) as error:
            why = f"The mail server {self._at} {self._failure(error)}"
            raise retryable("MailServerUnreachable", why) from None

    def _answered(self, error: SMTPResponseException) -> ApplicationError:
        if isinstance(error, SMTPAuthenticationError) and error.code >= 500:
            how, settings = "refused the login", "CLAIMS_SMTP_USER and CLAIMS_SMTP_PASSWORD"
        elif _is_about_our_name(error):
            text = f"The mail server does not take our name ({_code(error)}); see CLAIMS_SMTP_EHLO."
            return retryable("MailServerGreeting", text)
        elif error.code in _LOGIN_CODES:
            how, settings = "wants another login", "CLAIMS_SMTP_USER and CLAIMS_SMTP_TLS"
        else:
            said = f"The mail server said {_code(error)}: try later."
            return retryable("MailServerBusy", said)
        text = f"The mail server {self._at} {how} ({_code(error)}); see {settings}."
        return retryable("MailServerLogin", text)

    def _failure(self, error: SMTPException | OSError) -> str:
        if isinstance(error, SMTPTimeoutError | TimeoutError):
            return "did not answer in time."
        if isinstance(error, SSLError) or isinstance(error.__cause__, SSLError):
            return "does not prove who it is, or not as TLS."
        if isinstance(error, SMTPConnectError):
            return "cannot be reached."
        if isinstance(error, SMTPServerDisconnected | OSError):
            return "broke the connection."
        return f"cannot do what CLAIMS_SMTP_TLS={self._server.tls} or a login needs."

    @property
    def _at(self) -> str:
        return f"{self._server.host}:{self._server.port}"


def _is_final(error: SMTPResponseException) -> bool:
    """Whether it is about this mail and will be no other next time."""
    is_about_us = error.code in (*_LOGIN_CODES, *_CONFUSED_CODES) or _is_about_our_name(error)
    return error.code >= 500 and not is_about_us


def _is_about_our_name(error: SMTPResponseException) -> bool:
    """Many servers look at it only when they are given a recipient."""
    return re.search(r"\b(helo|ehlo)\b", error.message, re.IGNORECASE) is not None


def _code(error: SMTPResponseException) -> str:
    enhanced = re.match(r"[245]\.\d{1,3}\.\d{1,3}\b", error.message)
    return f"{error.code} {enhanced[0]}" if enhanced else str(error.code)
