"""The documents lead where they say: each link between our own files, and each of the searches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from docs.generate.architecture import ROOT

LINK = re.compile(r"\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
NOT_OURS = {".venv", "var", "node_modules"}
SEARCH = re.compile(r"^(\d+)\. \[.+?\]\((\S+?)\).*:\n\n +(Claim.+)$", re.MULTILINE)


def documents() -> Iterator[Path]:
    for path in sorted(ROOT.rglob("*.md")):
        if not NOT_OURS & set(path.relative_to(ROOT).parts) and "/." not in str(path):
            yield path


def anchors(document: Path) -> set[str]:
    """As GitHub names headings; the same heading again gets a number."""
    seen: dict[str, int] = {}
    found: set[str] = set()
    for heading in re.findall(r"^#+ (.+)$", FENCED.sub("", document.read_text("utf-8")), re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).strip().replace(" ", "-")
        times = seen[slug] = seen.get(slug, -1) + 1
        found.add(f"{slug}-{times}" if times else slug)
    return found


def dead(document: Path) -> Iterator[str]:
    text = re.sub(r"`[^`\n]*`", "", FENCED.sub("", document.read_text("utf-8")))
    for link in LINK.findall(text):
        path, _, anchor = link.partition("#")
        if "://" in link or link.startswith("mailto:"):
            continue
        target = (document.parent / path).resolve() if path else document
        if not target.exists():
            yield f"{link}: there is no such file"
        elif anchor and anchor not in anchors(target):
            yield f"{link}: there is no such heading"


@pytest.mark.parametrize("name", [str(path.relative_to(ROOT)) for path in documents()])
def test_each_link_between_our_files_leads_somewhere(name: str) -> None:
    assert not list(dead(ROOT / name))


def test_the_index_has_every_page() -> None:
    index = (ROOT / "docs/README.md").read_text("utf-8")
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert not {page for page in pages if f"({page})" not in index}


def test_each_link_of_the_ten_searches_opens_the_search_below_it() -> None:
    found: list[tuple[str, str, str]] = SEARCH.findall(
        (ROOT / "docs/operating.md").read_text("utf-8")
    )
    assert [int(number) for number, *_ in found] == list(range(1, 11))
    for _, address, query in found:
        assert parse_qs(urlsplit(address).query) == {"query": [query]}
