"""Delivery reports as mail servers write them, for any notice and any outcome."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent

NOTICE = "CPOR-7Q2M4X.consent.2.contact"
TOKEN = "0123456789-ABCDEF_abcd"
UNKNOWN = "smtp; 550 5.1.1 <lars@contoso.example>: Recipient address rejected: Lars is unknown"


@dataclass(frozen=True)
class Group:
    """What a report says of one recipient."""

    recipient: str = "lars@contoso.example"
    action: str = "failed"
    status: str = "5.1.1"
    diagnostic: str = UNKNOWN

    def __str__(self) -> str:
        return "\n".join(
            [
                f"Final-Recipient: rfc822; {self.recipient}",
                f"Original-Recipient: rfc822;{self.recipient}",
                f"Action: {self.action}",
                f"Status: {self.status}",
                "Remote-MTA: dns; mx.contoso.example",
                *([f"Diagnostic-Code: {self.diagnostic}"] if self.diagnostic else []),
            ]
        )


def _lines(text: str) -> str:
    return dedent(text).lstrip("\n")


def original(notice_id: str = NOTICE, token: str = TOKEN) -> str:
    """The headers of the mail that came back."""
    return _lines(f"""
        Return-Path: <claims@cpor.example>
        From: CPOR Claims <claims@cpor.example>
        To: Lars Ek <lars@contoso.example>
        Subject: Fabrikam wants to be recognised
        Message-ID: <{notice_id}+{token}@cpor.example>
        X-Claim-Id: {notice_id.partition(".")[0]}
        X-Notice: consent
    """)


def postfix(
    *groups: Group,
    notice_id: str = NOTICE,
    token: str = TOKEN,
    enclosed: str = "text/rfc822-headers",
) -> bytes:
    """As Postfix pipes it into a command, with the line that begins a mail in a mailbox."""
    outcomes = "\n\n".join(map(str, groups or (Group(),)))
    head = _lines("""
        From MAILER-DAEMON  Fri Nov 20 10:14:25 2026
        Return-Path: <>
        Delivered-To: claims@cpor.example
        Date: Fri, 20 Nov 2026 10:14:24 +0100 (CET)
        From: MAILER-DAEMON@relay.cpor.example (Mail Delivery System)
        Subject: Undelivered Mail Returned to Sender
        To: claims@cpor.example
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status;
        \tboundary="8A1F2C0.1795511664/relay.cpor.example"
        Message-Id: <20261120091424.8A1F2D1@relay.cpor.example>

        This is a MIME-encapsulated message.

        --8A1F2C0.1795511664/relay.cpor.example
        Content-Description: Notification
        Content-Type: text/plain; charset=us-ascii

        I'm sorry to have to inform you that your message could not
        be delivered to one or more recipients.

        <lars@contoso.example>: host mx.contoso.example[192.0.2.7] said: 550 5.1.1
            <lars@contoso.example>: Recipient address rejected (in reply to RCPT TO)

        --8A1F2C0.1795511664/relay.cpor.example
        Content-Description: Delivery report
        Content-Type: message/delivery-status

        Reporting-MTA: dns; relay.cpor.example
        X-Postfix-Queue-ID: 8A1F2C0
        X-Postfix-Sender: rfc822; claims@cpor.example
        Arrival-Date: Fri, 20 Nov 2026 10:14:22 +0100 (CET)

    """)
    tail = _lines(f"""
        --8A1F2C0.1795511664/relay.cpor.example
        Content-Description: Undelivered Message Headers
        Content-Type: {enclosed}

    """)
    end = "\n--8A1F2C0.1795511664/relay.cpor.example--\n"
    return f"{head}{outcomes}\n\n{tail}{original(notice_id, token)}{end}".encode()


def exchange(
    group: Group | None = None,
    notice_id: str = NOTICE,
    token: str = TOKEN,
    encloses: bool = True,
) -> bytes:
    """As Exchange Online writes it; what it does not enclose, it answers."""
    said = group or Group(
        status="5.1.10",
        diagnostic="smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient "
        "lars@contoso.example not found by SMTP address lookup",
    )
    head = _lines(f"""
        Received: from EX01.contoso.example (2001:db8::7) by EX02.contoso.example
         with HTTPS; Fri, 20 Nov 2026 09:14:30 +0000
        From: Microsoft Outlook
        \t<MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@contoso.example>
        To: <claims@cpor.example>
        Date: Fri, 20 Nov 2026 09:14:29 +0000
        Content-Type: multipart/report; report-type=delivery-status;
        \tboundary="2bb56f1c-3a20-4c8f-8d0e-5d7d9a1c0e11"
        X-MS-Exchange-Message-Is-Ndr:
        Message-ID: <2bb56f1c-3a20@EX01.contoso.example>
        In-Reply-To: <{notice_id}+{token}@cpor.example>
        References: <{notice_id}+{token}@cpor.example>
        Subject: Undeliverable: Fabrikam wants to be recognised
        MIME-Version: 1.0

        --2bb56f1c-3a20-4c8f-8d0e-5d7d9a1c0e11
        Content-Type: multipart/alternative; differences=Content-Type;
        \tboundary="81f6d3a5-0f7a-4be0-9a9e-cd0a9ea2f1ff"

        --81f6d3a5-0f7a-4be0-9a9e-cd0a9ea2f1ff
        Content-Type: text/html; charset="utf-8"
        Content-Transfer-Encoding: base64

        PHA+WW91ciBtZXNzYWdlIGNvdWxkIG5vdCBiZSBkZWxpdmVyZWQuPC9wPg==

        --81f6d3a5-0f7a-4be0-9a9e-cd0a9ea2f1ff--

        --2bb56f1c-3a20-4c8f-8d0e-5d7d9a1c0e11
        Content-Type: message/delivery-status

        Reporting-MTA: dns;EX01.contoso.example
        Received-From-MTA: dns;relay.cpor.example
        Arrival-Date: Fri, 20 Nov 2026 09:14:27 +0000

    """)
    enclosed = _lines("""
        --2bb56f1c-3a20-4c8f-8d0e-5d7d9a1c0e11
        Content-Type: message/rfc822

    """)
    tail = f"{enclosed}{original(notice_id, token)}\nHello Lars Ek,\n\n" if encloses else ""
    end = "--2bb56f1c-3a20-4c8f-8d0e-5d7d9a1c0e11--\n"
    return f"{head}{said}\n\n{tail}{end}".encode()


def of_utf8_addresses() -> bytes:
    """RFC 6533: in UTF-8 and in parts of other names."""
    text = postfix(Group("lårs@contoso.example", diagnostic="smtp; 550 5.1.1 inget sådant konto"))
    return (
        text.replace(b"message/delivery-status", b"message/global-delivery-status")
        .replace(b"text/rfc822-headers", b"message/global-headers")
        .replace(b"Final-Recipient: rfc822", b"Final-Recipient: utf-8")
    )


def forwarded(report: bytes) -> bytes:
    """By somebody who got it in place of the alias."""
    head = _lines("""
        From: Olga <olga@cpor.example>
        To: claims@cpor.example
        Subject: Fwd: Undelivered Mail
        Message-ID: <forwarded@cpor.example>
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="outer"

        --outer
        Content-Type: text/plain

        What is this?
        --outer
        Content-Type: message/rfc822

    """)
    return head.encode() + report.partition(b"\n")[2] + b"\n--outer--\n"


def answer_of_somebody_on_holiday() -> bytes:
    return _lines(f"""
        From: Ada Berg <ada@fabrikam.example>
        To: claims@cpor.example
        Subject: Automatic reply: Submitted
        In-Reply-To: <{NOTICE}+{TOKEN}@cpor.example>
        Auto-Submitted: auto-replied
        Content-Type: text/plain; charset=utf-8

        I am away until Monday.
    """).encode()


def nested(depth: int) -> bytes:
    """Multiparts in multiparts, as only somebody writes who wants to do harm."""
    opened = (
        f"Content-Type: multipart/mixed; boundary=b{each}\n\n--b{each}\n" for each in range(depth)
    )
    return "".join(opened).encode()
