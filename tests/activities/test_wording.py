"""The words of the vendor's portal in every text, and those that readers stumbled over in none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from activities.mail.letters import NOTICES
from cpor import languages
from cpor.languages import language
from cpor.page.translations import WORDS as PAGES
from demo.preview import Page, pages

each_language = pytest.mark.parametrize("code", languages.known())


def texts(code: str) -> Iterator[tuple[Path, str]]:
    """All that is written in a language, without line breaks."""
    words = languages.HERE / f"words/{code}.toml"
    for file in (*sorted((NOTICES / code).glob("*.j2")), words, PAGES / f"{code}.toml"):
        yield file, " ".join(file.read_text("utf-8").split())


# What no reader should meet, as patterns

OUTDATED: Mapping[str, Sequence[str]] = {
    "en": [
        r"not today",
        r"help to you",
        r"needs this",
        r"need do nothing",
        r"need not",
        r"deciding in all",
        r"asked no more",
        r"[Ii]t was official",
        r"could not be had",
        r"directory says no",
        r"\banew\b",
    ],
    "de": [
        r"[Aa]ntrag(?!en)",
        r"Anträge",
        r"[Bb]eantrag",
        r"\bNachweis",
        r"Programmleitfaden",
        r"Tätigkeit",
        r"nicht heute",
        r"braucht das",
        r"der Hilfe gebeten",
        r"verloren",
        r"nicht zu bekommen",
        r"Guten Tag \{\{ to \}\}!",
        r"Ein anderer Grund",
        r"hat ihn ",
        r"[Bb]itte erreichen Sie",
        r"Entscheidung fällt bis",
        r"Dafür hält keine Frist",
        r"wissen? Bescheid|weiß Bescheid",
        r"Verzeichnis des Herstellers Nein sagt",
        r"eingetragener Partner",
        r"[Dd]ie Prüfer\b",
    ],
    "sv": [
        r"[Aa]nsök",
        r"[Uu]nderlag",
        r"inte i dag",
        r"behöver (det|detta) för",
        r"sin hjälp till er",
        r"förlorat",
        r"inte vill det",
        r"dess kunder",
        r"företagets kunder",
        r"Först det är",
        r"i lagret",
        r"[\"(]tid i ",
        r"\bNå partnern",
        r"tagit tillbaka|tog tillbaka",
        r"Den var redan officiell",
        r"längre tillfrågas",
        r"katalog säger nej",
    ],
    "nl": [
        r"\b[Bb]ewijs",
        r"programmagids",
        r"niet vandaag",
        r"heeft dit nodig",
        r"hulp aan u",
        r"verloren",
        r"[Bb]ereik de",
        r"[\"(]tijd in ",
        r"telt uw",
        r"wee?t(en)? ervan",
        r"hoort de leiding",
        r"verder als eerder",
        r"niet te krijgen",
        r"Die was al officieel",
        r"meer wordt gevraagd",
        r"nee zegt\{%",
    ],
    "tr": [
        r"(?<!ürütme )[Kk]anıt",
        r"bugün değil",
        r"ihtiyaç duyar",
        r"verdiği yardım",
        r"kaybed",
        r"için yardımcı olduğunu",
        r"[Gg]eri al(dı|ındı)\b",
        r"hayır diyor(?!um)",
        r"kişiyi \(|kişiyi düzelt",
        r"[Hh]ayır demek",
        r"Kanıta ulaşılamadı",
    ],
}


@each_language
def test_no_text_has_what_readers_stumbled_over(code: str) -> None:
    found = [
        f"{file.name}: {match[0]}"
        for file, text in texts(code)
        for pattern in OUTDATED[code]
        for match in re.finditer(pattern, text)
    ]
    assert not found


# The vendor's words

CLAIM = {"en": "claim", "de": "Anspruch", "sv": "anspråk", "nl": "claim", "tr": "talep"}
ASSOCIATION = {
    "en": "association",
    "de": "Zuordnung",
    "sv": "koppling",
    "nl": "koppeling",
    "tr": "ilişkilendirme",
}
PROOF = {
    "en": "proof of execution",
    "de": "Ausführungsnachweis",
    "sv": "bevis(et)? på utfört arbete",
    "nl": "uitvoeringsbewijs",
    "tr": "yürütme kanıtı",
}
GUIDE = {
    "en": "program guide",
    "de": "Programmhandbuch",
    "sv": "programguide",
    "nl": "programmahandleiding",
    "tr": "program kılavuzu",
}
ACTIVITY = {
    "en": "activity",
    "de": "Aktivität",
    "sv": "aktivitet",
    "nl": "activiteit",
    "tr": "etkinlik",
}


@pytest.fixture(scope="module")
def shown() -> Sequence[Page]:
    return pages()


@each_language
def test_every_mail_calls_a_claim_what_the_vendors_portal_calls_it(
    code: str, shown: Sequence[Page]
) -> None:
    for page in shown:
        if page.language == code:
            assert CLAIM[code].casefold()[:4] in page.text.casefold(), page.place


@each_language
def test_association_proof_guide_and_activity_are_the_portals_words(code: str) -> None:
    words = language(code).words
    guide = next(text for file, text in texts(code) if file.name == "official.j2")
    for word, said in (
        (ASSOCIATION, words["rejections"]["disassociated"]),
        (PROOF, words["requests"]["missing_all_poe"]),
        (PROOF, words["rejections"]["insufficient_poe"]),
        (PROOF, words["consent"]["reviewed"]),
        (GUIDE, guide),
        (ACTIVITY, words["withdrawals"]["wrong_activity"]),
    ):
        assert re.search(word[code], said, re.IGNORECASE), said


@each_language
def test_the_scheme_keeps_its_name_in_every_language(code: str, shown: Sequence[Page]) -> None:
    name = "Claiming Partner of Record"
    assert name in language(code).words["consent"]["scheme"]
    for page in shown:
        if page.language == code and page.sample.kind in ("consent", "official"):
            assert name in page.text.replace("\n", " "), page.place


def test_swedish_statuses_agree_with_the_word_for_claim() -> None:
    words = language("sv").words["statuses"]
    assert [words[each] for each in ("Submitted", "Approved", "Rejected", "Disputed")] == [
        *("Inskickat", "Godkänt", "Avslaget", "Överklagat")
    ]


@each_language
def test_a_deadline_is_asked_of_somebody_and_promised_to_nobody(
    code: str, shown: Sequence[Page]
) -> None:
    """ "Should be made within", where reviewers may be late."""
    within = language(code).counted(5, "within business days")
    for page in shown:
        if page.language == code and page.sample.kind in ("submitted", "disputed"):
            assert within in " ".join(page.text.split()), page.place
