"""The library of public holidays, loaded a country at a time.

Its packages import all that is in them: 250 countries, and tables of a dozen calendars. Here each
name is imported when somebody asks for it.
"""

from __future__ import annotations

import ast
import sys
from functools import cache, cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from holidays import HolidayBase

PACKAGES = ("holidays.calendars", "holidays.countries", "holidays.groups")


class _Package(ModuleType):
    """Stands for one of its packages, and imports a name from where that package would."""

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(name)
        self.__path__ = [str(folder)]
        self._own = folder / "__init__.py"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name not in self._homes:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return getattr(import_module(self._homes[name]), name)

    @cached_property
    def _homes(self) -> dict[str, str]:
        imports = ast.walk(ast.parse(self._own.read_text("utf-8")))
        known = (each for each in imports if isinstance(each, ast.ImportFrom) and each.module)
        return {alias.name: str(each.module) for each in known for alias in each.names}


@cache
def countries() -> dict[str, str]:
    """Their modules by the two-letter codes of a country; some have two."""
    _stand_in()
    from holidays.registry import COUNTRIES

    named = ((module, code) for module, (_, *codes) in COUNTRIES.items() for code in codes)
    return {code: module for module, code in named if len(code) == 2}


def country(code: str) -> type[HolidayBase] | None:
    """None for a country that the library does not have."""
    module = countries().get(code)
    return getattr(import_module(f"holidays.countries.{module}"), code) if module else None


def _stand_in() -> None:
    """Before the library is imported, which imports them."""
    spec = find_spec("holidays")
    (folder,) = (spec and spec.submodule_search_locations) or [""]
    for name in PACKAGES:
        if name not in sys.modules:
            sys.modules[name] = _Package(name, Path(folder) / name.rpartition(".")[2])
