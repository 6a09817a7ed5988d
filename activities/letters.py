"""Notices as letters: a subject and one text in two forms, both from the same template.

A template says what is said; a voice (plain or HTML) says how it looks. Whatever people typed
comes in through `guarded` and cannot become a link; autoescape keeps it from being markup, and
a subject is one line whatever it is made of.
"""

from __future__ import annotations

import re
import textwrap
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from functools import cache
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from activities import dates
from claims.deadlines import Clock
from claims.effects import Notice
from claims.facts import FILE_TYPES
from settings import Settings

NOTICES = Path(__file__).parent.parent / "notices"
LANGUAGE = "en"
MOST_OF_SUBJECT = 160
WIDTH = 76
ZERO_WIDTH_SPACE = "\u200b"


@dataclass(frozen=True)
class Letter:
    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Links:
    """Where mails may lead to. None is left out of the mail."""

    claim_page: str | None
    program_guide: str | None
    earnings_report: str | None
    support: str | None
    evidence_guidelines: str | None
    getting_started: str | None
    reply_to: str

    @classmethod
    def of(cls, settings: Settings, claim_id: str) -> Links:
        page = settings.claim_page_url
        return cls(
            claim_page=page and page.replace("{claim_id}", claim_id),
            program_guide=settings.program_guide_url,
            earnings_report=settings.earnings_report_url,
            support=settings.support_url,
            evidence_guidelines=settings.evidence_guidelines_url,
            getting_started=settings.getting_started_url,
            reply_to=settings.reply_to,
        )


def write(notice: Notice, links: Links, printed_end: datetime | None = None) -> Letter:
    plain, html = (_template(voice, notice.kind) for voice in ("plain", "html"))
    told: dict[str, Any] = {
        **cast("dict[str, Any]", guarded(notice.facts)),
        "to": notice.to and guarded(notice.to.name),
        "recipient": notice.recipient,
        "links": links,
        "printed_end": printed_end,
    }
    lines = "".join(plain.blocks["subject"](plain.new_context(told)))
    return Letter(
        subject=textwrap.shorten(_printable(lines), MOST_OF_SUBJECT, placeholder=" …"),
        text=re.sub(r"\n{3,}", "\n\n", plain.render(told)).strip() + "\n",
        html=html.render(told).strip() + "\n",
    )


def end_of_promise(notice: Notice, at: datetime) -> datetime | None:
    """The end to print when the notice is accepted now, on the minute before rather than after."""
    if notice.promise is None:
        return None
    # Which clock and edition it is changes nothing in the sum.
    promise = notice.promise
    clock = Clock(clock="consent", window=promise.window, edition="", extended=promise.extended)
    clock.start(at, promise.calendar)
    return clock.end and clock.end.replace(second=0, microsecond=0)


def guarded(told: object) -> object:
    """What people typed, made so that no mail program sees an address in it and links there.

    A zero-width space behind "://", "@" and the dots of a name is not seen, but is enough.
    """
    if isinstance(told, str):
        return _LINKABLE.sub(lambda found: found[0] + ZERO_WIDTH_SPACE, told)
    if isinstance(told, Mapping):
        mapping = cast("Mapping[str, object]", told)
        return {key: guarded(value) for key, value in mapping.items()}
    if isinstance(told, list | tuple):
        return [guarded(value) for value in cast("list[object]", told)]
    return told


# The names of proof files stay as they are: none of their endings is one of a domain.
_LINKABLE = re.compile(
    rf"://|(?<=\S)@(?=\S)|(?<=[\w-])\.(?=[^\W\d_]{{2}})(?!(?:{'|'.join(FILE_TYPES)})\b)"
    r"|(?<=\bmailto):|(?<=\btel):"
)


@cache
def _template(voice: str, kind: str) -> Template:
    return _environment(voice).get_template(f"{kind}.j2")


@cache
def _environment(voice: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader([NOTICES / LANGUAGE, NOTICES]),
        autoescape=voice == "html",
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(
        fill=_fill,
        quoted=_quoted,
        moment=_moment,
        until=_until,
        last_day=_last_day,
        address=_address,
        ended=_ended,
    )
    seen_by_all = cast("dict[str, Any]", environment.globals)
    seen_by_all["words"] = tomllib.loads((NOTICES / LANGUAGE / "words.toml").read_text("utf-8"))
    seen_by_all["say"] = environment.get_template(f"{voice}.j2").module
    seen_by_all["parts"] = environment.get_template("parts.j2").module
    return environment


def _fill(text: str, indent: str = "", first: str | None = None) -> str:
    """One paragraph in lines of a width that every mail program shows as they are."""
    return textwrap.fill(
        " ".join(text.split()),
        WIDTH,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _quoted(text: str) -> str:
    """Somebody's words with their own line breaks, each line marked as theirs."""
    return "\n".join(_fill(line, "> ") or ">" for line in text.splitlines())


def _ended(deadline: Mapping[str, str] | str | datetime) -> str:
    return dates.ended(*_place(deadline))


def _address(mailbox: str) -> str:
    return parseaddr(mailbox)[1]


def _moment(at: str | datetime) -> str:
    return dates.moment(_instant(at))


def _until(deadline: Mapping[str, str] | str | datetime) -> str:
    return dates.until(*_place(deadline))


def _last_day(deadline: Mapping[str, str] | str | datetime) -> str:
    return dates.last_day(*_place(deadline))


def _place(deadline: Mapping[str, str] | str | datetime) -> tuple[datetime, str]:
    if isinstance(deadline, Mapping):
        return _instant(deadline["at"]), deadline["zone"]
    return _instant(deadline), "UTC"


def _instant(at: str | datetime) -> datetime:
    return at if isinstance(at, datetime) else datetime.fromisoformat(at)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() or char in _KEPT else " " for char in text)


_KEPT = {ZERO_WIDTH_SPACE}
