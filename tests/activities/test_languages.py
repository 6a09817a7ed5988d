"""What it takes for a language to be whole, and what becomes of one that is not."""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast, get_args

import pytest
from jinja2 import Environment, nodes

from activities.mail import letters
from activities.mail.letters import NOTICES, Links
from cpor import languages
from cpor.languages import ENGLISH, dates, language
from cpor.rules.effects.notice import Address
from cpor.rules.facts import Program
from cpor.rules.grounds import RejectReason, RequestReason
from cpor.rules.lifecycle import Status
from cpor.rules.messages import WithdrawReason
from cpor.settings import Settings
from tests.activities.facts import CLAIM, KINDS, every, notice

OTHERS = languages.known()[1:]
LINKS = Links.of(Settings(), CLAIM)
END = datetime(2026, 11, 27, 9, 14, tzinfo=UTC)


def test_there_are_five_languages() -> None:
    assert languages.known() == ("en", "de", "nl", "sv", "tr")


# What is missing: nothing


def templates(code: str) -> set[str]:
    return {file.name for file in (NOTICES / code).glob("*.j2")}


def test_english_has_a_template_for_every_notice() -> None:
    assert templates(ENGLISH) == {f"{name}.j2" for name in (*KINDS, "letter", "parts")}


@pytest.mark.parametrize("code", OTHERS)
def test_no_template_is_missing_and_none_is_too_many(code: str) -> None:
    assert templates(code) == templates(ENGLISH)


def contents(code: str, name: str) -> Mapping[str, set[Any]]:
    """All of a template but its words."""
    tree = Environment().parse((NOTICES / code / name).read_text("utf-8"))
    return {
        "blocks": {block.name for block in tree.find_all(nodes.Block)},
        "macros": {
            (macro.name, *(argument.name for argument in macro.args))
            for macro in tree.find_all(nodes.Macro)
        },
        "names": {name.name for name in tree.find_all(nodes.Name)},
        "parts of facts": {repr(part) for part in tree.find_all(nodes.Getattr)},
        "branches": {repr(branch.test) for branch in tree.find_all((nodes.If, nodes.CondExpr))},
        "filters": {used.name for used in tree.find_all(nodes.Filter)},
    }


@pytest.mark.parametrize("name", sorted(templates(ENGLISH)))
@pytest.mark.parametrize("code", OTHERS)
def test_each_template_tells_the_same_facts_in_the_same_cases(code: str, name: str) -> None:
    assert contents(code, name) == contents(ENGLISH, name)


def keys(words: Mapping[str, Any], under: str = "") -> Iterator[str]:
    for key, value in words.items():
        if isinstance(value, dict) and under != "plurals.":
            yield from keys(cast("dict[str, Any]", value), f"{under}{key}.")
        else:
            yield f"{under}{key}"


@pytest.mark.parametrize("code", OTHERS)
def test_no_words_are_missing_and_none_are_too_many(code: str) -> None:
    assert set(keys(language(code).words)) == set(keys(language(ENGLISH).words))


@pytest.mark.parametrize(
    ("words", "codes"),
    [("requests", RequestReason), ("rejections", RejectReason), ("withdrawals", WithdrawReason)],
)
def test_every_reason_that_people_give_has_its_words(words: str, codes: object) -> None:
    """In English; the other languages have the same."""
    assert set(get_args(codes)) <= set(language(ENGLISH).words[words])


@pytest.mark.parametrize("code", languages.known())
def test_a_number_has_as_many_forms_as_the_language_has(code: str) -> None:
    needed = language(code).locale.plural_form.tags | {"other"}
    for what, forms in language(code).words["plurals"].items():
        assert set(forms) == needed, what


@pytest.mark.parametrize("code", OTHERS)
def test_dates_have_the_same_parts_in_every_language(code: str) -> None:
    english = language(ENGLISH).words["dates"]
    for phrase, words in language(code).words["dates"].items():
        assert set(re.findall(r"{\w+}", words)) <= {"{day}", "{time}", "{zone}", "{city}"}, phrase
        needed = set(re.findall(r"{\w+}", english[phrase])) - {"{time}"}
        assert needed <= set(re.findall(r"{\w+}", words)), phrase


@pytest.mark.parametrize("code", languages.known())
def test_every_status_has_its_word_and_no_two_have_the_same(code: str) -> None:
    words = language(code).words["statuses"]
    assert set(words) == {status.value for status in Status}
    assert len(set(words.values())) == len(words)


def test_german_status_words_are_those_of_the_vendors_portal() -> None:
    words = language("de").words["statuses"]
    assert [words[each] for each in ("Editing", "Submitted", "Under review")] == [
        "Bearbeitung läuft",
        "Gesendet",
        "Wird überprüft",
    ]
    assert [words[each] for each in ("Partner action required", "Approved", "Rejected")] == [
        "Partneraktion erforderlich",
        "Genehmigt",
        "Abgelehnt",
    ]


def test_names_of_programs_are_the_same_in_every_language() -> None:
    for code in languages.known():
        assert language(code).words["programs"] == language(ENGLISH).words["programs"]
    assert set(get_args(Program)) == set(language(ENGLISH).words["programs"])


# What is lacking is written in English


