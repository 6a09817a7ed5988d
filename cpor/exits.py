"""Exit codes, and the one way in which our processes end.

A process that used a Temporal client may crash while the interpreter shuts down, and then its exit
code is wrong although its work is done. So it flushes its output and ends without that shutdown.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import traceback
from collections.abc import Coroutine
from typing import Any, NoReturn

DONE, BROKEN, WRONG_INPUT, REFUSED, UNREACHABLE = 0, 1, 2, 3, 4
INTERRUPTED = 130
UNREAD = 141
"""The reader of our output closed it: what a shell reports of a process killed by SIGPIPE."""


def leave(code: int) -> NoReturn:
    """End with this code; a success whose output cannot be written becomes a failure."""
    logging.shutdown()
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code = code or UNREAD
    except (OSError, ValueError) as error:
        code = code or fail(f"The output could not be written: {error}", BROKEN)
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.flush()
    os._exit(code)


def run(main: Coroutine[Any, Any, int]) -> NoReturn:
    """Run a program and end with the code it returns, or with the code of its error."""
    import asyncio  # Not for those who only print, and it takes long to load.

    try:
        code = asyncio.run(main)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        code = UNREAD
    except BaseException:
        traceback.print_exc()
        code = BROKEN
    leave(code)


def fail(text: str, code: int) -> int:
    """Print an error and return the code."""
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{text}\n")
    return code
