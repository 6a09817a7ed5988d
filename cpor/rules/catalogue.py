"""The product catalogue: what may be claimed, under which program, by which names."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class CatalogueEntry:
    code: str
    name: str
    family: str


def find(name: str) -> CatalogueEntry | None:
    """The product known by this name, code or alias."""
    return _BY_NAME.get(_key(name))


def get(name: str) -> CatalogueEntry:
    """The product known by this name; for names that were checked before."""
    return _BY_NAME[_key(name)]


def nearest(name: str) -> list[str]:
    """Names close enough to be what was meant, best first."""
    found = get_close_matches(_key(name), _BY_NAME, n=6, cutoff=0.5)
    return list(dict.fromkeys(_BY_NAME[key].name for key in found))[:3]


def family_of(program: str) -> str:
    return _FAMILY_BY_PROGRAM[program]


def _key(name: str) -> str:
    return "-".join(name.casefold().replace("-", " ").split())


_FAMILIES: list[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("catalogue.toml").read_text("utf-8")
)["family"]
_FAMILY_BY_PROGRAM: dict[str, str] = {
    program: family["name"] for family in _FAMILIES for program in family["programs"]
}


def _names() -> Iterator[tuple[str, CatalogueEntry]]:
    for family in _FAMILIES:
        for product in family["products"]:
            name: str = product["name"]
            entry = CatalogueEntry(_key(name), name, family["name"])
            for known in (name, *product.get("aliases", [])):
                yield known, entry
                if "prefix" in family:
                    yield f"{family['prefix']} {known}", entry


_BY_NAME: dict[str, CatalogueEntry] = {_key(name): entry for name, entry in _names()}
