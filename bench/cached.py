"""What a workflow in the cache of a worker holds in memory, claim ÷ floor.

Each is measured in a new process: what others had freed there would be taken first, and no growth
be seen.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import sys
from pathlib import Path
from statistics import linear_regression, median

from bench.ground import ground
from bench.messages import ready
from cpor import exits

WARM = 200
"""So many first, for what is made once."""
AT_ONCE = 20
"""So many more between two readings."""
TIMES = 3
FLOOR, CLAIM = "floor", "claim"
ROOT = Path(__file__).resolve().parents[1]


async def beside_the_floor(count: int) -> float:
    return await _bytes_of(CLAIM, count) / await _bytes_of(FLOOR, count)


async def _bytes_of(which: str, count: int) -> float:
    return median([await _in_a_new_process(which, count) for _ in range(TIMES)])


async def _in_a_new_process(which: str, count: int) -> float:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__, which, str(count)),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0
    return float(said)


async def _report(which: str, count: int) -> int:
    """The bytes for each that comes into the cache, in a line."""
    cached, sizes = range(0, count, AT_ONCE), list[int]()
    async with ground() as (traveller, subjects, _):
        subject = subjects.floor if which == FLOOR else subjects.claim
        for _ in range(0, WARM, AT_ONCE):
            await ready(traveller, subject, AT_ONCE)
        for _ in cached:
            await ready(traveller, subject, AT_ONCE)
            sizes.append(_resident())
    sys.stdout.write(f"{linear_regression(cached, sizes).slope:.0f}\n")
    return 0


def _resident() -> int:
    """Without what was freed and not given back yet."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4096


if __name__ == "__main__":
    exits.run(_report(sys.argv[1], int(sys.argv[2])))
