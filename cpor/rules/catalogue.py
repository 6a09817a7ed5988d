"""The product catalogue: what may be claimed, under which program, by which names."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from cpor.rules.characters import lower


@dataclass(frozen=True)
class CatalogueEntry:
    code: str
    name: str
    family: str


@dataclass(frozen=True)
class KnownAs:
    """A product with all its names, and the programs that it may be claimed under."""

    code: str
    name: str
    aliases: tuple[str, ...]
    programs: tuple[str, ...]


def products() -> Iterator[KnownAs]:
    """All there are. Where products have a prefix, each name may be written with it, too."""
    for family in _families():
        for product in family["products"]:
            name: str = product["name"]
            also = tuple(product.get("aliases", ()))
            if "prefix" in family:
                also += tuple(f"{family['prefix']} {each}" for each in (name, *also))
            yield KnownAs(_key(name), name, also, tuple(family["programs"]))


def find(name: str) -> CatalogueEntry | None:
    """The product known by this name, code or alias."""
    return _by_name().get(_key(name))


def get(name: str) -> CatalogueEntry:
    """The product known by this name; for names that were checked before."""
    return _by_name()[_key(name)]


def nearest(name: str) -> list[str]:
    """Names close enough to be what was meant, best first."""
    known = _by_name()
    found = get_close_matches(_key(name), known, n=6, cutoff=0.5)
    return list(dict.fromkeys(known[key].name for key in found))[:3]


def family_of(program: str) -> str:
    return next(family["name"] for family in _families() if program in family["programs"])


def _key(name: str) -> str:
    return "-".join(filter(None, lower(name).replace("-", " ").split(" ")))


@cache
def _families() -> list[dict[str, Any]]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))["family"]


@cache
def _by_name() -> Mapping[str, CatalogueEntry]:
    return {_key(name): entry for name, entry in _names()}


def _names() -> Iterator[tuple[str, CatalogueEntry]]:
    for family in _families():
        for product in family["products"]:
            name: str = product["name"]
            entry = CatalogueEntry(_key(name), name, family["name"])
            for known in (name, *product.get("aliases", [])):
                yield known, entry
                if "prefix" in family:
                    yield f"{family['prefix']} {known}", entry
