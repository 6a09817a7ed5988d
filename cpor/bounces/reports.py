"""Delivery reports (RFC 3464): which mail of a claim was returned, and why.

A report comes from another server: it may have any shape, may be forged, and has addresses in it.
Only the id of the notice, its token and a short reason without addresses are used; whether the
token is right, the claim knows.
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

from cpor.client.answers import Answer
from cpor.client.client import ClaimsClient
from cpor.client.errors import MessageRefused, PortalError
from cpor.redaction import shortened
from cpor.rules.facts import By
from cpor.rules.lifecycle import Recipient, Told
from cpor.rules.messages import Bounced
from cpor.rules.own_ids import bounced_id, delayed_id

MOST_BYTES = 256 * 1024
"""A report on a mail of ours is far smaller, even if it encloses the whole mail."""
MAILER = By(role="system", id="mailer")

_STATUS = ("message/delivery-status", "message/global-delivery-status")
_ORIGINAL = ("message/rfc822", "message/global", "message/global-headers")
_HEADERS_AS_TEXT = "text/rfc822-headers"
_NOTICE = re.compile(
    rf"<\s*(?P<notice>(?P<claim>[A-Z0-9-]{{4,40}})\.(?:{'|'.join(get_args(Told))})\.[0-9]{{1,9}}"
    rf"\.(?:{'|'.join(get_args(Recipient))}))\+(?P<token>[A-Za-z0-9_-]{{22}})@[^<>\s]+>"
)

Part: TypeAlias = "Message[Any, Any]"


class ReportUnusable(PortalError):
    """The input is not a delivery report, or is not about a mail of ours."""


class AutomaticAnswer(ReportUnusable):
    """A program has answered, such as one for somebody on holiday: to answer it would be a loop."""


@dataclass(frozen=True)
class Report:
    """What became of one of our mails, according to a mail server."""

    claim_id: str
    notice_id: str
    token: str
    action: str
    detail: str

    @property
    def is_lost(self) -> bool:
        return self.action == "failed"

    @property
    def is_told(self) -> bool:
        """Whether the claim is to know of it."""
        return self.action in ("failed", "delayed")

    @property
    def id(self) -> str:
        return bounced_id(self.notice_id) if self.is_lost else delayed_id(self.notice_id)


@dataclass(frozen=True)
class _Outcome:
    """What became of the mail for one of its recipients."""

    action: str
    detail: str


def read(content: bytes) -> Report:
    """Read a report; raises `ReportUnusable` with one sentence."""
    if not content.strip():
        raise ReportUnusable("Nothing came in: a delivery report is read from standard input.")
    try:
        text = content[:MOST_BYTES].decode("utf-8", "replace")
        return _report(message_from_string(text, policy=policy.compat32))
    except ReportUnusable:
        raise
    except Exception as error:
        # Python's mail parser fails on malformed mails with errors that it does not document.
        kind = type(error).__name__
        raise ReportUnusable(f"This mail cannot be read ({kind}); it was not used.") from None


def of_notice(message_id: str, action: str, said: str, local_part: str) -> Report | None:
    """What a service says of the mail with this Message-ID; None where it is none of ours."""
    found = _NOTICE.search(message_id)
    if found is None:
        return None
    detail = shortened(said, found["token"], local_part).strip() or "It does not say why."
    return Report(found["claim"], found["notice"], found["token"], action, detail)


async def send_bounced(claims: ClaimsClient, report: Report) -> Answer:
    """Send `bounced` to the claim; a notice that is reported again gets the first answer."""
    message = Bounced(
        id=report.id,
        by=MAILER,
        notice_id=report.notice_id,
        token=report.token,
        detail=report.detail,
        action="failed" if report.is_lost else "delayed",
    )
    try:
        return await claims.say(report.claim_id, message)
    except MessageRefused as refused:
        if refused.code != "invalid":
            raise
        # The id was used before: another server has reported this mail with another reason.
        known = await claims.receipt(report.claim_id, report.id, MAILER.role)
        if known is None or known.outcome == "refused":
            raise
        return known


def _report(mail: Part) -> Report:
    report, children = _outermost_report(mail)
    found = _NOTICE.search(_message_id(report, children))
    if found is None:
        raise ReportUnusable("This delivery report is on a mail that no claim has sent.")
    outcomes = [
        each
        for child in children
        if _kind(child) in _STATUS
        for each in _outcomes(child, found["token"])
    ]
    if not outcomes:
        raise ReportUnusable(
            f"This delivery report does not say what became of {found['notice']}: "
            "it has no Action for any recipient."
        )
    told = next((each for each in outcomes if each.action == "failed"), outcomes[0])
    return Report(found["claim"], found["notice"], found["token"], told.action, told.detail)


def _is_automatic(mail: Part) -> bool:
    """RFC 3834, and what older programs write instead. Delivery reports say it, too."""
    if _kind(mail) == "multipart/report":
        return False
    said = _decoded(mail["Auto-Submitted"]).strip().lower()
    answers = _decoded(mail["Precedence"]).strip().lower() == "auto_reply"
    return said not in ("", "no") or answers or bool(mail["X-Autoreply"] or mail["X-Autorespond"])


def _outermost_report(mail: Part) -> tuple[Part, Sequence[Part]]:
    """The outermost report and its parts; it may have been forwarded."""
    for part in mail.walk():
        children = _children(part)
        if any(_kind(child) in _STATUS for child in children):
            return part, children
    if _is_automatic(mail):
        raise AutomaticAnswer("A program has answered, and this is no delivery report.")
    raise ReportUnusable(
        "This mail is no delivery report (RFC 3464): it has no part message/delivery-status."
    )


def _message_id(report: Part, children: Sequence[Part]) -> str:
    """The Message-ID of the returned mail, or of the mails that the report replies to."""
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
            return _decoded(original["Message-ID"])
    return f"{_decoded(report['In-Reply-To'])} {_decoded(report['References'])}"


def _outcomes(status: Part, token: str) -> Iterator[_Outcome]:
    for group in _groups(status):
        if action := re.match(r"\s*([a-z]+)", _decoded(group["Action"]).lower()):
            yield _Outcome(action[1], _reason(group, token))


def _groups(status: Part) -> Iterator[Part]:
    """Groups of fields: one for the mail as a whole, then one for each recipient."""
    for group in _children(status):
        yield group
        # Python splits message/delivery-status only, not message/global-delivery-status.
        rest = group.get_payload()
        for text in re.split(r"\n\s*\n", rest) if isinstance(rest, str) else ():
            yield _fields(text)


def _reason(group: Part, token: str) -> str:
    status = _decoded(group["Status"])
    kind, semicolon, said = _decoded(group["Diagnostic-Code"]).partition(";")
    said = said.strip() if semicolon else kind
    text = said if status in said else f"{status} {said}"
    return shortened(text, token, *_local_parts(group)).strip() or "It does not say why."


def _local_parts(group: Part) -> Iterator[str]:
    """The part of an address before the @, which servers often repeat alone."""
    for field in ("Original-Recipient", "Final-Recipient"):
        yield _decoded(group[field]).rpartition(";")[2].strip().partition("@")[0]


def _fields(text: str) -> Part:
    return HeaderParser(policy=policy.compat32).parsestr(text.lstrip())


def _children(part: Part) -> Sequence[Part]:
    payload = part.get_payload()
    return cast("list[Part]", payload) if isinstance(payload, list) else ()


def _kind(part: Part) -> str:
    return part.get_content_type()


def _decoded(header: object) -> str:
    """A header decoded, so that no address is hidden by its encoding."""
    if header is None:
        return ""
    try:
        return str(make_header(decode_header(str(header))))
    except (LookupError, ValueError):
        return str(header)
