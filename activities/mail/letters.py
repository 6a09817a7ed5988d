"""Notices as letters: a subject and one text in two forms, both from the same template.

A template says what is said; a voice (plain or HTML) says how it looks. Whatever people typed
comes in through `guarded` and cannot become a link; autoescape keeps it from being markup, and
a subject is one line whatever it is made of.

Readers get the language they chose. What it lacks is written in English, and then all of the mail.
"""

from __future__ import annotations

import logging
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from functools import cache
from pathlib import Path
from typing import Any, cast

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateError,
    pass_eval_context,
)
from jinja2.nodes import EvalContext
from markupsafe import Markup

from cpor import languages
from cpor.languages import ENGLISH, Language, dates
from cpor.rules.deadlines import Clock
from cpor.rules.effects import notice_facts
from cpor.rules.effects.notice import Notice
from cpor.rules.facts import FILE_TYPES
from cpor.settings import Settings, Vendor

log = logging.getLogger(__name__)

NOTICES = Path(__file__).parents[2] / "notices"
MOST_OF_SUBJECT = 160
MOST_NAMES_IN_SUBJECT = 2
WIDTH = 76
ZERO_WIDTH_SPACE = "\u200b"
UNPLACED = "UTC"


@dataclass(frozen=True)
class Letter:
    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Links:
    """Where mails may lead to, and who sends them. None is left out of the mail."""

    vendor: Vendor
    claim_page: str | None
    program_guide: str | None
    earnings_report: str | None
    support: str | None
    evidence_guidelines: str | None
    getting_started: str | None
    reply_to: str
    decline: str | None = None
    """Where the customer can say no. None: by answering the mail."""
    about: str | None = None
    """What explains all this to customers."""

    @classmethod
    def of(cls, settings: Settings, claim_id: str) -> Links:
        page = settings.claim_page_url
        return cls(
            vendor=settings.vendor,
            claim_page=page and page.replace("{claim_id}", claim_id),
            program_guide=settings.program_guide_url,
            earnings_report=settings.earnings_report_url,
            support=settings.support_url,
            evidence_guidelines=settings.evidence_guidelines_url,
            getting_started=settings.getting_started_url,
            reply_to=settings.reply_to,
        )


def write(notice: Notice, links: Links, printed_end: datetime | None = None) -> Letter:
    language = languages.chosen(notice.to and notice.to.language)
    if language != ENGLISH:
        try:
            return written_in(language, notice, links, printed_end)
        except (TemplateError, LookupError) as error:
            # What went wrong may quote what people wrote, so only its kind is told.
            kind = type(error).__name__
            log.warning("notice %s is in English: %s in %s", notice.notice_id, kind, language)
    return written_in(ENGLISH, notice, links, printed_end)


def written_in(
    language: str, notice: Notice, links: Links, printed_end: datetime | None = None
) -> Letter:
    plain, html = (_template(voice, language, notice.kind) for voice in ("plain", "html"))
    zone = notice.promise.calendar.zone if notice.promise else UNPLACED
    told: dict[str, Any] = {
        "zone": UNPLACED,
        **cast("dict[str, Any]", guarded(notice_facts.in_full(notice.facts))),
        "claim_id": notice.claim_id,
        "to": notice.to and guarded(notice.to.name),
        "recipient": notice.recipient,
        "links": links,
        "vendor": links.vendor,
        "printed_end": printed_end and {"at": printed_end, "zone": zone},
    }
    if notice.promise and printed_end and notice.recipient == "partner":
        window = notice.promise.window
        told["deadline"] = {
            "at": printed_end,
            "zone": zone,
            "amount": window.amount,
            "unit": window.unit,
        }
    lines = "".join(plain.blocks["subject"](plain.new_context(told)))
    return Letter(
        subject=textwrap.shorten(_printable(lines), MOST_OF_SUBJECT, placeholder=" …"),
        text=re.sub(r"\n{3,}", "\n\n", plain.render(told)).strip() + "\n",
        html=html.render(told).strip() + "\n",
    )


def end_of_promise(notice: Notice, at: datetime) -> datetime | None:
    """The end to print when the notice is accepted now."""
    if notice.promise is None:
        return None
    # Which clock and edition it is changes nothing in the sum.
    promise = notice.promise
    clock = Clock(clock="consent", window=promise.window, edition="", extended=promise.extended)
    clock.start(at, promise.calendar)
    return clock.end and dates.printed(clock.end)


