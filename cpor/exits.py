"""The one way in which our processes end, and the exit codes of those that people type.

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

DONE, BROKEN, WRONG_INPUT, REFUSED, UNREACHABLE = 0, 1, 2, 3, 4
INTERRUPTED = 130
UNREAD = 141
"""Whoever read our output has seen enough: what a shell says of a tool that SIGPIPE ended."""


def leave(code: int) -> NoReturn:
    """What could not be written to its end makes a failure of a success."""
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
    """Run it and leave with the code it returns, or with that of what ended it."""
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
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{text}\n")
    return code
