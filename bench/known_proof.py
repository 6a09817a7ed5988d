"""How well the sheet finds what is in a file: precision and recall over documents made here.

    uv run python -m bench.known_proof

Each document names some products and dates among the text of an ordinary statement of work, in one
of the languages of the mails, with words around them that are none. What was put in is known.
"""

from __future__ import annotations

import io
import sys
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random

import docx
from babel.dates import format_date

from cpor.evidence.dates import dates_in
from cpor.evidence.names import FOUND, find_products
from cpor.evidence.reader import read
from cpor.evidence.words import words as ordinary_words
from cpor.rules import catalogue

DOCUMENTS = 100
LEAST = 0.95
FIRST_DAY = date(2023, 1, 1)
LONG = 12


@dataclass(frozen=True)
class Words:
    """One language: how a document says what."""

    intro: Sequence[str]
    product: Sequence[str]
    """With {product} in it, the last one with the maker, too: so must be named what is an ordinary
    word, or nobody could tell."""
    dated: Sequence[str]
    """With {date} in it."""
    nothing: Sequence[str]
    """Sentences with numbers and ordinary words, and neither a product nor a date."""


WORDS: Mapping[str, Words] = {
    language: Words(**words)
    for language, words in tomllib.loads(
        Path(__file__).with_suffix(".toml").read_text("utf-8")
    ).items()
}


@dataclass(frozen=True)
class Document:
    """What is in it, and the file."""

    language: str
    content: bytes
    products: frozenset[str]
    dates: frozenset[date]


@dataclass
class Score:
    right: int = 0
    wrong: int = 0
    missed: int = 0

    def count(self, known: Collection[object], found: Collection[object]) -> None:
        self.right += len(set(known) & set(found))
        self.wrong += len(set(found) - set(known))
        self.missed += len(set(known) - set(found))

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed)


@dataclass
class Scores:
    products: Score = field(default_factory=Score)
    dates: Score = field(default_factory=Score)


def documents(number: int = DOCUMENTS, seed: int = 0) -> Iterator[Document]:
    for each in range(number):
        language = list(WORDS)[each % len(WORDS)]
        yield _document(Random(f"{seed}: {each}"), language)


def _document(dice: Random, language: str) -> Document:
    words = WORDS[language]
    products = dice.sample(list(catalogue.products()), dice.randint(0, 5))
    days = {FIRST_DAY + timedelta(days=dice.randrange(1400)) for _ in range(dice.randint(0, 3))}
    sentences = [*words.intro, *words.nothing]
    for product in products:
        name = dice.choice([product.name, *product.aliases])
        sentence = dice.choice(words.product)
        if name == product.name and product.code in ordinary_words("ordinary"):
            sentence = words.product[-1]
        sentences.append(sentence.replace("{product}", _perhaps_with_a_slip(name, dice)))
    for day in days:
        sentences.append(dice.choice(words.dated).replace("{date}", _written(day, dice, language)))
    dice.shuffle(sentences)
    codes = frozenset(product.code for product in products)
    return Document(language, _saved(sentences), codes, frozenset(days))


def _perhaps_with_a_slip(name: str, dice: Random) -> str:
    """In one of ten long names a letter is missing."""
    if len(name) < LONG or dice.randrange(10):
        return name
    place = dice.randrange(1, len(name) - 1)
    return name[:place] + name[place + 1 :]


def _written(day: date, dice: Random, language: str) -> str:
    in_full = format_date(day, "long", locale=language)
    return dice.choice([in_full, in_full, day.isoformat(), f"{day:%d.%m.%Y}"])


def _saved(sentences: Sequence[str]) -> bytes:
    document, out = docx.Document(), io.BytesIO()
    for sentence in sentences:
        document.add_paragraph(sentence)
    document.save(out)
    return out.getvalue()


def scores(made: Iterator[Document]) -> dict[str, Scores]:
    """By language, and of all."""
    found = {"all": Scores()}
    for document in made:
        text = " ".join(read(document.content, "sow.docx").text.split())
        named = find_products(text)
        codes = frozenset(code for code, place in named.items() if place.score >= FOUND)
        days = frozenset(day for each in dates_in(text) for day in each.means)
        for name in (document.language, "all"):
            of = found.setdefault(name, Scores())
            of.products.count(document.products, codes)
            of.dates.count(document.dates, days)
    return found


def table(found: Mapping[str, Scores]) -> str:
    lines = [
        "| documents | product: precision | product: recall | date: precision | date: recall |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name in (*WORDS, "all"):
        of = found[name]
        figures = (of.products.precision, of.products.recall, of.dates.precision, of.dates.recall)
        lines.append(f"| {name} | {' | '.join(f'{each:.3f}' for each in figures)} |")
    return "\n".join(lines)


def is_enough(found: Mapping[str, Scores]) -> bool:
    of = found["all"]
    each = (of.products.precision, of.products.recall, of.dates.precision, of.dates.recall)
    return min(each) >= LEAST


if __name__ == "__main__":
    known = scores(documents())
    sys.stdout.write(f"{table(known)}\n")
    sys.exit(0 if is_enough(known) else 1)
