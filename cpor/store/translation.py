"""Errors of the library and of the system, as the store's own: one sentence each."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Generator
from contextlib import contextmanager

from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

from cpor.store.errors import (
    StoreError,
    StoreForbidden,
    StoreFull,
    StoreUnreachable,
    StoreUnusable,
)


@contextmanager
def translated(place: str) -> Generator[None]:
    """Turns errors of obstore and of the system into a `StoreError`."""
    try:
        yield
    except (BaseError, OSError, ValueError) as error:
        raise _store_error(error, place) from None


def _store_error(error: Exception, place: str) -> StoreError:
    if isinstance(error, ValueError):
        return StoreUnusable(f"{place} cannot be asked for this: {first_line(error)}.")
    code = _system_code(error)
    if code in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull(f"{place} is full.")
    if isinstance(error, (PermissionError, PermissionDeniedError, UnauthenticatedError)) or (
        code in (errno.EACCES, errno.EPERM, errno.EROFS)
    ):
        return StoreForbidden(f"{place} does not permit this: {_reason(error)}.")
    return StoreUnreachable(f"{place} does not answer: {_reason(error)}.")


def _system_code(error: Exception) -> int | None:
    """The system's error number, which obstore has only in the text of its error."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    found = re.search(r"\(os error (\d+)\)", str(error))
    return int(found[1]) if found else None


def _reason(error: Exception) -> str:
    code = _system_code(error)
    return os.strerror(code) if code is not None else first_line(error)


def first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0].removesuffix(".")
