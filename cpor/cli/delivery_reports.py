"""Delivery reports (RFC 3464): which of our mails came back, and what its claim is told.

A report is somebody else's writing: of any shape, forged perhaps, and full of addresses. Only the
notice it is about and one short reason without addresses are taken out of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_string, policy
from email.header import decode_header, make_header
from email.message import Message
from email.parser import HeaderParser
from typing import Any, TypeAlias, cast, get_args

from activities.failures import shortened
from cpor.client.client import ClaimsClient
from cpor.client.errors import MessageRefused, PortalError
from cpor.client.speaking import Answer
from cpor.rules.facts import By
from cpor.rules.lifecycle import Recipient, Told
from cpor.rules.messages import Bounced

MOST_BYTES = 256 * 1024
"""A report on a mail of ours is far smaller, also one that holds all of the mail."""
MAILER = By(role="system", id="mailer")

_STATUS = ("message/delivery-status", "message/global-delivery-status")
_ORIGINAL = ("message/rfc822", "message/global", "message/global-headers")
_HEADERS_AS_TEXT = "text/rfc822-headers"
_NOTICE = re.compile(
    rf"<\s*(?P<notice>(?P<claim>[A-Z0-9-]{{4,40}})\.(?:{'|'.join(get_args(Told))})\.[0-9]{{1,9}}"
    rf"\.(?:{'|'.join(get_args(Recipient))}))@[^<>\s]+>"
)

Part: TypeAlias = "Message[Any, Any]"


class ReportUnusable(PortalError):
    """What was read is no delivery report, or none on a mail of ours."""


@dataclass(frozen=True)
class Report:
    """What a mail server says became of one of our mails."""

    claim_id: str
    notice_id: str
    action: str
    detail: str

    @property
    def is_lost(self) -> bool:
        return self.action == "failed"


@dataclass(frozen=True)
class _Outcome:
    """What became of the mail for one of its recipients."""

    action: str
    detail: str


def read(content: bytes) -> Report:
    """What the report says, or `ReportUnusable` in one sentence."""
    if not content.strip():
        raise ReportUnusable("Nothing came in: a delivery report is read from standard input.")
    try:
        text = content[:MOST_BYTES].decode("utf-8", "replace")
        return _report(message_from_string(text, policy=policy.compat32))
    except ReportUnusable:
        raise
    except Exception as error:
        # Python's own reader of mails stumbles over bad ones in more ways than it names.
        kind = type(error).__name__
        raise ReportUnusable(f"This mail cannot be read ({kind}); it was not used.") from None


async def tell(claims: ClaimsClient, report: Report) -> Answer:
    """Tell the claim, once for each notice: reported again, it gets the first answer."""
    message = Bounced(
        id=f"bounced.{report.notice_id}",
        by=MAILER,
        notice_id=report.notice_id,
        detail=report.detail,
    )
    try:
        return await claims.say(report.claim_id, message)
    except MessageRefused as refused:
        if refused.code != "invalid":
            raise
        # Another server may report the same loss in other words.
        known = await claims.receipt(report.claim_id, f"bounced.{report.notice_id}")
        if known is None or known.outcome == "refused":
            raise
        return known


def _report(mail: Part) -> Report:
    report, children = _innards(mail)
    found = _NOTICE.search(_message_id(report, children))
    if found is None:
        raise ReportUnusable("This delivery report is on a mail that no claim has sent.")
    outcomes = [each for child in children if _kind(child) in _STATUS for each in _outcomes(child)]
    if not outcomes:
        raise ReportUnusable(
            f"This delivery report does not say what became of {found['notice']}: "
            "it has no Action for any recipient."
        )
    told = next((each for each in outcomes if each.action == "failed"), outcomes[0])
    return Report(found["claim"], found["notice"], told.action, told.detail)


def _innards(mail: Part) -> tuple[Part, Sequence[Part]]:
    """The outermost report, forwarded ones included, and what it consists of."""
    for part in mail.walk():
        children = _children(part)
        if any(_kind(child) in _STATUS for child in children):
            return part, children
    raise ReportUnusable(
        "This mail is no delivery report (RFC 3464): it has no part message/delivery-status."
    )


def _message_id(report: Part, children: Sequence[Part]) -> str:
    """Of the mail it is about; where that is not enclosed, the report is a reply to it."""
    for child in children:
        if _kind(child) in _ORIGINAL:
            original = next(iter(_children(child)), None)
        elif _kind(child) == _HEADERS_AS_TEXT:
            original = _fields(
                cast("bytes", child.get_payload(decode=True)).decode(errors="replace")
            )
        else:
            continue
        if original is not None and original["Message-ID"]:
            return _words(original["Message-ID"])
    return f"{_words(report['In-Reply-To'])} {_words(report['References'])}"


def _outcomes(status: Part) -> Iterator[_Outcome]:
    for group in _groups(status):
        if action := re.match(r"\s*([a-z]+)", _words(group["Action"]).lower()):
            yield _Outcome(action[1], _reason(group))


def _groups(status: Part) -> Iterator[Part]:
    """Groups of fields: the first on the mail as a whole, then one for each recipient."""
    for group in _children(status):
        yield group
        # Python takes apart only the older of the two kinds.
        rest = group.get_payload()
        for text in re.split(r"\n\s*\n", rest) if isinstance(rest, str) else ():
            yield _fields(text)


def _reason(group: Part) -> str:
    status = _words(group["Status"])
    kind, semicolon, said = _words(group["Diagnostic-Code"]).partition(";")
    said = said.strip() if semicolon else kind
    text = said if status in said else f"{status} {said}"
    return shortened(text, *_local_parts(group)).strip() or "It does not say why."


def _local_parts(group: Part) -> Iterator[str]:
    """The names before the @, which servers like to repeat without what follows."""
    for field in ("Original-Recipient", "Final-Recipient"):
        yield _words(group[field]).rpartition(";")[2].strip().partition("@")[0]


def _fields(text: str) -> Part:
    return HeaderParser(policy=policy.compat32).parsestr(text.lstrip())


def _children(part: Part) -> Sequence[Part]:
    payload = part.get_payload()
    return cast("list[Part]", payload) if isinstance(payload, list) else ()


def _kind(part: Part) -> str:
    return part.get_content_type()


def _words(header: object) -> str:
    """A header as it was meant: decoded first, so that no address hides in an encoding."""
    if header is None:
        return ""
    try:
        return str(make_header(decode_header(str(header))))
    except (LookupError, ValueError):
        return str(header)