def guarded(told: object) -> object:
    """What people typed, made so that no mail program sees an address in it and links there.

    A zero-width space behind a colon, "@", a dot, two slashes or a backslash within a word is not
    seen, but is enough.
    """
    if isinstance(told, str) and not _INSTANT.fullmatch(told):
        return _LINKABLE.sub(lambda found: found[0] + ZERO_WIDTH_SPACE, told)
    if isinstance(told, Mapping):
        mapping = cast("Mapping[str, object]", told)
        return {key: guarded(value) for key, value in mapping.items()}
    if isinstance(told, list | tuple):
        return [guarded(value) for value in cast("list[object]", told)]
    return told


# The names of proof files stay as they are: none of their endings is one of a domain.
_LINKABLE = re.compile(
    rf"//|\\|(?<=\S)[:：](?=\S)|(?<=\S)[@＠](?=\S)"
    rf"|(?<=\S)[.。．｡](?=\S)(?!(?:{'|'.join(FILE_TYPES)})(?:\s|$))"
)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)")


@cache
def _template(voice: str, language: str, kind: str) -> Template:
    return _environment(voice, language).get_template(f"{kind}.j2")


@cache
def _environment(voice: str, code: str) -> Environment:
    language = languages.language(code)
    environment = Environment(
        loader=FileSystemLoader([NOTICES / code, NOTICES]),
        autoescape=voice == "html",
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    filters = cast("dict[str, Any]", environment.filters)
    filters.update(
        fill=_fill, filled=_filled, quoted=_quoted, address=_address, **_sayings(language)
    )
    seen_by_all = cast("dict[str, Any]", environment.globals)
    seen_by_all["words"] = language.words
    seen_by_all["language"] = code
    seen_by_all["say"] = environment.get_template(f"{voice}.j2").module
    seen_by_all["parts"] = environment.get_template("parts.j2").module
    seen_by_all["rivalry"] = environment.get_template("rivalry.j2").module
    return environment


def _sayings(language: Language) -> Mapping[str, Callable[..., str]]:
    """Filters for what each language says in its own way: names, numbers, spans and dates."""

    def names(products: Sequence[Mapping[str, Any]]) -> str:
        return language.listed([product["name"] for product in products])

    def few(products: Sequence[Mapping[str, Any]], counted_as: str = "products") -> str:
        """A few by name, many by number: for subjects."""
        many = len(products) > MOST_NAMES_IN_SUBJECT
        return language.counted(len(products), counted_as) if many else names(products)

    def these(products: Sequence[Mapping[str, Any]]) -> str:
        return language.counted(len(products), "these")

    def span(window: Mapping[str, Any]) -> str:
        return language.counted(window["amount"], window["unit"])

    def within(window: Mapping[str, Any]) -> str:
        return language.counted(window["amount"], f"within {window['unit']}")

    def enumerated(products: Sequence[str]) -> str:
        return language.listed(products)

    def day(at: str, zone: str) -> str:
        return dates.day(datetime.fromisoformat(at), zone, language)

    def moment(at: str, zone: str) -> str:
        return dates.moment(datetime.fromisoformat(at), zone, language)

    def of_deadline(
        say: Callable[[datetime, str, Language], str],
    ) -> Callable[[Mapping[str, Any]], str]:
        return lambda deadline: say(*_place(deadline), language)

    return {
        "counted": language.counted,
        **{
            each.__name__: each
            for each in (names, few, these, span, within, enumerated, day, moment)
        },
        **{each.__name__: of_deadline(each) for each in (dates.until, dates.ended, dates.last_day)},
    }


def _fill(text: str, indent: str = "", first: str | None = None) -> str:
    """One paragraph in lines of a width that every mail program shows as they are."""
    single_blanks = " ".join(text.split())
    return textwrap.fill(
        single_blanks,
        WIDTH,
        expand_tabs=False,
        replace_whitespace=False,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


@pass_eval_context
def _filled(context: EvalContext, words: str, **facts: str) -> str:
    """A sentence of the words, with facts in it; what people typed is no markup."""
    return (Markup(words) if context.autoescape else words).format(**facts)


def _quoted(text: str) -> str:
    """What a person wrote, with its line breaks, each line marked as a quotation."""
    return "\n".join(_fill(line, "> ") or ">" for line in text.splitlines())


def _address(mailbox: str) -> str:
    return parseaddr(mailbox)[1]


def _place(deadline: Mapping[str, Any]) -> tuple[datetime, str]:
    at = deadline["at"]
    return at if isinstance(at, datetime) else datetime.fromisoformat(at), deadline["zone"]


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() or char in _KEPT else " " for char in text)


_KEPT = {ZERO_WIDTH_SPACE}
