"""Measures all that has a goal, beside its peers: uv run --group peers bench/all.py

The group brings DBOS; without it, and without PostgreSQL, that one comparison is left out.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path

if __name__ == "__main__":
    # In the place of this folder, where a file beside this one would be taken for our package.
    sys.path[0] = str(Path(__file__).resolve().parents[1])

    from bench.crowd import Sizes
    from bench.everything import Wanted, measure
    from cpor import exits

    parser = ArgumentParser(prog="bench/all.py", description="Measure all that has a goal.")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    parser.add_argument("--plot", type=Path, help="a file for the figures as SVG")
    parser.add_argument("--rounds", type=int, default=7, help="of journeys (default 7)")
    parser.add_argument("--claims", type=int, default=20, help="journeys a round (default 20)")
    parser.add_argument("--cached", type=int, default=400, help="claims in the cache (default 400)")
    parser.add_argument("--rows", type=int, default=2000, help="of an import (default 2,000)")
    parser.add_argument("--open", type=int, default=10_000, help="claims open (default 10,000)")
    parser.add_argument(
        "--listed", type=int, default=50_000, help="claims in a list (default 50,000)"
    )
    asked = parser.parse_args()
    wanted = Wanted(
        rounds=asked.rounds,
        journeys=asked.claims,
        cached=asked.cached,
        rows=asked.rows,
        sizes=Sizes(open=(100, asked.open), listed=(500, asked.listed)),
    )
    exits.run(measure(wanted, asked.json, asked.plot))
