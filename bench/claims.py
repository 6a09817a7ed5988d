"""Measures the happy journey of a claim against the floor: uv run bench/claims.py"""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    # In the place of this folder, where this very file would be taken for the rules' package.
    sys.path[0] = str(Path(__file__).resolve().parents[1])

    from bench.command import main

    main()
