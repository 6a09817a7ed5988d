"""Measures an import against as many bare starts: uv run bench/imports.py"""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    # In the place of this folder, where a file beside this one would be taken for our package.
    sys.path[0] = str(Path(__file__).resolve().parents[1])

    import typer

    from bench.importing import main

    typer.run(main)
