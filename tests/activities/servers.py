"""Servers on loopback that do as a test tells them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ssl import Purpose, SSLContext, create_default_context
from typing import Self, cast

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import SecretStr

from cpor.settings import LOOPBACK, MailServer, TlsMode

Answers = Mapping[str, str]


AUTHORITY = trustme.CA()
"""Vouches for 127.0.0.1; nobody knows it who is not told."""


class SmtpServer:
    """Answers as scripted, by command; keeps what it took. An answer "hang up" hangs up."""

    speaks: type[SMTP] = SMTP
    """How it leads a conversation."""

    def __init__(
        self,
        answers: Answers | None = None,
        password: str | None = None,
        tls: TlsMode = "none",
    ) -> None:
        self._tls = tls
        self._certificate: SSLContext | None = None
        if tls != "none":
            self._certificate = create_default_context(Purpose.CLIENT_AUTH)
            AUTHORITY.issue_cert(LOOPBACK).configure_cert(self._certificate)
        self.answers = dict(answers or {})
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.connections = 0
        self.port = 0
        self._password = password
        self._server: asyncio.Server | None = None
        self._open: set[SMTP] = set()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        at_once = self._certificate if self._tls == "tls" else None
        self._server = await loop.create_server(
            self._conversation, LOOPBACK, self.port, ssl=at_once
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.hang_up()
        await self._server.wait_closed()

    def hang_up(self) -> None:
        """End the connections there are, as a server does that is tired of waiting."""
        for conversation in list(self._open):
            self._open.discard(conversation)
            if conversation.transport is not None:
                conversation.transport.close()

    def reached_by(
        self, user: str | None = None, password: str | None = None, tls: TlsMode = "none"
    ) -> MailServer:
        secret = SecretStr(password) if password else None
        return MailServer(LOOPBACK, self.port, tls, user, secret, timeout=60)

    def _conversation(self) -> SMTP:
        self.connections += 1
        needs_login = self._password is not None
        conversation = self.speaks(
            self,
            hostname="localhost",
            tls_context=self._certificate if self._tls == "starttls" else None,
            require_starttls=self._tls == "starttls",
            enable_SMTPUTF8="no utf8" not in self.answers,
            auth_required=needs_login,
            auth_require_tls=False,
            authenticator=self._authenticate if needs_login else None,
        )
        self._open.add(conversation)
        return conversation

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        given = cast("LoginPassword", data).password.decode()
        return AuthResult(success=given == self._password, handled=False)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.answers.get("RCPT", "250 OK")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.answers.get("DATA", "250 OK")
        if answer == "hang up":
            cast("asyncio.Transport", server.transport).abort()
        if answer.startswith("2"):
            content = message_from_bytes(envelope.original_content or b"", policy=default)
            self.mails.append(content)
            self.recipients += envelope.rcpt_tos
        return answer


class RawServer:
    """A TCP server that handles each connection with one function."""

    def __init__(
        self, handle: Callable[[asyncio.StreamReader, asyncio.StreamWriter], object]
    ) -> None:
        self._handle = handle
        self._writers: list[asyncio.StreamWriter] = []
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, LOOPBACK, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        done = self._handle(reader, writer)
        if asyncio.iscoroutine(done):
            await done


class HttpReceiver:
    """Takes one request a connection and answers with the scripted text."""

    def __init__(self, status: str = "202 Accepted", headers: str = "", body: str = "") -> None:
        self.status, self.headers, self.body = status, headers, body
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self._raw = RawServer(self._answer)

    async def __aenter__(self) -> Self:
        await self._raw.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._raw.__aexit__()

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self._raw.port}/claims?key=secret"

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = head.strip().splitlines()[1:]
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        body = await reader.readexactly(int(headers["content-length"]))
        self.requests.append((headers, body))
        content = self.body.encode()
        writer.write(
            f"HTTP/1.1 {self.status}\r\n{self.headers}"
            f"content-length: {len(content)}\r\nconnection: close\r\n\r\n".encode()
            + content
        )
        await writer.drain()
        writer.close()
