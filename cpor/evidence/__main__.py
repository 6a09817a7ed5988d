"""Reads one file from standard input, in the process that `confinement` starts for it."""

from __future__ import annotations

import contextlib
import encodings
import importlib
import json
import os
import pkgutil
import resource
import sys
import warnings
from collections.abc import Mapping
from types import ModuleType

from cpor.evidence import reader, types
from cpor.evidence.confinement import BESIDE_OTHERS, MOST_MEMORY, SECONDS, limit
from cpor.evidence.reading import Reading

READERS = "cpor.evidence.readers"
NEEDED: Mapping[str, tuple[str, ...]] = {
    "pdf": (f"{READERS}.pdf",),
    **dict.fromkeys(("docx", "xlsx", "pptx"), (f"{READERS}.office",)),
    **dict.fromkeys(
        ("eml", "msg"),
        tuple(f"{READERS}.{each}" for each in ("letter", "pdf", "office", "picture")),
    ),
    **dict.fromkeys(("png", "jpg", "tiff"), (f"{READERS}.picture",)),
}


def main() -> None:
    answer = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # What a library prints is not part of the answer.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    about = json.loads(sys.stdin.buffer.readline())
    content = sys.stdin.buffer.read()
    limit(resource.RLIMIT_AS, MOST_MEMORY)
    limit(resource.RLIMIT_CPU, SECONDS)
    limit(resource.RLIMIT_CORE, 0)
    os.nice(BESIDE_OTHERS)
    # A warning shows the line that it comes from, and opens a file for it.
    warnings.simplefilter("ignore")
    try:
        _import_what_is_needed(content, about["name"])
        # No file and no socket can be opened from here on, and no process started.
        for what in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE):
            limit(what, 0)
        found = reader.read(content, about["name"], about["media_type"])
    except MemoryError:
        found = Reading.unreadable(types.ending_of(about["name"]), "needs too much memory")
    answer.write(found.model_dump_json().encode("utf-8", "replace"))
    answer.flush()
    # Whatever a library has registered to be done at the end is left.
    os._exit(0)


def _import_what_is_needed(content: bytes, name: str) -> None:
    """A library that imports late would find that no file can be opened."""
    for module in (*NEEDED.get(types.type_of(content, name), ()), f"{READERS}.plain"):
        importlib.import_module(module)
    _import_all_of(encodings)
    if "pypdf" in sys.modules:
        _import_all_of(sys.modules["pypdf"])
    if b"vbaProject" in content:
        importlib.import_module("oletools.olevba")
    if b"/ByteRange" in content:
        for library in ("pyhanko", "pyhanko_certvalidator", "cryptography"):
            _import_all_of(importlib.import_module(library))


def _import_all_of(package: ModuleType) -> None:
    """Some of it may be for other systems, or need what is not installed."""
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.", _ignore):
        if not module.name.endswith(".__main__"):
            with contextlib.suppress(ImportError, AttributeError):
                importlib.import_module(module.name)


def _ignore(_: str) -> None:
    return None


if __name__ == "__main__":
    main()
