"""The part of a page that is made from the code stands between two marks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Marks:
    begin: str
    end: str

    def filled(self, page: str, made: str) -> str:
        before, _, rest = page.partition(self.begin)
        _, _, after = rest.partition(self.end)
        return f"{before}{self.begin}{made}{self.end}{after}"
