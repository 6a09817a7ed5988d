"""Mails: headers, text, and what is attached, one level deep."""

from __future__ import annotations

import email
import email.policy
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, cast

import olefile

from cpor.evidence.reading import Notes, quoted

MOST_ATTACHMENTS = 50
HEADERS = ("From", "To", "Cc", "Date", "Subject")
PROGRAMS = frozenset(
    {
        *("app", "bat", "chm", "cmd", "com", "cpl", "exe", "hta", "img", "iso", "jar", "js"),
        *("jse", "lnk", "msc", "msi", "ps1", "reg", "scr", "vbe", "vbs", "wsf"),
    }
)


@dataclass
class Letter:
    """A mail, whatever it was kept as."""

    headers: list[str] = field(default_factory=list[str])
    text: str = ""
    attachments: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])


LookInto = Callable[[bytes, str, Notes], None]


def read(letter: Letter, notes: Notes, look_into: LookInto | None) -> None:
    notes.add("headers", "\n".join(letter.headers))
    notes.add("text", letter.text)
    for name, content in letter.attachments[:MOST_ATTACHMENTS]:
        if name.rpartition(".")[2].lower() in PROGRAMS:
            notes.find("program", f"has the program {quoted(name)} attached")
        elif look_into is None:
            notes.find("cut_short", f"{quoted(name)}, attached to an attached mail, was not read")
        else:
            look_into(content, name, notes)
    if len(letter.attachments) > MOST_ATTACHMENTS:
        notes.leave_unlooked(f"it has more than {MOST_ATTACHMENTS} attachments")


def of_eml(content: bytes) -> Letter:
    message = email.message_from_bytes(content, policy=email.policy.default)
    letter = Letter([f"{name}: {message[name]}" for name in HEADERS if message[name]])
    body = message.get_body(("plain", "html"))
    if body is not None:
        text = _content(body)
        letter.text = without_markup(text) if body.get_content_subtype() == "html" else text
    for part in message.iter_attachments():
        letter.attachments.append((part.get_filename() or _name_of(part), _payload(part)))
    return letter


def _name_of(part: Any) -> str:
    return "attached.eml" if part.get_content_type() == "message/rfc822" else "unnamed"


def _content(part: Any) -> str:
    try:
        return str(part.get_content())
    except (LookupError, ValueError):
        return _payload(part).decode("utf-8", "replace")


def _payload(part: Any) -> bytes:
    if part.get_content_type() == "message/rfc822":
        return b"".join(bytes(inner) for inner in part.iter_parts())
    return cast("bytes | None", part.get_payload(decode=True)) or b""


def of_msg(content: bytes) -> Letter:
    """Outlook's own format. Each property is a stream that is named by its number and type."""
    opened = cast("Any", olefile).OleFileIO(io.BytesIO(content))
    with opened as ole:
        return Letter(
            headers=list(_msg_headers(ole)),
            text=_msg_text(ole),
            attachments=list(_msg_attachments(ole)),
        )


_SUBJECT, _SENDER, _SENDER_ADDRESS, _TO = "0037", "0C1A", "0C1F", "0E04"
_TRANSPORT_HEADERS, _BODY, _HTML = "007D", "1000", "1013"
_FILE_NAME, _SHORT_NAME, _BYTES = "3707", "3704", "3701"
_UNICODE, _EIGHT_BIT, _BINARY = "001F", "001E", "0102"


def _msg_headers(ole: Any) -> Iterator[str]:
    sender = " ".join(filter(None, (_msg_line(ole, _SENDER), _msg_line(ole, _SENDER_ADDRESS))))
    for name, value in (
        ("From", sender),
        ("To", _msg_line(ole, _TO)),
        ("Subject", _msg_line(ole, _SUBJECT)),
    ):
        if value:
            yield f"{name}: {value}"
    for line in _msg_line(ole, _TRANSPORT_HEADERS).splitlines():
        if line.lower().startswith("date:"):
            yield line


def _msg_text(ole: Any) -> str:
    text = _msg_line(ole, _BODY)
    if text.strip():
        return text
    html = _stream(ole, "", _HTML + _BINARY).decode("utf-8", "replace")
    return without_markup(html or _msg_line(ole, _HTML))


def _msg_attachments(ole: Any) -> Iterator[tuple[str, bytes]]:
    folders = {path[0] for path in ole.listdir() if path[0].startswith("__attach_version1.0")}
    for folder in sorted(folders):
        name = _msg_line(ole, _FILE_NAME, folder) or _msg_line(ole, _SHORT_NAME, folder)
        yield name or "unnamed", _stream(ole, folder, _BYTES + _BINARY)


def _msg_line(ole: Any, number: str, folder: str = "") -> str:
    if found := _stream(ole, folder, number + _UNICODE):
        return found.decode("utf-16-le", "replace").strip("\0 ")
    return _stream(ole, folder, number + _EIGHT_BIT).decode("cp1252", "replace").strip("\0 ")


def _stream(ole: Any, folder: str, property: str) -> bytes:
    path = [*([folder] if folder else []), f"__substg1.0_{property}"]
    return ole.openstream(path).read() if ole.exists(path) else b""


class _Words(HTMLParser):
    BREAKS = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "table"})
    UNSEEN = frozenset({"script", "style", "head", "title"})

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._unseen += tag in self.UNSEEN
        if tag in self.BREAKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._unseen = max(0, self._unseen - (tag in self.UNSEEN))

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.words.append(data)


def without_markup(html: str) -> str:
    words = _Words()
    words.feed(html)
    words.close()
    return "".join(words.words)
