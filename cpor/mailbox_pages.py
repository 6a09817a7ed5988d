"""The mails of a local mailbox as pages for a browser: one for each, and an index of the latest."""

from __future__ import annotations

from base64 import b64encode
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import default
from html import escape
from pathlib import Path

INDEX = "index.html"
MOST = 500
"""The index has so many of the latest mails: it is written anew for each."""
HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Mails</title>
<style>
body { margin: 0 auto; max-width: 60em; padding: 24px 16px; font: 16px/1.5 sans-serif }
table { border-collapse: collapse; width: 100% }
td { padding: 6px 16px 6px 0; vertical-align: top; border-top: 1px solid #8a8a8a55 }
td:last-child { padding-right: 0; text-align: right; white-space: nowrap }
small { color: #707070 }
@media (prefers-color-scheme: dark) { small { color: #a0a0a0 } }
</style>
</head>
<body>
<h1>Mails</h1>
<p>Each subject opens the mail as its reader sees it. The latest are first.</p>
<table>
"""


@dataclass(frozen=True)
class Line:
    """One mail in the index."""

    file: Path
    subject: str
    to: str

    @property
    def html(self) -> str:
        page, mail = escape(self.file.with_suffix(".html").name), escape(self.file.name)
        return (
            f'<tr><td><a href="{page}">{escape(self.subject)}</a><br>'
            f"<small>to {escape(self.to)}</small></td>"
            f'<td><a href="{mail}">as sent</a></td></tr>'
        )


class Pages:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lines = deque(_lines_of(folder), MOST)

    @property
    def index(self) -> Path:
        return self._folder / INDEX

    def add(self, name: str, content: bytes) -> None:
        """A page for a mail that is kept under this name, and a line in the index."""
        mail = message_from_bytes(content, policy=default)
        file = self._folder / name
        file.with_suffix(".html").write_text(_body(mail), "utf-8", newline="\n")
        self._lines.append(_line(file, mail))
        rows = "\n".join(line.html for line in reversed(self._lines))
        self.index.write_text(f"{HEAD}{rows}\n</table>\n</body>\n</html>\n", "utf-8")


def _lines_of(folder: Path) -> Iterable[Line]:
    headers = BytesHeaderParser(policy=default)
    for file in sorted(folder.glob("*.eml"))[-MOST:]:
        yield _line(file, headers.parsebytes(file.read_bytes()))


def _line(file: Path, mail: EmailMessage) -> Line:
    return Line(file, str(mail["Subject"] or file.stem), str(mail["To"] or "nobody"))


def _body(mail: EmailMessage) -> str:
    html = mail.get_body(("html",))
    if html is not None:
        return _with_pictures(html.get_content(), mail)
    plain = mail.get_body(("plain",))
    return f'<meta charset="utf-8"><pre>{escape(plain.get_content() if plain else "")}</pre>'


def _with_pictures(html: str, mail: EmailMessage) -> str:
    """Those that the mail carries and names by their content ids, as a mail program shows them."""
    for part in mail.walk():
        named = str(part["Content-ID"] or "").strip("<>")
        if named and part.get_content_maintype() == "image":
            data = b64encode(part.get_content()).decode()
            html = html.replace(f"cid:{named}", f"data:{part.get_content_type()};base64,{data}")
    return html
