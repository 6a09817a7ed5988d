"""Measures all timed figures against their goals: uv run bench/all.py --json FILE"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path

if __name__ == "__main__":
    # In the place of this folder, where a file beside this one would be taken for our package.
    sys.path[0] = str(Path(__file__).resolve().parents[1])

    from bench.everything import measure
    from cpor import exits

    parser = ArgumentParser(prog="bench/all.py", description="Measure all that is timed.")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    parser.add_argument("--rounds", type=int, default=7, help="of journeys (default 7)")
    parser.add_argument("--claims", type=int, default=20, help="journeys a round (default 20)")
    parser.add_argument("--cached", type=int, default=200, help="claims in the cache (default 200)")
    wanted = parser.parse_args()
    exits.run(measure(wanted.json, wanted.rounds, wanted.claims, wanted.cached))
