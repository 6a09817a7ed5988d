"""The one way in which our processes end.

A process that used a Temporal client may crash while the interpreter shuts down, after all its work
is done, and then its exit code lies. So it flushes what it has and leaves without that shutdown.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import traceback
from collections.abc import Coroutine
from typing import Any, NoReturn


def leave(code: int) -> NoReturn:
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def run(main: Coroutine[Any, Any, int]) -> NoReturn:
    """Run it and leave with the code it returns; 130 when interrupted, 1 when it breaks."""
    try:
        code = asyncio.run(main)
    except KeyboardInterrupt:
        code = 130
    except BaseException:
        traceback.print_exc()
        code = 1
    leave(code)