@pytest.fixture
def half_frisian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Another language: Dutch without a template, a word, and status words."""
    folder = tmp_path / "notices"
    shutil.copytree(NOTICES, folder)
    shutil.copytree(folder / "nl", folder / "fy")
    (folder / "fy/consent.j2").unlink()
    texts = tmp_path / "languages"
    shutil.copytree(languages.HERE, texts)
    words = (texts / "words/nl.toml").read_text("utf-8")
    (texts / "words/fy.toml").write_text(words.replace("sealed =", "closed ="), "utf-8")
    monkeypatch.setattr(letters, "NOTICES", folder)
    monkeypatch.setattr(languages, "HERE", texts)
    languages.known.cache_clear()
    yield folder
    languages.known.cache_clear()


@pytest.mark.parametrize(
    ("kind", "facts", "lacks"),
    [
        ("consent", {}, "a template"),
        ("evidence_problem", {"files": [{"name": "sow.pdf", "state": "sealed"}]}, "a word"),
        ("info_requested", {}, "a status word"),
    ],
)
def test_what_a_language_lacks_makes_the_whole_mail_english(
    half_frisian: Path,
    kind: Any,
    facts: Mapping[str, Any],
    lacks: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    to = Address(name="Lars Ek", email="lars@contoso.example", language="fy")
    recipient = "contact" if kind == "consent" else "partner"
    told = notice(kind, recipient, to=to, **facts)
    assert letters.write(told, LINKS, END) == letters.written_in(ENGLISH, told, LINKS, END)
    assert f"notice {told.notice_id} is in English" in caplog.text
    for secret in ("Lars", "contoso", "Fabrikam"):
        assert secret not in caplog.text


def test_what_a_language_does_not_lack_is_written_in_it(half_frisian: Path) -> None:
    to = Address(name="Lars Ek", email="lars@contoso.example", language="fy-NL")
    letter = letters.write(notice("approved", to=to), LINKS)
    assert letter.text.startswith("Beste Lars Ek,")
    assert '<html lang="fy">' in letter.html


def test_who_has_no_language_reads_english() -> None:
    assert [languages.chosen(tag) for tag in (None, "fr", "en-US", "de-AT", "TR")] == [
        *("en", "en", "en", "de", "tr")
    ]


@pytest.mark.parametrize("code", OTHERS)
def test_no_mail_falls_back_to_english(code: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    for told in every():
        to = Address(name="Ada Berg", email="ada@fabrikam.example", language=code)
        letters.write(told.model_copy(update={"to": to}), LINKS, END)
    assert not caplog.records


# Numbers and dates


def test_many_products_are_a_number_in_the_readers_words() -> None:
    assert [language(code).counted(3, "products") for code in ("en", "de", "sv", "tr")] == [
        *("3 products", "3 Produkte", "3 produkter", "3 ürün")
    ]
    assert language("nl").counted(1, "business days") == "1 werkdag"
    assert language("nl").counted(2, "business days") == "2 werkdagen"
    assert language("tr").listed(["Teams", "Intune"]) == "Teams ve Intune"


MOMENT = datetime(2026, 11, 27, 8, 14, 22, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 26, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "moment", "midnight"),
    [
        (
            "en",
            "Friday 27 November 2026, 09:14 Berlin time",
            "the end of Thursday 26 November 2026 (Berlin time)",
        ),
        (
            "de",
            "Freitag, 27. November 2026, 09:14 Uhr (Ortszeit Berlin)",
            "Donnerstag, 26. November 2026, 24:00 Uhr (Ortszeit Berlin)",
        ),
        (
            "sv",
            "fredag 27 november 2026 kl. 09:14 (lokal tid i Berlin)",
            "torsdag 26 november 2026 kl. 24:00 (lokal tid i Berlin)",
        ),
        (
            "nl",
            "vrijdag 27 november 2026, 09:14 uur (lokale tijd in Berlijn)",
            "donderdag 26 november 2026, 24:00 uur (lokale tijd in Berlijn)",
        ),
        (
            "tr",
            "27 Kasım 2026 Cuma 09:14 (Berlin saati) tarihine kadar",
            "26 Kasım 2026 Perşembe günü sonuna kadar (Berlin saati)",
        ),
    ],
)
def test_a_day_that_ends_at_midnight_is_named_itself(code: str, moment: str, midnight: str) -> None:
    assert dates.until(MOMENT, "Europe/Berlin", language(code)) == moment
    assert dates.until(MIDNIGHT, "Europe/Berlin", language(code)) == midnight


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("en", "Thursday 26 November"),
        ("de", "Donnerstag, 26. November"),
        ("sv", "torsdag 26 november"),
        ("nl", "donderdag 26 november"),
        ("tr", "26 Kasım Perşembe"),
    ],
)
def test_the_last_day_is_that_before_midnight_where_the_clock_binds(code: str, said: str) -> None:
    assert dates.last_day(MIDNIGHT, "Europe/Berlin", language(code)) == said


def test_a_year_that_ends_at_midnight_ends_in_december() -> None:
    said = dates.until(datetime(2027, 1, 1, tzinfo=UTC), "UTC", language(ENGLISH))
    assert said == "the end of Thursday 31 December 2026 (UTC)"


def test_a_zone_is_called_by_its_city_where_it_has_one() -> None:
    def zone(name: str, code: str) -> str:
        return dates.moment(MOMENT, name, language(code)).partition(":14 ")[2]

    assert zone("Europe/Istanbul", "tr") == "(İstanbul saati)"
    assert zone("America/Los_Angeles", "en") == "Los Angeles time"
    assert zone("Europe/Brussels", "de") == "Uhr (Ortszeit Brüssel)"
    assert zone("Etc/UTC", "en") == "UTC"
