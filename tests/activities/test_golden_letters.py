"""Every mail as its reader sees it, kept word for word.

Changed on purpose? uv run starter.py notices preview --to tests/activities/letters
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from cpor import languages
from cpor.languages import Language, dates, language
from cpor.rules.lifecycle import Recipient, Told
from demo.notice_samples import CLAIM, COMMON, END, SAMPLES, ZONE, Sample
from demo.preview import Page, pages
from tests.activities.facts import LIKELY

GOLDEN = Path(__file__).parent / "letters"
KEPT_AS_HTML = "consent"


@pytest.fixture(scope="module")
def shown() -> dict[str, Page]:
    return {page.place: page for page in pages()}


def test_every_mail_reads_as_it_was_kept(shown: dict[str, Page]) -> None:
    kept = {file.relative_to(GOLDEN).with_suffix("").as_posix() for file in GOLDEN.glob("*/*.txt")}
    assert kept == set(shown)
    for place, page in shown.items():
        assert page.text == (GOLDEN / f"{place}.txt").read_text("utf-8"), place


@pytest.mark.parametrize("code", languages.known())
def test_the_customers_mail_looks_as_it_was_kept(code: str, shown: dict[str, Page]) -> None:
    page = shown[f"{code}/{KEPT_AS_HTML}"]
    assert page.letter.html == (GOLDEN / f"{page.place}.html").read_text("utf-8")


def test_every_notice_has_a_sample_for_whom_it_goes_to() -> None:
    sampled: dict[Told, set[Recipient]] = {}
    for sample in SAMPLES:
        sampled.setdefault(sample.kind, set()).add(sample.recipient)
    for kind, recipients in LIKELY.items():
        # The second contact reads what the first does.
        assert set(recipients) - {"technical_contact"} <= sampled[kind], kind


@pytest.mark.parametrize("code", languages.known())
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_each_mail_says_what_it_must(sample: Sample, code: str) -> None:
    letter = sample.letter(code)
    text = " ".join(letter.text.split())
    for fact in (CLAIM, *must_say(sample, language(code))):
        assert fact in f"{letter.subject} {text}"


def must_say(sample: Sample, reader: Language) -> Iterator[str]:
    """What can be told from the facts in any language; how it is told is for the kept mails."""
    told: dict[str, Any] = {**COMMON, **sample.facts}
    words = reader.words
    match sample.kind:
        case "submitted":
            yield _until(told["deadline"], reader)
        case "to_review":
            yield from (_until(told["deadline"], reader), f"starter.py evidence {CLAIM} --save")
            yield from told["changes"]
            if six := told["dispute"]:
                yield from (six["mpn_id"], six["tenant_id"], words["programs"][six["program"]])
                yield from (six["claim_id"], *(each["name"] for each in six["products"]))
        case "commented":
            yield _until(told["deadline"], reader)
        case "info_requested":
            yield from (_until(told["deadline"], reader), reader.counted(5, "business days"))
            yield words["statuses"]["Partner action required"]
            yield from _grounds(told["requests"], words["requests"])
        case "consent":
            yield from (told["partner"], told["customer"], told["partner_contact"], "Microsoft")
            yield from (product["name"] for product in told["products"])
            yield dates.until(END, ZONE, reader)
            yield sample.links.decline or sample.links.reply_to
            yield sample.links.reply_to
        case "approved":
            yield reader.counted(7, "days")
        case "official":
            yield dates.moment(datetime.fromisoformat(told["since"]), ZONE, reader)
            yield str(sample.links.program_guide)
        case "handed_off":
            yield str(sample.links.program_guide)
        case "undeliverable":
            if sample.variant != "another-notice":
                yield words["contacts"][told["contact"]]
        case "escalated":
            yield dates.moment(datetime.fromisoformat(told["since"]), ZONE, reader)
        case "evidence_problem":
            for file in told["files"]:
                yield f"{file['name']}: {words['files'][file['state']]}."
        case "eligibility":
            yield from (told["tenant_id"], str(sample.links.earnings_report))
            yield from (each["subscription_id"] or "" for each in told["products"])
        case "rejected":
            yield from _grounds(told["reasons"], words["rejections"])
            if told["dispute_until"]:
                yield from (_until(told["dispute_until"], reader), reader.counted(30, "days"))
        case "extended":
            yield reader.counted(told["days"], "business days")
            if told["due"]:
                yield _until(told["due"], reader)
        case "assigned":
            yield from (told["reviewer"], _until(told["deadline"], reader))
        case "declined":
            yield told["customer"]
            if sample.recipient == "contact":
                yield told["partner"]
            elif not told.get("void"):
                yield words["statuses"]["Rejected"]
        case "disputed":
            yield _until(told["due"], reader)
        case "dispute_decided":
            lost = [each for each in told["reasons"] if each["reason"] in words["requests"]]
            yield from _grounds(lost, words["rejections"])
        case "disassociated":
            if sample.recipient != "contact":
                final = "Rejected final" if told["final"] else "Rejected"
                yield from (words["statuses"][final], told["reason"])
        case "reminder":
            yield _until(told["due"], reader)
            if told["clock"] == "answer":
                yield from _grounds(told["requests"], words["requests"])
        case "overdue":
            yield from (words["clocks"][told["clock"]], str(sample.links.claim_page))
        case _:
            yield told["customer"]


def _until(deadline: dict[str, Any], reader: Language) -> str:
    return dates.until(datetime.fromisoformat(deadline["at"]), deadline["zone"], reader)


def _grounds(given: list[Any], words: dict[str, str]) -> Iterator[str]:
    for each in given:
        yield f"{words[each['reason']]}."
        yield from (each[name] for name in ("product", "note") if each[name])
