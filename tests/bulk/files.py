"""Files of claims to be imported, and processes that import them."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cpor.bulk import csv_table, layout
from tests.examples import opening
from tests.shell import ROOT, Shell


def keyed(number: int, **changes: Any) -> dict[str, Any]:
    """A good row, under a key of its own in place of a claim's id."""
    row = opening(key=f"2026-{number:05}", **changes)
    del row["claim_id"]
    return row


def claim_ids(numbers: Iterable[int]) -> list[str]:
    return [layout.claim_id_from(f"2026-{number:05}") for number in numbers]


def csv_of(rows: Iterable[Mapping[str, Any]], separator: str = ",") -> bytes:
    lines = [csv_table.line(list(layout.COLUMNS), separator)]
    lines += [csv_table.line(list(layout.cells(row).values()), separator) for row in rows]
    return b"".join(lines)


def write_rows(folder: Path, count: int, **changes: Any) -> Path:
    place = folder / "claims.csv"
    place.write_bytes(csv_of(keyed(number, **changes) for number in range(count)))
    return place


@dataclass(frozen=True)
class Ended:
    code: int
    peak_kib: int
    """The most memory it ever had."""
    said: str
    complained: str


class Importing:
    """`starter.py import …` as a process of its own."""

    def __init__(self, shell: Shell, *words: str, **environment: str) -> None:
        self._out, self._err = (shell.folder / f"{name}.txt" for name in ("out", "err"))
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self._process = subprocess.Popen(
                [sys.executable, str(ROOT / "starter.py"), "import", *words],
                cwd=shell.folder,
                env={**shell.environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )

    def send_signal(self, number: int) -> None:
        self._process.send_signal(number)

    def ended(self) -> Ended:
        """Its peak is read while it runs: what is told afterwards has that of its parent in it."""
        peak = 0
        while self._process.poll() is None:
            peak = max(peak, self._peak())
            time.sleep(0.02)
        return Ended(self._process.returncode, peak, self._out.read_text(), self._err.read_text())

    def _peak(self) -> int:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.M)
        return int(found[1]) if found else 0
